"""Verbs by which staff move people: free the seats of no-shows, move to another cohort, choose whom to seat.

Each is about a list, and all of it happens or none: the errors name whom they are about. The journal says who did it.
"""

from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from services.enrollment.enrollments import letters, store, store_places
from services.enrollment.enrollments.model import (
    AlreadyThereError,
    Application,
    AttendedError,
    Enrollment,
    Frame,
    LevelMissingError,
    NoSeatThereError,
    NotPlacedError,
    NoTransferError,
    Told,
    ended_of,
)
from services.enrollment.enrollments.seats.settling import Desk, settle
from services.enrollment.forms import store as forms
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.people.model import Person
from services.enrollment.programs import store as programs
from shared.postgres import Connection, transaction
from shared.problems import NotFoundError


async def release_no_shows(
    house: House, organization_id: UUID, cohort_id: UUID, enrollment_ids: Sequence[UUID], *, by: UUID | None = None
) -> int:
    """Give the seats of people who did not come to the line; how many. Who is released already stays so.

    NotFoundError, NotPlacedError; AttendedError for people who were in a session.
    """
    async with transaction(house.pool) as connection:
        desk = await _desk(house, connection, organization_id, cohort_id)
        held = await _held(connection, desk.frame, enrollment_ids)
        rest = [one for one in held if one.left_because != "no-show"]
        _all(rest, lambda one: one.place == "seated" and one.outcome == "none")
        if seen := await store_places.attended(connection, [one.id for one in rest]):
            raise AttendedError(seen)
        for one in rest:
            await store_places.leave(connection, one.id, "no-show", now=desk.now)
        await desk.tell_ended([ended_of(one) for one in rest], "no-show", "enrollment.withdrawn")
        await _note(desk, "place.no-show", rest, by=by)
        await settle(house, connection, desk.frame, now=desk.now)
    return len(rest)


async def remove(
    house: House, organization_id: UUID, cohort_id: UUID, enrollment_ids: Sequence[UUID], *, by: UUID | None = None
) -> int:
    """Withdraw people at their wish, from seat, offer or line; how many. NotFoundError, NotPlacedError."""
    async with transaction(house.pool) as connection:
        desk = await _desk(house, connection, organization_id, cohort_id)
        held = await _held(connection, desk.frame, enrollment_ids)
        rest = [one for one in held if one.outcome != "withdrawn"]
        _all(rest, lambda one: one.place != "none" and one.outcome == "none")
        for one in rest:
            await store_places.leave(connection, one.id, "withdrew", now=desk.now)
        await desk.tell_ended([ended_of(one) for one in rest], "withdrew", "enrollment.withdrawn")
        await _note(desk, "place.withdraw", rest, by=by)
        await settle(house, connection, desk.frame, now=desk.now)
    return len(rest)


async def select(
    house: House, organization_id: UUID, cohort_id: UUID, enrollment_ids: Sequence[UUID], *, by: UUID | None = None
) -> int:
    """Choose people in line, who are then given seats in its order; how many were asked for.

    NotFoundError, NotPlacedError.
    """
    async with transaction(house.pool) as connection:
        desk = await _desk(house, connection, organization_id, cohort_id)
        held = await _held(connection, desk.frame, enrollment_ids)
        _all(held, lambda one: one.place != "none")
        waiting = [one for one in held if one.place == "in line"]
        await store_places.select(connection, [one.id for one in waiting], now=desk.now)
        await _note(desk, "place.select", waiting, by=by)
        await settle(house, connection, desk.frame, now=desk.now)
    return len(waiting)


async def transfer(
    house: House,
    organization_id: UUID,
    cohort_id: UUID,
    enrollment_ids: Sequence[UUID],
    *,
    to: UUID,
    by: UUID | None = None,
) -> int:
    """Move people to another cohort of the program: who has a seat gets one there, others stand at its line's end.

    The registration window there does not bind staff. How many moved; who is moved there already stays so.
    NotFoundError, NoTransferError, NotPlacedError, AlreadyThereError, LevelMissingError, NoSeatThereError.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        frames = await store.lock_two_cohorts(connection, organization_id, cohort_id, to)
        if not frames.keys() >= {cohort_id, to}:
            raise NotFoundError
        here, there = frames[cohort_id], frames[to]
        if cohort_id == to or here.program_id != there.program_id or not there.hands_seats_on:
            raise NoTransferError
        held = await _held(connection, here, enrollment_ids)
        known = {one.person_id: one for one in await store_places.of_people(connection, to, _persons(held))}
        rest = [one for one in held if not (one.left_because == "transferred" and _has_place(known, one))]
        _all(rest, lambda one: one.place != "none" and one.outcome == "none")
        if doubles := [one.id for one in rest if _is_taken(known.get(one.person_id))]:
            raise AlreadyThereError(doubles)
        await _check_badges(connection, there, rest)
        desk = Desk(house, connection, here, now=now)
        await _move(desk, Desk(house, connection, there, now=now), rest)
        await _note(desk, "place.transfer", rest, by=by)
    return len(rest)


async def _check_badges(connection: Connection, there: Frame, moved: list[Enrollment]) -> None:
    """Raise LevelMissingError where the cohort needs a badge that somebody lacks."""
    required = await programs.required_level(connection, there.id)
    if required is None:
        return
    holding = await programs.holders(connection, there.organization_id, _persons(moved), required.id)
    if lacking := [one.id for one in moved if one.person_id not in holding]:
        raise LevelMissingError(required.name, required.id, lacking)


async def _note(desk: Desk, action: str, moved: Sequence[Enrollment], *, by: UUID | None) -> None:
    """Each is noted of their own, so that the journal tells what was done with one person."""
    for one in moved:
        await journal.note(
            desk.connection,
            organization_id=desk.frame.organization_id,
            person_id=by,
            action=action,
            object_kind="enrollment",
            object_id=one.id,
        )


async def _move(here: Desk, there: Desk, moved: list[Enrollment]) -> None:
    connection, now = here.connection, here.now
    new: dict[UUID, Enrollment] = {}
    for one in sorted(moved, key=_order):
        wish = Application(
            id=uuid4(),
            name=one.person_name,
            email="",
            shows_name=one.shows_name,
            region=one.region if one.region in there.frame.admission.quotas else None,
        )
        identifier = await store.put_enrollment(connection, there.frame, one.person_id, wish, selected_at=now, now=now)
        await forms.carry(connection, one.id, identifier)
        await store_places.leave(connection, one.id, "transferred", now=now, transferred_to=identifier)
        new[identifier] = one
    seated = await settle(there.house, connection, there.frame, now=now, newcomers=list(new))
    if lost := [one.id for identifier, one in new.items() if one.place != "in line" and identifier not in seated]:
        raise NoSeatThereError(lost)
    people = await store_places.people(connection, _persons(moved))
    came_from, head = (await here.head()).cohort.name, await there.head()
    for identifier, one in new.items():
        after = await store.enrollment(connection, there.frame.organization_id, identifier)
        if after is None:
            raise NotFoundError
        place = Told(
            place="seated" if identifier in seated else "in line",
            seat_number=seated.get(identifier),
            in_line_before=after.in_line_before,
        )
        await here.record(
            "enrollment.transferred",
            one.id,
            one.person_id,
            to_enrollment_id=identifier,
            to_cohort_id=there.frame.id,
        )
        await there.record_place(place, identifier, one.person_id)
        person = people[one.person_id]
        calendar = await _dates(here, there, person, one, place)
        await there.post(letters.transferred(head, person, place, came_from=came_from, calendar=calendar))
    await settle(here.house, connection, here.frame, now=now)


async def _dates(here: Desk, there: Desk, person: Person, before: Enrollment, after: Told) -> str | None:
    """What becomes of the calendar of somebody who was moved."""
    was_seated = before.place == "seated"
    if after.place != "seated":
        return await here.dates(person, leaves=here) if was_seated else None
    return await there.dates(person, leaves=here if was_seated else None)


def _order(one: Enrollment) -> tuple[bool, int, int]:
    """Whoever has a seat first, then in the order of the line they come from."""
    return one.place == "in line", one.seat_number or 0, one.in_line_before or 0


def _persons(found: Sequence[Enrollment]) -> list[UUID]:
    return [one.person_id for one in found]


def _is_taken(known: Enrollment | None) -> bool:
    return known is not None and (known.place != "none" or known.outcome != "withdrawn")


def _has_place(known: dict[UUID, Enrollment], one: Enrollment) -> bool:
    return one.person_id in known and known[one.person_id].place != "none"


async def _desk(house: House, connection: Connection, organization_id: UUID, cohort_id: UUID) -> Desk:
    frame = await store.lock_any_cohort(connection, organization_id, cohort_id)
    if frame is None:
        raise NotFoundError
    return Desk(house, connection, frame, now=house.clock())


async def _held(connection: Connection, frame: Frame, enrollment_ids: Sequence[UUID]) -> list[Enrollment]:
    """These enrollments of the cohort, held. NotFoundError where it has not all of them."""
    found = await store_places.lock_chosen(connection, frame.id, enrollment_ids)
    if len(found) != len(set(enrollment_ids)):
        raise NotFoundError
    return found


def _all(found: Sequence[Enrollment], has_place: Callable[[Enrollment], bool]) -> None:
    if wrong := [one.id for one in found if not has_place(one)]:
        raise NotPlacedError(wrong)
