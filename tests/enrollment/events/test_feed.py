"""The feed: whoever keeps the cursor misses nothing, however late an event was committed."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.local.postgres import Cluster
from services.enrollment.events import actions, store
from services.enrollment.events.model import UnknownCursorError, cursor, position
from shared.migrate import migrate
from shared.postgres import Pool, create_pool, transaction
from tests.conftest import MIGRATIONS

NOW = datetime(2026, 3, 7, tzinfo=UTC)
WRITERS, EVENTS_EACH = 50, 6


@pytest.fixture
async def person(enrollment_pool: Pool, organization: UUID) -> UUID:
    return await add_person(enrollment_pool, organization)


async def add_person(pool: Pool, organization: UUID) -> UUID:
    identifier = uuid4()
    await pool.execute(
        "INSERT INTO person (id, organization_id, name, email) VALUES ($1, $2, 'A', 'a@example.org')",
        identifier,
        organization,
    )
    return identifier


async def write(pool: Pool, organization: UUID, person: UUID, *, lingering: float = 0) -> UUID:
    """One event, in a transaction that stays open for a while after writing it."""
    async with transaction(pool) as connection:
        written = await actions.record(
            connection,
            organization_id=organization,
            type="completion.completed",
            person_id=person,
            data={},
            occurred_at=NOW,
        )
        await asyncio.sleep(lingering)
    return written


async def read_on(pool: Pool, organization: UUID, seen: list[UUID], last: int) -> int:
    """Read what is behind `last`, as a consumer does; returns the new cursor."""
    for event in await store.after(pool, organization, position=last, types=None, most=100):
        seen.append(event.id)
        last = event.position
    return last


async def test_a_reader_beside_50_writers_misses_none(enrollment_pool: Pool, organization: UUID, person: UUID) -> None:
    chance, seen = random.Random(7), list[UUID]()

    async def writer() -> list[UUID]:
        return [
            await write(enrollment_pool, organization, person, lingering=chance.uniform(0, 0.05))
            for _ in range(EVENTS_EACH)
        ]

    async def reader(written: "asyncio.Future[list[list[UUID]]]") -> None:
        last = 0
        while not written.done() or len(seen) < WRITERS * EVENTS_EACH:
            await asyncio.sleep(0.005)
            last = await read_on(enrollment_pool, organization, seen, last)

    sequencers = [asyncio.create_task(actions.run_sequencer(enrollment_pool)) for _ in range(2)]
    try:
        written = asyncio.gather(*(writer() for _ in range(WRITERS)))
        async with asyncio.timeout(60):
            await reader(written)
    finally:
        for task in sequencers:
            task.cancel()
        await asyncio.gather(*sequencers, return_exceptions=True)
    expected = {one for batch in await written for one in batch}
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


async def two_sequencers_at_once(pool: Pool, organization: UUID, person: UUID) -> tuple[set[UUID], list[UUID]]:
    """A second sequencer reads the head while the first is at work: what was written, and what a reader saw."""
    first_event = await write(pool, organization, person)
    await pool.execute(store.CREATE_HEAD, organization)
    seen: list[UUID] = []
    async with pool.acquire() as slow:
        async with pool.acquire() as quick:
            ending = quick.transaction()
            await ending.start()
            last = await quick.fetchval(store.LOCK_HEAD, organization)
            begun = slow.transaction()
            await begun.start()
            head = asyncio.create_task(slow.fetchval(store.LOCK_HEAD, organization))
            await asyncio.sleep(0.3)
            await quick.fetch(store.GIVE_POSITIONS, organization, last, 10)
            await quick.execute(store.ADVANCE_HEAD, organization, 1)
            await ending.commit()
        read_to = await read_on(pool, organization, seen, 0)
        second_event = await write(pool, organization, person)
        await slow.fetch(store.GIVE_POSITIONS, organization, await head, 10)
        await slow.execute(store.ADVANCE_HEAD, organization, 1)
        await begun.commit()
    await read_on(pool, organization, seen, read_to)
    return {first_event, second_event}, seen


async def test_the_heads_lock_makes_the_second_sequencer_wait(
    enrollment_pool: Pool, organization: UUID, person: UUID
) -> None:
    written, seen = await two_sequencers_at_once(enrollment_pool, organization, person)
    assert set(seen) == written


@pytest.fixture
async def unguarded(databases: Cluster, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    """A schema without the position's constraint, and a head that is read without its lock."""
    name = f"scratch_{uuid4().hex}"
    databases.create_database(name, owner="enrollment_owner")
    owner = databases.dsn(name, "enrollment_owner")
    await migrate(owner, MIGRATIONS["enrollment"])
    connection = await asyncpg.connect(owner)
    await connection.execute("ALTER TABLE event DROP CONSTRAINT event_position_once")
    await connection.close()
    monkeypatch.setattr(store, "LOCK_HEAD", store.LOCK_HEAD.replace("FOR UPDATE", ""))
    pool = await create_pool(databases.dsn(name, "enrollment"), connections=5, name="tests")
    yield pool
    pool.terminate()
    databases.drop_database(name)


async def test_without_the_heads_lock_a_reader_misses_an_event(unguarded: Pool) -> None:
    """The control: it is the lock that the feed's completeness rests on."""
    organization = uuid4()
    await unguarded.execute(
        "INSERT INTO organization (id, slug, name, url, time_zone) VALUES ($1, 'o', 'O', 'https://o.example', 'UTC')",
        organization,
    )
    person = await add_person(unguarded, organization)
    written, seen = await two_sequencers_at_once(unguarded, organization, person)
    assert set(seen) < written


async def test_no_organization_reads_anothers_events(enrollment_pool: Pool, organization: UUID, person: UUID) -> None:
    await write(enrollment_pool, organization, person)
    await actions.sequence(enrollment_pool, organization)
    assert len(await store.after(enrollment_pool, organization, position=0, types=None, most=10)) == 1
    assert await store.after(enrollment_pool, uuid4(), position=0, types=None, most=10) == []


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "9" * 16, "١"])
def test_a_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises(UnknownCursorError):
        position(text)


def test_cursors_sort_like_the_positions_they_stand_for() -> None:
    assert [position(cursor(number)) for number in (0, 9, 10, 10**14)] == [0, 9, 10, 10**14]
    assert cursor(9) < cursor(10) < cursor(100)
