"""The SQL of attendance."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.attendance.model import Entry, Line, Session, credited_minutes
from shared.postgres import Connection, Pool

SESSION = """
SELECT s.id, s.cohort_id, s.starts_at, s.ends_at, c.state AS cohort_state,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $4) AS teaches,
    (SELECT e.id FROM enrollment e WHERE e.cohort_id = c.id AND e.person_id = $4 AND e.place = 'seated')
        AS own_enrollment_id
FROM cohort_session s JOIN cohort c ON c.id = s.cohort_id
WHERE c.organization_id = $1 AND c.id = $2 AND s.id = $3
"""
# Neither is the cohort cancelled nor the session moved before the attendance is written.
HOLD_SESSION = f"{SESSION} FOR SHARE OF c, s"
# The enrollment is held so that a decision and a withdrawal wait; in one order, so that nobody deadlocks.
HOLD_SEATED = """
SELECT id FROM enrollment WHERE cohort_id = $1 AND place = 'seated' AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE
"""
SHEET = """
SELECT e.id AS enrollment_id, e.person_id, p.name AS person_name, a.mode, a.arrived_at, a.departed_at, a.recorded_at,
    s.starts_at, s.ends_at, s.credit_minutes
FROM cohort_session s
JOIN enrollment e ON e.cohort_id = s.cohort_id AND e.place = 'seated'
JOIN person p ON p.id = e.person_id
LEFT JOIN attendance a ON a.enrollment_id = e.id AND a.cohort_session_id = s.id
WHERE s.cohort_id = $1 AND s.id = $2 AND ($3::uuid[] IS NULL OR e.id = ANY ($3))
ORDER BY p.name, e.id
"""
PUT = """
INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, arrived_at, departed_at,
    recorded_by, recorded_at)
SELECT $1, $2, $3, one.enrollment_id, one.mode, one.arrived_at, one.departed_at, $8, $9
FROM unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[])
    AS one (enrollment_id, mode, arrived_at, departed_at)
ON CONFLICT (enrollment_id, cohort_session_id) DO UPDATE SET mode = excluded.mode, arrived_at = excluded.arrived_at,
    departed_at = excluded.departed_at, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
"""


async def session(
    connection: Connection | Pool, organization_id: UUID, cohort_id: UUID, session_id: UUID, *, viewer_id: UUID | None
) -> Session | None:
    """One session of the cohort, with how the viewer stands to it."""
    return _session(await connection.fetchrow(SESSION, organization_id, cohort_id, session_id, viewer_id))


async def hold_session(
    connection: Connection, organization_id: UUID, cohort_id: UUID, session_id: UUID, *, viewer_id: UUID | None
) -> Session | None:
    """The same; it and its cohort stay as they are until the transaction ends."""
    return _session(await connection.fetchrow(HOLD_SESSION, organization_id, cohort_id, session_id, viewer_id))


def _session(row: asyncpg.Record | None) -> Session | None:
    return None if row is None else msgspec.convert(dict(row), Session)


async def hold_seated(connection: Connection, cohort_id: UUID, enrollment_ids: Iterable[UUID]) -> set[UUID]:
    """Which of the enrollments have a seat in the cohort; they are held until the transaction ends."""
    return {row["id"] for row in await connection.fetch(HOLD_SEATED, cohort_id, list(enrollment_ids))}


async def sheet(
    connection: Connection | Pool, cohort_id: UUID, session_id: UUID, *, only: Iterable[UUID] | None = None
) -> list[Line]:
    """A line for every seated person of the cohort, or for those named, by name."""
    rows = await connection.fetch(SHEET, cohort_id, session_id, None if only is None else list(only))
    return [msgspec.convert({**dict(row), "credit_minutes": credited_minutes(row)}, Line) for row in rows]


async def put(
    connection: Connection, session: Session, entries: Sequence[Entry], *, organization_id: UUID, by: UUID, at: datetime
) -> None:
    """Write entries in one statement, each over what was recorded of the person before."""
    await connection.execute(
        PUT,
        organization_id,
        session.cohort_id,
        session.id,
        [one.enrollment_id for one in entries],
        [one.mode for one in entries],
        [one.arrived_at for one in entries],
        [one.departed_at for one in entries],
        by,
        at,
    )
