"""Reads JSON that strangers wrote: bounded in size and depth, and with one meaning only (RFC 8259, I-JSON RFC 7493)."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

Json = Any  # a value of JSON: what json.loads makes, with the bounds below
JsonObject = dict[str, Any]

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
#: Beyond it two readers may see two numbers (RFC 7493, section 2.2).
MAX_INTEGER = 2**53
_LONGEST_INTEGER = 40
# Possessive, so that no content makes it go back.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonError(Exception):
    """The bytes are no JSON that has one meaning; `code` says why, `where` names the member where one is to blame."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code = code
        self.where = where


def parse(content: bytes, *, max_bytes: int = MAX_BYTES) -> JsonObject:
    """The object that the bytes hold; JsonError for anything else or anything ambiguous.

    A number without fraction is an int, also when it is written `9.0`: JSON knows one kind of number.
    """
    if len(content) > max_bytes:
        raise JsonError("too_large")
    found = _fast(content)
    return _careful(content) if found is None else found


def _fast(content: bytes) -> JsonObject | None:
    """The object, read by a reader that is fast and takes the last of two members alike; None where it could err."""
    try:
        found = msgspec.json.decode(content)
        # As many members as colons outside of texts: none was said twice.
        if not isinstance(found, dict) or _normalized(found, 1) != _colons(content):
            return None
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return found


def _colons(content: bytes) -> int:
    """The colons outside of texts, in what is JSON."""
    if b"\\" in content:
        content = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(content.split(b'"')[::2]).count(b":")


def _normalized(value: JsonObject | list[Json], depth: int) -> int:
    """Make ints of whole numbers in place; the count of members, or ValueError for what is out of bounds."""
    if depth > MAX_DEPTH:
        raise ValueError
    count = len(value) if isinstance(value, dict) else 0
    place: Any = value
    for at, held in value.items() if isinstance(value, dict) else enumerate(value):
        kind = held.__class__
        if kind is str:
            continue
        if kind is dict or kind is list:
            count += _normalized(held, depth + 1)
        elif kind is int:
            if abs(held) > MAX_INTEGER:
                raise ValueError
        elif kind is float:
            # The greatest itself is what larger ones are rounded to.
            if not abs(held) < MAX_INTEGER:
                raise ValueError
            if held.is_integer():
                place[at] = int(held)
    return count


def _careful(content: bytes) -> JsonObject:
    """The object, or what is wrong with it."""
    _bound_depth(content)
    try:
        found = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_members,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except UnicodeDecodeError:
        raise JsonError("not_utf8") from None
    except json.JSONDecodeError:
        raise JsonError("not_json") from None
    if not isinstance(found, dict):
        raise JsonError("not_an_object")
    # UTF-8 has none of its own: half a character can only be written as an escape.
    if _SURROGATE.search(content):
        _refuse_surrogates(found)
    return found


def _bound_depth(content: bytes) -> None:
    """Count brackets outside strings before anything recurses over them."""
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", content)):
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise JsonError("too_deep")
        else:
            depth -= 1


def _members(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonError("duplicate_member", name[:100])
            seen.add(name)
    return found


def _refuse_constant(text: str) -> Json:
    raise JsonError("not_a_number", text)


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER or abs(number := int(text)) > MAX_INTEGER:
        raise JsonError("number_too_large")
    return number


def _number(text: str) -> int | float:
    number = float(text)
    # The greatest itself is what larger ones are rounded to.
    if not abs(number) < MAX_INTEGER:
        raise JsonError("number_too_large")
    return int(number) if number.is_integer() else number


def _refuse_surrogates(value: Json) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            _refuse_surrogate(one)
        elif isinstance(one, Mapping):
            for name in one:
                _refuse_surrogate(name)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _refuse_surrogate(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise JsonError("lone_surrogate") from None
