"""Rubrics as staff write them: ids outlive other words around them, and achievements' versions describe them."""

from uuid import UUID, uuid4

import msgspec
import pytest

from services.enrollment.programs import store
from services.enrollment.programs.rubric import Rubric, describing, lines, result_descriptions, written
from shared.contracts import AchievementVersion
from shared.postgres import Pool
from shared.problems import InvalidInputError
from tests.enrollment.staff import ACHIEVEMENT, call, plan, put, signed_in
from tests.enrollment.visitors import Served

TEXT = "Reflection\n3 Exceeds: names a change\n1 Begins\nDialogue\n2 Meets"


def read(text: str, *, module: str = "Bias", before: Rubric | None = None, taken: tuple[str, ...] = ()) -> Rubric:
    """The rubric of a text that has one."""
    found = written(text, field="rubric-1", module=module, before=before, taken=taken)
    assert found is not None
    return found


def test_ids_stay_though_the_topic_is_renamed_and_levels_come_and_move() -> None:
    before = read(TEXT)
    after = read(
        "Dialogue\n4 Leads\n2 Meets: listens\nReflection\n1 Begins\n3 Exceeds", module="On bias", before=before
    )
    known = {(one.name, level.name): (one.id, level.id) for one in before.criteria for level in one.levels}
    now = {(one.name, level.name): (one.id, level.id) for one in after.criteria for level in one.levels}
    assert {key: now[key] for key in known} == known
    assert len(set(now.values())) == 4
    assert lines(after) == "Dialogue\n4 Leads\n2 Meets: listens\nReflection\n1 Begins\n3 Exceeds"


def test_a_criterion_gets_no_id_that_another_topic_has() -> None:
    first = read(TEXT)
    taken = tuple(one.id for one in first.criteria)
    second = read(TEXT, taken=taken)
    assert not {one.id for one in second.criteria} & set(taken)
    with pytest.raises(InvalidInputError, match="a name of its own"):
        read("Reflection\n2 Meets\n1 Meets")


def test_a_version_describes_what_is_needed_and_what_it_did() -> None:
    bare = msgspec.convert(ACHIEVEMENT, AchievementVersion)
    needed = result_descriptions([read(TEXT), None, read(TEXT)])
    assert [one.name for one in needed] == ["Reflection", "Dialogue"]
    whole = describing(bare, needed)
    assert whole.result_descriptions == needed
    assert describing(whole, needed[:1]) is whole
    other = msgspec.structs.replace(needed[0], name="Reflecting")
    assert describing(whole, [other]).result_descriptions == (other, needed[1])
    with pytest.raises(InvalidInputError, match="at most 60"):
        describing(bare, [msgspec.structs.replace(other, id=f"c-{number}") for number in range(61)])


async def test_a_cohort_that_opens_lets_the_badge_tell_its_rubric_and_words_said_again_change_nothing(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool = enrollment_pool

    async def version() -> int | None:
        (found,) = await store.levels(pool, organization, [planned.program_id])
        return found.achievement_version

    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        level, path = f"/api/levels/{planned.level_id}", f"/api/curricula/{uuid4()}"
        words = {"program_id": str(planned.program_id), "number": 1, "name": "Level One", "description": "The first."}
        first = {**words, "achievement": {"version": 1, "content": ACHIEVEMENT}}
        await put(staff, level, first)
        rubric = msgspec.to_builtins(read(TEXT))
        module = {"id": str(uuid4()), "name": "Bias", "description": "B", "evidence_wanted": "E", "rubric": rubric}
        await put(staff, path, {"level_id": str(planned.level_id), "name": "With a rubric", "modules": [module]})
        assert await version() == 1
        body = {**planned.body, "curriculum_id": path.rpartition("/")[2], "sessions": []}
        body |= {"policy": {"min_sessions": 0, "min_credit_minutes": 0, "modules": "all"}}
        cohort = f"/api/cohorts/{uuid4()}"
        for state, wanted in (("draft", 1), ("open", 2), ("running", 2)):
            await put(staff, cohort, {**body, "state": state})
            assert await version() == wanted
        await put(staff, level, first)
        assert await version() == 2
        content = {**ACHIEVEMENT, "name": "Another"}
        status, problem = await call(staff, "PUT", level, {**words, "achievement": {"version": 2, "content": content}})
        assert (status, problem["current"]) == (409, 2)
        await put(staff, level, {**words, "achievement": {"version": 3, "content": content}})
        (found,) = await store.levels(pool, organization, [planned.program_id])
        assert found.achievement_content is not None
        assert found.achievement_content.result_descriptions == result_descriptions([read(TEXT)])
