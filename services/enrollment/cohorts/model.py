"""What a cohort is: states, registration, sessions, and what completing it takes. Pure."""

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


class SessionHeldError(Exception):
    """Attendance was recorded in `session_ids`, so they cannot be taken out."""

    def __init__(self, session_ids: list[UUID]) -> None:
        super().__init__(len(session_ids))
        self.session_ids = session_ids


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
    level_name: str
    seats: int
    seats_left: int
    in_line: int
    sessions: tuple[Session, ...]


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
