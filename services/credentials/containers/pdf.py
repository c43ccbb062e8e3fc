"""A credential in a PDF: an attached file (ISO 32000-2, 7.11.4 and 14.13). Nothing is rendered.

The parser is C++ and the file a stranger's: call `extract` in a limited child process.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO

import msgspec
import pikepdf

from services.credentials.containers.model import MAX_PAYLOAD_BYTES, ContainerError, form_of

MAX_ATTACHMENTS = 16
MAX_ATTACHMENT_BYTES = MAX_PAYLOAD_BYTES
#: What a compressed table of the file itself may inflate to; ours take some KiB.
MAX_TABLE_BYTES = 16 * 1024 * 1024
MAX_NESTING = 64
_LONGEST_NAME = 255
#: An Open Badges 3.0 credential names one of them among its types.
_TYPES = ('"OpenBadgeCredential"', '"AchievementCredential"')


class Attachment(msgspec.Struct, frozen=True):
    """A file inside a PDF."""

    name: str
    content: bytes


def extract(pdf: bytes) -> str:
    """The text of the one credential attached; ContainerError where there is none, several, or anything unsound."""
    found = [text for one in attachments(pdf) if (text := _credential(one)) is not None]
    if len(found) > 1:
        raise ContainerError("duplicate_credential", kind="pdf")
    if not found:
        raise ContainerError("no_credential_inside", kind="pdf")
    return found[0]


def attachments(pdf: bytes) -> tuple[Attachment, ...]:
    """The files named as embedded or associated, each once; ContainerError past a limit or for a damaged PDF."""
    # qpdf's limits are of the whole process; the ones from before come back for whoever else uses it.
    before = pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_TABLE_BYTES,
        png_max_memory=MAX_TABLE_BYTES,
        tiff_max_memory=MAX_TABLE_BYTES,
        run_length_max_memory=MAX_TABLE_BYTES,
        dct_max_memory=MAX_TABLE_BYTES,
        max_stream_filters=1,
        parser_max_nesting=MAX_NESTING,
    )
    try:
        with pikepdf.open(BytesIO(pdf), attempt_recovery=False, inherit_page_attributes=False) as document:
            if document.is_encrypted:
                raise ContainerError("encrypted_pdf", kind="pdf")
            return tuple(_read(name, stream) for name, stream in _files(document))
    except pikepdf.PasswordError:
        raise ContainerError("encrypted_pdf", kind="pdf") from None
    except (pikepdf.PikepdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, IndexError) as error:
        # pikepdf reports an object of another type than expected as the plain Python error of that misuse.
        raise ContainerError("broken_pdf", kind="pdf", where=type(error).__name__) from None
    finally:
        pikepdf.settings.set_qpdf_limits(**before)  # type: ignore[arg-type]  # it takes what it returned


def _files(document: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Stream]]:
    """Name and stream of each file of the name tree and of the catalog's /AF, a stream that both name only once."""
    seen: set[tuple[int, int]] = set()
    count = 0
    for specification in _specifications(document):
        count += 1
        if count > 2 * MAX_ATTACHMENTS or len(seen) > MAX_ATTACHMENTS:
            raise ContainerError("too_complex", kind="pdf", where="attachments")
        if not isinstance(specification, pikepdf.Dictionary):
            raise ContainerError("broken_pdf", kind="pdf", where="attachments")
        embedded = specification.get("/EF")
        if not isinstance(embedded, pikepdf.Dictionary):
            continue  # it names a file outside
        stream = embedded.get("/UF", embedded.get("/F"))
        if not isinstance(stream, pikepdf.Stream):
            raise ContainerError("broken_pdf", kind="pdf", where="attachments")
        if stream.objgen not in seen:
            seen.add(stream.objgen)
            yield str(specification.get("/UF", specification.get("/F", "")))[:_LONGEST_NAME], stream


def _specifications(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    names = document.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        yield from (value for _, value in pikepdf.NameTree(names.EmbeddedFiles, auto_repair=False).items())
    associated = document.Root.get("/AF")
    if isinstance(associated, pikepdf.Array):
        yield from associated
    elif associated is not None:
        yield associated


def _read(name: str, stream: pikepdf.Stream) -> Attachment:
    """The content, inflated here under a cap: qpdf would inflate all of it, through any number of filters."""
    filters = stream.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    is_nothing = filters is None or (isinstance(filters, pikepdf.Array) and len(filters) == 0)
    if not is_nothing and filters != pikepdf.Name.FlateDecode:
        raise ContainerError("too_complex", kind="pdf", where="filters")
    raw = stream.read_raw_bytes()
    content = raw if is_nothing else _inflated(raw)
    if len(content) > MAX_ATTACHMENT_BYTES:
        raise ContainerError("too_large", kind="pdf", where="attachment")
    return Attachment(name, content)


def _inflated(raw: bytes) -> bytes:
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(raw, MAX_ATTACHMENT_BYTES + 1)
    except zlib.error:
        raise ContainerError("broken_pdf", kind="pdf", where="attachment") from None
    if len(content) <= MAX_ATTACHMENT_BYTES and not inflating.eof:
        raise ContainerError("broken_pdf", kind="pdf", where="attachment")
    return content


def _credential(attachment: Attachment) -> str | None:
    """The attachment's text if it is a badge; None for any other file."""
    try:
        text = attachment.content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    match form_of(text.strip()):
        case "jwt":
            return text.strip()
        case "json" if any(name in text for name in _TYPES):
            return text
        case _:
            return None
