"""What was signed gets one place for good: nothing lost, nothing doubled, whoever dies between which steps."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.credentials.issuance_log import store
from services.credentials.issuance_log.actions import LogKeeper, append, run_sequencer, show_head
from services.credentials.keys.store import keys
from shared.postgres import Pool, create_pool
from shared.transparency import checkpoint, tree
from tests.credentials.callers import Caller, award_request
from tests.credentials.issuance_log.conftest import enqueue, logged, settle
from tests.shared.test_hash_tree import naive_root

HEADS = "SELECT size, checkpoint FROM log_head WHERE issuer_id = $1 ORDER BY size"


async def check(pool: Pool, organization: UUID, expected: list[bytes]) -> None:
    """The log holds exactly these; every head that was ever signed is the root of its first leaves."""
    leaves = await logged(pool, organization)
    assert sorted(leaves) == sorted(expected)
    assert await pool.fetchval("SELECT count(*) FROM log_waiting WHERE issuer_id = $1", organization) == 0
    hashes = [tree.hash_leaf(one) for one in leaves]
    rows = await pool.fetch(HEADS, organization)
    for row in rows:
        head = checkpoint.read(row["checkpoint"]).head
        assert (head.size, head.root) == (row["size"], naive_root(hashes[: row["size"]]))
    assert rows[-1]["size"] == len(expected)
    nodes = await pool.fetch("SELECT level, number, hash FROM log_node WHERE issuer_id = $1", organization)
    whole = tree.grown(0, {}, hashes)
    assert {(row["level"], row["number"]): row["hash"] for row in nodes} == {
        tuple(node): found for node, found in whole.items() if node.level
    }


async def test_places_are_given_in_the_order_of_signing(
    keeper: LogKeeper, issuer_pool: Pool, organization: UUID
) -> None:
    hashes = []
    for batch in (1, 2, 7, 1500):
        hashes += await enqueue(issuer_pool, organization, batch)
        await settle(keeper, organization)
    await check(issuer_pool, organization, hashes)
    leaves = await logged(issuer_pool, organization)
    assert [set(leaves[start:end]) for start, end in ((0, 1), (1, 3), (3, 10))] == [
        set(hashes[start:end]) for start, end in ((0, 1), (1, 3), (3, 10))
    ]
    assert await show_head(keeper, organization) is False


async def test_an_award_is_enqueued_with_what_was_signed(issuer: Caller, keeper: LogKeeper, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    answer = await issuer.put_award(organization, uuid4(), award_request(achievement))
    again = await issuer.put_award(organization, answer.award.award_id, award_request(achievement))
    assert again.status == 422
    assert answer.award.signed_sha256 is not None
    await settle(keeper, organization)
    await check(issuer_pool, organization, [bytes.fromhex(answer.award.signed_sha256)])


async def test_what_was_signed_before_there_was_a_log_comes_in_the_order_of_its_issue(
    issuer: Caller, keeper: LogKeeper, issuer_pool: Pool
) -> None:
    organization, achievement = await issuer.begin()
    dates = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days) for days in (3, 1, 2)]
    signed = {}
    for day in dates:
        answer = await issuer.put_award(organization, uuid4(), award_request(achievement))
        assert answer.award.signed_sha256 is not None
        signed[day] = bytes.fromhex(answer.award.signed_sha256)
        await issuer_pool.execute(
            "UPDATE credential SET issued_at = $2 WHERE award_id = $1", answer.award.award_id, day
        )
    await issuer_pool.execute("DELETE FROM log_waiting WHERE issuer_id = $1", organization)
    for _ in range(2):
        await store.backfill(issuer_pool)
        await settle(keeper, organization)
    assert await logged(issuer_pool, organization) == [signed[day] for day in sorted(dates)]


async def test_an_issuer_older_than_its_log_gets_the_logs_key(keeper: LogKeeper, issuer_pool: Pool) -> None:
    organization = uuid4()
    await issuer_pool.execute(
        "INSERT INTO issuer (id, did, name, url, is_demonstration, created_at) VALUES ($1, $2, 'Old', '', true, now())",
        organization,
        f"did:example:{organization}",
    )
    for expected in (1, 2):
        await enqueue(issuer_pool, organization, 1)
        await settle(keeper, organization)
        assert len(await logged(issuer_pool, organization)) == expected
        assert [one.use for one in await keys(issuer_pool, organization)] == ["log"]


class Mortal:
    """A pool whose connections break before the statement, or the commit, at which its lives are used up."""

    def __init__(self, pool: Pool, lives: int) -> None:
        self._pool, self._lives = pool, lives

    @asynccontextmanager
    async def acquire(self, *, timeout: float | None = None) -> AsyncIterator["_MortalConnection"]:
        async with self._pool.acquire(timeout=timeout) as connection:
            yield _MortalConnection(connection, self)

    def step(self, connection: Any) -> None:
        if not self._lives:
            connection.terminate()
            raise ConnectionResetError
        self._lives -= 1

    def __getattr__(self, name: str) -> Any:
        async def run(*arguments: Any) -> Any:
            async with self.acquire() as connection:
                return await getattr(connection, name)(*arguments)

        return run


class _MortalConnection:
    def __init__(self, connection: Any, pool: Mortal) -> None:
        self._connection, self._pool = connection, pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        async with self._connection.transaction():
            yield
            self._pool.step(self._connection)

    def __getattr__(self, name: str) -> Any:
        self._pool.step(self._connection)
        return getattr(self._connection, name)


async def test_whoever_dies_between_any_two_steps_leaves_nothing_lost_or_doubled(
    keeper: LogKeeper, issuer_pool: Pool, organization: UUID
) -> None:
    expected, deaths = [], 0
    while True:
        expected += await enqueue(issuer_pool, organization, 3)
        dying = msgspec.structs.replace(keeper, pool=Mortal(issuer_pool, deaths))
        try:
            await append(dying, organization)
            await show_head(dying, organization)
            break
        except (ConnectionError, asyncpg.InterfaceError):
            deaths += 1
        shown = await issuer_pool.fetchval("SELECT shown_size FROM issuance_log WHERE issuer_id = $1", organization)
        assert shown in (None, 0) or await issuer_pool.fetchval(
            "SELECT EXISTS (SELECT FROM log_head WHERE issuer_id = $1 AND size = $2)", organization, shown
        )
    assert deaths > 12, "every statement and both commits were a place to die at"
    await check(issuer_pool, organization, expected)


async def test_two_sequencers_at_once_give_each_document_one_place(
    keeper: LogKeeper, migrated: Cluster, issuer_pool: Pool, organization: UUID
) -> None:
    other = await create_pool(migrated.dsn("credentials", "issuer"), connections=3, name="other")
    tasks = [asyncio.create_task(run_sequencer(one)) for one in (keeper, msgspec.structs.replace(keeper, pool=other))]
    try:
        batches = await asyncio.gather(*(enqueue(issuer_pool, organization, 10) for _ in range(30)))
        await quiet(issuer_pool, organization)
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        other.terminate()
    await check(issuer_pool, organization, [one for batch in batches for one in batch])


async def quiet(pool: Pool, organization: UUID) -> None:
    """Wait until everything has its place and is shown."""
    sql = (
        "SELECT EXISTS (SELECT FROM log_waiting WHERE issuer_id = $1)"
        " OR EXISTS (SELECT FROM issuance_log WHERE issuer_id = $1 AND shown_size < size)"
    )
    async with asyncio.timeout(30):
        while await pool.fetchval(sql, organization):
            await asyncio.sleep(0.05)


async def kill_at_random(keeper: LogKeeper, issuer: Caller, migrated: Cluster, organization: UUID, kills: int) -> None:
    """Two processes keep the log and are killed in turns, while documents keep coming."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    program = [sys.executable, "-m", "tests.credentials.issuance_log.sequencer"]
    arguments = [migrated.dsn("credentials", "issuer"), issuer.key_encryption_key, keeper.rules.public_url]

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(*program, *arguments)

    running = [await start() for _ in range(2)]
    expected, killed, size = list[bytes](), 0, 0
    try:
        while killed < kills:
            expected += await enqueue(keeper.pool, organization, chance.randint(1, 10))
            await asyncio.sleep(chance.uniform(0, 0.05))
            log = await store.log(keeper.pool, organization)
            # Somebody is at work.
            if log is not None and log.size > size:
                size = log.size
                number = chance.randrange(2)
                running[number].send_signal(signal.SIGKILL)
                await running[number].wait()
                killed += 1
                running[number] = await start()
        await quiet(keeper.pool, organization)
    finally:
        for one in running:
            one.kill()
            await one.wait()
    await check(keeper.pool, organization, expected)


async def test_killed_sequencers_lose_and_double_nothing(
    issuer: Caller, keeper: LogKeeper, migrated: Cluster, organization: UUID
) -> None:
    await kill_at_random(keeper, issuer, migrated, organization, 2)


@pytest.mark.long
async def test_often_killed_sequencers_lose_and_double_nothing(
    issuer: Caller, keeper: LogKeeper, migrated: Cluster, organization: UUID
) -> None:
    await kill_at_random(keeper, issuer, migrated, organization, 60)


@pytest.mark.parametrize("table", ["log_leaf", "log_node", "log_head"])
async def test_the_role_that_keeps_the_log_cannot_change_what_is_in_it(issuer_pool: Pool, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET issuer_id = issuer_id", f"TRUNCATE {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await issuer_pool.execute(statement)


async def test_a_thousand_leaves_cost_few_statements(keeper: LogKeeper, issuer_pool: Pool, organization: UUID) -> None:
    await enqueue(issuer_pool, organization, 1_000)
    counted = Mortal(issuer_pool, 18)
    assert await append(msgspec.structs.replace(keeper, pool=counted), organization) == 1_000
    assert await show_head(msgspec.structs.replace(keeper, pool=counted), organization)
