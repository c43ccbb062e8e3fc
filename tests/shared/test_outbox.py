"""The outbox: sent at least once, by one worker at a time, and never discarded."""

import asyncio
from uuid import UUID, uuid4

import pytest

from shared import outbox
from shared.outbox import Dispatcher, Message, NotSentError
from shared.postgres import Pool, transaction
from shared.receivers import MOST_OF_A_KEY, Receivers, pause_after


@pytest.fixture
def topic() -> str:
    return f"topic-{uuid4().hex}"


async def put(pool: Pool, organization: UUID, topic: str, *, key: UUID | None = None) -> UUID:
    async with transaction(pool) as connection:
        return await outbox.put(
            connection, organization_id=organization, topic=topic, key=key or uuid4(), payload=b"{}"
        )


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


async def test_many_are_put_in_one_statement_each_with_its_own_key_and_payload(
    enrollment_pool: Pool, organization: UUID, topic: str
) -> None:
    given, asked = [(uuid4(), b"%d" % number) for number in range(25)], list[str]()
    async with transaction(enrollment_pool) as connection:
        with connection.query_logger(lambda query: asked.append(query.query)):
            identifiers = await outbox.put_many(connection, organization_id=organization, topic=topic, messages=given)
    # A fresh connection also asks what the types are.
    assert [one for one in asked if "INSERT" in one] == [outbox.PUT_MANY]
    leased = [*await outbox.lease(enrollment_pool, topic, most=100)]
    assert {(one.id, one.key, one.payload) for one in leased} == {
        (identifier, key, payload) for identifier, (key, payload) in zip(identifiers, given, strict=True)
    }


async def test_none_are_put_without_a_statement(enrollment_pool: Pool, organization: UUID, topic: str) -> None:
    asked = list[str]()
    async with transaction(enrollment_pool) as connection:
        with connection.query_logger(lambda query: asked.append(query.query)):
            assert await outbox.put_many(connection, organization_id=organization, topic=topic, messages=[]) == []
    assert asked == []


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


async def test_receivers_that_hang_keep_no_other_waiting(enrollment_pool: Pool, organization: UUID, topic: str) -> None:
    hanging, hung, reached = [uuid4() for _ in range(3)], list[UUID](), asyncio.Event()
    alive = uuid4()

    async def handler(message: Message) -> None:
        if message.key == alive:
            reached.set()
        else:
            hung.append(message.key)
            await asyncio.Event().wait()

    for key in hanging * 50:
        await put(enrollment_pool, organization, topic, key=key)
    await put(enrollment_pool, organization, topic, key=alive)
    task = asyncio.create_task(Dispatcher(enrollment_pool, {topic: handler}).run())
    try:
        await asyncio.wait_for(reached.wait(), 20)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert sorted(hung) == sorted(hanging * MOST_OF_A_KEY)


async def test_what_waits_for_a_receiver_that_is_away_is_not_tried_until_it_is_asked_again(
    enrollment_pool: Pool, organization: UUID, topic: str
) -> None:
    away, alive, tried = uuid4(), uuid4(), list[UUID]()

    async def handler(message: Message) -> None:
        tried.append(message.key)
        if message.key == away:
            raise NotSentError("timeout", is_away=True)

    for key in [away] * 100 + [alive] * 20:
        await put(enrollment_pool, organization, topic, key=key)
    task = asyncio.create_task(Dispatcher(enrollment_pool, {topic: handler}).run())
    try:
        async with asyncio.timeout(20):
            while tried.count(alive) < 20:
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert tried.count(away) < 10, "each of its hundred messages was tried, as if the one before told nothing"
    assert await waiting(enrollment_pool, topic) == 100


def test_a_receiver_that_is_away_is_asked_with_one_message_at_growing_pauses() -> None:
    receivers, key, pauses = Receivers(), uuid4(), list[float]()
    now = 0.0
    for _ in range(12):
        receivers.begin(key)
        assert (key in receivers.full(now)) == bool(pauses), "once it was found away, one asks and the others wait"
        now += (pause := receivers.note_away(key, now))
        pauses.append(pause)
        receivers.end(key)
        assert key in receivers.full(now - pause / 2)
        assert key not in receivers.full(now + 0.001)
        assert key in receivers.nearly_full()
        now += 0.001
    assert pauses[0] <= 0.25
    assert 30 <= pauses[-1] <= 60
    receivers.note_here(key)
    assert (receivers.full(now), receivers.nearly_full(), receivers.failures(key)) == ([], [], 0)


def test_pauses_grow_to_a_minute_and_differ() -> None:
    assert pause_after(1) <= 0.25
    assert 30 <= pause_after(50) <= 60
    assert len({pause_after(9) for _ in range(20)}) > 1
