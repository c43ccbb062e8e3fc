"""The SQL of badges of levels that people bring from elsewhere."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.programs.model import Claim, Level, Seen
from shared.postgres import Connection, Pool

Reader = Connection | Pool

INSERT_CLAIM = """
INSERT INTO level_claim (id, organization_id, person_id, level_id, file_sha256, verdict, issuer, achievement, holder,
    checked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (person_id, level_id, file_sha256) DO NOTHING
"""
_CLAIM = """
SELECT c.id, c.level_id, l.name AS level_name, c.person_id, p.name AS person_name, c.verdict, c.issuer, c.achievement,
    c.holder, c.checked_at, c.decision,
    EXISTS (SELECT FROM level_claim o WHERE o.organization_id = c.organization_id AND o.file_sha256 = c.file_sha256
        AND o.person_id <> c.person_id) AS is_shared
FROM level_claim c JOIN level l ON l.id = c.level_id JOIN person p ON p.id = c.person_id
WHERE c.organization_id = $1
"""
OWN_CLAIMS = f"{_CLAIM} AND c.person_id = $2 ORDER BY c.checked_at DESC LIMIT 100"
WAITING_CLAIMS = f"{_CLAIM} AND c.decision IS NULL ORDER BY c.checked_at, c.id LIMIT 100"
DECIDE_CLAIM = """
UPDATE level_claim SET decision = $3, decided_by = $4, decided_at = $5
WHERE organization_id = $1 AND id = $2 AND decision IS NULL AND person_id <> $4
"""
HAS_CLAIM = "SELECT EXISTS (SELECT FROM level_claim WHERE organization_id = $1 AND id = $2)"
# The levels whose badge another level requires: only these are worth bringing.
REQUIRED_LEVELS = """
SELECT id, organization_id, program_id, number, name, description, achievement_id, achievement_version,
    requires_level_id, achievement_content
FROM level l WHERE organization_id = $1 AND EXISTS (SELECT FROM level n WHERE n.requires_level_id = l.id)
ORDER BY program_id, number LIMIT 200
"""


async def insert_claim(
    connection: Connection, claim_id: UUID, seen: Seen, *, organization_id: UUID, person_id: UUID, level_id: UUID,
    now: datetime,
) -> None:  # fmt: skip
    """Add a claim that waits for staff; the same file for the same level again adds none."""
    await connection.execute(
        INSERT_CLAIM, claim_id, organization_id, person_id, level_id, seen.sha256, seen.state, seen.issuer,
        seen.achievement, seen.holder, now,
    )  # fmt: skip


async def own_claims(connection: Reader, organization_id: UUID, person_id: UUID) -> list[Claim]:
    """What somebody brought, the latest first."""
    return [msgspec.convert(dict(row), Claim) for row in await connection.fetch(OWN_CLAIMS, organization_id, person_id)]


async def waiting_claims(connection: Reader, organization_id: UUID) -> list[Claim]:
    """What waits for staff, the oldest first."""
    return [msgspec.convert(dict(row), Claim) for row in await connection.fetch(WAITING_CLAIMS, organization_id)]


async def decide_claim(
    connection: Connection, organization_id: UUID, claim_id: UUID, *, decision: str, by: UUID, now: datetime
) -> bool:
    """Accept or decline a claim that waits; False where it is decided or one's own."""
    status = await connection.execute(DECIDE_CLAIM, organization_id, claim_id, decision, by, now)
    return status == "UPDATE 1"


async def has_claim(connection: Connection, organization_id: UUID, claim_id: UUID) -> bool:
    """Whether the organization has this claim."""
    return await connection.fetchval(HAS_CLAIM, organization_id, claim_id) is True


async def required_levels(connection: Reader, organization_id: UUID) -> list[Level]:
    """The levels whose badge another level requires."""
    return [msgspec.convert(dict(row), Level) for row in await connection.fetch(REQUIRED_LEVELS, organization_id)]
