"""The SQL of what was decided before: one person's decisions, the statement of completion, one's own progress."""

from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from services.enrollment.completions.model import Past, Statement
from shared.postgres import Connection, Pool

Reader = Connection | Pool

PAST = """
SELECT d.decision, p.name AS decided_by_name, d.decided_at, d.credit_minutes, d.findings, r.reason
FROM completion_decision d JOIN person p ON p.id = d.decided_by
LEFT JOIN completion_reason r ON r.decision_id = d.id
WHERE d.organization_id = $1 AND d.enrollment_id = $2 ORDER BY d.decided_at, d.id
"""
_STATEMENT = """
SELECT e.id AS enrollment_id, e.person_id, p.name AS person_name, p.language AS person_language, e.outcome,
    c.id AS cohort_id, c.name AS cohort_name, c.region, c.time_zone, g.name AS program_name, l.name AS level_name,
    d.credit_minutes, d.decided_at, d.attended,
    ARRAY (SELECT m.name FROM module m WHERE m.curriculum_id = c.curriculum_id ORDER BY m.position) AS topics,
    ARRAY (
        SELECT i.name FROM cohort_instructor t JOIN person i ON i.id = t.person_id
        WHERE t.cohort_id = c.id ORDER BY i.name, i.id
    ) AS instructors
FROM enrollment e
JOIN person p ON p.id = e.person_id
JOIN cohort c ON c.id = e.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program g ON g.id = l.program_id
JOIN completion d ON d.enrollment_id = e.id
"""
STATEMENT = f"{_STATEMENT} WHERE e.organization_id = $1 AND e.id = $2"
STATEMENTS = f"""{_STATEMENT}
WHERE e.organization_id = $1 AND e.cohort_id = $2 AND e.outcome = 'completed' ORDER BY p.name, e.id
"""
WHOSE = "SELECT person_id FROM enrollment WHERE organization_id = $1 AND id = $2"
SEATS_OF = """
SELECT id, cohort_id FROM enrollment
WHERE organization_id = $1 AND person_id = $2 AND place = 'seated' ORDER BY enrolled_at DESC, id
"""
REASSIGN = """
UPDATE completion SET decided_by = CASE decided_by WHEN $2 THEN $3 ELSE decided_by END,
    reversed_by = CASE reversed_by WHEN $2 THEN $3 ELSE reversed_by END
WHERE organization_id = $1 AND (decided_by = $2 OR reversed_by = $2)
"""
REASSIGN_CHANGES = "UPDATE award_change SET asked_by = $3 WHERE organization_id = $1 AND asked_by = $2"


async def past(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> list[Past]:
    """Every decision about one person, the first one first."""
    rows = await connection.fetch(PAST, organization_id, enrollment_id)
    return [msgspec.convert(dict(row), Past) for row in rows]


async def statement(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Statement | None:
    """What the statement of completion says of one person; None where nothing was decided."""
    row = await connection.fetchrow(STATEMENT, organization_id, enrollment_id)
    return None if row is None else _statement(row)


async def statements(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[Statement]:
    """The same of everybody who completed the cohort, by name."""
    return [_statement(row) for row in await connection.fetch(STATEMENTS, organization_id, cohort_id)]


def _statement(row: asyncpg.Record) -> Statement:
    found = msgspec.convert(dict(row), Statement)
    return msgspec.structs.replace(found, decided_at=found.decided_at.astimezone(ZoneInfo(found.time_zone)))


async def person_of(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> UUID | None:
    """Whose enrollment it is."""
    found: UUID | None = await connection.fetchval(WHOSE, organization_id, enrollment_id)
    return found


async def seats_of(connection: Reader, organization_id: UUID, person_id: UUID) -> list[tuple[UUID, UUID]]:
    """The enrollments with a seat that somebody has, as (enrollment, cohort), the newest first."""
    rows = await connection.fetch(SEATS_OF, organization_id, person_id)
    return [(row["id"], row["cohort_id"]) for row in rows]


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what somebody decided be another's, who is the same person; the log of decisions keeps who it was."""
    await connection.execute(REASSIGN, organization_id, away, keep)
    await connection.execute(REASSIGN_CHANGES, organization_id, away, keep)
