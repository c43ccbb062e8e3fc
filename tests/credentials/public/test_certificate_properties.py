"""The certificate as an archive and a screen reader know it: each property of PDF/A-3a by itself, as it is served."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from shared.contracts import Provider
from tests.conftest import require
from tests.credentials.badges import Issued, download, issue
from tests.credentials.callers import Caller

#: Keys that would let a PDF act, or reach out of itself (ISO 19005-3, 6.6.1; ISO 32000-1, 12.6.4).
_ACTIVE = {"/JS", "/JavaScript", "/AA", "/OpenAction", "/XFA", "/AcroForm", "/Launch", "/GoToR", "/SubmitForm"}


@pytest.fixture(scope="module")
async def badge(issuer: Caller, public: str) -> Issued:
    """A badge with all that a certificate can show."""
    return await issue(
        issuer,
        public,
        provider=Provider(name="Illinois Example Provider", number="12-3456"),
        topics=("Implicit Bias", "Microaggressions"),
    )


@pytest.fixture(scope="module")
async def served(badge: Issued, public: str) -> bytes:
    """Its certificate over HTTP."""
    return await download(f"{public}/badges/{badge.award_id}.pdf")


@pytest.fixture(scope="module")
def opened(served: bytes) -> Iterator[pikepdf.Pdf]:
    """The same, read."""
    with pikepdf.open(BytesIO(served)) as document:
        yield document


def dictionaries(document: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary and stream of it, those that stand inside others too."""
    left: list[Any] = list(document.objects)
    while left:
        one = left.pop()
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            inside = [one[key] for key in one.keys()]  # noqa: SIM118  # a stream is no mapping
        else:
            inside = list(one) if isinstance(one, pikepdf.Array) else []
        left += [each for each in inside if isinstance(each, pikepdf.Object) and not each.is_indirect]


def structure(document: pikepdf.Pdf) -> dict[str, list[Any]]:
    """The elements of the structure tree by their kind, reached from its root."""
    found: dict[str, list[Any]] = {}
    left = [document.Root.StructTreeRoot.K]
    while left:
        node = left.pop()
        if isinstance(node, pikepdf.Array):
            left.extend(node)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.setdefault(str(node.S), []).append(node)
            left.append(node.get("/K", pikepdf.Array()))
    return found


def test_qpdf_finds_nothing_wrong(served: bytes, tmp_path: Path) -> None:
    require(shutil.which("qpdf") is not None, "qpdf")
    file = tmp_path / "certificate.pdf"
    file.write_bytes(served)
    run = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")


def test_its_metadata_claims_part_3_and_conformance_a(opened: pikepdf.Pdf) -> None:
    with opened.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")


def test_it_has_an_output_intent_with_a_color_profile(opened: pikepdf.Pdf) -> None:
    (intent,) = opened.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert len(intent.DestOutputProfile.read_bytes()) > 100


def test_every_font_is_embedded_and_tells_its_letters(opened: pikepdf.Pdf) -> None:
    fonts = [one for one in dictionaries(opened) if one.get("/Type") == "/Font"]
    whole = [one for one in fonts if one.Subtype == "/Type0"]
    assert len(whole) >= 3
    for font in whole:
        assert font.ToUnicode.read_bytes().count(b"beginbf") >= 1
        (descendant,) = font.DescendantFonts
        assert {"/FontFile2", "/FontFile3"} & set(descendant.FontDescriptor.keys())
    # No font stands alone: each is one that was looked at, or its descendant.
    assert len(fonts) == 2 * len(whole)


def test_it_is_tagged_with_headings_and_says_every_picture(opened: pikepdf.Pdf) -> None:
    assert opened.Root.MarkInfo.Marked
    found = structure(opened)
    assert len(found["/H1"]) == len(found["/H2"]) == 1
    assert {"/Document", "/P", "/L", "/Link"} <= set(found)
    assert len(found["/Figure"]) == 2
    assert all(str(one.Alt) for one in found["/Figure"])


def test_it_says_its_language_and_shows_its_title(opened: pikepdf.Pdf) -> None:
    assert opened.Root.Lang == "en"
    assert bool(opened.Root.ViewerPreferences.DisplayDocTitle)
    with opened.open_metadata() as metadata:
        assert metadata["dc:title"] == "Certificate: Level One: Self Exposure"


def test_exactly_one_file_is_associated_and_it_is_the_signed_text(opened: pikepdf.Pdf, badge: Issued) -> None:
    (file,) = opened.Root.AF
    assert file.AFRelationship == "/Data"
    assert list(opened.attachments) == ["credential.json"]
    stream = file.EF.F
    assert stream.read_bytes() == badge.text.encode()
    assert stream.Subtype == "/application/vc"
    assert sum("/EF" in one for one in dictionaries(opened)) == 1


def test_it_holds_no_script_and_does_nothing_by_itself(opened: pikepdf.Pdf) -> None:
    held = {str(key) for one in dictionaries(opened) for key in one.keys()}  # noqa: SIM118  # a stream is no mapping
    acts = {str(one.S) for one in dictionaries(opened) if "/S" in one and isinstance(one.S, pikepdf.Name)}
    assert not _ACTIVE & (held | acts)


def test_it_reaches_for_nothing_outside(opened: pikepdf.Pdf, badge: Issued, public: str) -> None:
    """The one address in it is the link to the badge's page, which only a reader's click follows."""
    addresses = {str(one.URI) for one in dictionaries(opened) if one.get("/S") == "/URI"}
    assert addresses == {f"{public}/badges/{badge.award_id}"}
    streams = [one for one in dictionaries(opened) if isinstance(one, pikepdf.Stream)]
    assert not [one for one in streams if "/F" in one or "/FS" in one]


def _size(document: bytes) -> tuple[int, int]:
    with pikepdf.open(BytesIO(document)) as read:
        _, _, wide, high = read.pages[0].mediabox
        return round(float(wide)), round(float(high))


LETTER, A4 = (792, 612), (842, 595)


@pytest.mark.parametrize(
    ("query", "wishes", "size"),
    [
        ("", "en-US,en;q=0.9", LETTER),
        ("", "en-GB,en;q=0.9", A4),
        ("", "es-MX", LETTER),
        ("", "zh-Hant-TW", A4),
        ("", "es", LETTER),
        ("?paper=a4", "en-US", A4),
        ("?paper=letter", "de-DE", LETTER),
    ],
)
async def test_the_paper_is_asked_for_or_that_of_the_readers_country(
    badge: Issued, public: str, query: str, wishes: str, size: tuple[int, int]
) -> None:
    url = f"{public}/badges/{badge.award_id}.pdf{query}"
    assert _size(await download(url, language=wishes)) == size


async def test_in_spanish_it_is_another_document_around_the_same_credential(badge: Issued, public: str) -> None:
    document = await download(f"{public}/badges/{badge.award_id}.pdf?lang=es")
    with pikepdf.open(BytesIO(document)) as read:
        assert read.Root.Lang == "es"
        assert read.Root.AF[0].EF.F.read_bytes() == badge.text.encode()
        with read.open_metadata() as metadata:
            assert metadata["dc:title"] == "Certificado: Level One: Self Exposure"


def test_it_names_the_provider_of_record_and_the_topics(served: bytes) -> None:
    require(shutil.which("pdftotext") is not None, "pdftotext")
    run = subprocess.run(["pdftotext", "-", "-"], input=served, capture_output=True, check=True)
    text = " ".join(run.stdout.decode().split())
    assert "Provider of record: Illinois Example Provider, number 12-3456" in text
    assert "Implicit Bias · Microaggressions" in text
