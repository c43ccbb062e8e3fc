"""Reads the report that a video meeting leaves: who was in it, for how many minutes. Pure, and run in a child.

Zoom, Teams and Google Meet each write a CSV of their own, with lines above the table, in UTF-8 or UTF-16, with commas,
semicolons or tabs. What they have in common is a row of headings that names people and a duration or two moments.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from shared.uploads import text_of

Problem = Literal["not text", "no table", "nobody"]
#: More people than any meeting has; more letters than any name.
MOST_LINES, _MOST_LETTERS = 2_000, 200

_NAMES = {"name", "full name", "participant", "participant name", "user name", "name (original name)", "attendee",
          "nombre", "nombre completo", "nombre (nombre original)"}  # fmt: skip
_FIRST, _LAST = {"first name", "nombre"}, {"last name", "surname", "apellidos", "apellido"}
_EMAILS = {"email", "e-mail", "user email", "email address", "e-mail address", "correo electrónico", "correo"}
_DURATIONS = {
    "duration", "duration (minutes)", "total duration (minutes)", "in-meeting duration", "attendance duration",
    "time in meeting", "minutes", "time in session (minutes)", "duración", "duración (minutos)",
    "duración total (minutos)", "duración en la reunión",
}  # fmt: skip
_JOINS = {"join time", "first join", "joined", "time joined", "joined at", "hora de entrada", "primera entrada"}
_LEAVES = {"leave time", "last leave", "left", "time exited", "left at", "hora de salida", "última salida"}
_PARTS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(h|m|s)[a-z]*", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MOMENTS = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y, %I:%M:%S %p",
    "%m/%d/%Y, %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y, %H:%M:%S",
)  # fmt: skip
_TABLES_OF_TEAMS = re.compile(r"\d+\.\s")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the meeting, and for how long in all."""

    name: str
    email: str | None
    minutes: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says, or why it says nothing."""

    people: tuple[Found, ...] = ()
    problem: Problem | None = None


class _Stay(msgspec.Struct, frozen=True):
    """One row: somebody came and left, maybe to come again."""

    name: str
    email: str | None
    duration: timedelta
    span: tuple[datetime, datetime] | None


def read(payload: bytes) -> bytes:
    """The Reading, as JSON, of a report's bytes."""
    return msgspec.json.encode(reading_of(payload))


def reading_of(payload: bytes) -> Reading:
    """Who was in the meeting, each once, by name."""
    text = text_of(payload)
    if text is None:
        return Reading(problem="not text")
    stays = _stays(text)
    if stays is None:
        return Reading(problem="no table")
    by_person: dict[str, list[_Stay]] = {}
    for stay in stays:
        by_person.setdefault(stay.email or folded(stay.name), []).append(stay)
        if len(by_person) >= MOST_LINES:
            break
    people = [Found(name=stays[0].name, email=stays[0].email, minutes=_minutes(stays)) for stays in by_person.values()]
    people.sort(key=lambda one: (folded(one.name), one.email or ""))
    return Reading(people=tuple(people)) if people else Reading(problem="nobody")


def folded(name: str) -> str:
    """A name as names are compared: without case, width, accents apart from their letters, and doubled spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _stays(text: str) -> list[_Stay] | None:
    """The rows of the first table that tells of people; None where there is none."""
    lines = text.splitlines()
    for number, line in enumerate(lines[:200]):
        for delimiter in ",;\t":
            headings = [_heading(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
            columns = _columns(headings)
            if columns is not None:
                rows = csv.reader(io.StringIO("\n".join(lines[number + 1 :])), delimiter=delimiter)
                return list(_rows(rows, columns))
    return None


def _heading(cell: str) -> str:
    return " ".join(cell.strip().strip("\ufeff").casefold().split())


def _columns(headings: Sequence[str]) -> dict[str, int] | None:
    """Where the columns are; None unless somebody is named with a duration or with two moments."""
    wanted = {"name": _NAMES, "first": _FIRST, "last": _LAST, "email": _EMAILS, "duration": _DURATIONS, "join": _JOINS,
              "leave": _LEAVES}  # fmt: skip
    found = {}
    for part, known in wanted.items():
        for place, heading in enumerate(headings):
            if heading in known:
                found[part] = place
                break
    names = "name" in found or "first" in found or "email" in found
    return found if names and ("duration" in found or {"join", "leave"} <= found.keys()) else None


def _rows(rows: Iterator[list[str]], columns: dict[str, int]) -> Iterator[_Stay]:
    for cells in rows:
        if cells and _TABLES_OF_TEAMS.match(cells[0]):
            return  # the next table tells the same people again
        row = {part: cells[place].strip() if place < len(cells) else "" for part, place in columns.items()}
        whole = f"{row.get('first', '')} {row.get('last', '')}".strip()
        name = whole if row.get("last") else row.get("name") or whole
        email = row.get("email", "").casefold() or None
        if not (name or email):
            continue
        span = _span(row.get("join", ""), row.get("leave", ""))
        duration = _duration(row.get("duration", ""))
        if duration is None:
            if span is None:
                continue
            duration = span[1] - span[0]
        yield _Stay((name or email or "")[:_MOST_LETTERS], email and email[:_MOST_LETTERS], duration, span)


def _duration(text: str) -> timedelta | None:
    """`62`, `1h 2m 3s`, `1 hr 2 min`, `01:02:03`."""
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if _NUMBER.fullmatch(text):
        return _bounded(minutes=float(text.replace(",", ".")))
    parts = {"h": 0.0, "m": 0.0, "s": 0.0}
    for number, unit in _PARTS.findall(text):
        parts[unit.lower()] += float(number.replace(",", "."))
    if not _PARTS.search(text):
        return None
    return _bounded(hours=parts["h"], minutes=parts["m"], seconds=parts["s"])


def _bounded(*, hours: float = 0, minutes: float = 0, seconds: float = 0) -> timedelta:
    """A duration, a day at most: nothing that is called a session is longer."""
    return timedelta(seconds=min(hours * 3600 + minutes * 60 + seconds, 86_400))


def _span(join: str, leave: str) -> tuple[datetime, datetime] | None:
    for form in _MOMENTS:
        try:
            begin, end = datetime.strptime(join, form), datetime.strptime(leave, form)  # noqa: DTZ007  # only their difference counts
        except ValueError:
            continue
        return (begin, end) if begin <= end <= begin + timedelta(days=1) else None
    return None


def _minutes(stays: Sequence[_Stay]) -> int:
    """Whole minutes in the meeting; with two devices at once, time counts once where the report says when it was."""
    spans = sorted(one.span for one in stays if one.span is not None)
    if len(stays) == 1 or len(spans) < len(stays):
        total = sum((one.duration for one in stays), timedelta())
    else:
        total, end = timedelta(), spans[0][0]
        for begin, until in spans:
            total += max(until - max(begin, end), timedelta())
            end = max(end, until)
    return min(int(total.total_seconds() // 60), 1_440)
