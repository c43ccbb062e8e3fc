"""A credential in a PNG: one uncompressed iTXt chunk (Open Badges 3.0, section 5.3.1).

Chunks are walked and copied; pixels are never decoded, nothing is ever inflated or re-encoded.
"""

from binascii import crc32
from collections.abc import Iterator
from typing import NamedTuple

from services.credentials.containers.model import MAX_PAYLOAD_BYTES, ContainerError, form_for_baking

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
OLDER_KEYWORD = b"openbadges"  # Open Badges 1 and 2
#: libpng writes 8 KiB of pixels a chunk; this admits 64 MiB of them.
MAX_CHUNKS = 8192
_MAX_LENGTH = 2**31 - 1  # PNG, section 5.3
_LONGEST_KEYWORD = 79  # PNG, section 11.3.3
_TEXT_KINDS = frozenset({b"iTXt", b"tEXt", b"zTXt"})
_FRAME = 12  # length, kind and checksum around a chunk's body


class _Chunk(NamedTuple):
    kind: bytes
    body: bytes
    start: int
    end: int

    @property
    def keyword(self) -> bytes | None:
        """What a text chunk says it is; None for any other."""
        return self.body[: _LONGEST_KEYWORD + 1].split(b"\0", 1)[0] if self.kind in _TEXT_KINDS else None


def bake(png: bytes, payload: str, *, replace: bool = False) -> bytes:
    """The same picture with the credential behind its header; every other byte stays.

    ContainerError: `already_baked` unless `replace`, or the picture is no sound PNG, or the payload no credential.
    """
    form_for_baking(payload, kind="png")
    kept = [png[: len(SIGNATURE)]]
    for chunk in _chunks(png):
        if chunk.keyword == KEYWORD:
            if not replace:
                raise ContainerError("already_baked", kind="png")
            continue
        kept.append(png[chunk.start : chunk.end])
        if chunk.kind == b"IHDR":
            # Keyword, no compression (two zeros), no language, no translated keyword.
            kept.append(_framed(b"iTXt", KEYWORD + b"\0\0\0\0\0" + payload.encode("utf-8")))
    return b"".join(kept)


def extract(png: bytes) -> str:
    """The text of the one credential inside; ContainerError where there is none, several, or anything unsound.

    The specification reads the first of several, Pillow the last: a file with several means nothing.
    """
    found: list[_Chunk] = []
    is_older = False
    for chunk in _chunks(png):
        if chunk.keyword == KEYWORD:
            found.append(chunk)
        elif chunk.keyword == OLDER_KEYWORD:
            is_older = True
    if len(found) > 1:
        raise ContainerError("duplicate_credential", kind="png", where=f"byte {found[1].start}")
    if not found:
        raise ContainerError("older_format" if is_older else "no_credential_inside", kind="png")
    return _text(found[0])


def _text(chunk: _Chunk) -> str:
    where = f"byte {chunk.start}"
    rest = chunk.body[len(KEYWORD) + 1 :]
    if chunk.kind == b"zTXt" or (chunk.kind == b"iTXt" and rest[:1] not in (b"\0", b"")):
        raise ContainerError("compressed_chunk", kind="png", where=where)
    if chunk.kind != b"iTXt":
        raise ContainerError("wrong_chunk", kind="png", where=where)
    # Compression flag and method, language, translated keyword, text (PNG, section 11.3.3.4).
    parts = rest[2:].split(b"\0", 2)
    if rest[:2] != b"\0\0" or len(parts) != 3 or b"\0" in parts[2]:
        raise ContainerError("broken_png", kind="png", where=where)
    if len(parts[2]) > MAX_PAYLOAD_BYTES:
        raise ContainerError("too_large", kind="png", where=where)
    try:
        return parts[2].decode("utf-8")
    except UnicodeDecodeError:
        raise ContainerError("not_utf8", kind="png", where=where) from None


def _chunks(png: bytes) -> Iterator[_Chunk]:
    """Every chunk, checked: IHDR first and once, checksums right, IEND last with nothing behind it."""
    if not png.startswith(SIGNATURE):
        raise ContainerError("broken_png", kind="png", where="byte 0")
    at = len(SIGNATURE)
    for count in range(MAX_CHUNKS):
        chunk = _chunk(png, at)
        is_header = chunk.kind == b"IHDR"
        if is_header != (count == 0) or (is_header and len(chunk.body) != 13):
            raise ContainerError("broken_png", kind="png", where=f"byte {at}")
        yield chunk
        at = chunk.end
        if chunk.kind == b"IEND":
            if at != len(png):
                raise ContainerError("trailing_bytes", kind="png", where=f"byte {at}")
            return
    raise ContainerError("too_complex", kind="png", where=f"byte {at}")


def _chunk(png: bytes, at: int) -> _Chunk:
    length = int.from_bytes(png[at : at + 4], "big")
    kind = png[at + 4 : at + 8]
    if length > _MAX_LENGTH or not (len(kind) < 4 or (kind.isascii() and kind.isalpha())):
        raise ContainerError("broken_png", kind="png", where=f"byte {at}")
    end = at + _FRAME + length
    if end > len(png):
        raise ContainerError("truncated_png", kind="png", where=f"byte {at}")
    body = png[at + 8 : end - 4]
    if crc32(body, crc32(kind)) != int.from_bytes(png[end - 4 : end], "big"):
        raise ContainerError("crc_mismatch", kind="png", where=f"byte {at}")
    return _Chunk(kind, body, at, end)


def _framed(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + crc32(body, crc32(kind)).to_bytes(4, "big")
