"""Files as strangers build them: PNG chunk by chunk, SVG and PDF with one thing wrong at a time."""

import zlib
from binascii import crc32
from collections.abc import Callable, Iterable
from io import BytesIO

import pikepdf
import pytest

from services.credentials.containers.model import Code, ContainerError

PAYLOAD = '{"type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "Siân"}'
OTHER = PAYLOAD.replace("Siân", "Siôn")
JWT = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJkaWQ6a2V5OnoifQ.c2lnbmF0dXJl"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = b"\0\0\0\1\0\0\0\1\x08\0\0\0\0"


def refusal(read: Callable[[], object]) -> Code:
    """The code of the refusal of what is read; anything but a refusal fails."""
    with pytest.raises(ContainerError) as raised:
        read()
    return raised.value.code


def outcome(read: Callable[[], str]) -> str:
    """What is read, or the code of the refusal; any other error fails."""
    try:
        return read()
    except ContainerError as error:
        return error.code


def chunk(kind: bytes, body: bytes = b"", *, length: int | None = None, checksum: int | None = None) -> bytes:
    """A chunk of a PNG, true unless a length or a checksum is given."""
    told = len(body) if length is None else length
    summed = crc32(body, crc32(kind)) if checksum is None else checksum
    return told.to_bytes(4, "big") + kind + body + summed.to_bytes(4, "big")


def itxt(text: bytes, *, keyword: bytes = b"openbadgecredential", compression: bytes = b"\0\0") -> bytes:
    """The body of an iTXt chunk without a language."""
    return keyword + b"\0" + compression + b"\0\0" + text


def png(*inside: bytes, header: bytes = HEADER, end: bytes | None = None) -> bytes:
    """One gray pixel, with chunks between the header and the pixel."""
    pixel = chunk(b"IDAT", zlib.compress(b"\0\x7f"))
    return SIGNATURE + chunk(b"IHDR", header) + b"".join(inside) + pixel + (chunk(b"IEND") if end is None else end)


def svg(inside: str = "", *, before: str = "", attributes: str = "") -> bytes:
    """A square, with XML in it and before it."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    return f'{before}<svg {names}{attributes}>{inside}<rect width="1" height="1"/></svg>'.encode()


def pdf(
    files: Iterable[tuple[str, bytes]] = (), *, encryption: pikepdf.Encryption | None = None, listed: int = 1
) -> bytes:
    """An empty page with attached files; `listed` is how often /AF names each."""
    with pikepdf.new() as document:
        document.add_blank_page()
        for name, content in files:
            document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
        document.Root.AF = pikepdf.Array([one.obj for one in document.attachments.values()] * listed)
        return saved(document, encryption=encryption)


def saved(document: pikepdf.Pdf, *, encryption: pikepdf.Encryption | None = None) -> bytes:
    """Its bytes, with streams as they were put in."""
    out = BytesIO()
    level = None if encryption else pikepdf.StreamDecodeLevel.none  # pikepdf takes not both
    document.save(
        out,
        compress_streams=False,
        stream_decode_level=level,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        encryption=encryption or False,
    )
    return out.getvalue()
