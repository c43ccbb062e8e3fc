"""Uploaded pictures of achievements: what is kept of them, what is refused, and where they show."""

import hashlib
import struct
import zlib
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest
from defusedxml.ElementTree import fromstring
from PIL import Image, PngImagePlugin

from services.credentials.achievements.model import CleanPicture, PictureRefusal
from services.credentials.achievements.pictures import clean
from shared import contracts
from shared.contracts import Alignment, Picture, RelatedAchievement
from tests.credentials.badges import download, verdict_of
from tests.credentials.callers import ACHIEVEMENT, Answer, Caller, award_request

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">{}</svg>'
CIRCLE = '<circle cx="50" cy="50" r="40" fill="#123456"/>'


def png(width: int = 300, height: int = 200, *, text: str = "") -> bytes:
    """A picture of stripes, with a text chunk."""
    picture = Image.new("RGBA", (width, height), "#204060")
    picture.paste((200, 40, 40, 255), (0, 0, width // 2, height))
    info = PngImagePlugin.PngInfo()
    info.add_itxt("openbadgecredential", text or "{}")
    picture.save(out := BytesIO(), "PNG", pnginfo=info)
    return out.getvalue()


def kept(content: bytes) -> CleanPicture:
    """What is kept of a picture."""
    found = msgspec.msgpack.decode(clean(content), type=CleanPicture | PictureRefusal)
    assert isinstance(found, CleanPicture), found
    return found


def refusal(content: bytes) -> str:
    """Why a picture is refused."""
    found = msgspec.msgpack.decode(clean(content), type=CleanPicture | PictureRefusal)
    assert isinstance(found, PictureRefusal)
    return found.code


def opened(content: bytes) -> Image.Image:
    """A PNG as another reader opens it."""
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def test_a_png_is_written_anew_square_and_without_what_it_carried() -> None:
    found = kept(png(text="somebody else's badge"))
    picture = opened(found.png)
    assert picture.size == (512, 512)
    assert b"openbadgecredential" not in found.png
    # Transparent above and below, the stripes between, not stretched.
    rgba = picture.convert("RGBA")
    assert [rgba.getpixel(at)[3] for at in ((256, 10), (256, 500))] == [0, 0]  # type: ignore[index]  # of RGBA, a tuple
    assert rgba.getpixel((128, 256))[:3] == (200, 40, 40)  # type: ignore[index]
    assert found.svg.startswith(b"<svg")
    assert b"data:image/png;base64," in found.svg


def test_a_large_photograph_is_made_to_fit_a_page() -> None:
    noise = Image.effect_noise((1500, 1500), 80).convert("RGB")
    noise.save(out := BytesIO(), "PNG")
    assert len(kept(out.getvalue()).png) < 400 * 1024


@pytest.mark.parametrize(
    ("inside", "gone"),
    [
        ("<script>alert(1)</script>", b"script"),
        ('<rect width="9" height="9" onclick="alert(1)"/>', b"onclick"),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>", b"foreignObject"),
        ('<image href="https://elsewhere.example/pixel.png" width="9" height="9"/>', b"pixel"),
        ('<image href="/pixel.png" width="9" height="9"/>', b"pixel"),
        ('<image href="file:///etc/passwd" width="9" height="9"/>', b"passwd"),
        ('<use href="other.svg#a"/>', b"other"),
        ('<rect width="9" height="9" style="fill:url(https://elsewhere.example/x#y)"/>', b"elsewhere"),
        ("<style>@import url(https://elsewhere.example/x.css);</style>", b"elsewhere"),
        ('<rect width="9" height="9" fill="url(/pixel.svg#a)"/>', b"pixel"),
        ("<style>rect{fill:URL( '/pixel' )}</style>", b"pixel"),
        ('<a href="javascript:alert(1)"><rect width="9" height="9"/></a>', b"javascript"),
    ],
)
def test_an_svg_keeps_its_picture_and_loses_what_acts_or_reaches_out(inside: str, gone: bytes) -> None:
    found = kept(SVG.format(CIRCLE + inside).encode())
    assert gone not in found.svg
    root = fromstring(found.svg)
    assert (root.get("width"), root.get("height")) == ("512", "512")
    assert opened(found.png).size == (512, 512)


def bomb() -> bytes:
    """A PNG of 100,000 pixels a side in a few bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


LAUGHS = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG.format("<text>&b;</text>")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(png()[:200], "broken", id="half a PNG"),
        pytest.param(bomb(), "size", id="pixel flood"),
        pytest.param(png(100, 100), "size", id="too small"),
        pytest.param(b"GIF89a" + bytes(50), "broken", id="GIF"),
        pytest.param(b"<html><p>x</p></html>", "broken", id="HTML"),
        pytest.param(b"<svg", "broken", id="half an SVG"),
        pytest.param(LAUGHS.encode(), "broken", id="entities"),
        pytest.param(SVG.format("").encode(), "empty", id="nothing drawn"),
        pytest.param(SVG.replace('viewBox="0 0 200 100"', "").format(CIRCLE).encode(), "size", id="no size"),
        pytest.param(SVG.format("<g>" * 50_000 + "</g>" * 50_000).encode(), "complex", id="deep"),
    ],
)
def test_what_is_no_picture_for_a_badge_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


async def put_picture(
    issuer: Caller, organization: UUID, content: bytes, *, named: str | None = None, media_type: str = "image/png"
) -> Answer:
    """Bring a picture over HTTP."""
    digest = named or hashlib.sha256(content).hexdigest()
    headers = {
        "Authorization": f"Bearer {issuer.token(contracts.ACHIEVEMENTS_WRITE, organization)}",
        "Content-Type": media_type,
    }
    async with (
        aiohttp.ClientSession() as http,
        http.put(f"{issuer.url}/images/{digest}", data=content, headers=headers) as answer,
    ):
        return Answer(answer.status, dict(answer.headers), msgspec.json.decode(await answer.read()))


async def test_a_version_with_a_picture_shows_it_everywhere(issuer: Caller, public: str) -> None:
    organization, before = await issuer.begin()
    content = png()
    digest = hashlib.sha256(content).hexdigest()
    version = msgspec.structs.replace(
        ACHIEVEMENT,
        criteria="Attend **3 of 4** sessions.\n\n- <script>alert(1)</script>\n- [the rules](https://rules.example)",
        picture=Picture(sha256=digest, caption="A lantern"),
        alignments=(
            Alignment(
                target_name="Leads change",
                target_url="https://case.example/1",
                target_type="CFItem",
                target_code="L.1",
                target_framework="Standards of the State",
            ),
        ),
        related=(RelatedAchievement(achievement_id=before, version=1),),
    )
    path, token = f"/achievements/{uuid4()}/versions/1", issuer.token(contracts.ACHIEVEMENTS_WRITE, organization)
    early = await issuer.call("PUT", path, token, version)
    assert (early.status, early.body["type"].rpartition("/")[2]) == (409, "unknown-picture")
    assert [(await put_picture(issuer, organization, content)).status for _ in range(2)] == [201, 200]
    assert (await issuer.call("PUT", path, token, version)).status == 201

    achievement_id = UUID(path.split("/")[2])
    award_id = uuid4()
    assert (await issuer.put_award(organization, award_id, award_request(achievement_id))).status == 201
    badge = msgspec.json.decode(await download(f"{public}/badges/{award_id}.json"))
    achievement = badge["credentialSubject"]["achievement"]
    assert achievement["image"] == {"id": f"{public}{path}/image.png", "type": "Image", "caption": "A lantern"}
    assert achievement["alignment"][0]["targetType"] == "CFItem"
    assert achievement["related"][0]["id"].endswith(f"/achievements/{before}/versions/1")
    for ending in ("png", "svg"):
        baked = await download(f"{public}/badges/{award_id}.{ending}")
        assert (await verdict_of(public, baked))["state"] == "genuine"
    assert opened(await download(f"{public}{path}/image.png")).convert("RGBA").getpixel((128, 256)) == (
        200,
        40,
        40,
        255,
    )

    page = (await download(f"{public}{path}", "text/html")).decode()
    assert "<strong>3 of 4</strong>" in page
    assert "<script>alert" not in page
    assert 'href="https://rules.example"' in page
    assert 'alt="A lantern"' in page
    assert f"/achievements/{before}/versions/1" in page
    described = msgspec.json.decode(await download(f"{public}{path}", "application/ld+json"))
    assert {name: described[name] for name in achievement} == achievement


async def test_a_picture_is_refused_with_what_to_do(issuer: Caller, pictures: Path) -> None:
    organization, _ = await issuer.begin()
    refused = await put_picture(issuer, organization, b"GIF89a" + bytes(50))
    assert (refused.status, refused.body["type"].rpartition("/")[2]) == (422, "picture-refused")
    assert "PNG or SVG" in refused.body["detail"]
    other = await put_picture(issuer, organization, png(), named="0" * 64)
    assert other.status == 422
    large = await put_picture(issuer, organization, bytes(2 * 1024 * 1024))
    assert large.status == 413


async def test_another_issuers_picture_is_unknown(issuer: Caller) -> None:
    (mine, _), (theirs, _) = await issuer.begin(), await issuer.begin()
    content = png(256, 256)
    assert (await put_picture(issuer, theirs, content)).status == 201
    version = msgspec.structs.replace(
        ACHIEVEMENT, picture=Picture(sha256=hashlib.sha256(content).hexdigest(), caption="Theirs")
    )
    token = issuer.token(contracts.ACHIEVEMENTS_WRITE, mine)
    assert (await issuer.call("PUT", f"/achievements/{uuid4()}/versions/1", token, version)).status == 409
