"""What a meeting report says of a cohort's people: who in it is who, and what of it is recorded. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.attendance.model import Entry, Line
from services.enrollment.attendance.report import Found, folded

MatchedBy = Literal["address", "name", "choice"]
#: `Ana (Ana Lim)`: what somebody called themselves that day, and the name of their account.
_TWO_NAMES = re.compile(r"(.+?)\s*\((.+)\)\s*")


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was uploaded for a session."""

    id: UUID
    session_id: UUID
    file_name: str
    uploaded_at: datetime
    taken_at: datetime | None = None


class MeetingLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the report; `enrollment_id` says who it is in the cohort."""

    number: int
    name: str
    email: str | None
    minutes: int
    enrollment_id: UUID | None = None
    matched_by: MatchedBy | None = None


class Seated(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a seat."""

    enrollment_id: UUID
    name: str
    email: str


def matched(people: Iterable[Found], seated: Sequence[Seated]) -> list[MeetingLine]:
    """Who is who: by address, else by the exact name where only one person of the cohort has it; else nobody."""
    by_address = {one.email.casefold(): one for one in seated}
    by_name: dict[str, list[Seated]] = {}
    for one in seated:
        by_name.setdefault(folded(one.name), []).append(one)
    lines = []
    for number, found in enumerate(people, 1):
        who, how = _match(found, by_address, by_name)
        lines.append(
            MeetingLine(
                number=number,
                name=found.name,
                email=found.email,
                minutes=found.minutes,
                enrollment_id=who,
                matched_by=how,
            )
        )
    return lines


def _match(
    found: Found, by_address: Mapping[str, Seated], by_name: Mapping[str, Sequence[Seated]]
) -> tuple[UUID | None, MatchedBy | None]:
    if found.email is not None and (known := by_address.get(found.email.casefold())) is not None:
        return known.enrollment_id, "address"
    called = [found.name]
    if two := _TWO_NAMES.fullmatch(found.name):
        called += [two[1], two[2]]
    candidates = {one.enrollment_id for name in called for one in by_name.get(folded(name), ())}
    return (candidates.pop(), "name") if len(candidates) == 1 else (None, None)


def chosen(lines: Iterable[MeetingLine], choices: Mapping[int, UUID | None]) -> list[MeetingLine]:
    """The lines as somebody who looked at them said: `choices` names a person of the cohort, or nobody, by number."""
    found = []
    for line in lines:
        if line.number in choices and choices[line.number] != line.enrollment_id:
            who = choices[line.number]
            line = msgspec.structs.replace(  # the same line, settled
                line, enrollment_id=who, matched_by=None if who is None else "choice"
            )
        found.append(line)
    return found


def entries(lines: Iterable[MeetingLine], sheet: Iterable[Line]) -> tuple[list[Entry], list[Line]]:
    """What to record of the people found, and the lines of those of whom more is known already, which stay.

    Somebody who was in the room, or was excused by an instructor, is not made an online guest by a report.
    """
    minutes: dict[UUID, int] = {}
    for line in lines:
        if line.enrollment_id is not None:
            minutes[line.enrollment_id] = minutes.get(line.enrollment_id, 0) + line.minutes
    known = {one.enrollment_id: one for one in sheet}
    stay = [known[who] for who in minutes if who in known and known[who].mode in ("in person", "excused")]
    kept = {one.enrollment_id for one in stay}
    new = [
        Entry(enrollment_id=who, mode="virtual", minutes_present=min(number, 1_440), source="report")
        for who, number in minutes.items()
        if who in known and who not in kept
    ]
    return new, stay
