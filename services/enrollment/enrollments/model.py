"""Who holds a place: seats, the line for them, and when people may enroll. Pure."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.cohorts.model import State, takes_registrations

Place = Literal["seated", "offered", "in line", "none"]
Outcome = Literal["none", "completed", "not completed", "withdrawn"]
#: Why nobody can enroll: not yet, no longer, or not at all.
Closed = Literal["not yet", "over", "cancelled"]

MOST_SEATS = 2_000
#: Anybody can type an address into the form; its owner is told of that at most this often.
TOLD_AGAIN_AFTER = timedelta(hours=1)


class RegistrationClosedError(Exception):
    """Nobody can enroll in the cohort now; `reason` says why, `opens_at` when that changes."""

    def __init__(self, reason: Closed, opens_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.opens_at = opens_at


class EnrollmentExistsError(Exception):
    """The id belongs to another enrollment."""


class OutcomeDecidedError(Exception):
    """Whether this person completed was decided (`outcome`), so the enrollment stays as it is."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class SeatsHeldError(Exception):
    """Only free seats can be taken away; `least` is how many are held."""

    def __init__(self, least: int) -> None:
        super().__init__(least)
        self.least = least


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolling needs to know of a cohort, whose row is held."""

    id: UUID
    organization_id: UUID
    state: State
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None

    @property
    def hands_seats_on(self) -> bool:
        """Whether a seat that comes free goes to the line: not where there is nothing left to take part in."""
        return self.state in ("open", "running")


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's wish to take part. `id` becomes the enrollment's, unless this person has one."""

    id: UUID
    name: str
    #: Normalized.
    email: str
    shows_name: bool


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is told on enrolling: a seat's number, or how many stand before them in line."""

    place: Literal["seated", "in line"]
    seat_number: int | None
    in_line_before: int | None


class Enrollment(msgspec.Struct, frozen=True, kw_only=True):
    """A person's place in a cohort and, apart from it, the outcome."""

    id: UUID
    organization_id: UUID
    cohort_id: UUID
    person_id: UUID
    person_name: str
    place: Place
    outcome: Outcome
    #: The person's choice: whether the badge shows the name.
    shows_name: bool
    enrolled_at: datetime
    seat_number: int | None
    #: How many stand before them; None where they do not stand in line.
    in_line_before: int | None


class Seating(msgspec.Struct, frozen=True, kw_only=True):
    """A free seat that went to the head of the line."""

    enrollment_id: UUID
    person_id: UUID
    seat_number: int


class Seats(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort's seats: how many there are and are held, and the highest number."""

    seats: int
    held: int
    last_number: int


def closed_reason(
    state: State, opens_at: datetime | None, closes_at: datetime | None, *, now: datetime
) -> Closed | None:
    """Why nobody can enroll now; None where people can."""
    if takes_registrations(state, opens_at, closes_at, now=now):
        return None
    if state == "cancelled":
        return "cancelled"
    return "not yet" if state == "open" and opens_at is not None and now < opens_at else "over"


def told(enrollment: Enrollment) -> Told:
    """What the person of an enrollment that has a place is told."""
    return Told(
        place="in line" if enrollment.place == "in line" else "seated",
        seat_number=enrollment.seat_number,
        in_line_before=enrollment.in_line_before,
    )
