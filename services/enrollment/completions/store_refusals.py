"""The SQL of awards that the issuer's rules refuse."""

from datetime import datetime
from uuid import UUID

import msgspec

from shared.contracts import AwardRequest, RuleFinding, canonical, sha256
from shared.postgres import Connection, Pool

# A refusal of what is asked for no more says nothing.
NOTE = """
UPDATE award SET refusal = $4, refused_at = $5
WHERE organization_id = $1 AND id = $2 AND payload_sha256 = $3 AND state = 'requested' AND erased_at IS NULL
"""
LOCK_REFUSED = """
SELECT a.id FROM award a
WHERE a.organization_id = $1 AND a.enrollment_id = $2 AND a.refusal IS NOT NULL AND a.state = 'requested'
    AND a.erased_at IS NULL AND a.revocation_requested_at IS NULL
FOR UPDATE
"""
ASK_ANEW = """
UPDATE award SET achievement_id = $2, achievement_version = $3, payload = $4, payload_sha256 = $5, refusal = NULL,
    refused_at = NULL
WHERE id = $1
"""


async def note(
    pool: Pool, organization_id: UUID, award_id: UUID, asked: bytes, findings: tuple[RuleFinding, ...], *, at: datetime
) -> None:
    """Keep why what was asked for is refused, where it is still what is asked for."""
    await pool.execute(NOTE, organization_id, award_id, sha256(asked), msgspec.to_builtins(findings), at)


async def lock_refused(connection: Connection, organization_id: UUID, enrollment_id: UUID) -> UUID | None:
    """The award of an enrollment that is refused, held until the transaction ends."""
    found: UUID | None = await connection.fetchval(LOCK_REFUSED, organization_id, enrollment_id)
    return found


async def ask_anew(connection: Connection, award_id: UUID, request: AwardRequest) -> bytes:
    """Ask for another request under the same id, which the issuer never kept; returns its canonical payload."""
    payload = canonical(request)
    await connection.execute(
        ASK_ANEW, award_id, request.achievement_id, request.achievement_version, payload, sha256(payload)
    )
    return payload
