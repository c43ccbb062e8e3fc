"""The SQL of how awards end, and of who comes upon them: revocation, erasure, visibility."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from services.credentials.awards.model import AwardRow
from shared.contracts import Erasure, Revocation, Visibility
from shared.postgres import Connection

INSERT_TOMBSTONE = """
INSERT INTO award (id, issuer_id, state, created_at, revoked_at, revocation_reason, revocation_category)
VALUES ($1, $2, 'revoked', $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id
"""
INSERT_NOTE = """
INSERT INTO revocation_note (award_id, issuer_id, note) VALUES ($1, $2, $3) ON CONFLICT (award_id) DO NOTHING
"""
# What staff wrote as a reason may name somebody.
_ERASED_REASON = "'No longer kept'"
SET_REVOKED = f"""
UPDATE award SET state = 'revoked', revoked_at = $2, revision = revision + 1,
    revocation_reason = CASE WHEN erased_at IS NULL THEN $3 ELSE {_ERASED_REASON} END,
    revocation_category = $4
WHERE id = $1
"""  # noqa: S608  # put together from constants only
REVOKE_CREDENTIALS = """
UPDATE credential SET revoked_at = $2 WHERE award_id = $1 AND issued_at IS NOT NULL AND revoked_at IS NULL
RETURNING status_list_id
"""
SET_VISIBILITY = """
UPDATE award SET visibility = $2, visibility_revision = $3, revision = revision + 1
WHERE id = $1 AND visibility_revision < $3
"""
INSERT_ERASED = """
INSERT INTO award (id, issuer_id, state, created_at, erased_at) VALUES ($1, $2, 'pending', $3, $4)
ON CONFLICT DO NOTHING RETURNING id
"""
SET_ERASED = f"""
UPDATE award SET erased_at = $2, request = NULL, request_sha256 = NULL, revision = revision + 1,
    revocation_reason = CASE WHEN state = 'revoked' THEN {_ERASED_REASON} END
WHERE id = $1 AND erased_at IS NULL
"""  # noqa: S608  # put together from constants only
# The index in the list stays taken, and a bit that was set stays set.
ERASE_CREDENTIALS = """
UPDATE credential SET erased_at = $2, signed_json = NULL, signed_jwt = NULL, signed_sha256 = NULL, lease = NULL,
    leased_until = NULL, request = NULL, ask_sha256 = NULL,
    subject_id = CASE WHEN reason = 'copy' THEN 'urn:uuid:' || id ELSE subject_id END
WHERE award_id = $1
"""
ERASE_STATEMENTS = "UPDATE replacement SET signed_json = NULL, changes = '[]' WHERE award_id = $1"
ERASE_NOTE = "DELETE FROM revocation_note WHERE award_id = $1"
ERASE_CHALLENGES = "DELETE FROM wallet_challenge WHERE award_id = $1"
LISTS = "SELECT DISTINCT status_list_id FROM credential WHERE award_id = $1 AND revoked_at IS NOT NULL"


async def insert_revoked(
    connection: Connection, award_id: UUID, issuer_id: UUID, revocation: Revocation, *, at: datetime
) -> bool:
    """Note a revocation that came before its award; False where the award is there."""
    row = await connection.fetchrow(
        INSERT_TOMBSTONE, award_id, issuer_id, at, revocation.revoked_at, revocation.reason, revocation.category or None
    )
    if row is None:
        return False
    await _insert_note(connection, award_id, issuer_id, revocation)
    return True


async def revoke(connection: Connection, row: AwardRow, revocation: Revocation) -> list[UUID]:
    """Revoke an award and its signed credentials; returns the lists that now say too little."""
    award_id = row.id
    await connection.execute(
        SET_REVOKED, award_id, revocation.revoked_at, revocation.reason, revocation.category or None
    )
    if not row.is_erased:
        await _insert_note(connection, award_id, row.issuer_id, revocation)
    rows = await connection.fetch(REVOKE_CREDENTIALS, award_id, revocation.revoked_at)
    return [row["status_list_id"] for row in rows]


async def _insert_note(connection: Connection, award_id: UUID, issuer_id: UUID, revocation: Revocation) -> None:
    if revocation.note is not UNSET:
        await connection.execute(INSERT_NOTE, award_id, issuer_id, revocation.note)


async def lists_of(connection: Connection, award_id: UUID) -> list[UUID]:
    """The status lists that an award's revoked credentials stand in."""
    return [row["status_list_id"] for row in await connection.fetch(LISTS, award_id)]


async def set_visibility(connection: Connection, award_id: UUID, wanted: Visibility) -> bool:
    """Set who comes upon the badge; False for a revision that is not above the last one."""
    status = await connection.execute(SET_VISIBILITY, award_id, wanted.visibility, wanted.revision)
    return status == "UPDATE 1"


async def insert_erased(
    connection: Connection, award_id: UUID, issuer_id: UUID, erasure: Erasure, *, at: datetime
) -> bool:
    """Note an erasure that came before its award; False where the award is there."""
    return await connection.fetchrow(INSERT_ERASED, award_id, issuer_id, at, erasure.erased_at) is not None


async def erase(connection: Connection, award_id: UUID, erasure: Erasure) -> bool:
    """Take all that an award and its credentials say; False where that was done before."""
    if await connection.execute(SET_ERASED, award_id, erasure.erased_at) != "UPDATE 1":
        return False
    await connection.execute(ERASE_CREDENTIALS, award_id, erasure.erased_at)
    for statement in (ERASE_STATEMENTS, ERASE_NOTE, ERASE_CHALLENGES):
        await connection.execute(statement, award_id)
    return True
