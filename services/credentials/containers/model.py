"""What a container holds and why one is refused. Pure."""

import re
from typing import Final, Literal

import msgspec

Kind = Literal["json", "jwt", "png", "svg", "pdf", "bundle", "unknown"]
Form = Literal["json", "jwt"]

Code = Literal[
    "already_baked",
    "broken_bundle",
    "broken_pdf",
    "broken_png",
    "broken_svg",
    "compressed_chunk",
    "crc_mismatch",
    "duplicate_credential",
    "encrypted_pdf",
    "misplaced_credential",
    "no_credential_inside",
    "not_a_credential",
    "not_svg",
    "not_utf8",
    "older_format",
    "svg_dtd",
    "too_complex",
    "too_large",
    "trailing_bytes",
    "truncated_png",
    "unknown_kind",
    "unsuitable_text",
    "wrong_chunk",
]

#: What went wrong, in words for the person who holds the file.
SENTENCES: Final[dict[Code, str]] = {
    "already_baked": "The picture carries a credential already.",
    "broken_bundle": "The ZIP is damaged, or no bundle of a badge: download it again, or give the badge itself.",
    "broken_pdf": "The PDF is damaged and cannot be read.",
    "broken_png": "The PNG is damaged: its parts are not where they belong.",
    "broken_svg": "The SVG is damaged: it is not well-formed XML.",
    "compressed_chunk": "The credential in the PNG is compressed, which Open Badges forbids.",
    "crc_mismatch": "A part of the PNG was changed or damaged: its checksum does not fit.",
    "duplicate_credential": "The file carries more than one credential, so it has no single meaning.",
    "encrypted_pdf": "The PDF is protected by encryption. Ask for it without, or for the badge as PNG or JSON.",
    "misplaced_credential": "The credential is not where it belongs in the SVG.",
    "no_credential_inside": "There is no credential inside this file. A screenshot or a converted copy loses it.",
    "not_a_credential": "What the file carries is neither the JSON nor the JWT of a credential.",
    "not_svg": "This is XML, but no SVG picture.",
    "not_utf8": "The text in the file is not UTF-8.",
    "older_format": "This is a badge of an older format (Open Badges 2), which carries no verifiable credential.",
    "svg_dtd": "The SVG declares a document type or entities, which is refused for safety.",
    "too_complex": "The file has more parts than a badge needs.",
    "too_large": "The file is larger than a badge may be.",
    "trailing_bytes": "There is more behind the end of the PNG.",
    "truncated_png": "The PNG ends too early: it was not copied or downloaded completely.",
    "unknown_kind": "This is none of JSON, JWT, PNG, SVG, PDF and a badge's bundle (ZIP).",
    "unsuitable_text": "The credential holds a character that this kind of picture cannot carry unchanged.",
    "wrong_chunk": "The credential is in a kind of PNG chunk that Open Badges does not use.",
}

MAX_PAYLOAD_BYTES = 1024 * 1024
_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
JSON_WHITESPACE = " \t\r\n"


class ContainerError(Exception):
    """A file is refused: `code` is stable, `kind` what the file seems to be, `where` the part at fault, if any."""

    def __init__(self, code: Code, *, kind: Kind, where: str = "") -> None:
        super().__init__(f"{kind}: {code} {where}".rstrip())
        self.code: Code = code
        self.kind: Kind = kind
        self.where = where

    @property
    def sentence(self) -> str:
        """The refusal in plain words."""
        return SENTENCES[self.code]


class Unpacked(msgspec.Struct, frozen=True, kw_only=True):
    """A credential as it was carried: `payload` is the compact JWS, or JSON text whose syntax nobody has checked."""

    kind: Kind
    form: Form
    payload: str
    #: What a bundle encloses, by address, and which of it is the history of the issuer's keys.
    documents: dict[str, bytes] = {}
    history: str | None = None


def form_of(payload: str) -> Form | None:
    """How a text would be read: as a compact JWS, as JSON (by its first character alone), or not at all."""
    if payload.lstrip(JSON_WHITESPACE)[:1] == "{":
        return "json"
    return "jwt" if _COMPACT_JWS.fullmatch(payload) else None


def form_for_baking(payload: str, *, kind: Kind) -> Form:
    """The form of what shall be baked; ContainerError where it is no credential's text or too long."""
    if (form := form_of(payload)) is None:
        raise ContainerError("not_a_credential", kind=kind)
    try:
        size = len(payload.encode("utf-8"))
    except UnicodeEncodeError:
        raise ContainerError("unsuitable_text", kind=kind) from None
    if size > MAX_PAYLOAD_BYTES:
        raise ContainerError("too_large", kind=kind)
    return form
