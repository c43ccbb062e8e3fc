"""The SQL of a person's attendance: told to themselves, and forgotten."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection, Pool

Reader = Connection | Pool

ATTENDANCE = """
SELECT c.name AS cohort, s.title, s.starts_at, a.mode, a.arrived_at, a.departed_at, a.recorded_at
FROM attendance a
JOIN enrollment e ON e.id = a.enrollment_id
JOIN cohort_session s ON s.id = a.cohort_session_id
JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY s.starts_at, s.id
"""
FORGET = """
DELETE FROM attendance a USING enrollment e
WHERE e.id = a.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Which sessions somebody attended, for their own download."""
    return {"attendance": [dict(row) for row in await connection.fetch(ATTENDANCE, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove it unless `keep` has "attendance"; no files."""
    if "attendance" not in keep:
        await connection.execute(FORGET, organization_id, person_id)
    return []
