"""PyLD in a strict wrapper: the second opinion that our engine is compared with.

PyLD drops undefined terms silently, leaves control characters as they are, and has no limit; the wrapper mends these.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pyld import jsonld as pyld
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver

from services.credentials.proofs import contexts

# Canonical N-Quads escapes these as \b, \f or \uXXXX (RDF 1.1 N-Quads, canonical form); PyLD leaves them as they are.
_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D)},
    0x08: "\\b",
    0x0C: "\\f",
}


class _Escaping(URDNA2015):  # type: ignore[misc]  # PyLD has no types
    def hash_nquads(self, nquads: list[str]) -> Any:
        return super().hash_nquads(sorted(line.translate(_ESCAPES_IN_LINE) for line in nquads))


_ESCAPES_IN_LINE = {code: text for code, text in _ESCAPES.items() if code != 0x0A}


class RefusedError(Exception):
    """PyLD, or the strictness around it, refuses the document."""


def canonicalize(document: Mapping[str, Any]) -> bytes:
    """The canonical N-Quads as PyLD makes them; RefusedError where it would drop something."""
    options = {"base": "", "documentLoader": contexts.load, "contextResolver": ContextResolver({}, contexts.load)}
    processor = pyld.JsonLdProcessor(on_property_dropped=_refuse)
    try:
        expanded = processor.expand(document, options)
        _check(expanded)
        dataset = pyld.JsonLdProcessor().to_rdf(expanded, options)
    except pyld.JsonLdError as error:
        raise RefusedError(str(error)[:200]) from None
    text: str = _Escaping().main(dataset, {"format": "application/n-quads"})
    lines = [line.translate(_ESCAPES_IN_LINE) for line in text.split("\n") if line]
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def _refuse(term: str | None) -> None:
    raise RefusedError(f"undefined {term}")


_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff]*")


def _check(expanded: Any) -> None:
    for name, held in _iris(expanded):
        if not held.startswith("_:") and not _IRI.fullmatch(held):
            raise RefusedError(f"{name} {held}"[:200])


def _iris(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _iris(one)
    elif isinstance(value, dict) and "@value" not in value:
        for name, held in value.items():
            if name == "@id":
                yield name, held
            elif name == "@type":
                yield from (("@type", one) for one in held)
            else:
                if not name.startswith("@"):
                    yield "property", name
                yield from _iris(held)
