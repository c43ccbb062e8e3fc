"""The SQL of a person's enrollments: told to themselves, and forgotten."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection, Pool

Reader = Connection | Pool

ENROLLMENTS = """
SELECT e.id, c.name AS cohort, c.region, c.school_year, e.place, e.outcome, e.shows_name, e.enrolled_at
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY e.enrolled_at, e.id
"""
# That somebody had a place stays as a number; who it was is forgotten with the person.
FORGET = "UPDATE enrollment SET shows_name = false WHERE organization_id = $1 AND person_id = $2"


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Where somebody enrolled, for their own download."""
    return {"enrollments": [dict(row) for row in await connection.fetch(ENROLLMENTS, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Take back that badges show the name; no files."""
    if "enrollment" not in keep:
        await connection.execute(FORGET, organization_id, person_id)
    return []
