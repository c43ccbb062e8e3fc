"""Evidence that holds students' data while a legal hold is on it: nobody opens it, and the clock destroys it later."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from services.enrollment.evidence import reviewing
from services.enrollment.house import House
from services.enrollment.people.model import Viewer
from services.enrollment.retention import actions as retention
from services.enrollment.retention import clock
from shared.clock import system_clock
from shared.postgres import Pool, transaction
from shared.storage import Storage
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.houses import house_at
from tests.enrollment.learning.test_pages import seen, sent
from tests.enrollment.retention.traces import files_with, traces
from tests.enrollment.staff import mails
from tests.enrollment.visitors import Served, slug_of


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """The participant handed in a text and a file; a word is in both, in the file's name, and nowhere else."""

    cast: Cast
    slug: str
    word: str
    text: str
    file: str

    def viewer(self, part: str) -> Viewer:
        return Viewer(
            organization_id=self.cast.organization_id,
            person_id=self.cast.people[part][1],
            roles=frozenset({"administrator"}) if part == "administrator" else frozenset(),
        )


@pytest.fixture
async def scene(served: Served, enrollment_pool: Pool) -> Scene:
    """The scene without a hold."""
    people, word = await cast(enrollment_pool), f"canary{uuid4().hex}"
    async with playing(served, enrollment_pool, people, "participant") as participant:
        text = {"module_id": str(people.module_ids[0]), "text": f"{word} was in my class"}
        _, one = await asked(participant, "PUT", people.hand_in(uuid4()), json=text)
        query = {"module_id": str(people.module_ids[1]), "file_name": f"{word}.txt", "attested": "true"}
        _, other = await asked(participant, "PUT", people.hand_in(uuid4()) + "/file", params=query, data=word.encode())
    slug = await slug_of(enrollment_pool, people.organization_id)
    return Scene(cast=people, slug=slug, word=word, text=one["id"], file=other["id"])


@pytest.fixture
async def house(served: Served, enrollment_pool: Pool) -> AsyncIterator[House]:
    """A house that keeps its files where the served one does."""
    async with house_at(enrollment_pool, system_clock) as opened:
        yield msgspec.structs.replace(opened, storage=Storage(Path(served.settings.storage_folder)))


async def test_it_is_sealed_at_once_and_destroyed_when_the_hold_is_lifted(
    served: Served, enrollment_pool: Pool, scene: Scene, house: House
) -> None:
    holds, review = f"/{scene.slug}/staff/holds", f"/{scene.slug}/teach/cohorts/{scene.cast.cohort_id}/review"
    sealed = {"evidence_sealed.text", "evidence_sealed.file_name"}
    async with (
        playing(served, enrollment_pool, scene.cast, "administrator") as administrator,
        playing(served, enrollment_pool, scene.cast, "instructor") as instructor,
        playing(served, enrollment_pool, scene.cast, "participant") as participant,
    ):
        hold = {"id": str(uuid4()), "cohort_id": str(scene.cast.cohort_id), "reason": "Matter 7"}
        assert (await sent(administrator, holds, **hold))[0] == 200
        for identifier in (scene.text, scene.file):
            _, text = await seen(instructor, f"{review}/{identifier}/removal")
            assert "Seal this evidence" in text
            status, text = await sent(instructor, f"{review}/{identifier}/removal")
            assert (status, "Sealed until a legal hold is lifted" in text) == (200, True)
            status, answer = await asked(instructor, "PUT", f"/api/evidence/{identifier}/removal", json={})
            assert (status, answer["is_sealed"], answer["file"], answer["text"]) == (200, True, None, None)
        await clock.run(house)
        assert await traces(enrollment_pool, scene.word) == sealed
        assert len(files_with(served, scene.word)) == 1
        for session in (administrator, instructor, participant):
            assert (await asked(session, "GET", f"/api/evidence/{scene.file}/file"))[0] == 404
        for path in (review, f"{review}?wanted=returned&piece={scene.file}"):
            assert scene.word not in (await seen(instructor, path))[1]
        topic = f"/{scene.slug}/learning/{scene.cast.enrollment_id}/evidence/{scene.cast.module_ids[1]}"
        _, text = await seen(participant, topic)
        assert ("Sealed and returned to you" in text, scene.word in text) == (True, False)
        async with participant.get(f"/{scene.slug}/learning/data/download") as download:
            archive = zipfile.ZipFile(io.BytesIO(await download.read()))
        assert not any(scene.word.encode() in archive.read(name) for name in archive.namelist())
        assert archive.namelist() == ["data.json"]
        query = {"module_id": str(scene.cast.module_ids[1]), "file_name": "again.txt", "attested": "true"}
        again = scene.cast.hand_in(uuid4()) + "/file"
        status, _ = await asked(participant, "PUT", again, params=query, data=scene.word.encode())
        assert status == 422
        email = await enrollment_pool.fetchval(
            "SELECT email FROM person WHERE id = $1", scene.cast.people["participant"][1]
        )
        letter = (await mails(administrator, email, "Taken away", number=2))[0]["body"]
        assert "as soon as the hold is lifted" in letter
        assert (await sent(administrator, f"{holds}/{hold['id']}/lift"))[0] == 200
        for _ in range(2):
            await clock.run(house)
        assert await traces(enrollment_pool, scene.word) == set()
        assert files_with(served, scene.word) == []
        assert "Destroyed and returned to you" in (await seen(participant, topic))[1]
    noted = await enrollment_pool.fetch(
        "SELECT action, person_id IS NULL AS by_clock FROM journal_entry WHERE object_kind = 'evidence'"
        " AND action <> 'evidence.read' AND object_id = $1 ORDER BY at, action DESC", UUID(scene.file),
    )  # fmt: skip
    assert [tuple(row) for row in noted] == [("evidence.seal", False), ("evidence.remove", True)]


async def test_whoever_is_erased_leaves_nothing_sealed(
    served: Served, enrollment_pool: Pool, scene: Scene, house: House
) -> None:
    hold_id = uuid4()
    administrator = scene.viewer("administrator")
    await retention.place_hold(
        house, administrator, hold_id, person_id=scene.cast.people["participant"][1], cohort_id=None, reason="Matter 8"
    )
    await reviewing.remove(house, scene.viewer("instructor"), UUID(scene.file), comment=None)
    await retention.lift_hold(house, administrator, hold_id)
    async with playing(served, enrollment_pool, scene.cast, "participant") as participant:
        assert (await sent(participant, f"/{scene.slug}/learning/erase"))[0] == 200
    assert await traces(enrollment_pool, scene.word) == set()
    assert files_with(served, scene.word) == []


@asynccontextmanager
async def begun(pool: Pool, scene: Scene, statement: str, *values: Any) -> AsyncIterator[asyncio.Event]:
    """The transaction of somebody who places or lifts a hold, which ends once the event is set, or at the end."""
    done = asyncio.Event()

    async def hold() -> None:
        async with transaction(pool) as connection:
            await connection.execute(
                "SELECT FROM organization WHERE id = $1 FOR NO KEY UPDATE", scene.cast.organization_id
            )
            await connection.execute(statement, *values)
            begins.set()
            await done.wait()

    begins = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(hold())
        await begins.wait()
        yield done
        done.set()


async def waits(pool: Pool) -> None:
    """Until somebody waits for the organization's row."""
    asking = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND query LIKE '%FROM organization WHERE id = $1 FOR%')"
    )
    async with asyncio.timeout(10):
        while not await pool.fetchval(asking):
            await asyncio.sleep(0.01)


PLACE = (
    "INSERT INTO legal_hold (id, organization_id, person_id, reason, placed_by, placed_at)"
    " VALUES ($1, $2, $3, 'Matter 9', $4, now())"
)
LIFT = "UPDATE legal_hold SET lifted_by = placed_by, lifted_at = now() WHERE id = $1"


async def test_a_hold_that_is_being_placed_keeps_what_is_being_destroyed(
    served: Served, enrollment_pool: Pool, scene: Scene, house: House
) -> None:
    """Whoever destroys waits for the hold, and then seals; the clock waits for it, and then lets be."""
    pool, people = enrollment_pool, scene.cast.people
    place = (scene.cast.organization_id, people["participant"][1], people["administrator"][1])
    first, second = uuid4(), uuid4()
    async with begun(pool, scene, PLACE, first, *place) as done:
        removing = asyncio.create_task(
            reviewing.remove(house, scene.viewer("instructor"), UUID(scene.file), comment=None)
        )
        await waits(pool)
        done.set()
        assert (await removing).is_sealed
    await pool.execute(LIFT, first)
    async with begun(pool, scene, PLACE, second, *place) as done:
        destroying = asyncio.create_task(retention.destroy_sealed(house))
        await waits(pool)
        done.set()
        await destroying
    assert "evidence_sealed.file_name" in await traces(pool, scene.word)
    assert len(files_with(served, scene.word)) == 1
    await pool.execute(LIFT, second)
    await clock.run(house)
    assert files_with(served, scene.word) == []


async def test_a_hold_waits_for_what_is_being_destroyed(enrollment_pool: Pool, scene: Scene, house: House) -> None:
    """The hold begins after the end of what was begun before it: nothing is destroyed under it."""
    administrator = scene.viewer("administrator")
    async with transaction(enrollment_pool) as connection:
        await connection.execute("SELECT FROM organization WHERE id = $1 FOR SHARE", scene.cast.organization_id)
        placing = asyncio.create_task(
            retention.place_hold(
                house, administrator, uuid4(), person_id=None, cohort_id=scene.cast.cohort_id, reason="Matter 10"
            )
        )
        await waits(enrollment_pool)
        assert not placing.done()
    await placing


@pytest.mark.parametrize("round_", range(3))
async def test_lifting_and_destroying_at_once_leaves_nothing(
    served: Served, enrollment_pool: Pool, scene: Scene, house: House, round_: int
) -> None:
    hold_id, administrator = uuid4(), scene.viewer("administrator")
    await retention.place_hold(
        house, administrator, hold_id, person_id=None, cohort_id=scene.cast.cohort_id, reason="Matter 11"
    )
    await asyncio.gather(
        *(
            reviewing.remove(house, scene.viewer("instructor"), UUID(one), comment=None)
            for one in (scene.text, scene.file)
        ),
        retention.lift_hold(house, administrator, hold_id),
        clock.run(house),
        clock.run(house),
    )
    await clock.run(house)
    assert await traces(enrollment_pool, scene.word) == set()
    assert files_with(served, scene.word) == []
