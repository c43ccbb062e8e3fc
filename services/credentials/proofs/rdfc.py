"""RDF Dataset Canonicalization with a budget: PyLD's algorithm, the specification's escaping, and an end to its work.

RDFC-1.0, section 7.1, warns of poison graphs whose canonicalization takes exponential time; PyLD sets no limit.
"""

from typing import Any

from pyld.canon import URDNA2015
from pyld.identifier_issuer import IdentifierIssuer

#: Calls of Hash N-Degree Quads for one dataset.
MAX_HASH_CALLS = 256
#: Blank nodes that may be tied in one permutation: 6! orders are tried at the most.
MAX_TIED = 6
MAX_QUADS = 20_000

# Canonical N-Quads escapes these as \b, \f or \uXXXX (RDF 1.1 N-Quads, canonical form); PyLD leaves them as they are.
_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A, 0x0D)},
    0x08: "\\b",
    0x0C: "\\f",
}


class TooComplexError(Exception):
    """The graph would take more work than is allowed: it was made to, or it is no badge."""


class _Bounded(URDNA2015):  # type: ignore[misc]  # PyLD has no types
    def __init__(self) -> None:
        super().__init__()
        self._calls = 0

    def hash_n_degree_quads(self, id_: str, issuer: IdentifierIssuer) -> Any:
        self._calls += 1
        if self._calls > MAX_HASH_CALLS:
            raise TooComplexError
        return super().hash_n_degree_quads(id_, issuer)

    def create_hash_to_related(self, id_: str, issuer: IdentifierIssuer) -> Any:
        related = super().create_hash_to_related(id_, issuer)
        if any(len(tied) > MAX_TIED for tied in related.values()):
            raise TooComplexError
        return related

    def hash_nquads(self, nquads: list[str]) -> Any:
        return super().hash_nquads(sorted(line.translate(_ESCAPES_IN_LINE) for line in nquads))


# The line break that ends each quad stays; one inside a literal is escaped by PyLD already.
_ESCAPES_IN_LINE = {code: text for code, text in _ESCAPES.items() if code != 0x0A}


def canonicalize(dataset: dict[str, list[Any]]) -> bytes:
    """The canonical N-Quads of a dataset in PyLD's form; TooComplexError when the budget is spent."""
    if sum(len(quads) for quads in dataset.values()) > MAX_QUADS:
        raise TooComplexError
    text: str = _Bounded().main(dataset, {"format": "application/n-quads"})
    lines = [line.translate(_ESCAPES_IN_LINE) for line in text.split("\n") if line]
    return "".join(f"{line}\n" for line in sorted(lines)).encode()
