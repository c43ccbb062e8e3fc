"""The SQL of the journal."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.journal.model import Asked, Entry, Place
from shared.postgres import Connection, Pool

Reader = Connection | Pool

INSERT = """
INSERT INTO journal_entry (id, organization_id, person_id, action, object_kind, object_id, fields, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
INSERT_UNLESS_NOTED = """
INSERT INTO journal_entry (id, organization_id, person_id, action, object_kind, object_id, fields)
SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (
    SELECT FROM journal_entry j WHERE j.organization_id = $2 AND j.object_id = $6 AND j.at > now() - interval '1 hour'
        AND j.person_id = $3 AND j.action = $4
)
"""
PAGE = """
SELECT id, organization_id, at, person_id, action, object_kind, object_id, fields, note FROM journal_entry
WHERE organization_id = $1
    AND ($2::uuid IS NULL OR person_id = $2) AND ($3::text IS NULL OR action = $3)
    AND ($4::uuid IS NULL OR object_id = $4)
    AND ($5::timestamptz IS NULL OR (at, id) < ($5, $6::uuid))
    AND ($8::timestamptz IS NULL OR at >= $8) AND ($9::timestamptz IS NULL OR at < $9)
ORDER BY at DESC, id DESC LIMIT $7
"""


async def insert(
    connection: Reader,
    identifier: UUID,
    *,
    organization_id: UUID,
    person_id: UUID | None,
    action: str,
    object_kind: str,
    object_id: UUID | None,
    fields: Sequence[str],
    note: Mapping[str, Any] | None,
) -> None:
    """Add an entry."""
    await connection.execute(
        INSERT, identifier, organization_id, person_id, action, object_kind, object_id, list(fields), note
    )


async def insert_unless_noted(
    connection: Reader, identifier: UUID, *, organization_id: UUID, person_id: UUID, action: str, object_kind: str,
    object_id: UUID, fields: Sequence[str],
) -> None:  # fmt: skip
    """Add an entry, unless the same person did the same with the same within an hour."""
    await connection.execute(
        INSERT_UNLESS_NOTED, identifier, organization_id, person_id, action, object_kind, object_id, list(fields)
    )


async def page(
    connection: Reader, organization_id: UUID, *, asked: Asked | None = None, after: Place | None = None, most: int
) -> list[Entry]:
    """The organization's entries that are asked for, newest first, behind a place."""
    wanted = asked or Asked()
    at, identifier = (None, None) if after is None else (after.at, after.id)
    rows = await connection.fetch(
        PAGE,
        organization_id,
        wanted.person_id,
        wanted.action,
        wanted.object_id,
        at,
        identifier,
        most,
        wanted.since,
        wanted.until,
    )
    return [msgspec.convert(dict(row), Entry) for row in rows]
