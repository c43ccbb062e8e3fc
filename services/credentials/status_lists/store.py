"""The SQL of status lists."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.status_lists.model import ListToSign, OpenList, Place
from shared.postgres import Connection, Pool

LOCK_OPEN = "SELECT id, length, taken FROM status_list WHERE issuer_id = $1 AND is_open FOR UPDATE"
# Two first awards of an issuer may meet here; the unique index lets one list through.
INSERT = """
INSERT INTO status_list (id, issuer_id, length, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (issuer_id) WHERE is_open DO NOTHING
"""
CLOSE = "UPDATE status_list SET is_open = false WHERE id = $1"
TAKE = "UPDATE status_list SET taken = taken + 1 WHERE id = $1"
PLACE = """
SELECT l.length, l.signed_revision > 0 AS is_published,
       ARRAY (SELECT c.id FROM credential c WHERE c.status_list_id = l.id AND c.status_index = $2) AS holders
FROM status_list l WHERE l.id = $1
"""
WANT = "UPDATE status_list SET wanted_revision = wanted_revision + 1 WHERE id = $1"
WAITING = "SELECT id FROM status_list WHERE signed_revision < wanted_revision LIMIT 100"
TO_SIGN = """
SELECT id, issuer_id, length, created_at, wanted_revision AS revision FROM status_list
WHERE id = $1 AND signed_revision < wanted_revision
"""
REVOKED = "SELECT status_index FROM credential WHERE status_list_id = $1 AND revoked_at IS NOT NULL"
KEEP_SIGNED = """
UPDATE status_list SET signed_json = $3, signed_at = $4, signed_revision = $2 WHERE id = $1 AND signed_revision < $2
"""


async def lock_open(connection: Connection, issuer_id: UUID) -> OpenList | None:
    """The issuer's open list, held until the transaction ends: one credential takes an index at a time."""
    row = await connection.fetchrow(LOCK_OPEN, issuer_id)
    return None if row is None else msgspec.convert(dict(row), OpenList)


async def insert(connection: Connection, identifier: UUID, issuer_id: UUID, *, length: int, at: datetime) -> None:
    """Open a list; nothing where somebody else just did."""
    await connection.execute(INSERT, identifier, issuer_id, length, at)


async def close(connection: Connection, list_id: UUID) -> None:
    """Take no more credentials into a list."""
    await connection.execute(CLOSE, list_id)


async def take(connection: Connection, list_id: UUID) -> None:
    """Count one more index as taken."""
    await connection.execute(TAKE, list_id)


async def place(pool: Pool, list_id: UUID, index: int) -> Place:
    """What stands at an index of a list."""
    return msgspec.convert(await pool.fetchrow(PLACE, list_id, index), Place)


async def want(connection: Connection, list_id: UUID) -> None:
    """Ask for a new signature in the transaction that revokes."""
    await connection.execute(WANT, list_id)


async def waiting(pool: Pool) -> list[UUID]:
    """Lists whose signature is older than what they should say."""
    return [row["id"] for row in await pool.fetch(WAITING)]


async def to_sign(pool: Pool, list_id: UUID) -> ListToSign | None:
    """The list as it has to be signed; None where its signature is up to date.

    The revision is read before the bits, so the bits are at least as new as it.
    """
    row = await pool.fetchrow(TO_SIGN, list_id)
    if row is None:
        return None
    revoked = frozenset(one["status_index"] for one in await pool.fetch(REVOKED, list_id))
    return msgspec.convert({**dict(row), "revoked": revoked}, ListToSign)


async def keep_signed(pool: Pool, list_id: UUID, revision: int, signed: str, *, at: datetime) -> bool:
    """Publish a signed list; False where one of the same or a later revision is published."""
    return await pool.execute(KEEP_SIGNED, list_id, revision, signed, at) == "UPDATE 1"
