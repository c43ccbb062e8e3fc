"""The SQL of private fields and of who may open them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.postgres import Connection, Pool

Reader = Connection | Pool

SEALED = """
SELECT field, sealed FROM person_secret WHERE organization_id = $1 AND person_id = $2 ORDER BY field
"""
PUT_FIELD = """
INSERT INTO person_secret (organization_id, person_id, field, sealed, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, field) DO UPDATE SET sealed = excluded.sealed, changed_at = excluded.changed_at
"""
INSERT_FIELD = """
INSERT INTO person_secret (organization_id, person_id, field, sealed, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, field) DO NOTHING
"""
DELETE_FIELD = "DELETE FROM person_secret WHERE organization_id = $1 AND person_id = $2 AND field = $3"
FIELDS_READ_BY = "SELECT field FROM field_reader WHERE organization_id = $1 AND person_id = $2 ORDER BY field"
READERS = """
SELECT r.person_id, p.name, p.email, r.field, r.granted_at
FROM field_reader r JOIN person p ON p.id = r.person_id
WHERE r.organization_id = $1 ORDER BY r.field, p.name, r.person_id LIMIT 500
"""
PUT_READER = """
INSERT INTO field_reader (organization_id, person_id, field, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, field) DO NOTHING
"""
DELETE_READER = "DELETE FROM field_reader WHERE organization_id = $1 AND person_id = $2 AND field = $3"

READING = """
SELECT field, granted_at FROM field_reader WHERE organization_id = $1 AND person_id = $2 ORDER BY field
"""
FORGET_FIELDS = "DELETE FROM person_secret WHERE organization_id = $1 AND person_id = $2"
MOVE_READING = """
INSERT INTO field_reader (organization_id, person_id, field, granted_by, granted_at)
SELECT organization_id, $3, field, granted_by, granted_at FROM field_reader
WHERE organization_id = $1 AND person_id = $2
ON CONFLICT (person_id, field) DO NOTHING
"""
MOVE_GRANTED = "UPDATE field_reader SET granted_by = $3 WHERE organization_id = $1 AND granted_by = $2"
FORGET_READING = "DELETE FROM field_reader WHERE organization_id = $1 AND person_id = $2"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody may open a private field."""

    person_id: UUID
    name: str
    email: str
    field: str
    granted_at: datetime


async def secrets(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, bytes]:
    """A person's private fields, sealed."""
    rows = await connection.fetch(SEALED, organization_id, person_id)
    return {row["field"]: row["sealed"] for row in rows}


async def put_secrets(
    connection: Connection,
    organization_id: UUID,
    person_id: UUID,
    sealed: Sequence[tuple[str, bytes]],
    *,
    overwrites: bool,
    now: datetime,
) -> None:
    """Keep private fields; those that are there stay as they are unless it `overwrites`."""
    statement = PUT_FIELD if overwrites else INSERT_FIELD
    await connection.executemany(
        statement, [(organization_id, person_id, field, value, now) for field, value in sealed]
    )


async def delete_secret(connection: Connection, organization_id: UUID, person_id: UUID, field: str) -> None:
    """Forget one private field."""
    await connection.execute(DELETE_FIELD, organization_id, person_id, field)


async def fields_read_by(connection: Reader, organization_id: UUID, person_id: UUID) -> frozenset[str]:
    """The private fields that somebody may open."""
    return frozenset(row["field"] for row in await connection.fetch(FIELDS_READ_BY, organization_id, person_id))


async def readers(connection: Reader, organization_id: UUID) -> list[Reading]:
    """Who may open which private field."""
    return [msgspec.convert(dict(row), Reading) for row in await connection.fetch(READERS, organization_id)]


async def put_reader(
    connection: Connection, organization_id: UUID, person_id: UUID, field: str, *, by: UUID, now: datetime
) -> bool:
    """Let somebody open a field; False where they could before."""
    return await connection.execute(PUT_READER, organization_id, person_id, field, by, now) == "INSERT 0 1"


async def delete_reader(connection: Connection, organization_id: UUID, person_id: UUID, field: str) -> bool:
    """Let somebody open a field no more; False where they could not."""
    return await connection.execute(DELETE_READER, organization_id, person_id, field) == "DELETE 1"


async def move_reading(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let `keep` open what `away` might, and have granted what `away` did."""
    await connection.execute(MOVE_READING, organization_id, away, keep)
    await connection.execute(MOVE_GRANTED, organization_id, away, keep)
    await connection.execute(FORGET_READING, organization_id, away)


async def forget_reading(connection: Connection, organization_id: UUID, person_id: UUID) -> None:
    """Let somebody open nothing any more."""
    await connection.execute(FORGET_READING, organization_id, person_id)


async def forget_secrets(connection: Connection, organization_id: UUID, person_id: UUID) -> None:
    """Remove all that is private of a person."""
    await connection.execute(FORGET_FIELDS, organization_id, person_id)


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Which private fields of others somebody may open, for their own download; their own are opened apart."""
    rows = await connection.fetch(READING, organization_id, person_id)
    return {"may_open": [dict(row) for row in rows]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove what is private of a person, and what they might open; no files."""
    if "person_secret" not in keep:
        await forget_secrets(connection, organization_id, person_id)
    if "field_reader" not in keep:
        await connection.execute(FORGET_READING, organization_id, person_id)
    return []
