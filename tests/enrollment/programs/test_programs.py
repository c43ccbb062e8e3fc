"""Staff write programs, levels and curricula; what a level awards goes to the issuer, version by version."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from services.enrollment.programs.model import AchievementMessage
from shared.postgres import Pool
from tests.enrollment.staff import ACHIEVEMENT, another_organization, call, plan, put, signed_in
from tests.enrollment.visitors import Served, browser, slug_of


def level_body(program_id: UUID, **more: Any) -> dict[str, Any]:
    return {"program_id": str(program_id), "number": 1, "name": "Level One", "description": "The first.", **more}


async def messages(pool: Pool, organization: UUID) -> list[AchievementMessage]:
    """What waits for the issuer, by version."""
    rows = await pool.fetch(
        "SELECT payload FROM outbox WHERE organization_id = $1 AND topic = 'achievement'", organization
    )
    found = [msgspec.json.decode(row["payload"], type=AchievementMessage) for row in rows]
    return sorted(found, key=lambda one: one.version)


async def test_anybody_reads_a_program_with_levels_curricula_and_modules(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        planned = await plan(staff)
        _, own = await call(staff, "GET", f"/api/programs/{planned.program_id}")
        (level,) = own["levels"]
        (curriculum,) = level["curricula"]
        assert [one["name"] for one in curriculum["modules"]] == ["Bias"]
        slug = await slug_of(enrollment_pool, organization)
        assert await call(anybody, "GET", f"/api/{slug}/programs") == (200, {"items": [own], "next": None})
        assert (await call(anybody, "GET", "/api/programs"))[1]["items"] == []
        assert (await call(anybody, "GET", f"/api/programs/{planned.program_id}"))[0] == 404


async def test_programs_are_paged_by_cursor(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    async with signed_in(served, enrollment_pool, organization, "administrator") as staff:
        wanted = sorted([str((await plan(staff)).program_id) for _ in range(3)])
        _, first = await call(staff, "GET", "/api/programs?limit=2")
        _, rest = await call(staff, "GET", f"/api/programs?limit=2&after={first['next']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == wanted
    assert rest["next"] is None


async def test_a_level_tells_the_issuer_each_version_of_what_it_awards_once(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/api/levels/{planned.level_id}"
        first = level_body(planned.program_id, achievement={"version": 1, "content": ACHIEVEMENT})
        answer = await put(staff, path, first)
        assert await put(staff, path, first) == answer
        second = level_body(
            planned.program_id, achievement={"version": 2, "content": {**ACHIEVEMENT, "criteria": "Attend."}}
        )
        after = await put(staff, path, second)
        assert (after["achievement_id"], after["achievement_version"]) == (answer["achievement_id"], 2)
        assert (await put(staff, path, level_body(planned.program_id)))["achievement_version"] == 2
        for stale in (1, 4):
            body = level_body(planned.program_id, achievement={"version": stale, "content": ACHIEVEMENT})
            status, problem = await call(staff, "PUT", path, body)
            assert (status, problem["type"], problem["current"]) == (409, "/problems/achievement-version", 2)
    sent = await messages(enrollment_pool, organization)
    assert [(str(one.achievement_id), one.version) for one in sent] == [
        (answer["achievement_id"], 1),
        (answer["achievement_id"], 2),
    ]
    assert sent[1].content.criteria == "Attend."


async def test_a_curriculum_that_a_cohort_follows_stays_as_it_is(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        _, program = await call(staff, "GET", f"/api/programs/{planned.program_id}")
        (same,) = program["levels"][0]["curricula"]
        path = f"/api/curricula/{planned.curriculum_id}"
        for name in ("id", "number", "based_on"):
            del same[name]
        assert (await call(staff, "PUT", path, same))[0] == 200
        status, problem = await call(staff, "PUT", path, {**same, "name": "Other"})
        assert (status, problem["type"]) == (409, "/problems/curriculum-in-use")


async def test_a_free_curriculum_changes_its_modules_and_their_order(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/api/curricula/{uuid4()}"
        modules = [{"id": str(uuid4()), "name": n, "description": n, "evidence_wanted": n} for n in "abc"]
        body = {"level_id": str(planned.level_id), "name": "Second", "modules": modules}
        await put(staff, path, body)
        changed = {**body, "modules": [modules[2], modules[0]]}
        await put(staff, path, changed)
        _, program = await call(staff, "GET", f"/api/programs/{planned.program_id}")
        assert [one["name"] for one in program["levels"][0]["curricula"][1]["modules"]] == ["c", "a"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"slug": "Not A Slug"}, 400), ({"accent": "red"}, 400), ({"unknown": 1}, 400), ({"slug": "taken"}, 409)],
)
async def test_a_program_that_does_not_fit_is_refused(
    served: Served, enrollment_pool: Pool, organization: UUID, change: dict[str, Any], status: int
) -> None:
    body = {"slug": "fits", "name": "Program", "description": "A program."}
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        await put(staff, f"/api/programs/{uuid4()}", {**body, "slug": "taken"})
        assert (await call(staff, "PUT", f"/api/programs/{uuid4()}", {**body, **change}))[0] == status


async def test_only_staff_write_and_another_organization_reaches_nothing(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, other = enrollment_pool, await another_organization(enrollment_pool)
    async with (
        signed_in(served, pool, organization, "coordinator") as staff,
        signed_in(served, pool, organization) as somebody,
        signed_in(served, pool, other, "administrator") as stranger,
        browser(served) as anonymous,
    ):
        planned = await plan(staff)
        path = f"/api/programs/{planned.program_id}"
        body = {"slug": "taken-over", "name": "Program", "description": "A program."}
        assert (await call(anonymous, "PUT", path, body))[0] == 401
        assert (await call(somebody, "PUT", path, body))[0] == 403
        assert (await call(stranger, "PUT", path, body))[0] == 409
        assert (await call(stranger, "GET", path))[0] == 404
        assert (await call(stranger, "PUT", f"/api/levels/{planned.level_id}", level_body(planned.program_id)))[
            0
        ] == 422
        curriculum = {"level_id": str(planned.level_id), "name": "Mine", "modules": []}
        assert (await call(stranger, "PUT", f"/api/curricula/{uuid4()}", curriculum))[0] == 422
        assert (await call(staff, "GET", path))[1]["name"] == "Leaders for Just Schools"
