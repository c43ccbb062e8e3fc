"""The certificate: one page in every script, tagged, with the signed credential inside, byte for byte."""

import re
import shutil
import subprocess
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest

from services.credentials.containers import pdf, png, svg
from services.credentials.public.drawing import artwork, certificate
from services.credentials.public.drawing.certificate import CertificateContent
from shared.colors import contrast
from shared.documents import DocumentPool
from tests.conftest import require

CREDENTIAL = '{"type": ["VerifiableCredential", "OpenBadgeCredential"],\n "name": "Siân \\u2028 <b>"}\r\n'
#: A name and an achievement in each script of the demonstration.
SCRIPTS = {
    "Latin": ("Réka Nuñez-Łukaszewicz", "Literacy Foundations Facilitator"),
    "Welsh": ("Llŷr Gwenllian Ŵyn-Prŷs", "Hwylusydd Sylfeini Llythrennedd"),
    "Arabic": ("فاطمة الزهراء بنت محمد", "ميسّر أساسيات القراءة والكتابة"),
    "Hebrew": ("דָּוִד בֶּן־אַבְרָהָם", "מנחה יסודות האוריינות"),
    "Khmer": ("សុខា ចាន់ដារា", "អ្នកសម្របសម្រួលមូលដ្ឋានគ្រឹះអក្ខរកម្ម"),
    "Thai": ("สมชาย ใจดีศรีสุวรรณ", "ผู้อำนวยความสะดวกพื้นฐานการรู้หนังสือ"),
    "Devanagari": ("अनन्या श्रीवास्तव", "साक्षरता आधार सुविधाकर्ता"),
    "Han": ("王小明", "读写基础课程引导师"),
}
OF_EVERY_SCRIPT = pytest.mark.parametrize(("name", "achievement"), SCRIPTS.values(), ids=SCRIPTS)


@pytest.fixture(scope="module")
async def pool() -> AsyncIterator[DocumentPool]:
    """One warm child."""
    async with DocumentPool() as started:
        yield started


def content(**changed: Any) -> CertificateContent:
    values: dict[str, Any] = {
        "program_name": "Raising Readers",
        "level_name": "Level 2",
        "achievement_name": "Literacy Foundations Facilitator",
        "holder_name": "Siân Wynn",
        "description": "Led twelve sessions on the science of reading.",
        "credit_minutes": 1230,
        "activity_start": date(2026, 1, 12),
        "activity_end": date(2026, 5, 20),
        "awarded_on": date(2026, 5, 28),
        "cohort_name": "Spring 2026",
        "region": "Region 11",
        "issuer_name": "Example Association",
        "is_demonstration": False,
        "badge_url": "https://badges.example/badges/7f3f2c1e-1b7e-4d0c-9b0e-0a4d5f1e2c3b",
        "issued_at": datetime(2026, 5, 28, 15, 0, tzinfo=UTC),
    }
    return CertificateContent(**{**values, **changed})


async def rendered(pool: DocumentPool, **changed: Any) -> bytes:
    return await certificate.render(pool, content(**changed), CREDENTIAL)


def text_of(document: bytes) -> str:
    """What a reader copies from it, in one line."""
    require(shutil.which("pdftotext") is not None, "pdftotext")
    run = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())


def letters(text: str) -> str:
    """Without the marks and directions that readers place as they like in text from right to left."""
    return "".join(one for one in unicodedata.normalize("NFD", text) if unicodedata.category(one)[0] == "L")


async def test_the_attached_credential_is_the_signed_text_byte_for_byte(pool: DocumentPool) -> None:
    document = await rendered(pool)
    assert pdf.attachments(document) == (pdf.Attachment("credential.json", CREDENTIAL.encode()),)
    assert pdf.extract(document) == CREDENTIAL


async def test_equal_content_gives_equal_bytes_and_other_content_other_bytes(pool: DocumentPool) -> None:
    first = await rendered(pool)
    assert await rendered(pool) == first
    assert await rendered(pool, holder_name="Siân Gwyn") != first


@OF_EVERY_SCRIPT
async def test_the_names_can_be_copied_in_every_script(pool: DocumentPool, name: str, achievement: str) -> None:
    text = text_of(await rendered(pool, holder_name=name, achievement_name=achievement))
    assert letters(name) in letters(text)
    assert letters(achievement) in letters(text)
    if unicodedata.bidirectional(name[0]) == "L":
        assert name in text
        assert achievement in text


@pytest.mark.parametrize(
    ("script", "paper", "language"), [*((script, "letter", "en") for script in SCRIPTS), ("Arabic", "a4", "ar")]
)
async def test_the_longest_of_everything_still_takes_one_page(
    pool: DocumentPool, script: str, paper: str, language: str
) -> None:
    long = " ".join([*SCRIPTS[script]] * 60)
    document = await rendered(
        pool,
        **dict.fromkeys(("program_name", "level_name", "achievement_name", "holder_name"), long[:300]),
        **dict.fromkeys(("description", "cohort_name", "region", "issuer_name"), long[:2000]),
        results=((long[:300], long[:300]),) * 60,
        topics=(long[:300],) * 60,
        provider_name=long[:300],
        provider_number=long[:300],
        paper=paper,
        language=language,
        is_demonstration=True,
    )
    assert pdf.extract(document) == CREDENTIAL
    with pikepdf.open(BytesIO(document)) as opened:
        assert len(opened.pages) == 1


@pytest.mark.parametrize("letter", ["M", "‱", "Ŵ", "ﷺ", "a" + 9 * "\u0301"])
async def test_a_name_of_wide_letters_without_a_space_takes_one_page(pool: DocumentPool, letter: str) -> None:
    texts = (
        "program_name",
        "level_name",
        "achievement_name",
        "holder_name",
        "description",
        "cohort_name",
        "issuer_name",
    )
    assert await rendered(pool, **dict.fromkeys(texts, letter * 900))


async def test_what_a_name_holds_is_shown_and_never_understood(pool: DocumentPool) -> None:
    name = '<img src="file:///etc/passwd"> {{ 7 * 7 }} %(x)s </h2><h1>Forged'
    assert name.replace(" ", "") in text_of(await rendered(pool, holder_name=name)).replace(" ", "")


async def test_a_withheld_name_is_not_in_the_file(pool: DocumentPool) -> None:
    text = text_of(await rendered(pool, holder_name=None))
    assert "Name withheld by the holder" in text
    assert "Siân" not in text


async def test_it_shows_the_hours_the_dates_and_where_to_verify(pool: DocumentPool) -> None:
    text = text_of(await rendered(pool))
    for shown in (
        "20.5 hours of professional learning",
        "May 28, 2026",
        "Spring 2026, Region 11",
        "Example Association",
    ):
        assert shown in text
    assert "7f3f2c1e-1b7e-4d0c-9b0e-0a4d5f1e2c3b" in text
    assert "Demonstration" not in text


async def test_a_demonstration_says_so(pool: DocumentPool) -> None:
    assert "Demonstration: an example, not a real award" in text_of(await rendered(pool, is_demonstration=True))


@pytest.mark.parametrize("accent", ["#ffffff", "#f2c14e", "#000000", "#1f5c4d"])
def test_an_accent_is_darkened_until_it_reads_on_white(accent: str) -> None:
    assert contrast(certificate.readable(accent), "#ffffff") >= 4.5


def test_a_dark_accent_stays_as_it_is() -> None:
    assert certificate.readable("#1f5c4d") == "#1f5c4d"


@OF_EVERY_SCRIPT
async def test_the_picture_of_a_badge_takes_a_credential_as_svg_and_png(
    pool: DocumentPool, name: str, achievement: str
) -> None:
    drawn = artwork.svg(achievement, "Level 2", "#1f5c4d", name, demonstration="DEMONSTRATION")
    picture = await artwork.png(pool, drawn)
    assert int.from_bytes(picture[16:20], "big") == int.from_bytes(picture[20:24], "big") == 512
    json_text = CREDENTIAL.replace("\r", "")
    assert svg.extract(svg.bake(drawn, json_text)) == json_text
    assert png.extract(png.bake(picture, CREDENTIAL)) == CREDENTIAL


@OF_EVERY_SCRIPT
def test_the_picture_names_the_whole_achievement_for_those_who_do_not_see_it(name: str, achievement: str) -> None:
    root = ElementTree.fromstring(artwork.svg(achievement, "Level 2", "#1f5c4d", name))  # noqa: S314  # it is ours
    title, description = (root.findtext(f"{{http://www.w3.org/2000/svg}}{one}") or "" for one in ("title", "desc"))
    assert title == unicodedata.normalize("NFC", achievement)
    assert description == f"Level 2. {unicodedata.normalize('NFC', name)}"
    shown = "".join(one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text"))
    assert re.sub(r"[\s\u202b\u202c]", "", unicodedata.normalize("NFC", achievement)) in re.sub(
        r"[\s\u202b\u202c]", "", shown
    )


def test_no_word_of_the_picture_is_broken_where_a_smaller_size_keeps_it_whole() -> None:
    root = ElementTree.fromstring(artwork.svg(SCRIPTS["Welsh"][1], "", "#1f5c4d", ""))  # noqa: S314  # it is ours
    lines = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert " ".join(line or "" for line in lines) == SCRIPTS["Welsh"][1]


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "&amp;\x00\x1b]]>", "\u202eevil", "M" * 500, " "])
def test_whatever_a_name_holds_the_picture_is_sound_and_free_of_scripts(text: str) -> None:
    drawn = artwork.svg(text, text, "#1f5c4d", text, demonstration=text)
    tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(drawn).iter()}  # noqa: S314  # it is ours
    assert tags <= {"svg", "title", "desc", "defs", "radialGradient", "stop", "g", "path", "circle", "rect", "text"}
    assert svg.extract(svg.bake(drawn, "{}")) == "{}"
