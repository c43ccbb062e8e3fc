"""The SQL of people's addresses."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.people.addresses.model import Address, Wish
from shared.postgres import Connection, Pool

Reader = Connection | Pool

ADDRESSES = """
SELECT email, true AS is_first FROM person WHERE organization_id = $1 AND id = $2
UNION ALL
(SELECT a.email, false FROM person_address a JOIN person p ON p.id = a.person_id
WHERE a.organization_id = $1 AND a.person_id = $2 AND a.email <> p.email ORDER BY a.email)
"""
WISHES_SINCE = "SELECT count(*) FROM address_wish WHERE person_id = $1 AND created_at > $2"
DELETE_OLD = "DELETE FROM address_wish WHERE expires_at < $1"
INSERT_WISH = """
INSERT INTO address_wish (token_sha256, organization_id, person_id, email, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
WISH = """
SELECT person_id, email FROM address_wish
WHERE token_sha256 = $1 AND organization_id = $2 AND person_id = $3 AND expires_at > $4
"""
DELETE_WISHES = "DELETE FROM address_wish WHERE organization_id = $1 AND person_id = $2 AND email = $3"
LOCK_PERSON = "SELECT id FROM person WHERE organization_id = $1 AND id = $2 AND merged_into IS NULL FOR UPDATE"
ADD = """
INSERT INTO person_address (organization_id, email, person_id, added_at) SELECT $1, $3, $2, $4
WHERE NOT EXISTS (SELECT FROM person WHERE organization_id = $1 AND email = $3 AND id <> $2)
ON CONFLICT DO NOTHING
"""
HAS = """
SELECT EXISTS (SELECT FROM person_address WHERE organization_id = $1 AND person_id = $2 AND email = $3)
"""
WRITE_TO = "UPDATE person SET email = $3 WHERE organization_id = $1 AND id = $2"
REMOVE = """
DELETE FROM person_address a USING person p
WHERE a.organization_id = $1 AND a.person_id = $2 AND a.email = $3 AND p.id = a.person_id AND p.email <> a.email
"""


async def addresses(connection: Reader, organization_id: UUID, person_id: UUID) -> list[Address]:
    """Somebody's addresses, the one that we write to first."""
    rows = await connection.fetch(ADDRESSES, organization_id, person_id)
    return [msgspec.convert(dict(row), Address) for row in rows]


async def wishes_since(connection: Connection, person_id: UUID, since: datetime) -> int:
    """How many letters somebody had sent to addresses since then."""
    found: int = await connection.fetchval(WISHES_SINCE, person_id, since)
    return found


async def delete_old(connection: Connection, before: datetime) -> None:
    """Let go of wishes whose link opens no more."""
    await connection.execute(DELETE_OLD, before)


async def insert_wish(
    connection: Connection, token: bytes, organization_id: UUID, wish: Wish, *, now: datetime, expires_at: datetime
) -> None:
    """Keep an address until its link is followed; `token` is the SHA-256 of its token."""
    await connection.execute(INSERT_WISH, token, organization_id, wish.person_id, wish.email, now, expires_at)


async def wish(
    connection: Reader, token: bytes, organization_id: UUID, person_id: UUID, *, now: datetime
) -> Wish | None:
    """The wish whose token has this SHA-256, if it is this person's and not too old."""
    row = await connection.fetchrow(WISH, token, organization_id, person_id, now)
    return None if row is None else msgspec.convert(dict(row), Wish)


async def delete_wishes(connection: Connection, organization_id: UUID, wish: Wish) -> None:
    """Let no link to this address open any more."""
    await connection.execute(DELETE_WISHES, organization_id, wish.person_id, wish.email)


async def lock_person(connection: Connection, organization_id: UUID, person_id: UUID) -> bool:
    """Hold somebody until the transaction ends; False where there is no such person of their own."""
    return await connection.fetchval(LOCK_PERSON, organization_id, person_id) is not None


async def add(connection: Connection, organization_id: UUID, person_id: UUID, email: str, *, now: datetime) -> bool:
    """Give somebody an address; False where it is another's."""
    await connection.execute(ADD, organization_id, person_id, email, now)
    return await connection.fetchval(HAS, organization_id, person_id, email) is True


async def has(connection: Connection, organization_id: UUID, person_id: UUID, email: str) -> bool:
    """Whether the address is this person's."""
    return await connection.fetchval(HAS, organization_id, person_id, email) is True


async def write_to(connection: Connection, organization_id: UUID, person_id: UUID, email: str) -> None:
    """Make an address of somebody the one that we write to."""
    await connection.execute(WRITE_TO, organization_id, person_id, email)


async def remove(connection: Reader, organization_id: UUID, person_id: UUID, email: str) -> bool:
    """Take an address from somebody; False where it is not theirs, or the one that we write to."""
    return await connection.execute(REMOVE, organization_id, person_id, email) == "DELETE 1"
