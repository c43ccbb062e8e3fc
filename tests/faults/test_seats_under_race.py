"""Two hundred people race over HTTP for 25 seats: exactly 25 sit, the rest stand in one order; without the guards, not.

The control shows that the lock and the constraint are what holds: in a schema without them the same race oversells.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest

from deploy.local.postgres import Cluster
from deploy.local.stack import Stack
from services.enrollment import app
from services.enrollment.enrollments import store
from shared.migrate import migrate
from tests.builders import build
from tests.conftest import MIGRATIONS
from tests.enrollment.conftest import settings_for
from tests.servers import free_port, running

RACERS, SEATS = 200, 25


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack for the races: real processes, as they run elsewhere."""
    with Stack.temporary() as running:
        yield running


async def open_cohort(connection: "asyncpg.Connection[asyncpg.Record]") -> tuple[str, UUID]:
    """An open cohort with 25 free seats; the organization's slug and the cohort's id."""
    built = await build(connection, people=SEATS, ask_issuer=False)
    await connection.execute("DELETE FROM attendance WHERE cohort_id = $1", built.cohort_id)
    await connection.execute("DELETE FROM enrollment WHERE cohort_id = $1", built.cohort_id)
    await connection.execute(
        "UPDATE cohort SET state = 'open', registration_opens_at = now() - interval '1 day',"
        " registration_closes_at = now() + interval '1 day' WHERE id = $1",
        built.cohort_id,
    )
    return built.slug, built.cohort_id


async def race(base_url: str, slug: str, cohort_id: UUID) -> list[int]:
    """Everybody sends the enrolling form at once; the statuses of the answers."""
    url = f"{base_url}/{slug}/cohorts/{cohort_id}"
    connector = aiohttp.TCPConnector(limit=RACERS)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def enroll(number: int) -> int:
            form = {"name": f"Racer {number}", "email": f"r{number}-{uuid4().hex}@example.org", "shows_name": "yes"}
            async with http.post(url, data=form, allow_redirects=False) as answer:
                await answer.read()
                return answer.status

        return await asyncio.gather(*(enroll(number) for number in range(RACERS)))


async def places(connection: "asyncpg.Connection[asyncpg.Record]", cohort_id: UUID) -> tuple[int, list[int]]:
    """How many are seated, and the ranks of those in line."""
    seated = await connection.fetchval(
        "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place = 'seated'", cohort_id
    )
    ranks = await connection.fetch(
        "SELECT line_rank FROM enrollment WHERE cohort_id = $1 AND place = 'in line' ORDER BY line_rank", cohort_id
    )
    return seated, [row["line_rank"] for row in ranks]


async def run_round(stack: Stack, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    slug, cohort_id = await open_cohort(connection)
    statuses = await race(stack.url("enrollment"), slug, cohort_id)
    assert set(statuses) <= {200, 201, 303}, set(statuses)
    seated, ranks = await places(connection, cohort_id)
    assert seated == SEATS
    assert len(ranks) == len(set(ranks)) == RACERS - SEATS
    held = await connection.fetchval("SELECT count(DISTINCT seat_id) FROM enrollment WHERE cohort_id = $1", cohort_id)
    assert held == SEATS


async def rounds(stack: Stack, number: int) -> None:
    connection = await asyncpg.connect(stack.dsn("enrollment", "enrollment"))
    try:
        for _ in range(number):
            await run_round(stack, connection)
    finally:
        await connection.close()


async def test_10_races_seat_exactly_25_each(stack: Stack) -> None:
    await rounds(stack, 10)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_100_races_seat_exactly_25_each(stack: Stack) -> None:
    await rounds(stack, 100)


@asynccontextmanager
async def scratch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_lock: bool, has_constraint: bool
) -> AsyncIterator[tuple[str, "asyncpg.Connection[asyncpg.Record]"]]:
    """The service's own code over a database of its own, with guards taken out; its address and a connection."""
    if not has_lock:
        assert "FOR UPDATE" in store.LOCK_COHORT
        monkeypatch.setattr(store, "LOCK_COHORT", store.LOCK_COHORT.replace("FOR UPDATE", ""))
        # to count a rank up holds the row as well, from then on
        ranks = "SELECT (random() * 1e15)::bigint FROM cohort WHERE id = $1"
        monkeypatch.setattr(store, "TAKE_RANK", ranks)
    with Cluster.temporary() as cluster:
        owner = cluster.dsn("enrollment", "enrollment_owner")
        await migrate(owner, MIGRATIONS["enrollment"])
        connection = await asyncpg.connect(owner)
        try:
            if not has_constraint:
                await connection.execute("ALTER TABLE enrollment DROP CONSTRAINT enrollment_seat_has_one_holder")
            settings = settings_for(folder, cluster.dsn("enrollment", "enrollment"), free_port())
            async with running(app.make(settings), settings.port) as url:
                yield url, connection
        finally:
            await connection.close()


@pytest.mark.parametrize(
    ("has_lock", "has_constraint", "oversells"),
    [(True, True, False), (True, False, False), (False, True, False), (False, False, True)],
)
async def test_without_lock_and_constraint_the_same_race_oversells_and_each_alone_prevents_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_lock: bool, has_constraint: bool, oversells: bool
) -> None:
    guards = scratch(tmp_path, monkeypatch, has_lock=has_lock, has_constraint=has_constraint)
    async with guards as (url, connection):
        slug, cohort_id = await open_cohort(connection)
        await race(url, slug, cohort_id)
        seated, _ = await places(connection, cohort_id)
        if oversells:
            assert seated > SEATS
        elif has_lock:
            assert seated == SEATS
        else:  # the constraint refuses the second holder of a seat, so somebody is turned away, but nobody doubled
            assert seated <= SEATS
