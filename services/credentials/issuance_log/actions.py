"""Verbs of the one who keeps the logs: give places after commit, then sign and show the head."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.credentials.issuance_log import copies, store
from services.credentials.issuance_log.model import Leaf, Log, LogForkedError, LogHead, origin_of
from services.credentials.keys import actions as keys
from services.credentials.keys.actions import IssuerRules
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import CustodyError, WrongUseError
from shared.clock import Clock
from shared.postgres import UNAVAILABLE, Connection, Pool, transaction
from shared.transparency import tree
from shared.transparency.checkpoint import Head

logger = logging.getLogger(__name__)

#: One transaction's worth; what waits behind it has its turn at once.
_BATCH = 1_000
_POLL_SECONDS = 0.1
#: How long a log is let be that something is wrong with.
_PAUSE_SECONDS = 10.0


#: Puts a copy, by its name, where a restore finds it and nothing is ever written over.
Publish = Callable[[str, bytes], Awaitable[None]]


class LogKeeper(msgspec.Struct, frozen=True, kw_only=True):
    """What keeping logs needs: the database, the keys, how they are made here, the clock, and a place for copies."""

    pool: Pool
    custody: Custody
    rules: IssuerRules
    clock: Clock
    publish: Publish | None = None


async def append(keeper: LogKeeper, issuer_id: UUID) -> int:
    """Give the issuer's next signed documents their places; returns how many had waited, 0 while somebody else does it.

    One transaction: killed anywhere in it, nothing has happened.
    """
    async with transaction(keeper.pool) as connection:
        log = await store.lock(connection, issuer_id, origin=origin_of(keeper.rules.public_url, issuer_id))
        if log is None:
            return 0
        taken = await store.take(connection, issuer_id, most=_BATCH)
        fresh = [Leaf(sha256=one.sha256, document_id=one.document_id) for one in taken if not one.is_known]
        if fresh:
            await _add(connection, log, fresh, at=keeper.clock())
    return len(taken)


async def show_head(keeper: LogKeeper, issuer_id: UUID) -> bool:
    """Sign the head over all places that were given, and show it; False where that was done already.

    Only what is committed is signed, so no head ever contradicts another, whoever is killed when. An Ed25519 signature
    is the same each time: two who sign one head sign the same bytes.
    """
    log = await store.log(keeper.pool, issuer_id)
    if log is None or log.shown_size == log.size:
        return False
    root = tree.root(log.size, await store.nodes(keeper.pool, issuer_id, tree.peaks(log.size)))
    now = keeper.clock()
    async with transaction(keeper.pool) as connection:
        # Held for the sake of the key, which an issuer older than its log may not have yet.
        if await store.lock(connection, issuer_id, origin=log.origin) is None:
            return False
        held = await keys.log_key(connection, keeper.custody, issuer_id, rules=keeper.rules, now=now)
    signed = keeper.custody.sign_head(held, Head(origin=log.origin, size=log.size, root=root))
    if keeper.publish is not None:
        fresh = await store.leaves(keeper.pool, issuer_id, log.shown_size, log.size)
        await keeper.publish(*copies.copy(issuer_id, log.shown_size, fresh, signed))
    head = LogHead(origin=log.origin, size=log.size, key_id=held.key.id, checkpoint=signed, signed_at=now)
    async with transaction(keeper.pool) as connection:
        await store.insert_head(connection, issuer_id, head)
    return True


async def make_whole(keeper: LogKeeper, issuer_id: UUID, found: Sequence[bytes]) -> int:
    """Take back from copies what a restored database does not know, at the same positions; returns how many leaves.

    LogForkedError where the two differ, or what is between them is in neither: nothing is changed then.
    """
    copied = copies.together(found)
    if copied is None:
        return 0
    async with transaction(keeper.pool) as connection:
        log = await store.lock(connection, issuer_id, origin=copied.origin)
        if log is None:
            return 0
        end = max(copied.leaves, default=-1) + 1
        whole = dict(enumerate(await store.leaves(connection, issuer_id, 0, log.size)))
        for position in range(end):
            found_here, found_there = whole.get(position), copied.leaves.get(position)
            leaf = found_here or found_there
            if leaf is None or (found_there or leaf) != leaf:
                raise LogForkedError(position)
            whole[position] = leaf
        fresh = [Leaf(sha256=whole[position], document_id=None) for position in range(log.size, end)]
        if fresh:
            await _add(connection, log, fresh, at=keeper.clock())
    return len(fresh)


async def _add(connection: Connection, log: Log, fresh: Sequence[Leaf], *, at: datetime) -> None:
    standing = await store.nodes(connection, log.issuer_id, tree.peaks(log.size))
    added = tree.grown(log.size, standing, [tree.hash_leaf(one.sha256) for one in fresh])
    await store.insert_leaves(connection, log, fresh, at=at)
    await store.insert_nodes(connection, log.issuer_id, added)


async def run_sequencer(keeper: LogKeeper) -> None:
    """Keep the logs for as long as the worker runs; several may run, a log's lock lets one through at a time."""
    is_filled, paused = False, dict[UUID, float]()
    while True:
        done = 0
        try:
            if not is_filled:
                await store.backfill(keeper.pool)
                is_filled = True
            for issuer_id in await store.to_do(keeper.pool):
                if paused.get(issuer_id, 0.0) <= time.monotonic():
                    done += await _keep(keeper, issuer_id, paused)
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            logger.warning("the issuance logs stand still", extra={"error": type(error).__name__})
        if not done:
            await asyncio.sleep(_POLL_SECONDS)


async def _keep(keeper: LogKeeper, issuer_id: UUID, paused: dict[UUID, float]) -> int:
    """One issuer's log; what is wrong with it alone is reported, and stops no other."""
    try:
        done = await append(keeper, issuer_id)
        await show_head(keeper, issuer_id)
    except UNAVAILABLE:
        raise
    except Exception as error:  # a key that cannot be opened, a full disk, a copy that says something else
        paused[issuer_id] = time.monotonic() + _PAUSE_SECONDS
        known = isinstance(error, CustodyError | WrongUseError | OSError)
        logger.error(
            "an issuance log stands still",
            exc_info=None if known else error,
            extra={"issuer": issuer_id, "error": type(error).__name__},
        )
        return 0
    return done
