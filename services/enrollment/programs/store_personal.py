"""What is kept of a person in the rooms of programs: told to them, taken over when two persons are one, forgotten."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection, Pool

DATA = """
SELECT l.name AS level, c.achievement, c.issuer, c.holder, c.verdict, c.file_sha256, c.checked_at, c.decision
FROM level_claim c JOIN level l ON l.id = c.level_id
WHERE c.organization_id = $1 AND c.person_id = $2 ORDER BY c.checked_at
"""
DELETE_CLAIMS = "DELETE FROM level_claim WHERE organization_id = $1 AND person_id = $2"
# What was decided by the one who stays would be a decision about their own badge: it waits for somebody else.
MOVE_CLAIMS = """
UPDATE level_claim c SET person_id = $3,
    decision = CASE WHEN decided_by = $3 THEN NULL ELSE decision END,
    decided_at = CASE WHEN decided_by = $3 THEN NULL ELSE decided_at END,
    decided_by = CASE WHEN decided_by = $3 THEN NULL ELSE decided_by END
WHERE organization_id = $1 AND person_id = $2 AND NOT EXISTS (
    SELECT FROM level_claim k
    WHERE k.person_id = $3 AND k.level_id = c.level_id AND k.file_sha256 = c.file_sha256
)
"""

# A decision of the one who goes about the one who stays would be one about themselves.
MOVE_DECISIONS = """
UPDATE level_claim SET decision = CASE WHEN person_id = $3 THEN NULL ELSE decision END,
    decided_at = CASE WHEN person_id = $3 THEN NULL ELSE decided_at END,
    decided_by = CASE WHEN person_id = $3 THEN NULL ELSE $3 END
WHERE organization_id = $1 AND decided_by = $2
"""


async def data_of(connection: Connection | Pool, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """The badges from elsewhere that somebody showed."""
    return {"level_claims": [dict(row) for row in await connection.fetch(DATA, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Take out the badges from elsewhere that somebody showed. No files."""
    await connection.execute(DELETE_CLAIMS, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let the badges that `away` showed be `keep`'s, each file once, and what they decided about others' too."""
    await connection.execute(MOVE_CLAIMS, organization_id, away, keep)
    await connection.execute(DELETE_CLAIMS, organization_id, away)
    await connection.execute(MOVE_DECISIONS, organization_id, away, keep)
