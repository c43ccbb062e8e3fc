"""The SQL of a person's enrollments: told to themselves, and forgotten."""

from typing import Any
from uuid import UUID

from services.enrollment.admission import store as admission
from shared.postgres import Connection, Pool

Reader = Connection | Pool

ENROLLMENTS = """
SELECT e.id, c.name AS cohort, c.region, c.school_year, e.place, e.outcome, e.shows_name, e.enrolled_at
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY e.enrolled_at, e.id
"""
# That somebody had a place stays as a number; who it was is forgotten with the person.
FORGET = "UPDATE enrollment SET shows_name = false WHERE organization_id = $1 AND person_id = $2"

# Where both were in a cohort, what the one who goes left there stays with the record that goes.
REASSIGN = """
UPDATE enrollment SET person_id = $3 WHERE organization_id = $1 AND person_id = $2
    AND NOT EXISTS (SELECT FROM enrollment k WHERE k.cohort_id = enrollment.cohort_id AND k.person_id = $3)
"""


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Where somebody enrolled, for their own download."""
    return {"enrollments": [dict(row) for row in await connection.fetch(ENROLLMENTS, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Take back that badges show the name, and what lists of members say of them; no files."""
    if "program_member" not in keep:
        await admission.forget_member(connection, organization_id, person_id)
    if "enrollment" not in keep:
        await connection.execute(FORGET, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let the places of one record be another's; the cohorts are held, and in none of them do both have a place."""
    await connection.execute(REASSIGN, organization_id, away, keep)
