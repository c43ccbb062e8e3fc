"""What a person handed in: to take away, to be forgotten, and to go with them when two of them are one."""

from uuid import UUID, uuid4

import msgspec
import pytest

from services.enrollment.evidence import store_personal as store
from shared.postgres import Pool, transaction
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.evidence.rubrics import give_rubric
from tests.enrollment.visitors import Served


@pytest.fixture
async def scene(served: Served, enrollment_pool: Pool) -> Cast:
    """A cohort in which two people handed in a file each; the participant's was scored."""
    scene = await cast(enrollment_pool)
    await give_rubric(enrollment_pool, scene.module_ids[0])
    pieces = []
    for number, part in enumerate(("participant", "another participant")):
        pieces.append(uuid4())
        path = f"/api/enrollments/{scene.enrollment_ids[number]}/evidence/{pieces[-1]}/file"
        query = {"module_id": str(scene.module_ids[0]), "file_name": "a.txt", "attested": "true"}
        async with playing(served, enrollment_pool, scene, part) as session:  # type: ignore[arg-type]  # both are parts
            assert (await asked(session, "PUT", path, params=query, data=b"What I learned"))[0] == 200
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        said = {"decision": "returned", "comment": "Say more.", "levels": {"clarity": "beginning"}}
        assert (await asked(session, "PUT", f"/api/evidence/{pieces[0]}/review", json=said))[0] == 200
    return scene


def of(scene: Cast, part: str) -> tuple[UUID, UUID]:
    return scene.people[part]


async def test_it_is_taken_away_without_whoever_judged_it(enrollment_pool: Pool, scene: Cast) -> None:
    data = await store.data_of(enrollment_pool, *of(scene, "participant"))
    [piece] = msgspec.json.decode(msgspec.json.encode(data))["evidence"]
    assert (piece["comment"], piece["file"]["name"], piece["scores"][0]["level_id"]) == (
        "Say more.", "a.txt", "beginning",
    )  # fmt: skip
    assert str(of(scene, "instructor")[1]) not in str(piece)


async def test_it_is_forgotten_and_nobody_elses_is(enrollment_pool: Pool, scene: Cast) -> None:
    before = await enrollment_pool.fetch("SELECT file_id, enrollment_id FROM evidence WHERE organization_id = $1",
        scene.organization_id)  # fmt: skip
    files = {row["enrollment_id"]: row["file_id"] for row in before}
    async with transaction(enrollment_pool) as connection:
        held = await store.forget(connection, *of(scene, "participant"), keep=frozenset({"evidence"}))
        assert held == []
        gone = await store.forget(connection, *of(scene, "participant"), keep=frozenset())
    assert gone == [files[scene.enrollment_id]]
    left = await enrollment_pool.fetch("SELECT enrollment_id FROM evidence WHERE organization_id = $1",
        scene.organization_id)  # fmt: skip
    assert [row["enrollment_id"] for row in left] == [scene.enrollment_ids[1]]
    assert await store.data_of(enrollment_pool, *of(scene, "participant")) == {"evidence": []}


async def test_what_somebody_reviewed_goes_with_them(enrollment_pool: Pool, scene: Cast) -> None:
    _, away = of(scene, "instructor")
    _, keep = of(scene, "coordinator")
    async with transaction(enrollment_pool) as connection:
        await store.reassign(connection, scene.organization_id, away=away, keep=keep)
    found = await enrollment_pool.fetch("SELECT reviewed_by FROM evidence WHERE organization_id = $1",
        scene.organization_id)  # fmt: skip
    assert {row["reviewed_by"] for row in found} == {keep, None}
