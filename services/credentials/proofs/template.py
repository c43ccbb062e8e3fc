"""Canonicalization compiled for documents of one shape: badges of one achievement differ in a few values only.

A document is canonicalized once with sentinels in the places that vary; the statements that hold a sentinel are then
made anew for each badge, and all others stay as they are. What could change more than the values (two blank nodes that
tie, an address that meets another, an unusual scheme) goes the general way, so that a template never decides a byte:
without templates every output is the same.
"""

import hashlib
import re
from collections.abc import Hashable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from services.credentials.proofs import jsonld, literals
from services.credentials.proofs.rdfc import Quad

Path = tuple[str | int, ...]
Value = str | int | float

_SENTINEL = "urn:x-slot:{}:"
_SLOT = re.compile(r"urn:x-slot:(\d+):")
_NUMBER = 900_000_000
#: A document that holds one of these by itself is left to the general way.
_MARKS = (b"urn:x-slot:", str(_NUMBER)[:6].encode())
#: A place in a line, for the % operator.
_FILLED = "%s"
_XSD_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
#: Schemes that cannot be a prefix: `//` keeps the first two from it, and the sentinels try the third.
_SCHEMES = ("https://", "http://", "urn:")
_IRI = re.compile(r"[a-z]+:[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff]+")
#: One badge in this many is canonicalized the general way too, and compared.
CHECK_EVERY = 100
_MOST_TEMPLATES = 256


class TemplateMismatchError(Exception):
    """A template gave other bytes than the general way: it is wrong, and nothing of it may be signed."""


class _Slot:
    """A place that varies: how its value becomes a term."""

    __slots__ = ("is_iri", "kind", "suffix")

    def __init__(self, *, is_iri: bool, suffix: str = "", kind: str | None = None) -> None:
        self.is_iri = is_iri
        #: what follows the quoted text of a literal
        self.suffix = suffix
        #: the datatype of a number; None where the number's own kind decides
        self.kind = kind

    def term(self, value: Value) -> str | None:
        """The value as a term; None where the general way has to decide."""
        if self.is_iri:
            if not isinstance(value, str) or not value.startswith(_SCHEMES) or not _IRI.fullmatch(value):
                return None
            return f"<{value}>"
        if isinstance(value, str):
            return f"{literals.quoted(value)}{self.suffix}"
        return literals.number(value, self.kind)


class Template:
    """The canonical form of a document's shape, with slots for what varies."""

    def __init__(self, document: Mapping[str, Any], slots: Sequence[Path]) -> None:
        """`slots` are the places of the values that vary; they exist in `document`, each a text or a number."""
        self.slots = tuple(slots)
        self._kinds = tuple(type(_at(document, path)) for path in slots)
        quads = list(dict.fromkeys(jsonld.quads(_with_sentinels(document, slots))))
        self._slots = [_slot_in(quads, number, kind) for number, kind in enumerate(self._kinds)]
        blanks = sorted({term for quad in quads for term in quad if term.startswith("_:")})
        self._count = len(blanks)
        self._fixed_iris = {term for quad in quads for term in quad if term.startswith("<") and not _SLOT.search(term)}
        # A line is its terms; a term that varies is the number of its place among the slots, then the blank nodes.
        places = {blank: len(slots) + number for number, blank in enumerate(blanks)}
        lines = [[_place(term, places) for term in quad if term] for quad in quads]
        self._still = [_line(line)[:-1] for line in lines if not _varies(line)]
        self._moving = _Moving([line for line in lines if _varies(line)])
        self._hashes = [_BlankHash(lines, place, len(slots)) for place in places.values()]

    def canonicalize(self, values: Sequence[Value]) -> bytes | None:
        """The canonical N-Quads with these values in the slots; None where the general way has to be gone."""
        terms: list[str] = []
        for slot, kind, value in zip(self._slots, self._kinds, values, strict=True):
            if type(value) is not kind and (kind is str or isinstance(value, str)):
                return None
            term = slot.term(value)
            if term is None or (slot.is_iri and (term in self._fixed_iris or term in terms)):
                return None
            terms.append(term)
        labels = self._labels(terms)
        if labels is None:
            return None
        lines = [*self._still, *self._moving.lines(terms + labels)]
        if len(set(lines)) != len(lines):
            return None
        # A line break sorts before every character that a line may go on with, so lines sort alike without it.
        lines.sort()
        return ("\n".join(lines) + "\n").encode()

    def _labels(self, terms: list[str]) -> list[str] | None:
        """The canonical label of each blank node; None where two tie."""
        if self._count < 2:
            return ["_:c14n0"] * self._count
        hashes = [one.of(terms) for one in self._hashes]
        if len(set(hashes)) != self._count:
            return None
        labels = [""] * self._count
        for place, number in enumerate(sorted(range(self._count), key=hashes.__getitem__)):
            labels[number] = f"_:c14n{place}"
        return labels


class _Moving:
    """Lines that vary, filled in all at once."""

    def __init__(self, lines: Sequence[Sequence[str | int]]) -> None:
        self._format = "".join(
            _line([_FILLED if isinstance(term, int) else _doubled(term) for term in line]) for line in lines
        )
        places = [term for line in lines for term in line if isinstance(term, int)]
        # One more, so that itemgetter gives a tuple even for one place.
        self._pick = itemgetter(*places, 0) if places else None

    def lines(self, terms: Sequence[str]) -> list[str]:
        """The lines with these terms, unended: no term holds a line break, for literals escape it."""
        filled = self._format % (self._pick(terms)[:-1] if self._pick is not None else ())
        return filled.split("\n")[:-1]


class _BlankHash:
    """Hash First Degree Quads (RDFC-1.0, section 4.6.3) of one blank node."""

    def __init__(self, lines: Sequence[Sequence[str | int]], own: int, first_blank: int) -> None:
        mine = [
            [term if isinstance(term, str) or term < first_blank else "_:a" if term == own else "_:z" for term in line]
            for line in lines
            if own in line
        ]
        self._moving = _Moving(mine)
        self._fixed = None if any(_varies(line) for line in mine) else self._hash([])

    def of(self, terms: Sequence[str]) -> str:
        """The hash with these terms in the slots."""
        return self._fixed or self._hash(terms)

    def _hash(self, terms: Sequence[str]) -> str:
        lines = sorted(self._moving.lines(terms))
        return hashlib.sha256(("\n".join(lines) + "\n").encode()).hexdigest()


def _place(term: str, places: Mapping[str, int]) -> str | int:
    if term in places:
        return places[term]
    found = _slot_number(term)
    return term if found is None else found


def _varies(line: Sequence[str | int]) -> bool:
    return any(isinstance(term, int) for term in line)


def _line(terms: Sequence[str | int]) -> str:
    return f"{' '.join(str(term) for term in terms)} .\n"


def _doubled(text: str) -> str:
    return text.replace("%", "%%")


class Templates:
    """Templates by shape, made when first asked for; a bounded number of them."""

    def __init__(self, most: int = _MOST_TEMPLATES) -> None:
        self._most = most
        self._kept: dict[Hashable, Template] = {}
        self._asked = 0

    def canonicalize(self, document: Mapping[str, Any], shape: Hashable, slots: Sequence[Path]) -> bytes:
        """What `jsonld.canonicalize` gives, faster for shapes that come again; its errors too.

        `shape` must differ where anything but the values in `slots` differs.
        """
        template = self._kept.get(shape)
        if template is None:
            general = jsonld.canonicalize(document)
            if any(mark in general for mark in _MARKS):
                return general
            template = Template(document, slots)
            if len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[shape] = template
            is_checked = True
        else:
            self._asked += 1
            is_checked = self._asked % CHECK_EVERY == 0
        found = template.canonicalize([_at(document, path) for path in template.slots])
        if found is None or is_checked:
            general = jsonld.canonicalize(document)
            if found is not None and found != general:
                del self._kept[shape]
                raise TemplateMismatchError
            return general
        return found


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _with_sentinels(document: Mapping[str, Any], slots: Sequence[Path]) -> dict[str, Any]:
    made: Any = _copied(document)
    for number, path in enumerate(slots):
        place = made
        for step in path[:-1]:
            place = place[step]
        is_text = isinstance(place[path[-1]], str)
        place[path[-1]] = _SENTINEL.format(number) if is_text else _NUMBER + number
    found: dict[str, Any] = made
    return found


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(held) for name, held in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _slot_number(term: str) -> int | None:
    if (match := _SLOT.search(term)) is not None:
        return int(match[1])
    if term.startswith(f'"{str(_NUMBER)[:4]}') and '"^^<' in term:
        number = term[1:].partition('"')[0]
        if number.isdigit() and int(number) >= _NUMBER:
            return int(number) - _NUMBER
    return None


def _slot_in(quads: Sequence[Quad], number: int, kind: type) -> _Slot:
    """How the sentinel of a slot came out."""
    for quad in quads:
        for term in quad:
            if _slot_number(term) == number:
                if term.startswith("<"):
                    return _Slot(is_iri=True)
                suffix = term[term.rindex('"') + 1 :]
                datatype = suffix.removeprefix("^^<").rstrip(">") if suffix.startswith("^^") else None
                if kind is str:
                    return _Slot(is_iri=False, suffix=suffix)
                return _Slot(is_iri=False, kind=None if datatype == _XSD_INTEGER else datatype)
    raise ValueError(f"slot {number} stands in no statement")
