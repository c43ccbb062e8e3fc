"""The SQL of audit files, and of what goes into them that no lower room tells."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.audits.model import Attended, Audit
from shared.postgres import Connection, Pool
from shared.storage import Stored

Reader = Connection | Pool

AGENDA = """
SELECT title, starts_at, ends_at, mode, place, credit_minutes FROM cohort_session
WHERE organization_id = $1 AND cohort_id = $2 ORDER BY starts_at, id
"""
TOPICS = """
SELECT m.name, m.description, m.evidence_wanted FROM module m JOIN cohort c ON c.curriculum_id = m.curriculum_id
WHERE c.organization_id = $1 AND c.id = $2 ORDER BY m.position
"""
INSTRUCTORS = """
SELECT p.name, p.email FROM cohort_instructor i JOIN person p ON p.id = i.person_id
WHERE i.organization_id = $1 AND i.cohort_id = $2 ORDER BY p.name, p.id
"""
ROSTER = """
SELECT e.id AS enrollment_id, s.id AS session_id, p.name, p.email, s.title AS session, s.starts_at, s.ends_at,
    a.mode AS how, a.arrived_at, a.departed_at
FROM enrollment e
JOIN person p ON p.id = e.person_id
JOIN cohort_session s ON s.cohort_id = e.cohort_id
LEFT JOIN attendance a ON a.enrollment_id = e.id AND a.cohort_session_id = s.id
WHERE e.organization_id = $1 AND e.cohort_id = $2 AND e.place = 'seated' ORDER BY s.starts_at, s.id, p.name, e.id
"""
INSERT = """
INSERT INTO audit_file (id, organization_id, cohort_id, jurisdiction, file_id, file_size, file_sha256, made_by, made_at,
    keep_until, person_ids)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_AUDIT = """
SELECT f.id, f.cohort_id, f.jurisdiction, f.file_id, f.file_size, f.file_sha256, p.name AS made_by_name, f.made_at,
    f.keep_until, f.is_removed
FROM audit_file f JOIN person p ON p.id = f.made_by
WHERE f.organization_id = $1 AND f.cohort_id = $2
"""
AUDITS = f"{_AUDIT} ORDER BY f.made_at DESC, f.id LIMIT $3"
AUDIT = f"{_AUDIT} AND f.id = $3 AND NOT f.is_removed"
NAMED = """
SELECT person_id FROM enrollment WHERE organization_id = $1 AND cohort_id = $2
UNION SELECT person_id FROM cohort_instructor WHERE organization_id = $1 AND cohort_id = $2
"""
ERASED = """
SELECT person_id, done_at, finished_at FROM erasure
WHERE organization_id = $1 AND person_id = ANY ($2) AND done_at IS NOT NULL
"""
# Who left a cohort since may stand in a file that was made before.
FORGET = """
UPDATE audit_file f SET is_removed = true
WHERE f.organization_id = $1 AND NOT f.is_removed AND (
    $2 = ANY (f.person_ids)
    OR EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = f.cohort_id AND e.person_id = $2)
    OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = f.cohort_id AND i.person_id = $2)
)
RETURNING f.file_id
"""
REASSIGN = "UPDATE audit_file SET made_by = $3 WHERE organization_id = $1 AND made_by = $2"


async def agenda(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[asyncpg.Record]:
    """The sessions with their times, as rows."""
    return await connection.fetch(AGENDA, organization_id, cohort_id)


async def topics(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[asyncpg.Record]:
    """The topics with what they want, as rows."""
    return await connection.fetch(TOPICS, organization_id, cohort_id)


async def instructors(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[asyncpg.Record]:
    """Who teaches it, as rows."""
    return await connection.fetch(INSTRUCTORS, organization_id, cohort_id)


async def roster(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[Attended]:
    """Everybody with a seat in every session."""
    rows = await connection.fetch(ROSTER, organization_id, cohort_id)
    return [msgspec.convert(dict(row), Attended) for row in rows]


async def named(connection: Reader, organization_id: UUID, cohort_id: UUID) -> set[UUID]:
    """Whoever a file of the cohort may name."""
    return {row["person_id"] for row in await connection.fetch(NAMED, organization_id, cohort_id)}


async def erased(connection: Reader, organization_id: UUID, people: Collection[UUID]) -> set[tuple[Any, ...]]:
    """The erasures of these people so far; another one, or a further one of the same person, is an element more."""
    return {tuple(row) for row in await connection.fetch(ERASED, organization_id, list(people))}


async def insert(
    connection: Connection, audit: Audit, stored: Stored, *, organization_id: UUID, named: Collection[UUID], by: UUID,
    at: datetime,
) -> None:  # fmt: skip
    """Write that a file was made, and whom it names."""
    await connection.execute(
        INSERT,
        audit.id,
        organization_id,
        audit.cohort_id,
        audit.jurisdiction,
        stored.id,
        stored.size,
        stored.sha256,
        by,
        at,
        audit.keep_until,
        list(named),
    )


async def audits(connection: Reader, organization_id: UUID, cohort_id: UUID, *, most: int) -> list[Audit]:
    """The files of a cohort, the newest first."""
    rows = await connection.fetch(AUDITS, organization_id, cohort_id, most)
    return [msgspec.convert(dict(row), Audit) for row in rows]


async def audit(connection: Reader, organization_id: UUID, cohort_id: UUID, audit_id: UUID) -> Audit | None:
    """One file of the cohort that is there."""
    row = await connection.fetchrow(AUDIT, organization_id, cohort_id, audit_id)
    return None if row is None else msgspec.convert(dict(row), Audit)


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Nothing: what these files hold of somebody is told by the rooms that it is from."""
    return {}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Mark the files that may name somebody as removed, and return them; what is kept for years goes into new ones."""
    return [row["file_id"] for row in await connection.fetch(FORGET, organization_id, person_id)]


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let the files that somebody made be another's, who is the same person."""
    await connection.execute(REASSIGN, organization_id, away, keep)
