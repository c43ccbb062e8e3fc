"""A credential attached to a PDF: nothing is rendered, and what is opened is bounded."""

import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credentials.containers import pdf
from services.credentials.containers.model import SENTENCES, Code
from tests.credentials.containers import hostile
from tests.credentials.containers.hostile import JWT, OTHER, PAYLOAD, outcome, refusal

CREDENTIAL = ("credential.json", PAYLOAD.encode())
CERTIFICATE = hostile.pdf([CREDENTIAL])


def changed(change: Callable[[pikepdf.Pdf, pikepdf.Object], object]) -> bytes:
    """The certificate after a change of the file and its attached stream."""
    with pikepdf.open(BytesIO(CERTIFICATE)) as document:
        change(document, document.Root.AF[0].EF.F)
        return hostile.saved(document)


def filtered(raw: bytes, *names: str) -> bytes:
    """The certificate with other raw bytes under these filters."""
    filters = pikepdf.Array([pikepdf.Name(name) for name in names])
    return changed(lambda _, stream: stream.write(raw, filter=filters, decode_parms=None))


def aes(*, user: str = "") -> pikepdf.Encryption:
    return pikepdf.Encryption(owner="owner", user=user)


@pytest.mark.parametrize("payload", [PAYLOAD, JWT])
def test_the_credential_is_extracted_whatever_its_file_is_called(payload: str) -> None:
    assert pdf.extract(hostile.pdf([("photo.jpg", payload.encode()), ("notes.txt", b"notes")])) == payload


def test_what_is_listed_twice_is_read_once() -> None:
    assert pdf.extract(hostile.pdf([CREDENTIAL], listed=2)) == PAYLOAD


def test_a_file_that_only_the_catalog_associates_is_found() -> None:
    assert pdf.extract(changed(lambda document, _: document.Root.__delitem__("/Names"))) == PAYLOAD
    assert pdf.extract(changed(lambda document, _: document.Root.__delitem__("/AF"))) == PAYLOAD


def test_a_compressed_attachment_is_inflated() -> None:
    assert pdf.extract(filtered(zlib.compress(PAYLOAD.encode()), "/FlateDecode")) == PAYLOAD


def loop(document: pikepdf.Pdf, _: pikepdf.Object) -> None:
    """A name tree whose child is itself: qpdf's walk ends where it began."""
    tree = document.make_indirect(pikepdf.Dictionary())
    tree.Kids = pikepdf.Array([tree])
    document.Root.Names.EmbeddedFiles = tree
    del document.Root.AF


def attached_page(document: pikepdf.Pdf, _: pikepdf.Object) -> None:
    document.Root.AF[0].EF = pikepdf.Dictionary(F=document.pages[0].obj)


BOMB = zlib.compress(b"{" + b" " * 200_000_000)
ZEROS = zlib.compress(bytes(50_000_000))
REFUSED: dict[str, tuple[bytes, Code]] = {
    "two credentials": (hostile.pdf([CREDENTIAL, ("b.json", OTHER.encode())]), "duplicate_credential"),
    "the same twice": (hostile.pdf([CREDENTIAL, ("b.json", CREDENTIAL[1])]), "duplicate_credential"),
    "one of each form": (hostile.pdf([CREDENTIAL, ("b.jwt", JWT.encode())]), "duplicate_credential"),
    "none": (hostile.pdf(), "no_credential_inside"),
    "other files alone": (hostile.pdf([("a.json", b'{"a": 1}'), ("b.bin", b"\xff")]), "no_credential_inside"),
    "many attachments": (hostile.pdf([(f"{n:03}.txt", b"a") for n in range(200)]), "too_complex"),
    "one attachment named often": (hostile.pdf([CREDENTIAL], listed=1000), "too_complex"),
    "a large attachment": (hostile.pdf([("a.bin", bytes(pdf.MAX_ATTACHMENT_BYTES + 1))]), "too_large"),
    "a bomb": (filtered(BOMB, "/FlateDecode"), "too_large"),
    "a bomb in a bomb": (filtered(zlib.compress(ZEROS), "/FlateDecode", "/FlateDecode"), "too_complex"),
    "many filters": (filtered(b"x", *["/FlateDecode"] * 1000), "too_complex"),
    "an unusual filter": (filtered(b"x", "/LZWDecode"), "too_complex"),
    "a stream that is no deflate": (filtered(b"no deflate", "/FlateDecode"), "broken_pdf"),
    "a stream that ends too early": (
        filtered(zlib.compress(PAYLOAD.encode())[:-9], "/FlateDecode"),
        "broken_pdf",
    ),
    "encrypted with a password": (hostile.pdf([CREDENTIAL], encryption=aes(user="user")), "encrypted_pdf"),
    "encrypted without one": (hostile.pdf([CREDENTIAL], encryption=aes()), "encrypted_pdf"),
    "an attachment that is no stream": (changed(attached_page), "broken_pdf"),
    "a loop of names": (changed(loop), "no_credential_inside"),
    "cut in half": (CERTIFICATE[: len(CERTIFICATE) // 2], "broken_pdf"),
    "no table of objects": (CERTIFICATE.replace(b"startxref", b"startnull"), "broken_pdf"),
    "a PDF by its first line alone": (b"%PDF-1.7\n%%EOF", "broken_pdf"),
    "nothing": (b"", "broken_pdf"),
}


@pytest.mark.parametrize(("file", "code"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_or_damaged_pdf_is_refused_with_its_reason(file: bytes, code: Code) -> None:
    assert refusal(lambda: pdf.extract(file)) == code


def test_a_bomb_is_never_inflated_beyond_the_limit() -> None:
    bomb = filtered(BOMB, "/FlateDecode")
    tracemalloc.start()
    try:
        assert refusal(lambda: pdf.extract(bomb)) == "too_large"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * pdf.MAX_ATTACHMENT_BYTES


def test_deep_nesting_is_refused() -> None:
    nested = CERTIFICATE.replace(b"/MediaBox [ 0 0 612 792 ]", b"/MediaBox " + b"[" * 100_000 + b"]" * 100_000)
    assert nested != CERTIFICATE
    # The tables of the file no longer fit either, and recovering them is not attempted.
    assert refusal(lambda: pdf.extract(nested)) == "broken_pdf"


def test_reading_leaves_the_limits_of_the_process_as_they_were() -> None:
    before = pikepdf.settings.get_qpdf_limits()
    pdf.extract(CERTIFICATE)
    refusal(lambda: pdf.extract(b""))
    assert pikepdf.settings.get_qpdf_limits() == before


@settings(deadline=None)
@given(st.integers(0, len(CERTIFICATE) - 1), st.binary(min_size=1, max_size=8))
def test_whatever_is_overwritten_is_read_or_refused(at: int, other: bytes) -> None:
    file = CERTIFICATE[:at] + other + CERTIFICATE[at + len(other) :]
    found = outcome(lambda: pdf.extract(file))
    assert found in SENTENCES or '"OpenBadgeCredential"' in found
