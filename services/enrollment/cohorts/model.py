"""What a cohort is: states, registration, sessions, and what completing it takes. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Literal
from uuid import UUID
from zoneinfo import available_timezones

import msgspec

from shared.contracts import MOST_MINUTES

State = Literal["draft", "open", "running", "closed", "cancelled"]
Delivery = Literal["in person", "virtual", "hybrid"]
Mode = Literal["in person", "virtual"]

#: What we plan lies between; moments near the ends of the calendar cannot be told in every time zone.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

#: Where a cohort may go from each state. A closed one may run again, if it was closed by mistake.
TRANSITIONS: dict[State, frozenset[State]] = {
    "draft": frozenset({"open", "cancelled"}),
    "open": frozenset({"running", "closed", "cancelled"}),
    "running": frozenset({"open", "closed", "cancelled"}),
    "closed": frozenset({"running"}),
    "cancelled": frozenset(),
}


class StateError(Exception):
    """A cohort does not go from `current` to `wanted`."""

    def __init__(self, current: State, wanted: State) -> None:
        super().__init__(f"{current} -> {wanted}")
        self.current = current
        self.wanted = wanted


class CohortExistsError(Exception):
    """The id of the cohort, or of one of its sessions, belongs to something else."""


class PolicyFixedError(Exception):
    """Somebody is enrolled, so what completing the cohort takes, and its curriculum, stay as they are."""


class ChangedMeanwhileError(Exception):
    """Somebody else wrote the cohort since it was read."""


class SessionHeldError(Exception):
    """Attendance was recorded in `session_ids`, so they cannot be taken out."""

    def __init__(self, session_ids: list[UUID]) -> None:
        super().__init__(len(session_ids))
        self.session_ids = session_ids


class HourRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a program counts hours: in whole steps of a part attended, and nothing below the least presence."""

    #: A quarter hour, as continuing education units are counted.
    step_minutes: int = 15
    #: Who was there for less did not attend; at most the length of the session counts.
    least_minutes: int = 0


class CompletionPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What completing a cohort takes: sessions attended, credit minutes, and modules with accepted evidence."""

    min_sessions: int
    min_credit_minutes: int
    #: Sessions attended in the room, and online.
    min_in_person: int = 0
    min_virtual: int = 0
    #: Whether the evaluation of the whole cohort is to be handed in.
    wants_evaluation: bool = False
    modules: Literal["all"] | tuple[UUID, ...]
    hours: HourRule = HourRule()


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One meeting of a cohort; `credit_minutes` is what attending it counts for."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    credit_minutes: int
    mode: Mode
    #: Where it is held, and the address of the video call, as far as they are known.
    place: str | None = None
    link: str | None = None


class Entry(Session, frozen=True, kw_only=True):
    """A session as calendars know it, cancelled ones too; `revision` counts what people had to hear of."""

    revision: int = 0
    changed_at: datetime | None = None
    cancelled_at: datetime | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a session: new without `before`, cancelled without `after`."""

    before: Session | None
    after: Session | None

    @property
    def session(self) -> Session:
        """The session as it is now; a cancelled one as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def is_moved(self) -> bool:
        """Whether it is at another time."""
        return bool(self.before and self.after) and _times(self.before) != _times(self.after)

    @property
    def is_elsewhere(self) -> bool:
        """Whether one takes part in another way or at another place."""
        return bool(self.before and self.after) and _ways(self.before) != _ways(self.after)


class Instructor(msgspec.Struct, frozen=True, kw_only=True):
    """Who teaches a cohort, as they say of themselves; without a headline they are named on no public page."""

    person_id: UUID
    name: str
    email: str
    headline: str | None = None
    biography: str | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the public page of a cohort says of somebody who teaches it."""

    name: str
    headline: str
    biography: str


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """A group that goes through a curriculum, as staff write it; seats are counted apart."""

    id: UUID
    organization_id: UUID
    curriculum_id: UUID
    name: str
    region: str
    #: Such as `2025-26`.
    school_year: str
    delivery: Delivery
    #: An IANA time zone: its days and hours are told in it.
    time_zone: str
    state: State
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    policy: CompletionPolicy
    sessions: tuple[Session, ...] = ()
    instructors: tuple[UUID, ...] = ()
    #: Said to those who had a place; None while it is not cancelled.
    cancelled_because: str | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How a cohort's seats stand, and how many stand in line."""

    seats: int
    seats_left: int
    in_line: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody stands to a cohort."""

    teaches: bool
    #: Seated, offered a seat, or in line.
    takes_part: bool
    is_seated: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What a calendar says of a cohort."""

    id: UUID
    name: str
    state: State
    time_zone: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as its staff's and instructors' pages begin: what it is of, and how its seats stand."""

    id: UUID
    name: str
    region: str
    school_year: str
    delivery: Delivery
    time_zone: str
    state: State
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    policy: CompletionPolicy
    cancelled_because: str | None
    program_id: UUID
    program_name: str
    program_slug: str
    level_name: str
    curriculum_id: UUID
    curriculum_name: str
    curriculum_number: int
    #: The version of the badge that it awards, and the one that its level awards by now.
    achievement_version: int | None
    newest_achievement_version: int | None
    modules: int
    seats: int
    seats_left: int
    seated: int
    in_line: int


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which cohorts a table is to show; None leaves a column open."""

    state: State | None = None
    school_year: str | None = None
    #: Part of the name or region, in any case.
    words: str | None = None
    taught_by: UUID | None = None
    program_id: UUID | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as a table of staff or instructors shows it."""

    id: UUID
    name: str
    region: str
    school_year: str
    delivery: Delivery
    time_zone: str
    state: State
    program_name: str
    level_id: UUID
    level_name: str
    first_start: datetime | None
    next_start: datetime | None
    sessions: int
    seats: int
    held: int
    in_line: int


def without_links(cohort: Cohort) -> Cohort:
    """The cohort as those see it who do not sit in its sessions: without the addresses of its video calls."""
    sessions = tuple(msgspec.structs.replace(one, link=None) for one in cohort.sessions)
    return msgspec.structs.replace(cohort, sessions=sessions)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as anybody may see it, without its video calls; how many seats are left and how many stand in line."""

    id: UUID
    name: str
    region: str
    school_year: str
    delivery: Delivery
    time_zone: str
    state: State
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    program_name: str
    program_slug: str
    level_id: UUID
    level_name: str
    seats: int
    seats_left: int
    in_line: int
    sessions: tuple[Session, ...]
    #: Those who say something of themselves.
    instructors: tuple[Profile, ...] = ()
    cancelled_because: str | None = None


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def problems_of(cohort: Cohort) -> list[tuple[str, str]]:
    """What keeps a cohort from being written, as (field, sentence) pairs."""
    found = []
    if cohort.time_zone not in _time_zones():
        found.append(("time_zone", "Give an IANA time zone, such as America/Chicago."))
    found += _problems_of_moments(cohort)
    opens, closes = cohort.registration_opens_at, cohort.registration_closes_at
    if opens is not None and closes is not None and closes <= opens:
        found.append(("registration_closes_at", "Registration closes after it opens."))
    identifiers = [one.id for one in cohort.sessions]
    if len(set(identifiers)) != len(identifiers):
        found.append(("sessions", "Name each session once."))
    if any(one.ends_at <= one.starts_at for one in cohort.sessions):
        found.append(("sessions", "A session ends after it starts."))
    if sum(one.credit_minutes for one in cohort.sessions) > MOST_MINUTES:
        found.append(("sessions", f"The sessions together give at most {MOST_MINUTES:,} credit minutes."))
    # Until its dates are announced a cohort has no sessions yet.
    if cohort.sessions and cohort.policy.min_sessions > len(cohort.sessions):
        found.append(("policy.min_sessions", "The policy asks for more sessions than there are."))
    if cohort.sessions and cohort.policy.min_in_person + cohort.policy.min_virtual > len(cohort.sessions):
        found.append(("policy.min_in_person", "The policy asks for more sessions, by place, than there are."))
    if cohort.sessions and cohort.policy.min_credit_minutes > sum(one.credit_minutes for one in cohort.sessions):
        found.append(("policy.min_credit_minutes", "The policy asks for more minutes than the sessions give."))
    return found


def _problems_of_moments(cohort: Cohort) -> list[tuple[str, str]]:
    moments: dict[str, list[datetime | None]] = {
        "registration_opens_at": [cohort.registration_opens_at],
        "registration_closes_at": [cohort.registration_closes_at],
        "sessions": [moment for one in cohort.sessions for moment in (one.starts_at, one.ends_at)],
    }
    # Compared as they are: turning year 1 or 9999 into UTC can leave the calendar.
    return [
        (field, f"Give moments between {EARLIEST.year} and {LATEST.year}.")
        for field, given in moments.items()
        if any(moment is not None and not EARLIEST <= moment < LATEST for moment in given)
    ]


def eased(policy: CompletionPolicy, sessions: Sequence[Session]) -> CompletionPolicy:
    """The policy, asking for no more sessions and minutes than there are: what is cancelled nobody can attend."""
    return msgspec.structs.replace(
        policy,
        min_sessions=min(policy.min_sessions, len(sessions)),
        min_credit_minutes=min(policy.min_credit_minutes, sum(one.credit_minutes for one in sessions)),
    )


def _times(session: Session | None) -> tuple[datetime, datetime] | None:
    return None if session is None else (session.starts_at, session.ends_at)


def _ways(session: Session | None) -> tuple[Mode, str | None, str | None] | None:
    """How one takes part: the place of a virtual session, and the link of one in person, matter to nobody."""
    if session is None:
        return None
    is_virtual = session.mode == "virtual"
    return session.mode, None if is_virtual else session.place, session.link if is_virtual else None


def changes(before: Sequence[Session], after: Sequence[Session]) -> list[Change]:
    """What people have to hear of, by date: new and cancelled sessions, other times, places and ways to take part."""
    was, will = {one.id: one for one in before}, {one.id: one for one in after}
    found = [Change(before=was.get(one.id), after=one) for one in after]
    found += [Change(before=one, after=None) for one in before if one.id not in will]
    told = [one for one in found if one.before is None or one.after is None or one.is_moved or one.is_elsewhere]
    return sorted(told, key=lambda one: one.session.starts_at)


def by_date(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """The sessions in the order in which they are held."""
    return tuple(sorted(sessions, key=lambda one: (one.starts_at, one.id)))


def problems_of_switch(mode: Mode, place: str | None, link: str | None) -> list[tuple[str, str]]:
    """What keeps a session from being switched to `mode`, as (field, sentence) pairs."""
    if mode == "virtual" and link is None:
        return [("link", "Give the address of the video call.")]
    if mode == "in person" and place is None:
        return [("place", "Say where it is held.")]
    return []


def check_transition(current: State, wanted: State) -> None:
    """StateError unless a cohort may go from `current` to `wanted`, or stay."""
    if wanted != current and wanted not in TRANSITIONS[current]:
        raise StateError(current, wanted)


def takes_registrations(state: State, opens_at: datetime | None, closes_at: datetime | None, *, now: datetime) -> bool:
    """Whether people may enroll: in an open cohort, within its window; a missing end of the window does not bound."""
    return state == "open" and (opens_at is None or opens_at <= now) and (closes_at is None or now < closes_at)
