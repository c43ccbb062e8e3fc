"""Scores by a rubric: what is accepted has a level for every criterion, and a review says what it said."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.enrollment.programs.rubric import Criterion, Rubric, RubricLevel, result_descriptions
from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, playing, told
from tests.enrollment.evidence.rubrics import RUBRIC, WHOLE, give_rubric
from tests.enrollment.visitors import Served


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort whose first module has a rubric."""
    scene = await cast(enrollment_pool)
    await give_rubric(enrollment_pool, scene.module_ids[0])
    return scene


async def hand_in(served: Served, pool: Pool, scene: Cast, *, module: int = 0) -> UUID:
    identifier = uuid4()
    body = {"module_id": str(scene.module_ids[module]), "text": "What I learned"}
    async with playing(served, pool, scene, "participant") as session:
        assert (await asked(session, "PUT", scene.hand_in(identifier), json=body))[0] == 200
    return identifier


async def review(session: aiohttp.ClientSession, identifier: UUID, **said: Any) -> tuple[int, Any]:
    return await asked(session, "PUT", f"/api/evidence/{identifier}/review", json=said)


async def test_accepted_evidence_has_a_level_for_every_criterion(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    identifier = await hand_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        for levels, fields in (
            ({}, ["score-clarity", "score-practice"]),
            ({"clarity": "clear"}, ["score-practice"]),
            ({**WHOLE, "practice": "clear"}, ["score-practice"]),
            ({**WHOLE, "grammar": "clear"}, ["score-grammar"]),
        ):
            status, problem = await review(session, identifier, decision="accepted", levels=levels)
            assert (status, sorted(one["field"] for one in problem["errors"])) == (422, fields)
        assert await told(enrollment_pool, scene.organization_id) == []
        for _ in range(2):
            status, found = await review(session, identifier, decision="accepted", levels=WHOLE)
            assert (status, found["state"]) == (200, "accepted")
        assert found["scores"] == [
            {"criterion_id": "clarity", "level_id": "clear", "points": 3},
            {"criterion_id": "practice", "level_id": "tried", "points": None},
        ]
        assert len(await told(enrollment_pool, scene.organization_id)) == 1
        lower = {**WHOLE, "clarity": "beginning"}
        status, found = await review(session, identifier, decision="accepted", levels=lower)
        assert [one["points"] for one in found["scores"]] == [1, None]


async def test_returned_evidence_keeps_the_levels_that_were_chosen(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    identifier = await hand_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        levels = {"clarity": "beginning"}
        status, found = await review(session, identifier, decision="returned", comment="Say more.", levels=levels)
        assert (status, [one["level_id"] for one in found["scores"]]) == (200, ["beginning"])


async def test_module_without_a_rubric_takes_no_levels(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    identifier = await hand_in(served, enrollment_pool, scene, module=1)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        assert (await review(session, identifier, decision="accepted", levels=WHOLE))[0] == 422
        assert (await review(session, identifier, decision="accepted"))[0] == 200


def test_a_rubric_says_what_badges_may_tell() -> None:
    level = RubricLevel(id="clear", name="Clear", points=3, description="No guess is needed.")
    rubric = Rubric(criteria=(Criterion(id="clarity", name="Clarity", levels=(level,)),))
    [found] = result_descriptions([rubric, Rubric()])
    assert (found.id, found.name, found.result_type) == ("clarity", "Clarity", "RubricCriterionLevel")
    assert [(one.id, one.name, one.points, one.description) for one in found.levels] == [
        ("clear", "Clear", 3, "No guess is needed.")
    ]
    assert len(RUBRIC["criteria"]) == 2
