"""Enrolling over HTTP in a stack of real processes, its database durable, beside the least of each of its halves.

Seats of one cohort are given one after another, so it is measured twice: spread over many cohorts, and all in one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from deploy.local.stack import Stack
from tests.benchmarks.measuring import Comparison, compare_at_once
from tests.builders import build

CLIENTS = 8
_SEATS = 25
#: More than the rounds can fill.
_COHORTS = 300
#: What one network address may do in a cohort at once; then the crowd goes on to the next.
_CROWD = 300

Place = tuple[str, UUID]


async def of_enrolling() -> list[Comparison]:
    """Enrolling beside a route that asks the database one thing, and beside commits of one row."""
    context = Stack.temporary(durable=True)
    stack = await asyncio.to_thread(context.__enter__)
    try:
        return await _measured(stack)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


async def _measured(stack: Stack) -> list[Comparison]:
    many = [await _open_cohort(stack) for _ in range(_COHORTS)]
    one = [await _open_cohort(stack) for _ in range(_COHORTS)]
    numbers, turns, crowds = count(), count(), count()
    owner = stack.dsn("enrollment", "enrollment_owner")
    async with (
        aiohttp.ClientSession(stack.url("enrollment"), connector=aiohttp.TCPConnector(limit=CLIENTS)) as http,
        asyncpg.create_pool(owner, min_size=CLIENTS, max_size=CLIENTS) as pool,
    ):
        await _prepare(pool)

        async def settle() -> None:
            """Until the letters of a round are sent, which the worker does on the same cores."""
            while await pool.fetchval("SELECT count(*) FROM outbox"):
                await asyncio.sleep(0.2)

        async def ask() -> None:
            async with http.get("/health/ready") as answer:
                assert answer.status == 200

        async def commit() -> None:
            await pool.execute("INSERT INTO one_row VALUES ($1, $2)", next(numbers), "Zoë Ŵyn" * 10)

        spread = _enroll(http, lambda: many[next(turns) % _COHORTS])
        crowd = _enroll(http, lambda: one[next(crowds) // _CROWD])
        least, commits = ("SELECT 1 over HTTP", ask), ("one-row commits", commit)
        found = [
            await compare_at_once(
                "enroll, over many cohorts", ("enrollments", spread), least, clients=CLIENTS, settle=settle
            ),
            await compare_at_once("the same again", ("enrollments", spread), commits, clients=CLIENTS, settle=settle),
        ]
        is_full = await pool.fetchval("SELECT exists (SELECT FROM enrollment WHERE place <> 'seated')")
        assert not is_full, "the seats ran out, so that something else was measured"
        crowded = ("enrollments", crowd)
        await settle()
        found.append(await compare_at_once("enroll, all in one cohort", crowded, least, clients=CLIENTS, settle=settle))
        return found


def _enroll(http: aiohttp.ClientSession, place: Callable[[], Place]) -> Callable[[], Awaitable[None]]:
    async def enroll() -> None:
        slug, cohort_id = place()
        person = {"name": "Zoë Ŵyn", "email": f"{uuid4().hex}@example.org", "shows_name": True}
        async with http.put(f"/api/{slug}/cohorts/{cohort_id}/enrollments/{uuid4()}", json=person) as answer:
            assert answer.status == 200, await answer.text()

    return enroll


async def _prepare(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    for setting in ("fsync", "synchronous_commit"):
        assert await pool.fetchval(f"SHOW {setting}") == "on"
    await pool.execute("CREATE TABLE one_row (id integer PRIMARY KEY, content text NOT NULL)")
    # As autovacuum would have done a minute later.
    await pool.execute("ANALYZE")


async def _open_cohort(stack: Stack) -> Place:
    """An open cohort with free seats, of an organization of its own: its slug and the cohort's id."""
    connection = await asyncpg.connect(stack.dsn("enrollment", "enrollment"))
    try:
        built = await build(connection, people=_SEATS, ask_issuer=False)
        await connection.execute("DELETE FROM attendance WHERE cohort_id = $1", built.cohort_id)
        await connection.execute("DELETE FROM enrollment WHERE cohort_id = $1", built.cohort_id)
        await connection.execute(
            "UPDATE cohort SET state = 'open', registration_opens_at = now() - interval '1 day',"
            " registration_closes_at = now() + interval '1 day' WHERE id = $1",
            built.cohort_id,
        )
    finally:
        await connection.close()
    return built.slug, built.cohort_id
