"""A cohort keeps the badge that it opened with, and its curriculum, whatever staff make of the level meanwhile."""

from uuid import UUID, uuid4

import pytest

from services.enrollment.completions import store as completions
from shared.postgres import Pool
from tests.enrollment.staff import ACHIEVEMENT, Planned, call, plan, put, signed_in
from tests.enrollment.visitors import Served


async def promised(pool: Pool, organization: UUID, cohort_id: object) -> int | None:
    """The version of the badge that a decision would ask for now."""
    frame = await completions.frame(pool, organization, UUID(str(cohort_id)))
    assert frame is not None
    return frame.achievement_version


def level(planned: Planned, version: int) -> dict[str, object]:
    content = {**ACHIEVEMENT, "criteria": f"As of version {version}."}
    return {"program_id": str(planned.program_id), "number": 1, "name": "Level One", "description": "The first.",
            "achievement": {"version": version, "content": content}}  # fmt: skip


async def test_a_running_cohort_keeps_its_version_and_a_draft_takes_the_newest_when_it_opens(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool = enrollment_pool
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/api/levels/{planned.level_id}"
        # it opened before its level awarded anything: it will award what the level does, once it does
        assert await promised(pool, organization, planned.cohort_id) is None
        await put(staff, path, level(planned, 1))
        assert await promised(pool, organization, planned.cohort_id) == 1
        running, draft = uuid4(), uuid4()
        await put(staff, f"/api/cohorts/{running}", {**planned.body, "sessions": []})
        await put(staff, f"/api/cohorts/{draft}", {**planned.body, "sessions": [], "state": "draft"})
        await put(staff, path, level(planned, 2))
        assert [await promised(pool, organization, one) for one in (running, draft)] == [1, 2]
        await put(staff, f"/api/cohorts/{running}", {**planned.body, "sessions": [], "state": "running"})
        await put(staff, f"/api/cohorts/{draft}", {**planned.body, "sessions": []})
        await put(staff, path, level(planned, 3))
        assert [await promised(pool, organization, one) for one in (running, draft)] == [1, 2]


@pytest.mark.parametrize("times", [1, 2])
async def test_the_next_version_of_a_curriculum_is_made_once_and_the_cohort_stays_with_its_own(
    served: Served, enrollment_pool: Pool, organization: UUID, times: int
) -> None:
    from services.enrollment.programs import actions, store

    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        made = {
            await actions.make_next_version(enrollment_pool, organization, planned.curriculum_id) for _ in range(times)
        }
        (second,) = made
        (before,) = await store.curricula(enrollment_pool, organization, also=planned.curriculum_id)
        (after,) = await store.curricula(enrollment_pool, organization, also=second)
        assert (after.number, after.based_on, after.name) == (2, before.id, before.name)
        assert [one.name for one in after.modules] == [one.name for one in before.modules]
        assert {one.id for one in after.modules}.isdisjoint(one.id for one in before.modules)
        assert [one.id for one in await store.newest_curricula(enrollment_pool, organization)] == [second]
        _, found = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}")
        assert found["curriculum_id"] == str(planned.curriculum_id)
        # the new one is nobody's yet, so it can be changed
        body = {"level_id": str(planned.level_id), "name": "Standard", "modules": []}
        answer = await put(staff, f"/api/curricula/{second}", body)
        assert (answer["number"], answer["modules"]) == (2, [])
