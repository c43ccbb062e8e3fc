"""Verbs of offers: accept or decline one, and end those that nobody answered in time."""

import logging
from datetime import datetime
from uuid import UUID

from services.enrollment.enrollments import letters, store, store_places
from services.enrollment.enrollments.model import Enrollment, OfferOverError, ended_of, told
from services.enrollment.enrollments.seats.settling import Desk, settle
from services.enrollment.house import House
from shared.postgres import Connection, transaction
from shared.problems import NotFoundError

logger = logging.getLogger(__name__)

#: How many cohorts one run of the clock looks at.
_BATCH = 100


async def accept(house: House, organization_id: UUID, enrollment_id: UUID, *, of: datetime | None = None) -> Enrollment:
    """Take the seat that is offered; `of` says until when, where a certain offer is meant. Again changes nothing.

    NotFoundError; OfferOverError once it was declined or has ended, to the very moment.
    """
    async with transaction(house.pool) as connection:
        # Read under the cohort's lock, so that the clock and the answer are one after the other.
        desk, held = await _held(house, connection, organization_id, enrollment_id)
        if held.place == "seated":
            return held
        if not _stands(held, of=of, now=desk.now):
            raise OfferOverError
        await store_places.accept(connection, enrollment_id)
        after = await store.enrollment(connection, organization_id, enrollment_id)
        if after is None:
            raise NotFoundError
        await desk.record_place(told(after), after.id, after.person_id)
        people = await store_places.people(connection, [after.person_id])
        person = people[after.person_id]
        calendar = await desk.dates(person)
        await desk.post(letters.enrolled(await desk.head(), person, told(after), calendar=calendar))
        await settle(house, connection, desk.frame, now=desk.now)
    return after


async def decline(
    house: House, organization_id: UUID, enrollment_id: UUID, *, of: datetime | None = None
) -> Enrollment:
    """Give the offered seat to the next in line and leave. Again changes nothing. NotFoundError, OfferOverError."""
    async with transaction(house.pool) as connection:
        desk, held = await _held(house, connection, organization_id, enrollment_id)
        if held.left_because == "declined":
            return held
        if not _stands(held, of=of, now=desk.now):
            raise OfferOverError
        await store_places.leave(connection, enrollment_id, "declined", now=desk.now)
        await desk.tell_ended([ended_of(held)], "declined", "enrollment.offer_ended")
        await settle(house, connection, desk.frame, now=desk.now)
        after = await store.enrollment(connection, organization_id, enrollment_id)
        if after is None:
            raise NotFoundError
    return after


async def run_clock(house: House) -> int:
    """Settle each cohort in which something is due, one transaction each; how many there were."""
    found = await store_places.due(house.pool, now=house.clock(), most=_BATCH)
    for organization_id, cohort_id in found:
        async with transaction(house.pool) as connection:
            frame = await store.lock_any_cohort(connection, organization_id, cohort_id)
            if frame is not None:
                await settle(house, connection, frame, now=house.clock())
    return len(found)


async def _held(
    house: House, connection: Connection, organization_id: UUID, enrollment_id: UUID
) -> tuple[Desk, Enrollment]:
    """An enrollment, held after its cohort. NotFoundError."""
    found = await store.enrollment(connection, organization_id, enrollment_id)
    frame = None if found is None else await store.lock_any_cohort(connection, organization_id, found.cohort_id)
    held = await store.lock_enrollment(connection, organization_id, enrollment_id)
    if frame is None or held is None:
        raise NotFoundError
    return Desk(house, connection, frame, now=house.clock()), held


def _stands(held: Enrollment, *, of: datetime | None, now: datetime) -> bool:
    ends = held.offer_expires_at
    return held.place == "offered" and ends is not None and now < ends and of in (None, ends)
