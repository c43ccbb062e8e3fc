"""Verbs of enrollments: enroll, withdraw, write a cohort and its seats; a free seat goes to the line's head at once.

Each of them holds the cohort's row first, so that seats and ranks are given one after another.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.cohorts import actions as cohort_actions
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Cohort, Counts, Listing
from services.enrollment.enrollments import letters, store
from services.enrollment.enrollments.letters import Letterhead
from services.enrollment.enrollments.model import (
    TOLD_AGAIN_AFTER,
    Application,
    Enrollment,
    EnrollmentExistsError,
    Frame,
    OutcomeDecidedError,
    RegistrationClosedError,
    SeatsHeldError,
    Told,
    closed_reason,
    told,
)
from services.enrollment.events import actions as events
from services.enrollment.events.model import EventType
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.notices.model import Mail
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people import actions as people_actions
from services.enrollment.people import store as people
from services.enrollment.people.model import Person
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError


async def enroll(house: House, organization: Organization, listing: Listing, wish: Application) -> Told:
    """Give somebody the lowest free seat, else the next rank in line, and write to them.

    Somebody who has a place keeps it: whoever asked is told what a newcomer would be, and the owner of the address gets
    a letter, at most once an hour; only the very same request again is told the place.
    NotFoundError, RegistrationClosedError, InvalidInputError, EnrollmentExistsError.
    """
    now = house.clock()
    head = Letterhead(organization=organization, cohort=listing, own_url=house.settings.enrollment_url)
    async with transaction(house.pool) as connection:
        frame = await store.lock_cohort(connection, organization.id, listing.id)
        if frame is None:
            raise NotFoundError
        _check_open(frame, now=now)
        person = await people_actions.ensure_person(
            connection, organization_id=organization.id, name=wish.name, email=wish.email
        )
        known = await store.enrollment_of(connection, frame.id, person.id)
        if known is not None and known.id == wish.id and known.place != "none":
            return told(known)
        if (known is None or known.id != wish.id) and await store.id_is_taken(connection, wish.id):
            # Whoever the address is of: otherwise a taken id would tell who is enrolled.
            raise EnrollmentExistsError
        seat = await store.free_seat(connection, frame.id)
        answer = await _next_place(connection, frame, seat_number=None if seat is None else seat[1])
        if known is not None and known.place != "none":
            if await store.tell_again(connection, known.id, now=now, unless_since=now - TOLD_AGAIN_AFTER):
                await _post(house, connection, frame, letters.enrolled_again(head, person, told(known)))
            return answer
        seat_id = None if seat is None else seat[0]
        identifier = await store.put_enrollment(connection, frame, person.id, wish, seat_id=seat_id, now=now)
        await _record(connection, frame, answer, enrollment_id=identifier, person_id=person.id, now=now)
        await _post(house, connection, frame, letters.enrolled(head, person, answer))
    return answer


def _check_open(frame: Frame, *, now: datetime) -> None:
    opens_at = frame.registration_opens_at
    reason = closed_reason(frame.state, opens_at, frame.registration_closes_at, now=now)
    if reason is not None:
        raise RegistrationClosedError(reason, opens_at if reason == "not yet" else None)


async def _next_place(connection: Connection, frame: Frame, *, seat_number: int | None) -> Told:
    if seat_number is not None:
        return Told(place="seated", seat_number=seat_number, in_line_before=None)
    return Told(place="in line", seat_number=None, in_line_before=await store.in_line(connection, frame.id))


async def withdraw(house: House, organization_id: UUID, enrollment_id: UUID) -> Enrollment:
    """Give up a place; its seat goes to the head of the line. Withdrawing again changes nothing.

    NotFoundError; OutcomeDecidedError once completion was decided.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        found = await store.enrollment(connection, organization_id, enrollment_id)
        frame = None if found is None else await store.lock_any_cohort(connection, organization_id, found.cohort_id)
        held = await store.lock_enrollment(connection, organization_id, enrollment_id)
        if frame is None or held is None:
            raise NotFoundError
        if held.outcome == "withdrawn":
            return held
        if held.outcome != "none":
            raise OutcomeDecidedError(held.outcome)
        await store.withdraw(connection, enrollment_id)
        await _record(connection, frame, None, enrollment_id=enrollment_id, person_id=held.person_id, now=now)
        head, person = await _letterhead(house, connection, frame), await _person(connection, frame, held.person_id)
        await _post(house, connection, frame, letters.withdrawn(head, person))
        await fill_free_seats(house, connection, frame)
        after = await store.enrollment(connection, organization_id, enrollment_id)
        if after is None:
            raise NotFoundError
    return after


async def fill_free_seats(house: House, connection: Connection, frame: Frame) -> None:
    """Give each free seat of a cohort that is held to the head of its line, and write to them."""
    if not frame.hands_seats_on:
        return
    seated = await store.seat_the_line(connection, frame.id)
    head = await _letterhead(house, connection, frame) if seated else None
    for one in seated:
        person = await _person(connection, frame, one.person_id)
        place = Told(place="seated", seat_number=one.seat_number, in_line_before=None)
        await _record(connection, frame, place, enrollment_id=one.enrollment_id, person_id=person.id, now=house.clock())
        if head is not None:
            await _post(house, connection, frame, letters.seat_came_free(head, person, place))


async def write_cohort(house: House, cohort: Cohort, *, unchanged: Cohort | None = None) -> None:
    """Write a cohort; where it is open or runs (again), each seat that came free meanwhile goes to the line.

    InvalidInputError, StateError, PolicyFixedError, SessionHeldError, CohortExistsError; ChangedMeanwhileError where it
    is no longer what was read (`unchanged`).
    """
    async with transaction(house.pool) as connection:
        await cohort_actions.write(house, connection, cohort, unchanged=unchanged)
        frame = await store.lock_any_cohort(connection, cohort.organization_id, cohort.id)
        if frame is None:
            raise NotFoundError
        await fill_free_seats(house, connection, frame)


async def set_seats(house: House, organization_id: UUID, cohort_id: UUID, wanted: int) -> Counts:
    """Give a cohort this many seats: new ones go to the line first, only free ones are taken away.

    NotFoundError; SeatsHeldError where fewer are wanted than are held.
    """
    async with transaction(house.pool) as connection:
        frame = await store.lock_any_cohort(connection, organization_id, cohort_id)
        if frame is None:
            raise NotFoundError
        now = await store.seats(connection, cohort_id)
        if wanted < now.held:
            raise SeatsHeldError(now.held)
        if wanted > now.seats:
            await store.add_seats(connection, frame, behind=now.last_number, number=wanted - now.seats)
            await fill_free_seats(house, connection, frame)
        elif wanted < now.seats:
            await store.remove_free_seats(connection, cohort_id, number=now.seats - wanted)
        return (await cohorts.counts(connection, [cohort_id]))[cohort_id]


async def set_name_display(pool: Pool, organization_id: UUID, enrollment_id: UUID, *, shows_name: bool) -> Enrollment:
    """Write whether the badge is to show the name. NotFoundError; OutcomeDecidedError once the badge was asked for."""
    async with transaction(pool) as connection:
        held = await store.lock_enrollment(connection, organization_id, enrollment_id)
        if held is None:
            raise NotFoundError
        if held.shows_name != shows_name:
            if held.outcome == "completed":
                raise OutcomeDecidedError(held.outcome)
            await store.set_name_display(connection, enrollment_id, shows_name=shows_name)
    return msgspec.structs.replace(held, shows_name=shows_name)


async def _record(
    connection: Connection, frame: Frame, place: Told | None, *, enrollment_id: UUID, person_id: UUID, now: datetime
) -> None:
    kind: EventType = "enrollment.withdrawn"
    if place is not None:
        kind = "enrollment.seated" if place.place == "seated" else "enrollment.in_line"
    await events.record(
        connection,
        organization_id=frame.organization_id,
        type=kind,
        person_id=person_id,
        data={"enrollment_id": enrollment_id, "cohort_id": frame.id},
        occurred_at=now,
    )


async def _post(house: House, connection: Connection, frame: Frame, mail: Mail) -> None:
    await notices.post(connection, mail, organization_id=frame.organization_id, sealing_key=house.sealing_key)


async def _letterhead(house: House, connection: Connection, frame: Frame) -> Letterhead:
    organization = await organizations.by_id(connection, frame.organization_id)
    cohort = await cohorts.cohort(connection, frame.organization_id, frame.id)
    if organization is None or cohort is None:
        raise NotFoundError
    return Letterhead(organization=organization, cohort=cohort, own_url=house.settings.enrollment_url)


async def _person(connection: Connection, frame: Frame, person_id: UUID) -> Person:
    person = await people.person(connection, frame.organization_id, person_id)
    if person is None:
        raise NotFoundError
    return person
