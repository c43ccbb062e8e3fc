"""Who holds a place: seats, the line for them, and when people may enroll. Pure."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.admission.model import Admission, Vacancy
from services.enrollment.cohorts.model import State, takes_registrations
from services.enrollment.forms.model import Filled
from services.enrollment.people.model import Person

Place = Literal["seated", "offered", "in line", "none"]
Outcome = Literal["none", "completed", "not completed", "withdrawn"]
#: Why somebody has no place any more.
Left = Literal["withdrew", "declined", "offer expired", "no-show", "transferred", "cancelled", "erased"]
#: Why nobody can enroll: not yet, no longer, or not at all.
Closed = Literal["not yet", "over", "cancelled"]

MOST_SEATS = 2_000
#: What somebody says whose region none of the quotas names.
ANOTHER_REGION = "another"
#: Anybody can type an address into the form; its owner is told of that at most this often.
TOLD_AGAIN_AFTER = timedelta(hours=1)


class RegistrationClosedError(Exception):
    """Nobody can enroll in the cohort now; `reason` says why, `opens_at` when that changes."""

    def __init__(self, reason: Closed, opens_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.opens_at = opens_at


class LevelRequiredError(Exception):
    """Taking part needs the badge of a level (`level_name`, `level_id`) that this person has not shown."""

    def __init__(self, level_name: str, level_id: UUID) -> None:
        super().__init__(level_name)
        self.level_name = level_name
        self.level_id = level_id


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


class OfferOverError(Exception):
    """The offer was declined, has ended, or never was; somebody else may have the seat."""


class NotPlacedError(Exception):
    """These people do not have the place that the change is about: `enrollment_ids`. Nothing was changed."""

    def __init__(self, enrollment_ids: list[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = enrollment_ids


class AttendedError(Exception):
    """These people were in a session (`enrollment_ids`), so they are no no-shows. Nothing was changed."""

    def __init__(self, enrollment_ids: list[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = enrollment_ids


class NoSeatThereError(Exception):
    """The other cohort has no seat for each of these people, who would lose theirs (`enrollment_ids`)."""

    def __init__(self, enrollment_ids: list[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = enrollment_ids


class AlreadyThereError(Exception):
    """These people have a place in the other cohort already, or its outcome (`enrollment_ids`)."""

    def __init__(self, enrollment_ids: list[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = enrollment_ids


class LevelMissingError(Exception):
    """The other cohort needs a level's badge (`level_name`, `level_id`); these people lack it (`enrollment_ids`)."""

    def __init__(self, level_name: str, level_id: UUID, enrollment_ids: list[UUID]) -> None:
        super().__init__(level_name, len(enrollment_ids))
        self.level_name = level_name
        self.level_id = level_id
        self.enrollment_ids = enrollment_ids


class NoTransferError(Exception):
    """People move only to another cohort of the same program that is open or runs."""


class Required(msgspec.Struct, frozen=True, kw_only=True):
    """The level whose badge taking part needs."""

    id: UUID
    name: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """On which terms one enrolls in a cohort."""

    admission: Admission
    required: Required | None


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What enrolling needs to know of a cohort, whose row is held."""

    id: UUID
    organization_id: UUID
    program_id: UUID
    state: State
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    admission: Admission
    vacancy: Vacancy
    offer_hours: int | None
    #: When something is due in it without anybody's asking.
    next_clock_at: datetime | None

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
    #: Where the cohort has quotas: one of their regions, or `ANOTHER_REGION`.
    region: str | None = None
    #: An invitation's, as it was typed.
    code: str | None = None
    #: What the program's form was answered; None where the page showed none.
    filled: Filled | None = None


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom staff put into a cohort; `id` becomes the enrollment's."""

    id: UUID
    person: Person
    #: One of the cohort's quotas.
    region: str | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody is told: a seat's number, until when it is offered, how many stand before them in line.

    Where more would tell strangers who is a member, was chosen or has a badge, the form says only that the wish came in
    (`noted`).
    """

    place: Literal["seated", "offered", "in line", "noted"]
    seat_number: int | None
    in_line_before: int | None
    offer_expires_at: datetime | None = None


#: What the form says where more would tell strangers of somebody: the truth goes to the address.
NOTED = Told(place="noted", seat_number=None, in_line_before=None)


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
    region: str | None
    #: When the offer of the seat ends; only where the place is offered.
    offer_expires_at: datetime | None
    left_because: Left | None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose offer, or whose place in line, is over."""

    id: UUID
    person_id: UUID
    #: Then the sessions are in their calendar.
    was_seated: bool = False


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
        place="seated" if enrollment.place == "none" else enrollment.place,
        seat_number=enrollment.seat_number,
        in_line_before=enrollment.in_line_before,
        offer_expires_at=enrollment.offer_expires_at,
    )


def ended_of(enrollment: Enrollment) -> Ended:
    """Whose place is over."""
    return Ended(id=enrollment.id, person_id=enrollment.person_id, was_seated=enrollment.place == "seated")
