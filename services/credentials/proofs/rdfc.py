"""RDF Dataset Canonicalization (RDFC-1.0) with a budget: the same graph gives the same bytes, or it is refused.

Terms are N-Quads text already: `<iri>`, `"literal"...`, or `_:label`; so a quad is a tuple of four strings, the graph
empty for the default one. Section 7.1 of the specification warns of poison graphs, whose canonicalization takes
exponential time: the work is counted in calls of Hash N-Degree Quads, never in seconds.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

#: (subject, predicate, object, graph)
Quad = tuple[str, str, str, str]
Hash = Callable[[bytes], Any]

#: Calls of Hash N-Degree Quads for one dataset; the suite's hardest graphs that are to be canonicalized take 468.
MAX_HASH_CALLS = 1_024
#: Calls of it within one another: a ring of tied nodes is followed all the way around.
MAX_NESTED_CALLS = 200
#: Orders of tied blank nodes that are tried in all of them together.
MAX_ORDERS = 20_000
#: Blank nodes that may be tied in one permutation: 6! orders are tried at the most.
MAX_TIED = 6
#: Times that tied blank nodes may be mentioned together: a graph's name stands in each of its quads.
MAX_MENTIONS = 400
MAX_QUADS = 20_000

_BLANK = "_:"


class TooComplexError(Exception):
    """The graph would take more work than is allowed: it was made to, or it is no badge."""


def canonicalize(quads: Iterable[Quad], *, digest: Hash = hashlib.sha256) -> bytes:
    """The canonical N-Quads of a dataset; TooComplexError when the budget is spent."""
    return Canonicalization(quads, digest=digest).text().encode()


class Canonicalization:
    """One run of the algorithm (section 4.4.3); `issued` maps labels as given to canonical ones."""

    def __init__(self, quads: Iterable[Quad], *, digest: Hash = hashlib.sha256) -> None:
        #: the lines that name no blank node: nothing in them is to be decided
        self._still: list[str] = []
        self._hash = digest
        self._calls = 0
        self._nested = 0
        self._orders = 0
        self._of: dict[str, list[Quad]] = {}
        self._quads = self._sorted_out(quads)
        self._first: dict[str, str] = {}
        self.issued: dict[str, str] = {}
        try:
            self._issue_all()
        except RecursionError:  # of a caller that is deep in calls itself
            raise TooComplexError from None

    def text(self) -> str:
        """The canonical N-Quads: every line ended, in code point order."""
        name = self.issued.get
        lines = [
            f"{name(s, s)} {p} {name(o, o)} {name(g, g)} .\n" if g else f"{name(s, s)} {p} {name(o, o)} .\n"
            for s, p, o, g in self._quads
        ]
        return "".join(sorted([*self._still, *lines]))

    def _sorted_out(self, quads: Iterable[Quad]) -> list[Quad]:
        """The quads that name blank nodes, each under all that it names; the others become lines at once."""
        unique = dict.fromkeys(quads)
        if len(unique) > MAX_QUADS:
            raise TooComplexError
        moving = []
        still, of = self._still.append, self._of
        for quad in unique:
            s, p, o, g = quad
            if s[0] != "_" and o[0] != "_":
                if not g:
                    still(f"{s} {p} {o} .\n")
                    continue
                if g[0] != "_":
                    still(f"{s} {p} {o} {g} .\n")
                    continue
            moving.append(quad)
            if s[0] == "_":
                of.setdefault(s, []).append(quad)
            if o[0] == "_" and o != s:
                of.setdefault(o, []).append(quad)
            if g and g[0] == "_" and g not in (s, o):
                of.setdefault(g, []).append(quad)
        return moving

    def _issue_all(self) -> None:
        tied: dict[str, list[str]] = {}
        for label in self._of:
            tied.setdefault(self._first_degree(label), []).append(label)
        for digest in sorted(tied):
            if len(tied[digest]) == 1:
                self._issue(tied[digest][0])
        for digest in sorted(tied):
            if len(tied[digest]) > 1:
                self._issue_tied(tied[digest])

    def _issue_tied(self, labels: list[str]) -> None:
        paths = []
        for label in labels:
            if label not in self.issued:
                paths.append(self._n_degree(label, {label: "_:b0"}))
        for _, issuer in sorted(paths, key=lambda path: path[0]):
            for label in issuer:
                self._issue(label)

    def _issue(self, label: str) -> None:
        self.issued.setdefault(label, f"_:c14n{len(self.issued)}")

    def _first_degree(self, label: str) -> str:
        """Hash First Degree Quads (section 4.6.3)."""
        if (known := self._first.get(label)) is not None:
            return known

        lines = []
        for s, p, o, g in self._of[label]:
            subject = s if s[0] != "_" else "_:a" if s == label else "_:z"
            target = o if o[0] != "_" else "_:a" if o == label else "_:z"
            if not g:
                lines.append(f"{subject} {p} {target} .\n")
            else:
                graph = g if g[0] != "_" else "_:a" if g == label else "_:z"
                lines.append(f"{subject} {p} {target} {graph} .\n")
        lines.sort()
        digest: str = self._hash("".join(lines).encode()).hexdigest()
        self._first[label] = digest
        return digest

    def _related(self, related: str, quad: Quad, issuer: dict[str, str], position: str) -> str:
        """Hash Related Blank Node (section 4.7.3)."""
        predicate = quad[1] if position != "g" else ""
        known = self.issued.get(related) or issuer.get(related) or self._first_degree(related)
        digest: str = self._hash(f"{position}{predicate}{known}".encode()).hexdigest()
        return digest

    def _n_degree(self, label: str, issuer: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Hash N-Degree Quads (section 4.8.3): the hash, and the labels issued on the way."""
        self._calls += 1
        self._nested += 1
        if self._calls > MAX_HASH_CALLS or self._nested > MAX_NESTED_CALLS:
            raise TooComplexError
        related: dict[str, list[str]] = {}
        for quad in self._of[label]:
            for position, term in (("s", quad[0]), ("o", quad[2]), ("g", quad[3])):
                if term != label and term.startswith(_BLANK):
                    related.setdefault(self._related(term, quad, issuer, position), []).append(term)
        data = ""
        for digest in sorted(related):
            tied = related[digest]
            if len(set(tied)) > MAX_TIED or len(tied) > MAX_MENTIONS:
                raise TooComplexError
            path, issuer = self._shortest(related[digest], issuer)
            data += digest + path
        self._nested -= 1
        return self._hash(data.encode()).hexdigest(), issuer

    def _shortest(self, labels: list[str], issuer: dict[str, str]) -> tuple[str, dict[str, str]]:
        """The least path over all orders of tied nodes, and the labels issued by it."""
        best: tuple[str, dict[str, str]] | None = None
        for order in _orders(Counter(labels)):
            self._orders += 1
            if self._orders > MAX_ORDERS:
                raise TooComplexError
            limit = None if best is None else best[0]
            found = self._path(order, dict(issuer), limit)
            if found is not None and (best is None or found[0] < best[0]):
                best = found
        assert best is not None
        return best

    def _path(
        self, order: tuple[str, ...], issuer: dict[str, str], limit: str | None
    ) -> tuple[str, dict[str, str]] | None:
        """The path of one order; None as soon as it cannot become less than `limit`."""
        path, waiting = "", []
        for label in order:
            if (canonical := self.issued.get(label)) is not None:
                path += canonical
            else:
                if label not in issuer:
                    waiting.append(label)
                    issuer[label] = f"_:b{len(issuer)}"
                path += issuer[label]
            if limit is not None and len(path) >= len(limit) and path > limit:
                return None
        for label in waiting:
            digest, found = self._n_degree(label, issuer)
            path += f"{issuer[label]}<{digest}>"
            issuer = found
            if limit is not None and len(path) >= len(limit) and path > limit:
                return None
        return path, issuer


def _orders(left: Counter[str]) -> Iterator[tuple[str, ...]]:
    """Every order of labels once, though each may stand several times: a graph's name stands in all of its quads."""
    labels = [label for label, times in left.items() if times]
    if not labels:
        yield ()
    for label in labels:
        left[label] -= 1
        for rest in _orders(left):
            yield (label, *rest)
        left[label] += 1
