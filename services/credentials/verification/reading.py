"""What members of a badge say, in whatever way they are written. Pure.

A signature over statements stands for every way to write them: a text alone, in a list, as a value object. Who rewrites
a badge so without breaking its signature must not choose what is shown of it, so all of these ways are read alike.
"""

import math
from collections.abc import Iterator
from typing import Any

from services.credentials.proofs.strict_json import JsonObject

_GRAPHS = frozenset({"proof", "verifiableCredential", "@context"})
_TRUTHS = {"true": True, "false": False}


def said(value: Any) -> list[Any]:
    """The values of a member, out of lists, sets and value objects; nulls say nothing."""
    return list(_said(value))


def _said(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _said(one)
    elif isinstance(value, dict) and ("@set" in value or "@value" in value):
        yield from _said(value.get("@set", value.get("@value")))
    elif value is not None:
        yield value


def text(value: Any) -> str | None:
    """The text; several in one order, since a set has none."""
    found = sorted({one for one in said(value) if isinstance(one, str) and one})
    return " · ".join(found) or None


def number(value: Any) -> float | None:
    """The number, also where it stands as its text; None where there are several."""
    found = {number for one in said(value) if (number := _number(one)) is not None}
    return found.pop() if len(found) == 1 else None


def _number(one: Any) -> float | None:
    if isinstance(one, bool) or not isinstance(one, int | float | str):
        return None
    try:
        found = float(one)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def truth(value: Any) -> bool | None:
    """The boolean, also where it stands as its text; None where there are several."""
    found = {
        _TRUTHS.get(one, one) if isinstance(one, str) else one for one in said(value) if isinstance(one, bool | str)
    }
    only = found.pop() if len(found) == 1 else None
    return only if isinstance(only, bool) else None


class Nodes:
    """The nodes of a document, with all that is said of each in whatever place."""

    def __init__(self, document: JsonObject) -> None:
        self._of: dict[str, list[JsonObject]] = {}
        self._merged: dict[str, JsonObject] = {}
        self._collect(document)

    def all(self, value: Any) -> list[JsonObject]:
        """Every node that a member holds or names, whole: the values of a member are those from all of its places."""
        found: dict[str | int, JsonObject | str] = {}
        for one in said(value):
            if isinstance(one, dict | str):
                name = one if isinstance(one, str) else _id(one)
                # A node that is named again is the same: to read it as often would be work without end.
                found.setdefault(len(found) if name is None else name, one)
        return [self._whole(one) for one in found.values()]

    def first(self, value: Any) -> JsonObject:
        """The first of them; an empty one where there is none."""
        return next(iter(self.all(value)), {})

    def _whole(self, one: JsonObject | str) -> JsonObject:
        name = one if isinstance(one, str) else _id(one)
        places = self._of.get(name, []) if name is not None else []
        if len(places) < 2:
            return next(iter(places), {} if isinstance(one, str) else one)
        assert name is not None
        if (known := self._merged.get(name)) is None:
            known = self._merged[name] = {}
            for place in places:
                for member, held in place.items():
                    known.setdefault(member, []).append(held)
        return known

    def _collect(self, value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                self._collect(one)
        elif isinstance(value, dict):
            if (name := _id(value)) is not None:
                self._of.setdefault(name, []).append(value)
            for member, held in value.items():
                # What stands in a graph of its own is not said of the same node here.
                if member not in _GRAPHS and isinstance(held, dict | list):
                    self._collect(held)


def _id(one: JsonObject) -> str | None:
    found = one.get("id", one.get("@id"))
    return found if isinstance(found, str) else None
