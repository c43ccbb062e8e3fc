"""Literals as canonical N-Quads text: escaped once, numbers in the one form that JSON-LD gives them. Pure."""

import math
import re
from contextlib import suppress
from typing import Any

import rfc8785

from services.credentials.proofs.strict_json import MAX_INTEGER
from services.credentials.proofs.vocabulary import JsonLdError

_XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF_JSON = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
_I18N = "https://www.w3.org/ns/i18n#"
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
# What XML 1.1 has no Char for is escaped too (RDF 1.2 N-Quads, section 3.1).
_NEEDS_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f\ufffe\uffff]')
# Canonical N-Quads (RDF 1.2 N-Quads, section 3.1).
_ESCAPES = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def is_plain(text: str) -> bool:
    """Whether nothing of a text is escaped, told fast; what Unicode calls unprintable (half a character too) is not."""
    return text.isprintable() and '"' not in text and "\\" not in text


def quoted(text: str) -> str:
    """A literal's text in canonical N-Quads, with its quotes; JsonLdError for half a character."""
    if is_plain(text):
        return f'"{text}"'
    text = _NEEDS_ESCAPE.sub(_escaped, text)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonLdError("lone_surrogate") from None
    return f'"{text}"'


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def typed(text: str, datatype: str) -> str:
    """A text of a datatype; JsonLdError for a double that no two readers write alike."""
    if datatype == f"{_XSD}double":
        with suppress(ValueError):  # what is no number is kept as it is
            value = float(text)
            if not math.isfinite(value):
                raise JsonLdError("not_a_number", text[:60])
            text = _double(value)
    return quoted(text) if datatype == f"{_XSD}string" else f"{quoted(text)}^^<{datatype}>"


def in_language(text: Any, language: Any, *, direction: Any = None) -> str:
    """A text in a language (BCP 47), or with a direction too; JsonLdError where either is none.

    The direction goes into the datatype (JSON-LD 1.1 API, `i18n-datatype`), so that it is signed.
    """
    if not isinstance(text, str) or not (language is None or _is_language(language)):
        raise JsonLdError("invalid_language", str(language)[:60])
    if direction is None:
        return f"{quoted(text)}@{language.lower()}"
    if direction not in ("ltr", "rtl"):
        raise JsonLdError("invalid_direction", str(direction)[:60])
    return f"{quoted(text)}^^<{_I18N}{(language or '').lower()}_{direction}>"


def _is_language(text: Any) -> bool:
    return isinstance(text, str) and _LANGUAGE.fullmatch(text) is not None


def number(value: Any, kind: str | None) -> str:
    """A boolean or number (JSON-LD 1.1 API, section 8.2.2, steps 7 to 11); JsonLdError where none has one form."""
    datatype = None if kind in ("@id", "@vocab", "@none") else kind
    if datatype == f"{_XSD}string":
        # Canonical N-Quads do not write this one (RDF 1.2 N-Quads, section 3.1).
        return number(value, None).partition("^^")[0]
    if isinstance(value, bool):
        return f'"{"true" if value else "false"}"^^<{datatype or f"{_XSD}boolean"}>'
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise JsonLdError("not_a_number", str(value)[:60])
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise JsonLdError("number_too_large")
    if isinstance(value, float):
        if value.is_integer():
            raise JsonLdError("number_not_normal", str(value))
        return f'"{_double(value)}"^^<{datatype or f"{_XSD}double"}>'
    if datatype == f"{_XSD}double":
        return f'"{_double(float(value))}"^^<{datatype}>'
    return f'"{value}"^^<{datatype or f"{_XSD}integer"}>'


def _double(value: float) -> str:
    """The canonical lexical form of xsd:double as JSON-LD asks for it."""
    mantissa, _, exponent = f"{value:1.15E}".partition("E")
    whole, _, fraction = mantissa.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"


def json(value: Any) -> str:
    """A JSON literal, in the form of RFC 8785; JsonLdError where it has none."""
    try:
        text = rfc8785.dumps(value).decode()
    except (rfc8785.CanonicalizationError, ValueError) as error:
        raise JsonLdError("not_canonical_json", type(error).__name__) from None
    return f"{quoted(text)}^^<{_RDF_JSON}>"
