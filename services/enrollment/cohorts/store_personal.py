"""What is kept of a person in the rooms of cohorts: told to them, taken over when two persons are one, forgotten."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection, Pool

DATA = """
SELECT 'profile' AS kind, f.headline AS name, f.biography AS text, f.changed_at AS at FROM instructor_profile f
WHERE f.organization_id = $1 AND f.person_id = $2
UNION ALL
SELECT 'teaches', c.name, c.region, NULL FROM cohort_instructor i JOIN cohort c ON c.id = i.cohort_id
WHERE i.organization_id = $1 AND i.person_id = $2
UNION ALL
SELECT 'calendar address', '', '', created_at FROM calendar_feed WHERE organization_id = $1 AND person_id = $2
"""
DELETE_FEED = "DELETE FROM calendar_feed WHERE organization_id = $1 AND person_id = $2"
DELETE_PROFILE = "DELETE FROM instructor_profile WHERE organization_id = $1 AND person_id = $2"
MOVE_TEACHING = """
INSERT INTO cohort_instructor (organization_id, cohort_id, person_id)
SELECT organization_id, cohort_id, $3 FROM cohort_instructor WHERE organization_id = $1 AND person_id = $2
ON CONFLICT DO NOTHING
"""
DELETE_TEACHING = "DELETE FROM cohort_instructor WHERE organization_id = $1 AND person_id = $2"
MOVE_PROFILE = """
UPDATE instructor_profile SET person_id = $3 WHERE organization_id = $1 AND person_id = $2
    AND NOT EXISTS (SELECT FROM instructor_profile WHERE person_id = $3)
"""


async def data_of(connection: Connection | Pool, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What cohorts keep of somebody: what they teach, what they say of themselves, whether they made a calendar."""
    return {"cohorts": [dict(row) for row in await connection.fetch(DATA, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Take out the profile and the calendar's address; who taught stays in the record, by id. No files."""
    await connection.execute(DELETE_FEED, organization_id, person_id)
    await connection.execute(DELETE_PROFILE, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let `keep` teach what `away` does, with that profile if they have none; `away`'s calendar opens no more."""
    await connection.execute(MOVE_TEACHING, organization_id, away, keep)
    await connection.execute(DELETE_TEACHING, organization_id, away)
    await connection.execute(MOVE_PROFILE, organization_id, away, keep)
    await connection.execute(DELETE_PROFILE, organization_id, away)
    await connection.execute(DELETE_FEED, organization_id, away)
