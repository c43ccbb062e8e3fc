"""Which files may be handed in, told by their content and not by what they call themselves. Pure; nothing is opened."""

import codecs
import struct
from collections.abc import AsyncIterator

import msgspec

from shared.problems import InvalidInputError
from shared.words import N_

#: What is looked at of a file: its beginning, and its end, where a ZIP has its list of contents.
_HEAD, _TAIL = 64 * 1024, 256 * 1024
_DISGUISED = N_("The content of this file is not what its name says. Save it anew in its program, and send that.")
_NOT_TAKEN = N_(
    "This kind of file cannot be handed in. Send a PDF, a picture, a text, a document of Word, PowerPoint, Excel or"
    " LibreOffice, a sound or a video."
)


class Kind(msgspec.Struct, frozen=True):
    """A kind of file: its media type and the endings that its names have."""

    media_type: str
    endings: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
PDF = Kind("application/pdf", ("pdf",))
PNG = Kind("image/png", ("png",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg"))
GIF = Kind("image/gif", ("gif",))
WEBP = Kind("image/webp", ("webp",))
HEIC = Kind("image/heic", ("heic", "heif"))
DOCX = Kind(f"{_OFFICE}.wordprocessingml.document", ("docx",))
XLSX = Kind(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",))
PPTX = Kind(f"{_OFFICE}.presentationml.presentation", ("pptx",))
ODT = Kind(f"{_OPEN}.text", ("odt",))
ODS = Kind(f"{_OPEN}.spreadsheet", ("ods",))
ODP = Kind(f"{_OPEN}.presentation", ("odp",))
RTF = Kind("application/rtf", ("rtf",))
TEXT = Kind("text/plain", ("txt", "md"))
MP3 = Kind("audio/mpeg", ("mp3",))
MP4 = Kind("video/mp4", ("mp4", "m4a", "m4v"))
MOV = Kind("video/quicktime", ("mov",))
KINDS = (PDF, PNG, JPEG, GIF, WEBP, HEIC, DOCX, XLSX, PPTX, ODT, ODS, ODP, RTF, TEXT, MP3, MP4, MOV)
#: For a file field's `accept`.
ACCEPTED = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)

_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"{\\rtf", RTF),
    (b"ID3", MP3),
)
#: ISO base media: `ftyp` and the major brand.
_BRANDS = {b"qt  ": MOV, **dict.fromkeys((b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"), HEIC)}
_FOLDERS = ((b"word/", DOCX), (b"xl/", XLSX), (b"ppt/", PPTX))
_OPEN_DOCUMENTS = {one.media_type.encode(): one for one in (ODT, ODS, ODP)}
_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"
#: of a name in the list of contents of a ZIP (APPNOTE.TXT, 4.3.12), and before a file in it (4.3.7)
_CENTRAL_SIZE, _LOCAL_SIZE = 46, 30


class Glance:
    """Sees a file go by: what is needed afterwards to tell its kind."""

    def __init__(self) -> None:
        self._head, self._tail = b"", b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._is_text = True

    async def of(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks as they come."""
        async for chunk in chunks:
            if len(self._head) < _HEAD:
                self._head += chunk[: _HEAD - len(self._head)]
            self._tail = (self._tail + chunk)[-_TAIL:]
            self._read(chunk)
            yield chunk

    def _read(self, chunk: bytes) -> None:
        if self._is_text:
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self._is_text = False
            self._is_text = self._is_text and b"\x00" not in chunk

    def kind(self) -> Kind | None:
        """The kind that the content shows; None where it is none that may be handed in. Ask it after the last chunk."""
        found = _by_beginning(self._head) or _by_brand(self._head) or _by_contents(self._head, self._tail)
        if found is not None:
            return found
        if self._is_text:
            try:
                self._decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return None
            return TEXT
        return None


def problem_of_name(name: str) -> str | None:
    """What is wrong with a file before it is read, in a sentence."""
    return None if any(_ending(name) in one.endings for one in KINDS) else _NOT_TAKEN


def agreed(name: str, found: Kind | None) -> Kind:
    """The kind that a file's content shows; InvalidInputError where its name says another."""
    if found is None or _ending(name) not in found.endings:
        raise InvalidInputError(("file", _DISGUISED))
    return found


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _by_beginning(head: bytes) -> Kind | None:
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    # MPEG audio without tags: eleven bits of synchronization, layer III.
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return MP3
    return None


def _by_brand(head: bytes) -> Kind | None:
    return _BRANDS.get(head[8:12], MP4) if head[4:8] == b"ftyp" else None


def _by_contents(head: bytes, tail: bytes) -> Kind | None:
    """A document that is a ZIP: an Open Document says its type in its first file, one of Office has folders."""
    if not head.startswith(_LOCAL) or len(head) < _LOCAL_SIZE:
        return None
    (length,) = struct.unpack_from("<H", head, 26)
    (extra,) = struct.unpack_from("<H", head, 28)
    start = _LOCAL_SIZE + length + extra
    if head[_LOCAL_SIZE : _LOCAL_SIZE + length] == b"mimetype":
        said = head[start : start + 100]
        return next((kind for name, kind in _OPEN_DOCUMENTS.items() if said.startswith(name + b"PK")), None)
    names = _listed(tail)
    # A document with macros is a program.
    if b"[Content_Types].xml" not in names or any(one.endswith(b"vbaProject.bin") for one in names):
        return None
    return next((kind for folder, kind in _FOLDERS if any(one.startswith(folder) for one in names)), None)


def _listed(tail: bytes) -> set[bytes]:
    """Names in the list of contents at the end of a ZIP, as far as `tail` holds it."""
    found, place = set(), tail.find(_CENTRAL)
    while place >= 0 and place + _CENTRAL_SIZE <= len(tail):
        (length,) = struct.unpack_from("<H", tail, place + 28)
        found.add(tail[place + _CENTRAL_SIZE : place + _CENTRAL_SIZE + length])
        place = tail.find(_CENTRAL, place + _CENTRAL_SIZE)
    return found
