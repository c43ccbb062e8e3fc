"""Verbs of retention: tell a person all that is kept of them, forget them, hold what must not be removed."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.enrollment.completions import store_personal as completions
from services.enrollment.completions.actions import ERASURE
from services.enrollment.enrollments import actions as enrollments
from services.enrollment.enrollments.model import OutcomeDecidedError
from services.enrollment.events import actions as events
from services.enrollment.evidence import store_personal as evidence
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.organizations.model import Organization
from services.enrollment.people import store as people
from services.enrollment.people import store_personal as people_personal
from services.enrollment.people.model import LastAdministratorError, Viewer
from services.enrollment.records import store as records
from services.enrollment.records.actions import WITHDRAWAL
from services.enrollment.retention import letters, model, store
from services.enrollment.retention.model import HoldTargetError, Plan
from services.enrollment.retention.rooms import ROOMS
from services.enrollment.retention.schedule import SCHEDULE, YEARS
from shared import contracts, outbox
from shared.contracts import canonical
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError
from shared.records import RecordWithdrawal

#: How often we give up places anew, where somebody goes on enrolling.
_MOST_ROUNDS = 5


async def data_of(connection: Connection | Pool, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """All that is kept of a person, for their own download."""
    found: dict[str, Any] = {}
    for room in ROOMS:
        found |= await room.tell(connection, organization_id, person_id)
    if merged := await people_personal.merged(connection, organization_id, person_id):
        found["merged_records"] = [await data_of(connection, organization_id, one) for one in merged]
    return found


async def plan_of(connection: Connection | Pool, organization: Organization, person_id: UUID, *, now: datetime) -> Plan:
    """What erasing a person would remove, leave and keep."""
    ties = await store.ties(connection, organization.id, person_id, time_zone=organization.time_zone, years=YEARS)
    return model.plan(SCHEDULE, ties, today=now.date())


async def erase(house: House, organization: Organization, person_id: UUID, *, by: UUID) -> Plan:
    """Forget a person, as far as the schedule lets; the plan that was followed.

    Under a legal hold the wish is noted and nothing removed, until a clock finds the hold lifted. Asking again changes
    nothing. NotFoundError, LastAdministratorError.
    """
    for _ in range(_MOST_ROUNDS):
        plan = await plan_of(house.pool, organization, person_id, now=house.clock())
        if not plan.is_held:
            async with transaction(house.pool) as connection:
                await _check_administrator(connection, organization.id, person_id)
            await _give_up_places(house, organization.id, person_id)
        if (done := await _erase(house, organization, person_id, by=by)) is not None:
            await destroy_files(house)
            return done
    raise TimeoutError


async def _check_administrator(connection: Connection, organization_id: UUID, person_id: UUID) -> None:
    if not await store.leaves_an_administrator(connection, organization_id, person_id):
        raise LastAdministratorError


async def _give_up_places(house: House, organization_id: UUID, person_id: UUID) -> None:
    """Each seat goes to whoever is next in line."""
    for enrollment_id in await store.open_enrollments(house.pool, organization_id, person_id):
        try:
            await enrollments.withdraw(house, organization_id, enrollment_id)
        except OutcomeDecidedError:
            continue  # decided a moment ago


async def _erase(house: House, organization: Organization, person_id: UUID, *, by: UUID) -> Plan | None:
    """One transaction over all rooms; None where a place was taken meanwhile."""
    now = house.clock()
    async with transaction(house.pool) as connection:
        await _check_administrator(connection, organization.id, person_id)
        if not await store.lock_person(connection, organization.id, person_id):
            raise NotFoundError
        person = await people.person(connection, organization.id, person_id)
        before = await store.erasure(connection, organization.id, person_id)
        plan = await plan_of(connection, organization, person_id, now=now)
        if person is None or (before is not None and before.finished_at is not None):
            return plan
        await store.insert_erasure(connection, uuid4(), organization.id, person_id, by=by, at=now)
        if plan.is_held:
            return plan
        if await store.open_enrollments(connection, organization.id, person_id):
            return None
        is_first = before is None or before.done_at is None
        if is_first:
            # Posted before the address is forgotten; it waits sealed.
            mail = letters.erased(organization, person, plan)
            await notices.post(connection, mail, organization_id=organization.id, sealing_key=house.sealing_key)
        await _forget(connection, organization.id, person_id, plan, now=now)
        await store.set_done(connection, person_id, at=now, kept_until=plan.kept_until)
        if is_first:
            await _tell(connection, organization.id, person_id, by=by, now=now)
        return plan


async def _forget(connection: Connection, organization_id: UUID, person_id: UUID, plan: Plan, *, now: datetime) -> None:
    for award_id in await completions.forget_awards(connection, organization_id, person_id, at=now):
        await outbox.put(
            connection,
            organization_id=organization_id,
            topic=ERASURE,
            key=award_id,
            payload=canonical(contracts.Erasure(erased_at=now.replace(microsecond=0))),
        )
    for record_id in await records.open_of(connection, organization_id, person_id):
        await outbox.put(
            connection,
            organization_id=organization_id,
            topic=WITHDRAWAL,
            key=record_id,
            payload=canonical(RecordWithdrawal(withdrawn_at=now.replace(microsecond=0))),
        )
    merged = await people_personal.merged(connection, organization_id, person_id)
    for room in ROOMS:
        for one in (*merged, person_id):
            files = await room.forget(connection, organization_id, one, keep=plan.keep)
            if files:
                await store.want_destroyed(connection, files, organization_id, at=now)


async def _tell(connection: Connection, organization_id: UUID, person_id: UUID, *, by: UUID, now: datetime) -> None:
    await events.record(
        connection,
        organization_id=organization_id,
        type="person.erased",
        person_id=person_id,
        data={"person_id": person_id},
        occurred_at=now,
    )
    await journal.note(
        connection,
        organization_id=organization_id,
        person_id=by,
        action="person.erase",
        object_kind="person",
        object_id=person_id,
    )


async def destroy_files(house: House) -> None:
    """Destroy the files of whom was erased; what fails is tried again by the clock."""
    for file_id in await store.files_to_destroy(house.pool):
        await house.storage.remove(file_id)
        await store.destroyed(house.pool, file_id)


async def destroy_sealed(house: House) -> None:
    """Destroy evidence with students' data that only a hold kept, once no hold is in force."""
    for sealed in await evidence.sealed_without_hold(house.pool):
        async with transaction(house.pool) as connection:
            await people_personal.hold_still(connection, sealed.organization_id)
            if await people_personal.is_held(connection, sealed.organization_id, sealed.person_id):
                continue  # another was placed meanwhile
            files = await evidence.destroy_sealed(connection, sealed)
            if files is None:
                continue  # another worker was first, or its person is erased
            await store.want_destroyed(connection, files, sealed.organization_id, at=house.clock())
            await journal.note(
                connection,
                organization_id=sealed.organization_id,
                person_id=None,
                action="evidence.remove",
                object_kind="evidence",
                object_id=sealed.evidence_id,
            )


async def place_hold(
    house: House, viewer: Viewer, hold_id: UUID, *, person_id: UUID | None, cohort_id: UUID | None, reason: str
) -> None:
    """Keep what belongs to a person or a cohort from being erased; the same id again places none. HoldTargetError."""
    if viewer.person_id is None or (person_id is None) == (cohort_id is None):
        raise HoldTargetError
    async with transaction(house.pool) as connection:
        # What is being erased or destroyed ends before the hold begins.
        await people_personal.hold_alone(connection, viewer.organization_id)
        if person_id is not None and not await store.lock_person(connection, viewer.organization_id, person_id):
            raise HoldTargetError
        if cohort_id is not None and not await store.has_cohort(connection, viewer.organization_id, cohort_id):
            raise HoldTargetError
        await store.put_hold(
            connection,
            hold_id,
            viewer.organization_id,
            person_id=person_id,
            cohort_id=cohort_id,
            reason=reason,
            by=viewer.person_id,
            at=house.clock(),
        )
        await _note_hold(connection, viewer, hold_id, "hold.place")


async def lift_hold(house: House, viewer: Viewer, hold_id: UUID) -> None:
    """Let what a hold kept be erased again; whoever asked for it meanwhile is erased by the clock. NotFoundError."""
    if viewer.person_id is None or not await store.has_hold(house.pool, viewer.organization_id, hold_id):
        raise NotFoundError
    async with transaction(house.pool) as connection:
        await people_personal.hold_alone(connection, viewer.organization_id)
        if await store.lift_hold(connection, viewer.organization_id, hold_id, by=viewer.person_id, at=house.clock()):
            await _note_hold(connection, viewer, hold_id, "hold.lift")


async def _note_hold(connection: Connection, viewer: Viewer, hold_id: UUID, action: str) -> None:
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind="legal_hold",
        object_id=hold_id,
    )
