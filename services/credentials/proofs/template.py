"""Canonicalization compiled for documents of one shape: badges of one achievement differ in a few values only.

A document is canonicalized once with sentinels in the places that vary; the statements that hold a sentinel are then
made anew for each badge, and all others stay as they are. What could change more than the values (two blank nodes that
tie, an address that meets another, an unusual scheme) goes the general way, so that a template never decides a byte:
without templates every output is the same.
"""

import hashlib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from operator import eq, itemgetter
from typing import Any, TypeGuard

from services.credentials.proofs import jsonld, literals
from services.credentials.proofs.rdfc import Quad

Path = tuple[str | int, ...]
Value = str | int | float
#: A statement as it is written: fixed parts, and the numbers of the values between them.
Line = tuple[bytes | int, ...]

_SENTINEL = "urn:x-slot:{}:"
_SLOT = re.compile(r"urn:x-slot:(\d+):")
_NUMBER = 900_000_000
_MOST_SLOTS = 1_000
#: What all sentinels among numbers begin with.
_NUMBERS = str(_NUMBER)[:6]
#: A document that holds one of these by itself is left to the general way.
_MARKS = (b"urn:x-slot:", _NUMBERS.encode())
#: Between pieces; no value holds one, for literals escape it and addresses must not have it.
_BREAK = b"\0"
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
    """A place that varies: how its value is written between what is fixed around it."""

    __slots__ = ("before", "behind", "is_iri", "write")

    def __init__(self, term: str, *, is_text: bool) -> None:
        """Of the term that the sentinel came out as."""
        self.is_iri = term[0] == "<"
        suffix = term[term.rindex(">" if self.is_iri else '"') :]
        # A number is written with its datatype, which its value may decide.
        self.before, self.behind = (term[:1].encode(), suffix.encode()) if is_text else (b'"', b"")
        datatype = suffix[4:-1] if suffix.startswith('"^^<') else None
        #: from a value to its bytes; None where the general way has to decide
        self.write: Callable[[Any], bytes | None] = (
            _number(None if datatype == _XSD_INTEGER else datatype)
            if not is_text
            else _address
            if self.is_iri
            else _text
        )


def _text(value: Any) -> bytes | None:
    if value.__class__ is not str:
        return None
    return (value if literals.is_plain(value) else literals.quoted(value)[1:-1]).encode()


def _address(value: Any) -> bytes | None:
    if value.__class__ is not str or not value.startswith(_SCHEMES) or not _IRI.fullmatch(value):
        return None
    return value.encode()


def _number(datatype: str | None) -> Callable[[Any], bytes | None]:
    """Numbers of a datatype; of the one that their own kind decides where it is None."""

    def write(value: Any) -> bytes | None:
        return None if isinstance(value, str) else literals.number(value, datatype)[1:].encode()

    return write


class Template:
    """The canonical form of a document's shape, with slots for what varies."""

    def __init__(self, document: Mapping[str, Any], slots: Sequence[Path]) -> None:
        """`slots` are the places of the values that vary; they exist in `document`, each a text or a number."""
        if len(slots) > _MOST_SLOTS:
            raise ValueError("more places vary than there are sentinels")
        self.values = picker(slots)
        quads = list(dict.fromkeys(jsonld.quads(_with_sentinels(document, slots))))
        self._slots = [
            _Slot(_term_of(quads, number), is_text=isinstance(value, str))
            for number, value in enumerate(self.values(document))
        ]
        blanks = sorted({term for quad in quads for term in quad if term.startswith("_:")})
        self._count = len(blanks)
        self._writes = [slot.write for slot in self._slots]
        self._addresses = [number for number, slot in enumerate(self._slots) if slot.is_iri]
        self._fixed = {
            term[1:-1].encode()
            for quad in quads
            for term in quad
            if term.startswith("<") and _slot_number(term) is None
        }
        labels: dict[str, Line] = {blank: (b"_:c14n", len(slots) + number) for number, blank in enumerate(blanks)}
        self._form = _Form(_pieces(quads, lambda term: labels.get(term) or self._written(term)))
        self._hashes = [self._hash_of(blank, quads) for blank in blanks]
        #: the only value where it came last: proofs of one second are alike
        self._last: tuple[str, bytes] | None = None

    def canonicalize(self, values: Sequence[Value]) -> bytes | None:
        """The canonical N-Quads with these values in the slots; None where the general way has to be gone."""
        if self._last is not None and self._last[0] == values[0]:
            return self._last[1]
        texts = [write(value) for write, value in zip(self._writes, values, strict=True)]
        if not _are_written(texts):
            return None
        addresses = {texts[number] for number in self._addresses}
        if len(addresses) < len(self._addresses) or not self._fixed.isdisjoint(addresses):
            return None
        labels = self._labels(texts)
        if labels is None:
            return None
        pieces = self._form.filled(texts + labels).split(_BREAK)
        pieces.sort()
        if any(map(eq, pieces, pieces[1:])):
            return None
        found = b"".join(pieces)
        if len(values) == 1 and isinstance(values[0], str):
            self._last = values[0], found
        return found

    def _labels(self, texts: Sequence[bytes]) -> list[bytes] | None:
        """The number in the canonical label of each blank node; None where two tie."""
        if self._count < 2:
            return [b"0"] * self._count
        hashes = [one if isinstance(one, bytes) else one.hash(texts) for one in self._hashes]
        if len(set(hashes)) != self._count:
            return None
        labels = [b""] * self._count
        for place, number in enumerate(sorted(range(self._count), key=hashes.__getitem__)):
            labels[number] = b"%d" % place
        return labels

    def _hash_of(self, blank: str, quads: Sequence[Quad]) -> "bytes | _Form":
        """Hash First Degree Quads (RDFC-1.0, section 4.6.3) of one blank node, or what it is made from."""
        mine = [quad for quad in quads if blank in quad]

        def written(term: str) -> Line:
            return (b"_:a" if term == blank else b"_:z",) if term.startswith("_:") else self._written(term)

        form = _Form(_pieces(mine, written))
        return form if form.varies else form.hash(())

    def _written(self, term: str) -> Line:
        number = _slot_number(term)
        if number is None:
            return (term.encode(),)
        return self._slots[number].before, number, self._slots[number].behind


def _are_written(texts: list[bytes | None]) -> TypeGuard[list[bytes]]:
    return None not in texts


class _Form:
    """Statements that are filled in all at once: pieces whose order is to be found, lines of a piece in their order."""

    def __init__(self, pieces: Sequence[Sequence[Line]]) -> None:
        parts = [part for piece in pieces for line in piece for part in line]
        places = [part for part in parts if isinstance(part, int)]
        self.varies = bool(places)
        self._format = _BREAK.join(b"".join(_format(line) for line in piece) for piece in pieces)
        self._pick: Callable[[Sequence[bytes]], Any] = itemgetter(*places) if places else lambda _: ()

    def filled(self, texts: Sequence[bytes]) -> bytes:
        """The pieces with these values."""
        filled: bytes = self._format % self._pick(texts)
        return filled

    def hash(self, texts: Sequence[bytes]) -> bytes:
        """SHA-256 of the lines in their order, with these values."""
        filled = self.filled(texts)
        return hashlib.sha256(b"".join(sorted(filled.split(_BREAK))) if _BREAK in filled else filled).digest()


def _pieces(quads: Sequence[Quad], written: Callable[[str], Line]) -> list[list[Line]]:
    """The statements in pieces: in a piece their order is the same whatever the values are.

    Statements of one subject stand together, since no subject begins another. Those whose fixed beginnings do not tell
    which comes first are pieces by themselves.
    """
    of_subjects: dict[Line, list[Line]] = {}
    for subject, *others in quads:
        rest = [part for term in others if term for part in (b" ", *written(term))]
        of_subjects.setdefault(written(subject), []).append(_merged([*rest, b" .\n"]))
    found: list[list[Line]] = [[]]
    for subjects in _tied(list(of_subjects)):
        for one in subjects:
            if len(subjects) > 1:
                found.append([])
            for tied in _tied(of_subjects[one]):
                lines = [_merged([*one, *rest]) for rest in tied]
                if len(lines) == 1:
                    found[-1] += lines
                else:
                    found += [*([line] for line in lines), []]
        if len(subjects) > 1:
            found.append([])
    return [piece for piece in found if piece]


def _tied(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """What is written differently, in order; together that of which the values decide which comes first."""
    waiting = sorted(lines, key=_beginning)
    while waiting:
        tied = [one for one in waiting if _beginning(one).startswith(_beginning(waiting[0]))]
        del waiting[: len(tied)]
        yield tied


def _beginning(line: Line) -> bytes:
    assert isinstance(line[0], bytes)
    return line[0]


def _merged(parts: Sequence[bytes | int]) -> Line:
    """Neighboring fixed parts as one."""
    found: list[bytes | int] = []
    for part in parts:
        if found and isinstance(part, bytes) and isinstance(last := found[-1], bytes):
            found[-1] = last + part
        else:
            found.append(part)
    return tuple(found)


def _format(line: Line) -> bytes:
    return b"".join(b"%b" if isinstance(part, int) else part.replace(b"%", b"%%") for part in line)


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
        found = template.canonicalize(template.values(document))
        if found is None or is_checked:
            general = jsonld.canonicalize(document)
            if found is not None and found != general:
                del self._kept[shape]
                raise TemplateMismatchError
            return general
        return found


def picker(slots: Sequence[Path]) -> Callable[[Any], list[Any]]:
    """A function from a document to the values at these places, which goes to each parent once."""
    parents: dict[Path, int] = {(): 0}
    steps: list[tuple[int, str | int]] = []
    for path in slots:
        for end in range(1, len(path)):
            if path[:end] not in parents:
                steps.append((parents[path[: end - 1]], path[end - 1]))
                parents[path[:end]] = len(steps)
    leaves = [(parents[path[:-1]], path[-1]) for path in slots]

    def values(document: Any) -> list[Any]:
        places = [document]
        for parent, step in steps:
            places.append(places[parent][step])
        return [places[parent][name] for parent, name in leaves]

    return values


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
    if term.startswith(f'"{_NUMBERS}') and '"^^<' in term:
        number = term[1:].partition('"')[0]
        if number.isdigit() and _NUMBER <= int(number) < _NUMBER + _MOST_SLOTS:
            return int(number) - _NUMBER
    return None


def _term_of(quads: Sequence[Quad], number: int) -> str:
    """The term that the sentinel of a slot came out as."""
    for quad in quads:
        for term in quad:
            if _slot_number(term) == number:
                return term
    raise ValueError(f"slot {number} stands in no statement")
