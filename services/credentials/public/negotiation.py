"""Which form of a badge a reader wants: by the ending of the address, else by the Accept header. Pure."""

from typing import Literal
from uuid import UUID

from litestar.datastructures.headers import Accept

from shared.problems import NotFoundError

#: Of pages and certificates: those that have a catalog.
Language = Literal["en", "es"]
Form = Literal["html", "json", "jwt", "png", "svg", "pdf", "zip"]

_ENDINGS: dict[str, Form] = {"json": "json", "jwt": "jwt", "png": "png", "svg": "svg", "pdf": "pdf", "zip": "zip"}
#: In the order of our preference where a reader takes anything.
_ACCEPTED: dict[str, Form] = {
    "text/html": "html",
    "application/vc": "json",
    "application/vc+ld+json": "json",
    "application/ld+json": "json",
    "application/json": "json",
    "application/vc+jwt": "jwt",
    "text/plain": "jwt",
    "image/png": "png",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
    "application/zip": "zip",
}
MEDIA_TYPES: dict[Form, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/vc",
    "jwt": "application/vc+jwt",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


def form_of(name: str, accept: str | None) -> tuple[UUID, Form]:
    """The id and form that `ID` or `ID.ending` asks for; NotFoundError for what is neither."""
    text, _, ending = name.partition(".")
    try:
        identifier = UUID(text)
    except ValueError:
        raise NotFoundError from None
    if str(identifier) != text or (ending and ending not in _ENDINGS) or name.endswith("."):
        raise NotFoundError
    if ending:
        return identifier, _ENDINGS[ending]
    try:
        best = Accept((accept or "*/*")[:1000]).best_match(list(_ACCEPTED), default="application/vc")
    except (ValueError, OverflowError):  # a weight that is no number
        best = None
    return identifier, _ACCEPTED[best or "application/vc"]


def is_known(asked: str | None, tag: str) -> bool:
    """Whether an If-None-Match names this entity tag (RFC 9110, section 13.1.2: compared weakly)."""
    named = [one.strip().removeprefix("W/") for one in (asked or "").split(",")]
    return tag in named or "*" in named
