"""An audit file that is being made while somebody in it is erased does not keep them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from services.enrollment.audits import actions
from services.enrollment.audits.model import ErasedMeanwhileError, jurisdiction
from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Viewer
from services.enrollment.retention import actions as retention
from shared.clock import system_clock
from shared.postgres import Pool
from shared.storage import Storage, Stored
from tests.builders import Built, build
from tests.enrollment.houses import house_at
from tests.enrollment.visitors import add_person, fresh_email


class Interrupted(Storage):
    """A storage in which something else happens before a file is kept: everything in the file was read by then."""

    def __init__(self, folder: Path, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(folder)
        self.folder = folder
        self._meanwhile = meanwhile
        self.times = 0

    async def keep(self, chunks: AsyncIterator[bytes], *, most_bytes: int) -> Stored:
        self.times += 1
        await self._meanwhile()
        return await super().keep(chunks, most_bytes=most_bytes)

    def files(self) -> list[Path]:
        return [one for one in self.folder.rglob("*") if one.is_file()]


class Scene(msgspec.Struct, frozen=True):
    """A cohort whose file is made, and the house that does it."""

    pool: Pool
    built: Built
    organization: Organization
    house: House

    async def make(self, storage: Storage) -> UUID:
        viewer = Viewer(organization_id=self.organization.id, person_id=self.built.staff_id)
        house = msgspec.structs.replace(self.house, storage=storage)
        return await actions.make(house, self.organization, viewer, self.built.cohort_id, jurisdiction("illinois"))

    async def erase(self, person_id: UUID) -> None:
        await retention.erase(self.house, self.organization, person_id, by=self.built.staff_id)

    async def named(self) -> list[UUID]:
        """Whom the files that are there name."""
        rows = await self.pool.fetch(
            "SELECT unnest(person_ids) AS id FROM audit_file WHERE cohort_id = $1 AND NOT is_removed",
            self.built.cohort_id,
        )
        return [row["id"] for row in rows]


@pytest.fixture
async def scene(enrollment_pool: Pool) -> AsyncIterator[Scene]:
    """Four people, and an instructor; none has completed, so that erasing leaves no name."""
    async with enrollment_pool.acquire() as connection:
        built = await build(connection, people=4, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    organization = await organizations.by_id(enrollment_pool, built.organization_id)
    assert organization is not None
    async with house_at(enrollment_pool, system_clock) as house:
        yield Scene(enrollment_pool, built, organization, house)


async def test_who_is_erased_while_it_is_made_is_not_in_it(scene: Scene, tmp_path: Path) -> None:
    gone, *others = scene.built.person_ids

    async def meanwhile() -> None:
        if storage.times == 1:
            await scene.erase(gone)

    storage = Interrupted(tmp_path, meanwhile)
    await scene.make(storage)
    assert storage.times == 2
    assert len(storage.files()) == 1
    assert set(others) <= set(await scene.named())
    # Whoever is erased later takes it with them, and who taught when it was made does, too.
    teacher = await teaching(scene)
    await scene.make(storage)
    await scene.pool.execute("DELETE FROM cohort_instructor WHERE person_id = $1", teacher)
    await scene.erase(teacher)
    assert teacher not in await scene.named()


async def teaching(scene: Scene) -> UUID:
    """Somebody who teaches the cohort."""
    teacher = await add_person(scene.pool, scene.organization.id, fresh_email())
    await scene.pool.execute(
        "INSERT INTO cohort_instructor VALUES ($1, $2, $3)", scene.organization.id, scene.built.cohort_id, teacher
    )
    return teacher


async def test_an_erasure_under_way_is_waited_for(scene: Scene, tmp_path: Path) -> None:
    """The erasure has looked for audit files, and has not ended, when this one is stored."""
    gone = scene.built.person_ids[0]
    tasks: list[asyncio.Task[None]] = []
    await scene.pool.execute(
        "INSERT INTO directory_entry (person_id, organization_id, seen_by, shows_region, shows_level, shows_email,"
        " changed_at) VALUES ($1, $2, 'organization', true, true, true, now())", gone, scene.organization.id,
    )  # fmt: skip

    async def waits(words: str) -> None:
        asking = (
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND strpos(query, $1) > 0)"
        )
        async with asyncio.timeout(10):
            while not await scene.pool.fetchval(asking, words):
                await asyncio.sleep(0.01)

    async def meanwhile() -> None:
        if storage.times == 1:
            tasks.append(asyncio.create_task(scene.erase(gone)))
            await waits("directory_entry")
            tasks.append(asyncio.create_task(release()))

    async def release() -> None:
        await waits("FROM organization")
        await lock.rollback()

    storage = Interrupted(tmp_path, meanwhile)
    async with scene.pool.acquire() as connection:
        lock = connection.transaction()
        await lock.start()
        await connection.execute("SELECT FROM directory_entry WHERE person_id = $1 FOR UPDATE", gone)
        await scene.make(storage)
        await asyncio.gather(*tasks)
    assert storage.times == 2
    assert len(storage.files()) == 1


async def test_where_somebody_is_erased_each_time_nothing_is_kept(scene: Scene, tmp_path: Path) -> None:
    async def meanwhile() -> None:
        await scene.erase(scene.built.person_ids[storage.times - 1])

    storage = Interrupted(tmp_path, meanwhile)
    with pytest.raises(ErasedMeanwhileError):
        await scene.make(storage)
    assert storage.files() == []
    assert await scene.named() == []
