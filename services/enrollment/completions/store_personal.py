"""The SQL of a person's completions and awards: told to themselves, shown or hidden by their choice, and forgotten."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.contracts import AwardVisibility
from shared.postgres import Connection, Pool

Reader = Connection | Pool

COMPLETIONS = """
SELECT c.name AS cohort, n.outcome, n.decided_at, n.credit_minutes, n.findings
FROM completion n JOIN enrollment e ON e.id = n.enrollment_id JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY n.decided_at
"""
DECISIONS = """
SELECT c.name AS cohort, d.decision, d.decided_at, d.credit_minutes, d.findings
FROM completion_decision d JOIN enrollment e ON e.id = d.enrollment_id JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY d.decided_at, d.id
"""
AWARDS = """
SELECT c.name AS cohort, a.id, a.state, a.badge_url, a.requested_at, a.issued_at, a.valid_until, a.revocation_reason,
    a.visibility
FROM award a JOIN enrollment e ON e.id = a.enrollment_id JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY a.requested_at
"""
LOCK_OWN = """
SELECT a.id, a.visibility, a.visibility_revision AS revision, a.erased_at IS NOT NULL AS is_erased
FROM award a JOIN enrollment e ON e.id = a.enrollment_id
WHERE a.organization_id = $1 AND a.id = $2 AND e.person_id = $3 FOR UPDATE OF a
"""
SET_VISIBILITY = "UPDATE award SET visibility = $2, visibility_revision = $3 WHERE id = $1"
FORGET_REASONS = """
DELETE FROM completion_reason r USING enrollment e
WHERE e.id = r.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""
FORGET_COMPLETIONS = """
DELETE FROM completion n USING enrollment e
WHERE e.id = n.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""
# What was asked for may name the person; so may the reason of a revocation.
FORGET_AWARDS = """
UPDATE award a SET erased_at = $3, payload = '', payload_sha256 = '', says = NULL, revocation_note = NULL,
    revocation_reason = CASE WHEN a.revocation_reason IS NOT NULL THEN 'No longer kept' END
FROM enrollment e
WHERE e.id = a.enrollment_id AND e.organization_id = $1 AND e.person_id = $2 AND a.erased_at IS NULL
RETURNING a.id
"""
# A revocation that waits still has to go out, or a badge that was taken back would stay in force.
FORGET_MESSAGES = (
    "DELETE FROM outbox WHERE topic IN ('award', 'visibility', 'correction', 'renewal') AND key = ANY ($1)"
)


class OwnAward(msgspec.Struct, frozen=True, kw_only=True):
    """One's own award, and who comes upon its badge."""

    id: UUID
    visibility: AwardVisibility
    revision: int
    is_erased: bool


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What was decided about somebody and awarded to them, for their own download; without staff's own reasons."""
    return {
        "completions": [dict(row) for row in await connection.fetch(COMPLETIONS, organization_id, person_id)],
        "decisions": [dict(row) for row in await connection.fetch(DECISIONS, organization_id, person_id)],
        "awards": [dict(row) for row in await connection.fetch(AWARDS, organization_id, person_id)],
    }


async def lock_own(connection: Connection, organization_id: UUID, award_id: UUID, person_id: UUID) -> OwnAward | None:
    """An award of this very person, held until the transaction ends."""
    row = await connection.fetchrow(LOCK_OWN, organization_id, award_id, person_id)
    return None if row is None else msgspec.convert(dict(row), OwnAward)


async def set_visibility(connection: Connection, award_id: UUID, visibility: AwardVisibility, revision: int) -> None:
    """Write who comes upon the badge."""
    await connection.execute(SET_VISIBILITY, award_id, visibility, revision)


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove staff's reasons, and what was decided unless `keep` has "completion"; no files."""
    await connection.execute(FORGET_REASONS, organization_id, person_id)
    if "completion" not in keep:
        await connection.execute(FORGET_COMPLETIONS, organization_id, person_id)
    return []


async def forget_awards(connection: Connection, organization_id: UUID, person_id: UUID, *, at: datetime) -> list[UUID]:
    """Forget what awards say, and what waits to be said of them; the awards whose badges are to be erased now."""
    found = [row["id"] for row in await connection.fetch(FORGET_AWARDS, organization_id, person_id, at)]
    await connection.execute(FORGET_MESSAGES, found)
    return found
