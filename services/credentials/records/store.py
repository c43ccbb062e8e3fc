"""The SQL of records, as the issuer role reads and writes them."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.credentials.records.model import RecordRow
from shared.contracts import canonical, sha256
from shared.postgres import Connection, Pool
from shared.records import RecordOpening, RecordRequest

Reader = Connection | Pool

#: Of openings, told to enrollment; an address that somebody reloads all day is no news.
_MOST_OPENINGS = 50

_COLUMNS = """
id, issuer_id, revision, request, request_sha256, subject_id, key_id, expires_at, created_at, signed_json,
signed_sha256, issued_at, withdrawn_at, emptied_at
"""
RECORD = f"SELECT {_COLUMNS} FROM record WHERE id = $1"  # noqa: S608  # put together from constants only
LOCK = f"{RECORD} FOR UPDATE"
INSERT = """
INSERT INTO record (id, issuer_id, request, request_sha256, token_sha256, subject_id, key_id, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
"""
INSERT_TOMBSTONE = """
INSERT INTO record (id, issuer_id, created_at, withdrawn_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING
"""
FREEZE_ANEW = "UPDATE record SET key_id = $2, created_at = $3 WHERE id = $1 AND issued_at IS NULL"
KEEP_SIGNED = """
UPDATE record SET signed_json = $2, signed_sha256 = $3, issued_at = $4, revision = revision + 1
WHERE id = $1 AND issued_at IS NULL AND withdrawn_at IS NULL AND emptied_at IS NULL
"""
WITHDRAW = """
UPDATE record SET withdrawn_at = $2, request = NULL, signed_json = NULL, signed_sha256 = NULL, revision = revision + 1
WHERE id = $1 AND withdrawn_at IS NULL
"""
EMPTY_EXPIRED = """
UPDATE record SET emptied_at = $1, request = NULL, signed_json = NULL
WHERE expires_at <= $1 AND withdrawn_at IS NULL AND emptied_at IS NULL
"""
OPENINGS = "SELECT opened_at, form FROM record_opening WHERE record_id = $1 ORDER BY opened_at DESC, id LIMIT $2"
FORGET_OPENINGS = "DELETE FROM record_opening WHERE record_id = $1"
OPENED = "SELECT DISTINCT record_id FROM record_opening WHERE NOT is_told LIMIT 100"
MARK_TOLD = "UPDATE record_opening SET is_told = true WHERE record_id = $1 AND NOT is_told"
GROW = "UPDATE record SET revision = revision + 1 WHERE id = $1"


async def record(connection: Reader, record_id: UUID) -> RecordRow | None:
    """One record."""
    return _row(await connection.fetchrow(RECORD, record_id))


async def lock(connection: Connection, record_id: UUID) -> RecordRow | None:
    """One record, held until the transaction ends."""
    return _row(await connection.fetchrow(LOCK, record_id))


async def insert(
    connection: Connection,
    identity: tuple[UUID, UUID],
    request: RecordRequest,
    frozen: tuple[str, str],
    *,
    at: datetime,
) -> bool:
    """Add a record by (id, issuer), frozen with its subject's id and its key; False where there is one by this id."""
    payload = canonical(request)
    status = await connection.execute(
        INSERT, *identity, payload, sha256(payload), request.token_sha256, *frozen, request.expires_at, at
    )
    return status == "INSERT 0 1"


async def insert_tombstone(connection: Connection, record_id: UUID, issuer_id: UUID, *, at: datetime) -> bool:
    """Add one that is withdrawn before it came; False where there is one by this id."""
    return await connection.execute(INSERT_TOMBSTONE, record_id, issuer_id, at, at) == "INSERT 0 1"


async def freeze_anew(connection: Connection, record_id: UUID, key_id: str, *, at: datetime) -> None:
    """Let another key sign it, from another date on."""
    await connection.execute(FREEZE_ANEW, record_id, key_id, at)


async def keep_signed(connection: Connection, record_id: UUID, signed: str, digest: str, *, at: datetime) -> bool:
    """Store the signed transcript; False where it was stored, or is over."""
    return await connection.execute(KEEP_SIGNED, record_id, signed, digest, at) == "UPDATE 1"


async def withdraw(connection: Connection, record_id: UUID, *, at: datetime) -> bool:
    """Let what a record says be gone, with who read it; False where it was."""
    await connection.execute(FORGET_OPENINGS, record_id)
    return await connection.execute(WITHDRAW, record_id, at) == "UPDATE 1"


async def empty_expired(pool: Pool, *, now: datetime) -> int:
    """Let what expired records said be gone; how many."""
    return int((await pool.execute(EMPTY_EXPIRED, now)).rpartition(" ")[2])


async def openings(connection: Reader, record_id: UUID) -> tuple[RecordOpening, ...]:
    """The newest openings, the newest first."""
    rows = await connection.fetch(OPENINGS, record_id, _MOST_OPENINGS)
    return tuple(msgspec.convert(dict(row), RecordOpening) for row in rows)


async def opened(pool: Pool) -> list[UUID]:
    """Records with openings that enrollment was not told of."""
    return [row["record_id"] for row in await pool.fetch(OPENED)]


async def mark_told(connection: Connection, record_id: UUID) -> bool:
    """Take a record's openings as told, in the transaction that tells them; False where there is nothing to tell."""
    if await connection.execute(MARK_TOLD, record_id) == "UPDATE 0":
        return False
    await connection.execute(GROW, record_id)
    return True


def _row(row: asyncpg.Record | None) -> RecordRow | None:
    return None if row is None else msgspec.convert(dict(row), RecordRow)
