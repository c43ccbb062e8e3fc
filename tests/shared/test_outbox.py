"""The outbox: sent at least once, by one worker at a time, and never discarded."""

import asyncio
from uuid import UUID, uuid4

import pytest

from shared import outbox
from shared.outbox import Dispatcher, Message, NotSentError, pause_after
from shared.postgres import Pool, transaction


@pytest.fixture
def topic() -> str:
    return f"topic-{uuid4().hex}"


async def put(pool: Pool, organization: UUID, topic: str, payload: bytes = b"{}") -> UUID:
    async with transaction(pool) as connection:
        return await outbox.put(connection, organization_id=organization, topic=topic, key=uuid4(), payload=payload)


async def waiting(pool: Pool, topic: str) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM outbox WHERE topic = $1", topic)
    return count


async def test_a_message_of_a_rolled_back_transaction_is_not_there(
    enrollment_pool: Pool, organization: UUID, topic: str
) -> None:
    with pytest.raises(RuntimeError):
        async with transaction(enrollment_pool) as connection:
            await outbox.put(connection, organization_id=organization, topic=topic, key=uuid4(), payload=b"{}")
            raise RuntimeError
    assert await waiting(enrollment_pool, topic) == 0


async def test_a_leased_message_is_nobody_elses(enrollment_pool: Pool, organization: UUID, topic: str) -> None:
    await put(enrollment_pool, organization, topic)
    first = await outbox.lease(enrollment_pool, topic, most=10)
    assert len(first) == 1
    assert await outbox.lease(enrollment_pool, topic, most=10) == []


async def test_many_workers_lease_each_message_once(enrollment_pool: Pool, organization: UUID, topic: str) -> None:
    expected = {await put(enrollment_pool, organization, topic) for _ in range(40)}
    taken = await asyncio.gather(*(outbox.lease(enrollment_pool, topic, most=5) for _ in range(12)))
    found = [message.id for batch in taken for message in batch]
    assert len(found) == len(set(found)) == 40
    assert set(found) == expected


async def test_a_lapsed_lease_is_taken_over_and_its_first_holder_cannot_end_it(
    enrollment_pool: Pool, organization: UUID, topic: str
) -> None:
    await put(enrollment_pool, organization, topic)
    [dead] = await outbox.lease(enrollment_pool, topic, most=1, seconds=-1)
    [alive] = await outbox.lease(enrollment_pool, topic, most=1)
    assert alive.id == dead.id
    assert alive.attempts == 2
    assert not await outbox.done(enrollment_pool, dead)
    assert await outbox.done(enrollment_pool, alive)
    assert await waiting(enrollment_pool, topic) == 0


async def test_a_dispatcher_sends_and_retries_until_nothing_waits(
    enrollment_pool: Pool, organization: UUID, topic: str
) -> None:
    seen: dict[UUID, int] = {}

    async def handler(message: Message) -> None:
        seen[message.id] = seen.get(message.id, 0) + 1
        if seen[message.id] == 1 and len(seen) % 2:
            raise NotSentError("status 500", pause_seconds=0.05)

    expected = {await put(enrollment_pool, organization, topic) for _ in range(20)}
    task = asyncio.create_task(Dispatcher(enrollment_pool, {topic: handler}).run())
    try:
        async with asyncio.timeout(20):
            while await waiting(enrollment_pool, topic):
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert set(seen) == expected
    assert max(seen.values()) == 2


async def test_a_handler_that_breaks_keeps_its_message(enrollment_pool: Pool, organization: UUID, topic: str) -> None:
    broke = asyncio.Event()

    async def handler(message: Message) -> None:
        broke.set()
        raise ZeroDivisionError

    await put(enrollment_pool, organization, topic)
    task = asyncio.create_task(Dispatcher(enrollment_pool, {topic: handler}).run())
    await asyncio.wait_for(broke.wait(), 10)
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    row = await enrollment_pool.fetchrow("SELECT attempts, last_error FROM outbox WHERE topic = $1", topic)
    assert row is not None
    assert row["last_error"] == "ZeroDivisionError"


def test_pauses_grow_to_a_minute_and_differ() -> None:
    assert pause_after(1) <= 0.25
    assert 30 <= pause_after(50) <= 60
    assert len({pause_after(9) for _ in range(20)}) > 1
