"""Who was in a session, and the credit that counts for it. Pure."""

from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

AttendanceMode = Literal["in person", "virtual", "excused", "absent"]

PRESENT: frozenset[AttendanceMode] = frozenset({"in person", "virtual"})
#: Credit is given in quarter hours, as continuing education units are counted.
CREDIT_STEP_MINUTES = 15
#: Further from the session, an arrival or departure is a slip of the pen.
_LONGEST_WAIT = timedelta(days=1)


class CohortCancelledError(Exception):
    """The cohort was cancelled: nothing is recorded in it any more."""


class Presence(Protocol):
    """A row with `mode`, `arrived_at`, `departed_at`, and the session's `starts_at`, `ends_at`, `credit_minutes`."""

    def __getitem__(self, key: str, /) -> Any:
        """The column of that name."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The session that attendance is recorded in, and how the viewer stands to its cohort."""

    id: UUID
    cohort_id: UUID
    starts_at: datetime
    ends_at: datetime
    cohort_state: str
    teaches: bool
    #: The viewer's own enrollment, where it has a seat.
    own_enrollment_id: UUID | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of one person in one session; without times they were there from its start to its end."""

    enrollment_id: UUID
    mode: AttendanceMode
    arrived_at: datetime | None = None
    departed_at: datetime | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A seated person's line on the session's sheet; `mode` is None while nothing is recorded."""

    enrollment_id: UUID
    person_id: UUID
    person_name: str
    mode: AttendanceMode | None
    arrived_at: datetime | None
    departed_at: datetime | None
    recorded_at: datetime | None
    credit_minutes: int

    def says(self, entry: Entry) -> bool:
        """Whether this is recorded already."""
        return (self.mode, self.arrived_at, self.departed_at) == (entry.mode, entry.arrived_at, entry.departed_at)


def credited_minutes(row: Presence) -> int:
    """The minutes that one person's attendance counts for: 0 for who was excused or absent.

    Who was there from start to end, or of whom no times are known, gets the session's credit minutes. Who came late or
    left early gets the part attended, in proportion to the session's length, rounded down to whole quarter hours.
    """
    credit: int = row["credit_minutes"]
    if row["mode"] not in PRESENT:
        return 0
    starts_at, ends_at = row["starts_at"], row["ends_at"]
    begin = max(starts_at, row["arrived_at"] or starts_at)
    end = min(ends_at, row["departed_at"] or ends_at)
    if (begin, end) == (starts_at, ends_at):
        return credit
    if end <= begin:
        return 0
    steps: int = credit * (end - begin) // (CREDIT_STEP_MINUTES * (ends_at - starts_at))
    return steps * CREDIT_STEP_MINUTES


def problems_of(entry: Entry, session: Session, *, field: str) -> list[tuple[str, str]]:
    """What keeps an entry from being recorded, as (field, sentence) pairs below `field`."""
    arrived, departed = entry.arrived_at, entry.departed_at
    if entry.mode not in PRESENT:
        if arrived is not None or departed is not None:
            return [(f"{field}.mode", "Who was not there neither arrived nor departed.")]
        return []
    found = []
    if arrived is not None and not session.starts_at - _LONGEST_WAIT <= arrived < session.ends_at:
        found.append((f"{field}.arrived_at", "This is after the session's end, or more than a day before its start."))
    if departed is not None and not session.starts_at < departed <= session.ends_at + _LONGEST_WAIT:
        found.append((f"{field}.departed_at", "This is before the session's start, or more than a day after its end."))
    if arrived is not None and departed is not None and departed <= arrived:
        found.append((f"{field}.departed_at", "They departed after they arrived."))
    return found
