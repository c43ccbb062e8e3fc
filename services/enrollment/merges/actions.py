"""The verb of merges: let two records of one person be one, with everything that is either's."""

from uuid import UUID

from services.enrollment.enrollments import store as enrollments
from services.enrollment.events import actions as events
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.merges import store
from services.enrollment.merges.model import NotMergedError, Plan, plan
from services.enrollment.merges.rooms import ROOMS
from services.enrollment.people import store_personal as people_personal
from services.enrollment.people.model import Viewer
from services.enrollment.people.secrets import actions as secrets
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError

#: How often we begin anew, where one of the two goes on enrolling.
_MOST_ROUNDS = 5


async def plan_of(connection: Connection | Pool, viewer: Viewer, *, keep: UUID, away: UUID) -> Plan:
    """What merging two records would do. NotFoundError where one of them is none, or was merged."""
    found = await store.sides(connection, viewer.organization_id, keep, away)
    if not found.keys() >= {keep, away} or found[keep].is_merged or found[away].is_merged:
        raise NotFoundError
    return plan(
        found[keep],
        found[away],
        approved=await store.approved(connection, viewer.organization_id, keep, away),
        may_with_roles="administrator" in viewer.roles,
    )


async def merge(house: House, viewer: Viewer, *, keep: UUID, away: UUID) -> None:
    """Let `keep` have all that is `away`'s, its addresses too; both sign in anew. Again changes nothing.

    NotFoundError; NotMergedError where something keeps them apart.
    """
    for _ in range(_MOST_ROUNDS):
        if await store.merged_into(house.pool, viewer.organization_id, away) == keep:
            return
        if await _merge(house, viewer, keep=keep, away=away):
            return
    raise TimeoutError


async def _merge(house: House, viewer: Viewer, *, keep: UUID, away: UUID) -> bool:
    """One transaction over all rooms; False where one of them enrolled somewhere meanwhile."""
    organization_id, now = viewer.organization_id, house.clock()
    async with transaction(house.pool) as connection:
        await people_personal.hold_alone(connection, organization_id)
        cohort_ids = await store.cohorts_of(connection, organization_id, keep, away)
        await enrollments.hold_cohorts(connection, organization_id, cohort_ids)
        held = await store.lock_people(connection, organization_id, keep, away)
        if set(held) != {keep, away} or viewer.person_id is None:
            if await store.merged_into(connection, organization_id, away) == keep:
                return True
            raise NotFoundError
        if await store.cohorts_of(connection, organization_id, keep, away) != cohort_ids:
            return False
        found = await plan_of(connection, viewer, keep=keep, away=away)
        if found.obstacles:
            raise NotMergedError([one for one, _ in found.obstacles])
        for reassign in ROOMS:
            await reassign(connection, organization_id, away=away, keep=keep)
        await secrets.reassign(
            connection, organization_id, away=away, into=keep, sealing_key=house.sealing_key, now=now
        )
        await store.insert_merge(connection, organization_id, away=away, keep=keep, by=viewer.person_id, at=now)
        await events.record(
            connection,
            organization_id=organization_id,
            type="person.merged",
            person_id=keep,
            data={"person_id": keep, "merged_person_id": away},
            occurred_at=now,
        )
        await journal.note(
            connection,
            organization_id=organization_id,
            person_id=viewer.person_id,
            action="person.merge",
            object_kind="person",
            object_id=keep,
            note={"merged": str(away), "enrollments": len(found.moving)},
        )
    return True
