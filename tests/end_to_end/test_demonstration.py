"""The demonstration ends right, and every badge of it holds for whoever reads it with other programs than ours."""

import asyncio
import base64
import gzip
import io
import json
import shutil
import struct
import subprocess
import unicodedata
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from deploy.demo import story
from deploy.local.installation import cluster_folder
from deploy.local.stack import free_port_base
from tests.conftest import require
from tests.end_to_end.standing import ROOT, RUN, Demonstration, demonstrate, new_folder, standing
from tests.end_to_end.tour.walk import TOUR, walking
from tests.end_to_end.tour.words import read
from tests.second_way import decode, has_good_proof, jwt_payload

AWARDED = tuple(
    number
    for number in range(story.SEATS + len(story.WITHDRAW))
    if number
    not in {
        *story.WITHDRAW,
        *story.MISSED_TOO_MUCH,
        *story.LEFT_EARLY,
        *story.WITHOUT_LAST_EVIDENCE,
    }
)
STEMS = [f"badge-{number + 1:02}" for number in AWARDED]
FORMS = ("json", "jwt", "pdf", "png", "svg")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demonstration on a machine where nothing runs."""
    return demonstrate(tmp_path_factory.mktemp("badges"), tmp_path_factory.mktemp("nothing-runs"))


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """Two starts of `./run` in one folder, and a demonstration in the second, which stands until the tests end."""

    first_start: str
    second_start: str
    folder: Path
    demonstration: Demonstration
    #: encodedList by address
    lists: dict[str, str]


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stood]:
    """A stack that was seeded, stopped and started again."""
    folder, port_base = new_folder(), free_port_base()
    try:
        with standing(folder, port_base) as first_start:
            pass
        with standing(folder, port_base) as second_start:
            played = demonstrate(tmp_path_factory.mktemp("badges"), folder)
            addresses = {entry_of(played, stem)["statusListCredential"] for stem in STEMS}
            lists = {address: encoded_list(address) for address in addresses}
            yield Stood(
                first_start=first_start, second_start=second_start, folder=folder, demonstration=played, lists=lists
            )
    finally:
        shutil.rmtree(cluster_folder(folder).parent)
        shutil.rmtree(folder, ignore_errors=True)


def entry_of(played: Demonstration, stem: str) -> dict[str, str]:
    entry: dict[str, str] = badge(played, stem)["credentialStatus"]
    return entry


def badge(played: Demonstration, stem: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((played.folder / f"{stem}.json").read_bytes())
    return found


def encoded_list(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - an address of the stack's own
        subject = json.load(answer)["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    encoded: str = subject["encodedList"]
    return encoded


def test_every_check_is_right(played: Demonstration) -> None:
    assert [one for one in played.report["checks"] if not one["is_right"]] == []
    assert (played.status, played.report["is_right"]) == (0, True)
    assert "Starting a stack of its own" in played.told
    assert len(played.report["checks"]) >= len(STEMS) * len(FORMS)
    assert sorted(played.badges()) == sorted(f"{stem}.{form}" for stem in STEMS for form in FORMS)


def test_every_embedded_proof_holds_for_another_implementation(played: Demonstration) -> None:
    badges = {stem: badge(played, stem) for stem in STEMS}
    assert [stem for stem, document in badges.items() if not has_good_proof(document)] == []
    changed = badges[STEMS[0]]
    changed["credentialSubject"]["creditsEarned"] += 1
    assert not has_good_proof(changed)


def raw_key(did_key: str) -> bytes:
    """The 32 bytes of the Ed25519 key that a did:key is (base58btc behind a z, two bytes of multicodec)."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = 0
    for letter in did_key.removeprefix("did:key:z"):
        number = number * 58 + alphabet.index(letter)
    content = number.to_bytes(34)
    assert content[:2] == b"\xed\x01"
    return content[2:]


def test_every_token_holds_for_another_implementation_under_the_key_that_the_issuer_is(played: Demonstration) -> None:
    for stem in STEMS:
        document = badge(played, stem)
        token = (played.folder / f"{stem}.jwt").read_text()
        issuer = document["issuer"]["id"]
        assert json.loads(decode(token.partition(".")[0]))["kid"].partition("#")[0] == issuer
        x = base64.urlsafe_b64encode(raw_key(issuer)).rstrip(b"=").decode()
        payload = jwt_payload(token, {"kty": "OKP", "crv": "Ed25519", "x": x})
        assert (payload["iss"], payload["jti"]) == (issuer, document["id"])
        assert {name: payload[name] for name in document} == document


def in_png(content: bytes) -> list[bytes]:
    """The texts of the chunks that carry a credential, walked by the PNG specification."""
    at, found = 8, []
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if kind == b"iTXt" and body.startswith(b"openbadgecredential\0"):
            flag_and_method, rest = body[20:22], body[22:]
            assert flag_and_method == b"\0\0"
            found.append(rest.split(b"\0", 2)[2])
        at += length + 12
    return found


def in_svg(content: bytes) -> list[bytes]:
    root = ElementTree.fromstring(content)  # noqa: S314 - made by the demonstration itself
    elements = root.iter("{https://purl.imsglobal.org/ob/v3p0}credential")
    return [(one.text or "").encode() for one in elements]


def in_pdf(path: Path, folder: Path) -> list[bytes]:
    """The attachments that poppler finds."""
    subprocess.run(["pdfdetach", "-saveall", "-o", str(folder), str(path)], check=True)
    found = [one.read_bytes() for one in sorted(folder.iterdir())]
    shutil.rmtree(folder)
    return found


def test_pictures_carry_the_very_bytes(played: Demonstration) -> None:
    files = played.badges()
    for stem in STEMS:
        stored = files[f"{stem}.json"]
        assert in_png(files[f"{stem}.png"]) == [stored]
        assert in_svg(files[f"{stem}.svg"]) == [stored]


def test_certificates_carry_the_very_bytes(played: Demonstration, tmp_path: Path) -> None:
    require(shutil.which("pdfdetach") is not None, "poppler's pdfdetach")
    for stem in STEMS:
        folder = tmp_path / stem
        folder.mkdir()
        assert in_pdf(played.folder / f"{stem}.pdf", folder) == [(played.folder / f"{stem}.json").read_bytes()]


def page_text(path: Path) -> str:
    require(shutil.which("pdftotext") is not None, "poppler's pdftotext")
    return subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout


def letters(text: str) -> list[str]:
    """In no order: what is written from right to left, or around its consonant, may come out in another one."""
    return sorted(letter for letter in unicodedata.normalize("NFKC", text) if letter.isprintable() and letter != " ")


def test_certificates_show_each_persons_name(played: Demonstration) -> None:
    for number, stem in zip(AWARDED, STEMS, strict=True):
        lines = [letters(line) for line in page_text(played.folder / f"{stem}.pdf").splitlines()]
        assert (letters(story.PEOPLE[number]) in lines) == (number != story.NAME_WITHHELD), stem


def traces(name: str, files: dict[str, bytes], stem: str, opened: bytes) -> set[str]:
    """In which files any word of a name is found, however it is written there."""
    words = name.split()
    written = [form for word in words for form in forms_of(word)]
    readable = {form: files[f"{stem}.{form}"] for form in FORMS}
    readable["jwt"] += decode(files[f"{stem}.jwt"].decode().split(".")[1])
    readable["pdf"] += opened
    return {form for form, content in readable.items() if any(one in content for one in written)}


def forms_of(word: str) -> tuple[bytes, ...]:
    """As text, as JSON may escape it, and as the two kinds of text string in a PDF."""
    wide = word.encode("utf-16-be")
    return word.encode(), json.dumps(word)[1:-1].encode(), wide, wide.hex().encode()


def test_whoever_wants_no_name_on_the_badge_has_it_nowhere(played: Demonstration, tmp_path: Path) -> None:
    require(shutil.which("qpdf") is not None, "qpdf")
    files = played.badges()
    withheld, shown = story.NAME_WITHHELD, 14
    assert {withheld, shown} <= set(AWARDED)
    found = {}
    for number in (withheld, shown):
        stem = f"badge-{number + 1:02}"
        plain = tmp_path / f"{stem}.pdf"
        # Every stream inflated, metadata and the structure for screen readers with them.
        subprocess.run(
            ["qpdf", "--qdf", "--object-streams=disable", str(played.folder / f"{stem}.pdf"), str(plain)], check=True
        )
        opened = page_text(plain).encode() + plain.read_bytes()
        found[number] = traces(story.PEOPLE[number], files, stem, opened)
    assert found == {withheld: set(), shown: set(FORMS)}


def is_set(encoded: str, index: int) -> bool:
    """The bit of a list, most significant first (Bitstring Status List, section 3.3)."""
    content = encoded.removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    return bool(bits[index // 8] & (0x80 >> index % 8))


def test_all_but_one_are_not_revoked_in_the_published_list(stood: Stood) -> None:
    entries = {number: entry_of(stood.demonstration, stem) for number, stem in zip(AWARDED, STEMS, strict=True)}
    revoked = [
        number
        for number, entry in entries.items()
        if is_set(stood.lists[entry["statusListCredential"]], int(entry["statusListIndex"]))
    ]
    assert revoked == [story.REVOKED]
    assert len(entries) == 20


def test_only_the_first_start_seeds(stood: Stood) -> None:
    assert "Seeding the demonstration" in stood.first_start
    assert "Seeding the demonstration" not in stood.second_start
    for said in (stood.first_start, stood.second_start):
        assert "Staff sign-in link: http" in said


def test_the_issuers_anchor_is_written_once_and_the_operator_told_to_take_it_away(stood: Stood) -> None:
    (file,) = (stood.folder / "anchors").iterdir()
    for said in (stood.first_start, stood.second_start):
        assert f"{stood.folder / 'anchors'}: take these files off this machine" in said
    done = subprocess.run(
        [*RUN, "keys", "list", f"--folder={stood.folder}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"anchor: {json.loads(file.read_bytes())['anchor']}" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] in (["badge", "log"], ["log", "badge"])


async def give_a_picture(page: Page, address: str) -> None:
    """Staff give a badge a picture: a file that is none is refused, a sound one makes the next version."""
    await page.goto(f"{address}/{story.SLUG}/staff/programs")
    await page.get_by_role("link", name="Circle Keeper").first.click()
    Image.new("RGB", (300, 300), "#204060").save(out := io.BytesIO(), "PNG")
    await page.get_by_label("What the picture shows").fill("A lantern")
    for content, said in ((b"GIF89a", "This is no picture for a badge"), (out.getvalue(), "The level is saved.")):
        file = FilePayload(name="lantern.png", mimeType="image/png", buffer=content)
        await page.get_by_label("Choose a picture").set_input_files(file)
        await page.get_by_role("button", name="Save the level").click()
        await expect(page.get_by_text(said).first).to_be_visible()
    link = await page.get_by_role("link", name="The picture as it is now").get_attribute("href")
    assert link is not None
    async with asyncio.timeout(20):
        # The worker brings the version to the issuer in a moment.
        while (shown := await page.request.get(link)).status != 200:
            await asyncio.sleep(0.1)
    assert Image.open(io.BytesIO(await shown.body())).convert("RGB").getpixel((256, 256)) == (0x20, 0x40, 0x60)
    # As it was before, so that whoever plays the demonstration again finds the badge that they know.
    await page.get_by_label("Draw the wreath again instead").check()
    await page.get_by_role("button", name="Save the level").click()
    await expect(page.get_by_role("link", name="The picture as it is now")).to_have_count(0)


async def test_the_tour_is_walked_by_its_words(stood: Stood, chromium: Browser) -> None:
    async with walking(chromium, stood.second_start) as walk:
        for scene in read(TOUR.read_text(encoding="utf-8")):
            await walk.through(scene)
        await give_a_picture(walk.windows["own"].page, walk.printed("first page"))
        assert {name: window.complaints for name, window in walk.windows.items()} == {"own": [], "private": []}


def test_playing_again_changes_nothing_and_ends_right(stood: Stood, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Also not after the tour, which awards a badge in another cohort."""
    first, second = stood.demonstration, demonstrate(tmp_path_factory.mktemp("badges"), stood.folder)
    for played in (first, second):
        assert (played.status, played.report["is_right"]) == (0, True), played.report
        assert "Playing in the stack that runs here" in played.told
    later = second.badges()
    assert [name for name, content in first.badges().items() if content != later[name]] == []
    ids = [[badge(played, stem)["id"] for stem in STEMS] for played in (first, second)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(STEMS)
