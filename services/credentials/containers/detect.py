"""The front door: what kind of file this is, and the credential inside, whatever carries it."""

import re
from typing import assert_never

from services.credentials.containers import bundle, pdf, png, svg
from services.credentials.containers.model import MAX_PAYLOAD_BYTES, ContainerError, Kind, Unpacked, form_of

#: A picture or PDF with its credential.
MAX_BYTES = 10 * 1024 * 1024
_SEARCHED = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SVG = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,63}:)?svg[\s/>]")
_HTML = re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)


def detect(content: bytes) -> Kind:
    """The kind of a file by its content alone; names and media types are what strangers say of it."""
    if content.startswith(png.SIGNATURE):
        return "png"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(bundle.SIGNATURE):
        return "bundle"
    start = content[:_SEARCHED].removeprefix(_BOM).lstrip()
    if start.startswith(b"{"):
        return "json"
    if start.startswith(b"<"):
        return "svg" if _SVG.search(start) and not _HTML.match(start) else "unknown"
    if len(content) <= MAX_PAYLOAD_BYTES and content.isascii() and form_of(content.decode().strip()) == "jwt":
        return "jwt"
    return "unknown"


def unpack(content: bytes, *, max_bytes: int = MAX_BYTES) -> Unpacked:
    """The credential inside a file, JWTs without the white space around them; ContainerError says why there is none.

    JSON comes as it was carried: whether it has one meaning is for its reader to check. A PDF of a stranger belongs in
    a limited child process, and so does everything that comes after.
    """
    kind = detect(content)
    if len(content) > max_bytes:
        raise ContainerError("too_large", kind=kind)
    if kind == "bundle":
        return _bundled(content)
    payload = _payload(content, kind)
    if (form := form_of(payload.strip())) is None:
        raise ContainerError("not_a_credential", kind=kind)
    return Unpacked(kind=kind, form=form, payload=payload.strip() if form == "jwt" else payload)


def _bundled(content: bytes) -> Unpacked:
    found = bundle.extract(content)
    text = found.credential.strip()
    return Unpacked(
        kind="bundle",
        form="jwt" if form_of(text) == "jwt" else "json",
        payload=text,
        documents=found.documents,
        history=found.history,
    )


def _payload(content: bytes, kind: Kind) -> str:
    match kind:
        case "png":
            return png.extract(content)
        case "svg":
            return svg.extract(content)
        case "pdf":
            return pdf.extract(content)
        case "json" | "jwt":
            return _text(content, kind)
        case "bundle" | "unknown":
            raise ContainerError("not_utf8" if content.startswith(_UTF_16) else "unknown_kind", kind=kind)
        case _:
            assert_never(kind)


def _text(content: bytes, kind: Kind) -> str:
    if len(content) > MAX_PAYLOAD_BYTES:
        raise ContainerError("too_large", kind=kind)
    try:
        return content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContainerError("not_utf8", kind=kind, where=f"byte {error.start}") from None
