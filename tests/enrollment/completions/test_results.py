"""What reviewers found by a rubric, asked of the issuer with the award, as far as its achievement describes it."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from shared.contracts import AwardRequest, ResultClaim
from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.evidence.rubrics import RUBRIC, WHOLE, give_rubric
from tests.enrollment.staff import ACHIEVEMENT
from tests.enrollment.visitors import Served

DESCRIPTIONS = [
    {
        "id": one["id"],
        "name": one["name"],
        "levels": [{"id": level["id"], "name": level["name"]} for level in one["levels"]],
    }
    for one in RUBRIC["criteria"]
]


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort whose first module has a rubric; everybody was present."""
    scene = await cast(enrollment_pool)
    await give_rubric(enrollment_pool, scene.module_ids[0])
    await enrollment_pool.execute(
        "INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, recorded_by,"
        " recorded_at) VALUES ($1, $2, $3, $4, 'in person', $5, now())",
        scene.organization_id, scene.cohort_id, scene.session_id, scene.enrollment_id,
        scene.people["administrator"][1],
    )  # fmt: skip
    return scene


async def describe(served: Served, pool: Pool, scene: Cast, descriptions: list[dict[str, Any]]) -> None:
    """The next version of what the level awards, put by staff."""
    row = await pool.fetchrow(
        "SELECT l.* FROM level l JOIN curriculum k ON k.level_id = l.id JOIN cohort c ON c.curriculum_id = k.id"
        " WHERE c.id = $1",
        scene.cohort_id,
    )
    assert row is not None
    content = {**ACHIEVEMENT, "result_descriptions": descriptions} if descriptions else ACHIEVEMENT
    body = {
        "program_id": str(row["program_id"]), "number": 1, "name": "Level One", "description": "The first.",
        "achievement": {"version": row["achievement_version"] + 1, "content": content},
    }  # fmt: skip
    async with playing(served, pool, scene, "administrator") as staff:
        status, answer = await asked(staff, "PUT", f"/api/levels/{row['id']}", json=body)
        assert status == 200, answer


async def award(served: Served, pool: Pool, scene: Cast) -> AwardRequest:
    """What the issuer is asked for, once the participant's evidence was accepted with all levels."""
    identifiers = []
    async with playing(served, pool, scene, "participant") as session:
        for module_id in scene.module_ids:
            identifiers.append(uuid4())
            body = {"module_id": str(module_id), "text": "What I learned"}
            assert (await asked(session, "PUT", scene.hand_in(identifiers[-1]), json=body))[0] == 200
    async with playing(served, pool, scene, "administrator") as staff:
        for identifier, levels in zip(identifiers, (WHOLE, {}), strict=True):
            said = {"decision": "accepted", "levels": levels}
            assert (await asked(staff, "PUT", f"/api/evidence/{identifier}/review", json=said))[0] == 200
        chosen = {"completed": [str(scene.enrollment_id)]}
        status, answer = await asked(staff, "PUT", f"/api/cohorts/{scene.cohort_id}/completions", json=chosen)
        assert status == 200, answer
    payload: bytes = await pool.fetchval("SELECT payload FROM award WHERE enrollment_id = $1", scene.enrollment_id)
    return msgspec.json.decode(payload, type=AwardRequest)


async def test_levels_go_into_the_award_where_its_achievement_describes_them(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    await describe(served, enrollment_pool, scene, DESCRIPTIONS)
    assert (await award(served, enrollment_pool, scene)).results == (
        ResultClaim(description_id="clarity", level_id="clear"),
        ResultClaim(description_id="practice", level_id="tried"),
    )


async def test_what_the_achievement_does_not_describe_stays_here(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    fewer = [{**DESCRIPTIONS[0], "levels": DESCRIPTIONS[0]["levels"][:1]}, DESCRIPTIONS[1]]
    await describe(served, enrollment_pool, scene, fewer)
    assert (await award(served, enrollment_pool, scene)).results == (
        ResultClaim(description_id="practice", level_id="tried"),
    )


async def test_an_award_without_described_results_has_the_bytes_that_it_always_had(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    assert (await award(served, enrollment_pool, scene)).results is msgspec.UNSET
    payload = await enrollment_pool.fetchval(
        "SELECT payload FROM award WHERE enrollment_id = $1", UUID(str(scene.enrollment_id))
    )
    assert b"results" not in payload
