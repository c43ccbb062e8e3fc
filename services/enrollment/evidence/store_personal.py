"""The SQL of what a person handed in: told to themselves, forgotten, and of what is sealed the end."""

from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.evidence import store
from shared.postgres import Connection, Pool

Reader = Connection | Pool

FILES = """
SELECT v.file_id AS id, v.file_name AS name FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id
WHERE e.organization_id = $1 AND e.person_id = $2 AND v.file_id IS NOT NULL ORDER BY v.submitted_at, v.id
"""
SEALED_WITHOUT_HOLD = """
SELECT z.organization_id, z.evidence_id, e.person_id
FROM evidence_sealed z JOIN evidence v ON v.id = z.evidence_id JOIN enrollment e ON e.id = v.enrollment_id
WHERE NOT EXISTS (
    SELECT FROM legal_hold h WHERE h.organization_id = z.organization_id AND h.lifted_at IS NULL AND (
        h.person_id = e.person_id
        OR EXISTS (SELECT FROM enrollment o WHERE o.cohort_id = h.cohort_id AND o.person_id = e.person_id)
        OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = h.cohort_id AND i.person_id = e.person_id)
    )
)
ORDER BY z.sealed_at, z.evidence_id LIMIT 100
"""
DESTROY_SEALED = "DELETE FROM evidence_sealed WHERE organization_id = $1 AND evidence_id = $2 RETURNING file_id"
FORGET_SEALED = """
DELETE FROM evidence_sealed z USING evidence v, enrollment e
WHERE v.id = z.evidence_id AND e.id = v.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
RETURNING z.file_id
"""
FORGET_SCORES = """
DELETE FROM evidence_score s USING evidence v, enrollment e
WHERE v.id = s.evidence_id AND e.id = v.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""
FORGET = """
DELETE FROM evidence v USING enrollment e
WHERE e.id = v.enrollment_id AND e.organization_id = $1 AND e.person_id = $2 RETURNING v.file_id
"""
REASSIGN = """
UPDATE evidence SET reviewed_by = CASE WHEN reviewed_by = $2 THEN $3 ELSE reviewed_by END,
    content_removed_by = CASE WHEN content_removed_by = $2 THEN $3 ELSE content_removed_by END
WHERE organization_id = $1 AND $2 IN (reviewed_by, content_removed_by)
"""


class OwnFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody handed in."""

    id: UUID
    name: str


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that is sealed, and whose it is."""

    organization_id: UUID
    evidence_id: UUID
    person_id: UUID


async def files_of(connection: Reader, organization_id: UUID, person_id: UUID) -> list[OwnFile]:
    """The files that somebody handed in, the oldest first."""
    return [msgspec.convert(dict(row), OwnFile) for row in await connection.fetch(FILES, organization_id, person_id)]


async def sealed_without_hold(connection: Reader) -> list[Sealed]:
    """Sealed evidence that no legal hold keeps any more, some at a time."""
    return [msgspec.convert(dict(row), Sealed) for row in await connection.fetch(SEALED_WITHOUT_HOLD)]


async def destroy_sealed(connection: Connection, sealed: Sealed) -> list[UUID] | None:
    """Destroy what is sealed, and return its files; None where it is destroyed already."""
    rows = await connection.fetch(DESTROY_SEALED, sealed.organization_id, sealed.evidence_id)
    return [row["file_id"] for row in rows if row["file_id"] is not None] if rows else None


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Delete what a person handed in, unless `keep` names `evidence`; the files to destroy once that is committed."""
    if "evidence" in keep:
        return []
    await connection.execute(FORGET_SCORES, organization_id, person_id)
    rows = await connection.fetch(FORGET_SEALED, organization_id, person_id)
    rows += await connection.fetch(FORGET, organization_id, person_id)
    return [row["file_id"] for row in rows if row["file_id"] is not None]


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What a person handed in and what was said of it, for them to take away; who said it is left out."""
    return {
        "evidence": [
            {name: value for name, value in msgspec.structs.asdict(one).items() if name != "reviewed_by"}
            for one in await store.of_person(connection, organization_id, person_id)
        ]
    }


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what one person reviewed be another's, who is the same; what they handed in follows their enrollment."""
    await connection.execute(REASSIGN, organization_id, away, keep)
