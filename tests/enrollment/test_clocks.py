"""What the worker does again and again outlives a database that refuses, and ends the process on anything else."""

import asyncio
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from deploy.local.postgres import Cluster
from services.enrollment import worker
from services.enrollment.house import House
from shared.tasks import run_every
from tests.enrollment.conftest import settings_for
from tests.servers import free_port, running


async def test_a_clock_goes_on_after_the_database_refused(
    migrated: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, is_done = [0], asyncio.Event()

    async def verb(house: House) -> None:
        rounds[0] += 1
        if rounds[0] == 1:
            await house.pool.execute("SELECT 1 FROM no_such_table")
        if rounds[0] == 2:
            await house.pool.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        if rounds[0] == 4:
            is_done.set()

    monkeypatch.setattr(worker, "CLOCKS", {"probe": worker.Round(0.01, verb)})
    settings = settings_for(tmp_path, migrated.dsn("enrollment", "enrollment"), free_port())
    async with running(worker.make(settings), settings.port) as url, aiohttp.ClientSession(url) as http:
        await asyncio.wait_for(is_done.wait(), 20)
        async with http.get("/health/ready") as answer:
            assert (answer.status, (await answer.json())["checks"]["tasks"]) == (200, True)


async def test_a_clock_ends_on_an_error_of_our_own() -> None:
    async def verb() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await asyncio.wait_for(run_every(0.01, verb, name="probe"), 5)


@pytest.mark.parametrize(
    "error", [ConnectionResetError(), TimeoutError(), asyncpg.DeadlockDetectedError("two of them")]
)
async def test_what_passes_by_itself_costs_one_round(error: Exception) -> None:
    rounds: list[int] = []

    async def verb() -> None:
        rounds.append(1)
        raise error if len(rounds) == 1 else KeyError

    with pytest.raises(KeyError):
        await asyncio.wait_for(run_every(0.01, verb, name="probe"), 5)
    assert len(rounds) == 2
