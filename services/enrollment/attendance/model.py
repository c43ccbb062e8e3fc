"""Who was in a session, and the credit that counts for it. Pure."""

from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.enrollment.cohorts.model import HourRule, Mode
from shared.words import said

AttendanceMode = Literal["in person", "virtual", "excused", "absent"]
#: Who says so: staff or an instructor, the person's own check-in, a meeting report, an imported list.
Source = Literal["staff", "self", "report", "import"]

PRESENT: frozenset[AttendanceMode | None] = frozenset({"in person", "virtual"})
#: Further from the session, an arrival or departure is a slip of the pen.
_LONGEST_WAIT = timedelta(days=1)
#: A time of day this long before the session's start is meant of the next day.
_NIGHT = timedelta(hours=6)


class CohortCancelledError(Exception):
    """The cohort was cancelled: nothing is recorded in it any more."""


class NewerChangeError(Exception):
    """`enrollment_ids` were changed again since, so the change before it is not undone for anybody."""

    def __init__(self, enrollment_ids: list[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = enrollment_ids


class OwnMakeupError(Exception):
    """Nobody approves the work that makes up for their own absence."""


class CheckInClosedError(Exception):
    """One can check in from half an hour before the session until its end: from `opens_at` until `closes_at`."""

    def __init__(self, opens_at: datetime, closes_at: datetime) -> None:
        super().__init__()
        self.opens_at = opens_at
        self.closes_at = closes_at


class CodeOverError(Exception):
    """The code was shown too long ago, or is none of this session."""


class Presence(Protocol):
    """A row with `mode`, `arrived_at`, `departed_at`, `minutes_present`, and the session's times and credit minutes."""

    def __getitem__(self, key: str, /) -> Any:
        """The column of that name."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The session that attendance is recorded in, its cohort, and how the viewer stands to it."""

    id: UUID
    organization_id: UUID
    cohort_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    credit_minutes: int
    mode: Mode
    place: str | None
    cohort_name: str
    cohort_state: str
    time_zone: str
    rule: HourRule
    teaches: bool
    #: The viewer's own enrollment, where it has a seat.
    own_enrollment_id: UUID | None

    @property
    def day(self) -> date:
        """The day on which it starts, where it is held."""
        return self.starts_at.astimezone(ZoneInfo(self.time_zone)).date()

    def clock(self, moment: datetime | None) -> str:
        """A moment as a time of day where it is held, such as `09:40`; empty for None."""
        return "" if moment is None else moment.astimezone(ZoneInfo(self.time_zone)).strftime("%H:%M")


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of one person in one session."""

    mode: AttendanceMode
    arrived_at: datetime | None = None
    departed_at: datetime | None = None
    #: As a meeting report counts them, in place of times.
    minutes_present: int | None = None
    source: Source = "staff"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What to record of one person in one session; without times or minutes they were there from start to end."""

    enrollment_id: UUID
    #: None clears what is recorded.
    mode: AttendanceMode | None
    arrived_at: datetime | None = None
    departed_at: datetime | None = None
    minutes_present: int | None = None
    source: Source = "staff"

    @property
    def recorded(self) -> Recorded | None:
        """How it stands in the table."""
        if self.mode is None:
            return None
        return Recorded(
            mode=self.mode,
            arrived_at=self.arrived_at,
            departed_at=self.departed_at,
            minutes_present=self.minutes_present,
            source=self.source,
        )


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A seated person's line on the session's sheet; `mode` is None while nothing is recorded."""

    enrollment_id: UUID
    person_id: UUID
    person_name: str
    mode: AttendanceMode | None
    arrived_at: datetime | None
    departed_at: datetime | None
    minutes_present: int | None
    source: Source | None
    recorded_at: datetime | None
    #: What the session counts for in all, and the parts of it: attended, made up.
    credit_minutes: int
    attended_minutes: int
    makeup_minutes: int

    def says(self, entry: Entry) -> bool:
        """Whether this is recorded already, whoever said so."""
        return (self.mode, self.arrived_at, self.departed_at, self.minutes_present) == (
            entry.mode,
            entry.arrived_at,
            entry.departed_at,
            entry.minutes_present,
        )

    @property
    def recorded(self) -> Recorded | None:
        """What is recorded, None for nothing."""
        if self.mode is None or self.source is None:
            return None
        return Recorded(
            mode=self.mode,
            arrived_at=self.arrived_at,
            departed_at=self.departed_at,
            minutes_present=self.minutes_present,
            source=self.source,
        )


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """What one session counts for to one person: attended, made up, or both."""

    enrollment_id: UUID
    session_id: UUID
    title: str
    starts_at: datetime
    #: None where nothing was recorded and only work makes up for it.
    mode: AttendanceMode | None
    #: Attended and made up, at most the session's.
    credit_minutes: int
    makeup_minutes: int
    #: Counts among the sessions: they were there for the least presence, or made up for all that they missed.
    is_attended: bool


class Makeup(msgspec.Struct, frozen=True, kw_only=True):
    """Work that makes up for a session or a part of it."""

    enrollment_id: UUID
    credit_minutes: int
    what: str
    approved_by: UUID
    approved_at: datetime


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one change did to one person's line, and whether it is the last."""

    enrollment_id: UUID
    before: Recorded | None
    is_last: bool


def time_present(row: Presence) -> timedelta:
    """How long somebody was in the session: between its start and its end, nothing for who was excused or absent."""
    if row["mode"] not in PRESENT:
        return timedelta()
    starts_at, ends_at = row["starts_at"], row["ends_at"]
    if row["minutes_present"] is not None:
        counted: timedelta = min(timedelta(minutes=row["minutes_present"]), ends_at - starts_at)
        return counted
    begin = max(starts_at, row["arrived_at"] or starts_at)
    end = min(ends_at, row["departed_at"] or ends_at)
    stayed: timedelta = max(end - begin, timedelta())
    return stayed


def is_present(row: Presence, rule: HourRule) -> bool:
    """Whether somebody was there long enough to have attended."""
    least = min(timedelta(minutes=rule.least_minutes), row["ends_at"] - row["starts_at"])
    return row["mode"] in PRESENT and time_present(row) >= least


def credited_minutes(row: Presence, rule: HourRule = HourRule()) -> int:  # noqa: B008  # frozen
    """The minutes that one person's attendance counts for: 0 for who was excused, absent, or there too short.

    Who was there from start to end, or of whom nothing else is known, gets the session's credit minutes. Who was there
    for a part gets it in proportion to the session's length, rounded down to whole steps of the rule.
    """
    there, length = time_present(row), row["ends_at"] - row["starts_at"]
    if not is_present(row, rule):
        return 0
    credit: int = row["credit_minutes"]
    if there >= length:
        return credit
    steps: int = credit * there // (rule.step_minutes * length)
    return steps * rule.step_minutes


def with_makeup(attended: int, makeup: int, *, of: int) -> int:
    """Minutes attended and made up together: never more than the session counts for."""
    return min(attended + makeup, of)


def rewritten(line: Line, entry: Entry, session: Session, *, at: datetime) -> Line:
    """Somebody's line once an entry is recorded."""
    times = {"starts_at": session.starts_at, "ends_at": session.ends_at, "credit_minutes": session.credit_minutes}
    attended = credited_minutes({**msgspec.structs.asdict(entry), **times}, session.rule)
    is_cleared = entry.mode is None
    return msgspec.structs.replace(
        line,
        mode=entry.mode,
        arrived_at=entry.arrived_at,
        departed_at=entry.departed_at,
        minutes_present=entry.minutes_present,
        source=None if is_cleared else entry.source,
        recorded_at=None if is_cleared else at,
        attended_minutes=attended,
        credit_minutes=with_makeup(attended, line.makeup_minutes, of=session.credit_minutes),
    )


def problems_of(entry: Entry, session: Session, *, field: str) -> list[tuple[str, str]]:
    """What keeps an entry from being recorded, as (field, sentence) pairs below `field`."""
    arrived, departed = entry.arrived_at, entry.departed_at
    if entry.mode not in PRESENT:
        if (arrived, departed, entry.minutes_present) != (None, None, None):
            return [(f"{field}.mode", "Who was not there neither arrived nor departed.")]
        return []
    if entry.minutes_present is not None and (arrived, departed) != (None, None):
        return [(f"{field}.minutes_present", "Give either times or minutes.")]
    found = []
    if arrived is not None and not session.starts_at - _LONGEST_WAIT <= arrived < session.ends_at:
        found.append((f"{field}.arrived_at", "This is after the session's end, or more than a day before its start."))
    if departed is not None and not session.starts_at < departed <= session.ends_at + _LONGEST_WAIT:
        found.append((f"{field}.departed_at", "This is before the session's start, or more than a day after its end."))
    if arrived is not None and departed is not None and departed <= arrived:
        found.append((f"{field}.departed_at", "They departed after they arrived."))
    return found


def problems_of_makeup(minutes: int, session: Session, *, attended: int) -> list[tuple[str, str]]:
    """What keeps work from making up for `minutes` of a session, as (field, sentence) pairs."""
    left, step = session.credit_minutes - attended, session.rule.step_minutes
    if left <= 0:
        return [("minutes", "The session counts in full already: there is nothing to make up for.")]
    if not 0 < minutes <= left:
        return [("minutes", said("Give between 1 and %(left)s minutes: that is what is missing.", left=left))]
    if minutes % step and minutes != left:
        sentence = "Hours count in steps of %(step)s minutes: give a multiple, or all %(left)s minutes."
        return [("minutes", said(sentence, step=step, left=left))]
    return []


def moment_of(text: str, session: Session) -> datetime | None:
    """A time of day such as `9:40`, on the session's day and where it is held; None for an empty text. ValueError."""
    if not text.strip():
        return None
    zone, hour = ZoneInfo(session.time_zone), time.fromisoformat(text.strip().zfill(5))
    if hour.tzinfo is not None:
        raise ValueError("a time of day has no time zone")
    found = datetime.combine(session.day, hour, zone)
    return found + timedelta(days=1) if found < session.starts_at - _NIGHT else found
