"""What programs and cohorts keep of a person is told, taken over when two are one, and forgotten."""

from uuid import UUID, uuid4

from services.enrollment.cohorts import store_personal as cohorts
from services.enrollment.programs import store_personal as programs
from shared.postgres import Pool, transaction
from tests.enrollment.cast import make_instructor
from tests.enrollment.staff import Planned, plan, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email


async def keep_something(pool: Pool, organization: UUID, planned: Planned, person: UUID, *, by: UUID) -> None:
    """A cohort to teach, a profile, a calendar's address, and an accepted badge from elsewhere."""
    await make_instructor(pool, organization, planned.cohort_id, person)
    await pool.execute("INSERT INTO instructor_profile VALUES ($1, $2, 'Head', 'Text', now())", person, organization)
    await pool.execute("INSERT INTO calendar_feed VALUES ($1, $2, $3, 1, now())", person.bytes, organization, person)
    await pool.execute(
        "INSERT INTO level_claim (id, organization_id, person_id, level_id, file_sha256, verdict, issuer, achievement,"
        " checked_at, decision, decided_by, decided_at)"
        " VALUES ($1, $2, $3, $4, 'same', 'genuine', 'I', 'A', now(), 'accepted', $5, now())",
        uuid4(), organization, person, planned.level_id, by,
    )  # fmt: skip


async def kinds(pool: Pool, organization: UUID, person: UUID) -> list[str]:
    """What is told of somebody."""
    told = (await cohorts.data_of(pool, organization, person))["cohorts"]
    claims = (await programs.data_of(pool, organization, person))["level_claims"]
    return sorted([one["kind"] for one in told] + [f"claim {one['decision']}" for one in claims])


async def test_two_persons_become_one_and_one_is_forgotten(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool = enrollment_pool
    away, kept, staff_id = [await add_person(pool, organization, fresh_email(), "coordinator") for _ in range(3)]
    async with signed_in(served, pool, organization, person_id=staff_id) as staff:
        planned = await plan(staff)
    await keep_something(pool, organization, planned, away, by=kept)
    everything = ["calendar address", "claim accepted", "profile", "teaches"]
    assert await kinds(pool, organization, away) == everything
    async with transaction(pool) as connection:
        for room in (cohorts, programs):
            await room.reassign(connection, organization, away=away, keep=kept)
    assert await kinds(pool, organization, away) == []
    # nobody has accepted a badge of their own
    assert await kinds(pool, organization, kept) == ["claim None", "profile", "teaches"]
    await keep_something(pool, organization, planned, away, by=staff_id)
    async with transaction(pool) as connection:
        for room in (cohorts, programs):
            assert await room.forget(connection, organization, away, keep=frozenset()) == []
            await room.reassign(connection, organization, away=away, keep=kept)
    assert await kinds(pool, organization, kept) == ["claim None", "profile", "teaches"]
