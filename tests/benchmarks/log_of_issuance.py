"""The issuance log beside the least of it: bare hashes, commits of one row, and a look at one row by its key.

It is measured in a small log and in one a hundred times as large: what grows with the log would show between them.
"""

import asyncio
import base64
import hashlib
import os
from itertools import count
from uuid import UUID, uuid4

from deploy.local.postgres import Cluster
from services.credentials.issuance_log import proving, store
from services.credentials.issuance_log.actions import LogKeeper, append, show_head
from services.credentials.keys.actions import IssuerRules
from services.credentials.keys.custody import Custody, key_encryption_key
from shared.clock import system_clock
from shared.migrate import migrate
from shared.postgres import Pool, create_pool
from shared.transparency import tree
from tests.benchmarks.measuring import AsyncWork, Comparison, compare, compare_at_once
from tests.conftest import MIGRATIONS

_BATCH = 1_000
_SMALL, _LARGE = 2_000, 200_000


async def of_log() -> list[Comparison]:
    """Adding and proving, in memory and in a durable database."""
    context = Cluster.temporary(durable=True)
    cluster = await asyncio.to_thread(context.__enter__)
    try:
        await migrate(cluster.dsn("credentials", "credentials_owner"), MIGRATIONS["credentials"])
        pool = await create_pool(cluster.dsn("credentials", "issuer"), connections=4, name="bench")
        found = [_growing(), *await _measured(pool)]
        pool.terminate()
        return found
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


def _growing() -> Comparison:
    leaves = [os.urandom(32) for _ in range(_BATCH)]
    pair = os.urandom(65)

    def hashes() -> None:
        for _ in range(2 * _BATCH):
            hashlib.sha256(pair).digest()

    def grow() -> None:
        tree.grown(0, {}, [tree.hash_leaf(one) for one in leaves])

    return compare(f"a tree of {_BATCH:,} leaves", ("trees", grow), ("bare hashes of as many nodes", hashes))


async def _measured(pool: Pool) -> list[Comparison]:
    keeper = LogKeeper(
        pool=pool,
        custody=Custody(key_encryption_key(base64.b64encode(os.urandom(32)).decode())),
        rules=IssuerRules(did_method="key", public_url="https://badges.example", is_production=False),
        clock=system_clock,
    )
    small, large = [await _issuer(pool) for _ in range(2)]
    for issuer_id, size in ((small, _SMALL), (large, _LARGE)):
        await _fill(keeper, issuer_id, size)
    other, numbers = await _issuer(pool), count()

    async def commit() -> None:
        await pool.execute(store.ENQUEUE, other, UUID(int=next(numbers)), os.urandom(32), system_clock())

    found = []
    for issuer_id, size in ((small, _SMALL), (large, _LARGE)):
        adding, name = _adding(keeper, issuer_id), f"{_BATCH:,} leaves and a head, from {size:,} on"
        found.append(await compare_at_once(name, ("batches", adding), ("one-row commits", commit), clients=1))
    for issuer_id, size in ((small, _SMALL), (large, _LARGE)):
        position = await pool.fetchval("SELECT size / 3 FROM issuance_log WHERE issuer_id = $1", issuer_id)
        [sha256] = await store.leaves(pool, issuer_id, position, position + 1)
        for name, work in _proofs(pool, issuer_id, sha256).items():
            look = _look(pool, issuer_id, sha256)
            title = f"a proof of {name}, from {size:,} on"
            found.append(await compare_at_once(title, ("proofs", work), ("one row by its key", look), clients=1))
    return found


def _adding(keeper: LogKeeper, issuer_id: UUID) -> AsyncWork:
    async def add() -> None:
        rows = [(issuer_id, uuid4(), os.urandom(32), system_clock()) for _ in range(_BATCH)]
        async with keeper.pool.acquire() as connection, connection.transaction():
            await connection.executemany(store.ENQUEUE, rows)
        assert await append(keeper, issuer_id) == _BATCH
        await show_head(keeper, issuer_id)

    return add


def _proofs(pool: Pool, issuer_id: UUID, sha256: bytes) -> dict[str, AsyncWork]:
    async def inclusion() -> None:
        await proving.inclusion(pool, issuer_id, sha256)

    async def consistency() -> None:
        await proving.consistency(pool, issuer_id, _SMALL // 3, _SMALL)

    return {"inclusion": inclusion, "consistency": consistency}


def _look(pool: Pool, issuer_id: UUID, sha256: bytes) -> AsyncWork:
    async def look() -> None:
        await store.position(pool, issuer_id, sha256)

    return look


async def _issuer(pool: Pool) -> UUID:
    issuer_id = uuid4()
    await pool.execute(
        "INSERT INTO issuer (id, did, name, url, is_demonstration, created_at) VALUES ($1, $2, 'A', '', true, now())",
        issuer_id,
        f"did:example:{issuer_id}",
    )
    return issuer_id


async def _fill(keeper: LogKeeper, issuer_id: UUID, size: int) -> None:
    add = _adding(keeper, issuer_id)
    for _ in range(size // _BATCH):
        await add()
