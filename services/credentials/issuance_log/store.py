"""The SQL of the issuance log. Leaves, nodes and heads are only ever added: the role has no right to do else."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.issuance_log.model import Leaf, Log, LogHead, Waiting
from shared.postgres import Connection, Pool
from shared.transparency import tree
from shared.transparency.tree import Node, hash_leaf

ENQUEUE = """
INSERT INTO log_waiting (issuer_id, document_id, sha256, signed_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
# What was signed before there was a log. One statement sees a document in its queue or in the log, never in neither.
BACKFILL = """
INSERT INTO log_waiting (issuer_id, document_id, sha256, signed_at)
SELECT c.issuer_id, c.id, decode(c.signed_sha256, 'hex'), c.issued_at FROM credential c
WHERE c.signed_sha256 IS NOT NULL
    AND NOT EXISTS (SELECT FROM log_leaf l WHERE l.issuer_id = c.issuer_id AND l.document_id = c.id)
ON CONFLICT DO NOTHING
"""
TO_DO = """
SELECT issuer_id FROM log_waiting UNION SELECT issuer_id FROM issuance_log WHERE shown_size < size
"""
OPEN = "INSERT INTO issuance_log (issuer_id, origin) VALUES ($1, $2) ON CONFLICT (issuer_id) DO NOTHING"
# Whoever has it is the sequencer; who comes second has nothing to wait for.
LOCK = """
SELECT issuer_id, origin, size, shown_size FROM issuance_log WHERE issuer_id = $1 FOR UPDATE SKIP LOCKED
"""
TAKE = """
DELETE FROM log_waiting w
WHERE issuer_id = $1 AND document_id = ANY (ARRAY(
    SELECT document_id FROM log_waiting WHERE issuer_id = $1 ORDER BY signed_at, document_id LIMIT $2
))
RETURNING document_id, sha256, signed_at, EXISTS (
    SELECT FROM log_leaf l
    WHERE l.issuer_id = w.issuer_id AND (l.document_id = w.document_id OR l.sha256 = w.sha256)
) AS is_known
"""
INSERT_LEAVES = """
INSERT INTO log_leaf (issuer_id, position, sha256, document_id, logged_at)
SELECT $1, $2 + fresh.place - 1, fresh.sha256, fresh.document_id, $5
FROM unnest($3::bytea[], $4::uuid[]) WITH ORDINALITY AS fresh (sha256, document_id, place)
"""
INSERT_NODES = """
INSERT INTO log_node (issuer_id, level, number, hash)
SELECT $1, fresh.level, fresh.number, fresh.hash
FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS fresh (level, number, hash)
"""
SET_SIZE = "UPDATE issuance_log SET size = $2 WHERE issuer_id = $1"
INSERT_HEAD = """
INSERT INTO log_head (issuer_id, size, key_id, checkpoint, signed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (issuer_id, size) DO NOTHING
"""
SHOW = "UPDATE issuance_log SET shown_size = $2 WHERE issuer_id = $1 AND shown_size < $2"
LOG = "SELECT issuer_id, origin, size, shown_size FROM issuance_log WHERE issuer_id = $1"
HEAD = """
SELECT l.origin, h.size, h.key_id, h.checkpoint, h.signed_at
FROM issuance_log l JOIN log_head h ON h.issuer_id = l.issuer_id AND h.size = l.shown_size WHERE l.issuer_id = $1
"""
POSITION = "SELECT position FROM log_leaf WHERE issuer_id = $1 AND sha256 = $2"
LEAVES = """
SELECT sha256 FROM log_leaf WHERE issuer_id = $1 AND position >= $2 AND position < $3 ORDER BY position
"""
NODES = """
SELECT 0::smallint AS level, position AS number, sha256 AS hash FROM log_leaf
WHERE issuer_id = $1 AND position = ANY ($2::bigint[])
UNION ALL
SELECT n.level, n.number, n.hash
FROM unnest($3::smallint[], $4::bigint[]) AS wanted (level, number)
JOIN log_node n ON n.issuer_id = $1 AND n.level = wanted.level AND n.number = wanted.number
"""
SIZE_AT = "SELECT coalesce(max(size), 0) FROM log_head WHERE issuer_id = $1 AND signed_at <= $2"
ISSUERS = "SELECT issuer_id FROM issuance_log ORDER BY issuer_id"


async def enqueue(connection: Connection, issuer_id: UUID, document_id: UUID, sha256: bytes, *, at: datetime) -> None:
    """Ask for a place in the log, in the transaction that stores what was signed."""
    await connection.execute(ENQUEUE, issuer_id, document_id, sha256, at)


async def backfill(pool: Pool) -> None:
    """Ask for a place for every signed credential that has neither a place nor asked for one."""
    await pool.execute(BACKFILL)


async def to_do(pool: Pool) -> list[UUID]:
    """The issuers with something that waits for its place, or with places that no head shows yet."""
    return [row["issuer_id"] for row in await pool.fetch(TO_DO)]


async def lock(connection: Connection, issuer_id: UUID, *, origin: str) -> Log | None:
    """The issuer's log, made where there is none, held until the transaction ends; None while somebody else has it."""
    await connection.execute(OPEN, issuer_id, origin)
    row = await connection.fetchrow(LOCK, issuer_id)
    return None if row is None else msgspec.convert(dict(row), Log)


async def take(connection: Connection, issuer_id: UUID, *, most: int) -> list[Waiting]:
    """Take what waits, oldest signature first."""
    found = [msgspec.convert(dict(row), Waiting) for row in await connection.fetch(TAKE, issuer_id, most)]
    return sorted(found, key=lambda one: (one.signed_at, one.document_id))


async def insert_leaves(connection: Connection, log: Log, fresh: Sequence[Leaf], *, at: datetime) -> None:
    """Add leaves behind the last one."""
    hashes, documents = [one.sha256 for one in fresh], [one.document_id for one in fresh]
    await connection.execute(INSERT_LEAVES, log.issuer_id, log.size, hashes, documents, at)
    await connection.execute(SET_SIZE, log.issuer_id, log.size + len(fresh))


async def insert_nodes(connection: Connection, issuer_id: UUID, hashes: dict[Node, bytes]) -> None:
    """Add complete subtrees; those of one leaf are the leaves themselves."""
    above = [one for one in hashes if one.level]
    levels, numbers = [one.level for one in above], [one.number for one in above]
    await connection.execute(INSERT_NODES, issuer_id, levels, numbers, [hashes[one] for one in above])


async def insert_head(connection: Connection, issuer_id: UUID, head: LogHead) -> None:
    """Keep a head and show it; nothing where the same or a later one is shown."""
    await connection.execute(INSERT_HEAD, issuer_id, head.size, head.key_id, head.checkpoint, head.signed_at)
    await connection.execute(SHOW, issuer_id, head.size)


async def log(connection: Connection | Pool, issuer_id: UUID) -> Log | None:
    """The issuer's log."""
    row = await connection.fetchrow(LOG, issuer_id)
    return None if row is None else msgspec.convert(dict(row), Log)


async def head(pool: Pool, issuer_id: UUID) -> LogHead | None:
    """The newest head that is shown."""
    row = await pool.fetchrow(HEAD, issuer_id)
    return None if row is None else msgspec.convert(dict(row), LogHead)


async def position(pool: Pool, issuer_id: UUID, sha256: bytes) -> int | None:
    """Where a document stands in the log."""
    found: int | None = await pool.fetchval(POSITION, issuer_id, sha256)
    return found


async def leaves(connection: Connection | Pool, issuer_id: UUID, start: int, end: int) -> list[bytes]:
    """The SHA-256 of what stands at these positions, the last one excepted."""
    return [row["sha256"] for row in await connection.fetch(LEAVES, issuer_id, start, end)]


async def nodes(connection: Connection | Pool, issuer_id: UUID, wanted: Sequence[Node]) -> dict[Node, bytes]:
    """The hashes of complete subtrees, in one statement."""
    low, above = [one.number for one in wanted if not one.level], [one for one in wanted if one.level]
    rows = await connection.fetch(NODES, issuer_id, low, [one.level for one in above], [one.number for one in above])
    return {Node(row["level"], row["number"]): row["hash"] if row["level"] else hash_leaf(row["hash"]) for row in rows}


async def size_at(pool: Pool, issuer_id: UUID, moment: datetime) -> int:
    """How many leaves the last head had that was signed by then: what stands before it was logged before."""
    found: int = await pool.fetchval(SIZE_AT, issuer_id, moment)
    return found


async def root_at(pool: Pool, issuer_id: UUID, size: int) -> bytes:
    """The root of the tree when it had so many leaves."""
    return tree.root(size, await nodes(pool, issuer_id, tree.peaks(size)))


async def issuers(pool: Pool) -> list[UUID]:
    """The issuers that have a log."""
    return [row["issuer_id"] for row in await pool.fetch(ISSUERS)]
