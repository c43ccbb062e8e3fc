"""A document walked once, by the forms of its classes: to leaves of a kind each, and to what is off."""

import re
from collections.abc import Mapping, Set
from typing import Any

import msgspec

from services.credentials.proofs.template import Path
from services.credentials.rules.forms import CONTACT, FORMS, PRIVATE, ROOTS, Form
from services.credentials.rules.model import Kind

#: Leaves that are written for people to read.
PROSE = frozenset({"text", "line", "name"})
#: Leaves that somebody may open: anywhere, or where what the badge rests on is kept.
LINKS = frozenset({"link", "source"})
TEXTS = PROSE | {"word"}
ADDRESSES = LINKS | {"uri"}

MOST_ITEMS = 60

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f\ud800-\udfff]+")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 :_./+-]*")
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


class Leaf(msgspec.Struct, frozen=True):
    """A value at its place, and the kind of value that belongs there."""

    path: Path
    kind: str
    value: Any


class Walk(msgspec.Struct, frozen=True):
    """What a walk over a document found: its leaves, and faults as (rule, place)."""

    leaves: list[Leaf]
    faults: list[tuple[str, Path]]


def is_text(value: Any) -> bool:
    """Whether it is a text that says something."""
    return value.__class__ is str and value != "" and not value.isspace()


def is_address(value: Any) -> bool:
    """Whether it is one absolute IRI."""
    return value.__class__ is str and _IRI.fullmatch(value) is not None


def is_number(value: Any) -> bool:
    """Whether it is a number, which true and false are not."""
    return value.__class__ is int or value.__class__ is float


#: What a value of a kind is, whatever it says; dates, languages and contexts have rules of their own.
KINDS: Mapping[str, Any] = {
    **dict.fromkeys(PROSE, is_text),
    **dict.fromkeys(ADDRESSES, is_address),
    "word": lambda value: value.__class__ is str and _WORD.fullmatch(value) is not None,
    "number": is_number,
    "boolean": lambda value: value.__class__ is bool,
    "index": lambda value: value.__class__ is str and _INDEX.fullmatch(value) is not None,
    "jws": lambda value: value.__class__ is str and _JWS.fullmatch(value) is not None,
    "encoded": lambda value: value.__class__ is str,
    "date": lambda value: value.__class__ is str,
    "language": lambda value: value.__class__ is str,
    "endorsement": lambda value: value.__class__ is dict,
    "context": lambda value: value.__class__ is list,
}


def walk(document: Mapping[str, Any], kind: Kind) -> Walk:
    """The leaves of a document of a kind, and what its form has that its class has not."""
    found = Walk([], [])
    root = ROOTS.get(kind)
    if root is None:
        _walk_freely(document, (), found, PRIVATE - CONTACT if kind == "transcript" else PRIVATE)
    else:
        _walk_class(document, FORMS[root], (), found)
    return found


def _walk_class(value: Any, form: Form, path: Path, found: Walk) -> None:
    if not isinstance(value, dict):
        found.faults.append((form.rule, path))
        return
    for name, held in value.items():
        wanted, place = form.members.get(name), (*path, name)
        if wanted is None:
            found.faults.append(("private-members" if name in PRIVATE else form.rule, place))
        elif not _is_empty(held, place, found):
            _walk_member(held, wanted.rstrip("!"), form, place, found)
    found.faults.extend(
        (form.rule, (*path, name)) for name, wanted in form.members.items() if wanted[-1] == "!" and name not in value
    )


def _is_empty(value: Any, path: Path, found: Walk) -> bool:
    if value is None or value == [] or value == {}:
        found.faults.append(("no-empty-members", path))
        return True
    return False


def _walk_member(value: Any, wanted: str, form: Form, path: Path, found: Walk) -> None:
    if wanted == "types":
        listed = [value] if form.is_plain else value
        if not form.is_plain and not isinstance(value, list):
            found.faults.append(("arrays", path))
        elif not isinstance(listed, list) or not all(one in listed for one in form.types):
            found.faults.append((form.rule, path))
        return
    is_many = wanted[0] == "["
    if is_many != isinstance(value, list) and wanted != "context":
        found.faults.append(("image-object" if wanted == "Image" else "arrays", path))
        return
    if is_many and len(value) > MOST_ITEMS:
        found.faults.append(("list-lengths", path))
        return
    for place, one in [((*path, number), one) for number, one in enumerate(value)] if is_many else [(path, value)]:
        name = wanted.strip("[]")
        if name in FORMS:
            _walk_class(one, FORMS[name], place, found)
        elif not KINDS[name](one):
            found.faults.append((form.rule, place))
        else:
            found.leaves.append(Leaf(place, name, one))


def _walk_freely(value: Any, path: Path, found: Walk, private: Set[str]) -> None:
    if _is_empty(value, path, found):
        return
    if isinstance(value, dict):
        for name, held in value.items():
            if name in private:
                found.faults.append(("private-members", (*path, name)))
            else:
                _walk_freely(held, (*path, name), found, private)
    elif isinstance(value, list) and path != ("@context",):
        for number, one in enumerate(value):
            _walk_freely(one, (*path, number), found, private)
    else:
        kind = _kind_of(path, value)
        if kind is not None:
            found.leaves.append(Leaf(path, kind, value))


def _kind_of(path: Path, value: Any) -> str | None:
    """The kind of a leaf by what its member is called; None where nothing is asked of it."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if name in ("@context", "type"):
        return None
    if isinstance(value, str):
        is_date = name in ("validFrom", "validUntil") or name.endswith("Date")
        return "uri" if name == "id" else "date" if is_date else "text"
    return "number" if is_number(value) else None


def said(path: Path) -> str:
    """A path as it is written for people: `evidence[0].id`; `the document` for all of it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "the document"
