"""The values that the rules ask for: URLs, types, dates with a time zone, and text in a language."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from services.credentials.proofs.data_model.rule import Finding
from services.credentials.proofs.strict_json import JsonObject

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]+")
_WITH_HOST = re.compile(r"https?:", re.IGNORECASE)
_HOST = re.compile(r"https?://[^/?#\s]+", re.IGNORECASE)
#: A term of a context, or what an absolute URL looks like: no white space, nothing that JSON-LD keeps for itself.
_TERM = re.compile(r"[^\s@\x00-\x20\x7f][^\s\x00-\x20\x7f]*")
#: Well-formed by RFC 5646, section 2.1, as far as JSON-LD asks.
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
#: dateTime (XML Schema 1.1 part 2, section 3.3.7) of the years that a calendar here can hold; a zone is optional in it.
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?P<fraction>\.[0-9]{1,20})?"
    r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)
_LANGUAGE_VALUE = frozenset({"@value", "@language", "@direction"})


def is_url(value: Any) -> bool:
    """Whether it is one absolute URL: a string with a scheme, without spaces, and with a host where http needs one."""
    if not isinstance(value, str) or _URL.fullmatch(value) is None:
        return False
    return _WITH_HOST.match(value) is None or _HOST.match(value) is not None


def listed(value: Any) -> list[Any]:
    """A member that may be one thing or a set of them, as a list; None is one thing, and no good one."""
    return value if isinstance(value, list) else [value]


def placed(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Each thing of a member that may be one or a set, with its path."""
    if not isinstance(value, list):
        yield name, value
        return
    for index, one in enumerate(value):
        yield f"{name}[{index}]", one


def types(value: Any) -> list[str] | None:
    """The terms and URLs of a `type`; None where it is not one or more of them."""
    found = [one for one in listed(value) if isinstance(one, str) and _TERM.fullmatch(one)]
    return found if found and len(found) == len(listed(value)) else None


def type_findings(value: JsonObject, where: str) -> Iterator[Finding]:
    """What is wrong with the `type` of an object that must have one."""
    if "type" not in value:
        yield "member_missing", f"{where}.type"
    elif types(value["type"]) is None:
        yield "not_a_type", f"{where}.type"


def id_findings(value: JsonObject, where: str, *, is_required: bool = False) -> Iterator[Finding]:
    """What is wrong with the `id` of an object: absent though required, or no single absolute URL."""
    if "id" not in value:
        if is_required:
            yield "member_missing", f"{where}.id"
    elif not is_url(value["id"]):
        yield "not_a_url", f"{where}.id"


def text_findings(value: Any, where: str) -> Iterator[Finding]:
    """What is wrong with a text: a string, a language value object, or a set of such objects."""
    if value == []:
        yield "not_a_text", where
    for path, one in placed(where, value):
        if isinstance(one, dict):
            yield from _language_value_findings(one, path)
        elif not isinstance(one, str) or isinstance(value, list):
            yield "not_a_text", path


def _language_value_findings(value: JsonObject, where: str) -> Iterator[Finding]:
    if not isinstance(value.get("@value"), str):
        yield "not_a_text", f"{where}.@value"
    if "@language" in value and not _is_language(value["@language"]):
        yield "not_a_language", f"{where}.@language"
    if "@direction" in value and value["@direction"] not in ("ltr", "rtl"):
        yield "not_a_direction", f"{where}.@direction"
    if value.keys() - _LANGUAGE_VALUE:
        yield "member_unexpected", where


def _is_language(value: Any) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None


def moment(value: Any) -> datetime | None:
    """A dateTime of XML Schema, to the microsecond: in UTC if it has a zone, else without one; None if it is none."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    is_midnight = found["time"] == "24:00:00" and not (found["fraction"] or "").strip(".0")
    try:
        local = datetime.fromisoformat(f"{found['day']}T{'00:00:00' if is_midnight else found['time']}")
        local += timedelta(days=int(is_midnight), microseconds=int((found["fraction"] or ".0")[1:7].ljust(6, "0")))
    except (ValueError, OverflowError):
        return None
    return local if found["zone"] is None else _universal(local, found["zone"])


def _universal(local: datetime, zone: str) -> datetime:
    offset = timedelta() if zone == "Z" else timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    try:
        return local.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset)).astimezone(UTC)
    except OverflowError:
        # The first and the last hours of the calendar, elsewhere than in UTC: some write "for ever" so.
        return local.replace(tzinfo=UTC)
