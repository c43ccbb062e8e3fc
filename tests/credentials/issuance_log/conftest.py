"""A log that the tests fill themselves, and the one who keeps it."""

import os
from uuid import UUID, uuid4

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
    async with pool.acquire() as connection, connection.transaction():
        for one in hashes:
            await store.enqueue(connection, organization, uuid4(), one, at=now)
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
