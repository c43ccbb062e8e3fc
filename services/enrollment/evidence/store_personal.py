"""The SQL of a person's evidence: told to themselves, and forgotten."""

from typing import Any
from uuid import UUID

import msgspec

from shared.postgres import Connection, Pool

Reader = Connection | Pool

EVIDENCE = """
SELECT c.name AS cohort, m.name AS topic, v.kind, v.text, v.link, v.file_name, v.file_media_type, v.file_size,
    v.file_sha256, v.state, v.submitted_at, v.reviewed_at, v.comment
FROM evidence v
JOIN enrollment e ON e.id = v.enrollment_id
JOIN cohort c ON c.id = e.cohort_id
JOIN module m ON m.id = v.module_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY v.submitted_at, v.id
"""
FILES = """
SELECT v.file_id AS id, v.file_name AS name FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id
WHERE e.organization_id = $1 AND e.person_id = $2 AND v.file_id IS NOT NULL ORDER BY v.submitted_at, v.id
"""
FORGET = """
DELETE FROM evidence v USING enrollment e
WHERE e.id = v.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
RETURNING v.file_id
"""


class OwnFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody handed in."""

    id: UUID
    name: str


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What somebody handed in, for their own download; its files apart."""
    return {"evidence": [dict(row) for row in await connection.fetch(EVIDENCE, organization_id, person_id)]}


async def files_of(connection: Reader, organization_id: UUID, person_id: UUID) -> list[OwnFile]:
    """The files that somebody handed in, the oldest first."""
    return [msgspec.convert(dict(row), OwnFile) for row in await connection.fetch(FILES, organization_id, person_id)]


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove it unless `keep` has "evidence"; the files to destroy after the commit."""
    if "evidence" in keep:
        return []
    rows = await connection.fetch(FORGET, organization_id, person_id)
    return [row["file_id"] for row in rows if row["file_id"] is not None]
