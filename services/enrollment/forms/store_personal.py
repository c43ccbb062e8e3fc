"""The SQL of what somebody answered when they enrolled: told to themselves, and forgotten."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection, Pool

Reader = Connection | Pool

ANSWERS = """
SELECT c.name AS cohort, f.version AS form_version, a.field, a.answer
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id JOIN enrollment_form f ON f.enrollment_id = e.id
JOIN enrollment_answer a ON a.enrollment_id = e.id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY c.name, e.id, a.field
"""
CONSENTS = """
SELECT c.name AS cohort, o.key, o.version, o.language, t.body AS text, o.given_at, o.withdrawn_at
FROM consent o JOIN enrollment e ON e.id = o.enrollment_id JOIN cohort c ON c.id = e.cohort_id
JOIN consent_text t ON t.organization_id = o.organization_id AND t.program_id = o.program_id AND t.key = o.key
    AND t.version = o.version AND t.language = o.language
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY o.given_at, o.id
"""
FORGET_FORMS = """
DELETE FROM enrollment_form WHERE organization_id = $1
    AND enrollment_id IN (SELECT id FROM enrollment WHERE organization_id = $1 AND person_id = $2)
"""
FORGET_CONSENTS = """
DELETE FROM consent WHERE organization_id = $1
    AND enrollment_id IN (SELECT id FROM enrollment WHERE organization_id = $1 AND person_id = $2)
"""


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What somebody answered and consented to, for their own download."""
    return {
        "answers": [dict(row) for row in await connection.fetch(ANSWERS, organization_id, person_id)],
        "consents": [dict(row) for row in await connection.fetch(CONSENTS, organization_id, person_id)],
    }


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove answers and consents; no files."""
    if "enrollment_answer" not in keep:
        await connection.execute(FORGET_FORMS, organization_id, person_id)
    if "consent" not in keep:
        await connection.execute(FORGET_CONSENTS, organization_id, person_id)
    return []
