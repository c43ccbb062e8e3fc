"""A log that the tests fill themselves, and the one who keeps it."""

import os
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from services.credentials.issuance_log import store
from services.credentials.issuance_log.actions import LogKeeper, append, show_head
from shared.clock import system_clock
from shared.postgres import Pool
from tests.credentials.callers import Caller
from tests.credentials.issuance_log.sequencer import keeper_of


@pytest.fixture(scope="session")
def keeper(issuer: Caller, issuer_pool: Pool, public_port: int) -> LogKeeper:
    """The keeper beside the issuer role."""
    return keeper_of(issuer_pool, issuer.key_encryption_key, f"http://127.0.0.1:{public_port}")


@pytest.fixture
async def organization(issuer: Caller) -> UUID:
    """An organization with an issuer whose log is empty."""
    found, _ = await issuer.begin()
    return found


async def enqueue(pool: Pool, organization: UUID, number: int) -> list[bytes]:
    """So many documents that wait for their place, in the order of their signatures."""
    hashes = [os.urandom(32) for _ in range(number)]
    now = system_clock()
    rows = [(organization, uuid4(), one, now) for one in hashes]
    async with pool.acquire() as connection, connection.transaction():
        await connection.executemany(store.ENQUEUE, rows)
    return hashes


async def settle(keeper: LogKeeper, organization: UUID) -> None:
    """Give everything its place, and show the head."""
    while await append(keeper, organization):
        pass
    await show_head(keeper, organization)


async def logged(pool: Pool, organization: UUID) -> list[bytes]:
    """The log's leaves by position; there is no gap."""
    rows = await pool.fetch(
        "SELECT position, sha256 FROM log_leaf WHERE issuer_id = $1 ORDER BY position", organization
    )
    assert [row["position"] for row in rows] == list(range(len(rows)))
    return [row["sha256"] for row in rows]


class Door(msgspec.Struct, frozen=True):
    """A log's address, and an organization with ten leaves in it."""

    url: str
    organization: UUID
    hashes: list[bytes]


@pytest.fixture
async def door(public: str, keeper: LogKeeper, issuer_pool: Pool, organization: UUID) -> Door:
    """A log that grew in two steps."""
    hashes = []
    for _ in range(10):
        hashes += await enqueue(issuer_pool, organization, 1)
        await append(keeper, organization)
    await show_head(keeper, organization)
    return Door(f"{public}/issuers/{organization}/log", organization, hashes)


async def read(url: str, accept: str = "application/json") -> tuple[int, dict[str, str], Any]:
    async with aiohttp.ClientSession() as http, http.get(url, headers={"Accept": accept}) as answer:
        raw = await answer.read()
        is_json = "json" in answer.content_type
        return answer.status, dict(answer.headers), msgspec.json.decode(raw) if is_json else raw.decode()
