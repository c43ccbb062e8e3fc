"""The SQL of status lists."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.status_lists.model import ListToSign, OpenList, Place, PublishedList
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
SELECT id, issuer_id, length, created_at, wanted_revision AS revision, did FROM status_list
WHERE id = $1 AND signed_revision < wanted_revision
"""
REVOKED = """
SELECT status_index FROM credential WHERE status_list_id = $1 AND revoked_at IS NOT NULL
UNION SELECT status_index FROM status_list_bit WHERE status_list_id = $1
"""
KEEP_SIGNED = """
UPDATE status_list SET signed_json = $3, signed_at = $4, signed_revision = $2 WHERE id = $1 AND signed_revision < $2
"""
# In one order, as whoever revokes meets them too.
WANT_ALL = """
UPDATE status_list SET wanted_revision = wanted_revision + 1
WHERE id IN (SELECT id FROM status_list WHERE issuer_id = $1 ORDER BY id FOR UPDATE)
"""
# Behind a revision that is taken outside.
WANT_BEHIND = "UPDATE status_list SET wanted_revision = greatest(wanted_revision, $2) + 1 WHERE id = $1"
REVISIONS = "SELECT id, signed_revision, wanted_revision FROM status_list"
LOCK_ALL = "SELECT id FROM status_list ORDER BY id FOR UPDATE"
CLOSE_ALL = "UPDATE status_list SET is_open = false WHERE is_open RETURNING id"
KEEP_BITS = """
INSERT INTO status_list_bit (status_list_id, status_index) SELECT $1, unnest($2::int[])
ON CONFLICT DO NOTHING
"""
TAKE_BACK = """
INSERT INTO status_list (id, issuer_id, length, taken, is_open, created_at, signed_json, signed_at, wanted_revision,
                         signed_revision, did)
SELECT $1, i.id, $3, $3, false, $4, $5, $4, $6, $6, CASE WHEN i.did = $2 THEN NULL ELSE $2 END
FROM issuer i WHERE i.did = $2 OR i.id = (SELECT issuer_id FROM issuer_alias WHERE did = $2)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
KEEP_NAME = "UPDATE status_list SET did = $2, is_open = false WHERE issuer_id = $1 AND did IS NULL"


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


async def follow_keys(connection: Connection, issuer_id: UUID, old_did: str | None) -> None:
    """Have every list signed anew, in the transaction that changes keys.

    Where the issuer moves, its lists keep the name that their badges give, and take no more.
    """
    if old_did is not None:
        await connection.execute(KEEP_NAME, issuer_id, old_did)
    await connection.execute(WANT_ALL, issuer_id)


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
    return msgspec.convert({**dict(row), "revoked": await revoked(pool, list_id)}, ListToSign)


async def keep_signed(pool: Pool, list_id: UUID, revision: int, signed: str, *, at: datetime) -> bool:
    """Publish a signed list; False where one of the same or a later revision is published."""
    return await pool.execute(KEEP_SIGNED, list_id, revision, signed, at) == "UPDATE 1"


async def revoked(connection: Connection | Pool, list_id: UUID) -> frozenset[int]:
    """The bits that a list has to have set."""
    return frozenset(row["status_index"] for row in await connection.fetch(REVOKED, list_id))


async def want_behind(connection: Connection | Pool, list_id: UUID, revision: int) -> None:
    """Ask for a new signature under a revision above one that is taken."""
    await connection.execute(WANT_BEHIND, list_id, revision)


async def revisions(pool: Pool) -> dict[UUID, tuple[int, int]]:
    """Every list with the revisions that are signed and wanted."""
    return {row["id"]: (row["signed_revision"], row["wanted_revision"]) for row in await pool.fetch(REVISIONS)}


async def lock_all(connection: Connection) -> frozenset[UUID]:
    """Every list, held until the transaction ends: nobody signs for a place meanwhile."""
    return frozenset(row["id"] for row in await connection.fetch(LOCK_ALL))


async def close_all(connection: Connection) -> int:
    """Let no list take more credentials; how many did."""
    return len(await connection.fetch(CLOSE_ALL))


async def keep_bits(connection: Connection, list_id: UUID, indices: Iterable[int]) -> None:
    """Have bits set for good, whatever becomes of their credentials."""
    await connection.execute(KEEP_BITS, list_id, sorted(indices))


async def take_back(connection: Connection, list_id: UUID, found: PublishedList) -> bool:
    """Add a list that was published and is not known here, closed; False where its issuer is not known either."""
    row = await connection.fetchrow(
        TAKE_BACK, list_id, found.issuer, found.length, found.signed_at, found.text, found.revision
    )
    return row is not None
