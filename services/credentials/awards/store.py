"""The SQL of awards and their credentials."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.awards.model import AwardRow, Reservation, SignedCredential
from shared.contracts import AwardRequest, Erasure, Revocation, Visibility, canonical, sha256
from shared.postgres import Connection, Pool

_COLUMNS = """
a.id, a.issuer_id, a.state, a.revision, a.request_sha256, a.revoked_at, a.revocation_reason,
c.id AS credential_id, c.issued_at, c.signed_sha256, a.visibility, a.erased_at
"""
AWARD = f"""
SELECT {_COLUMNS} FROM award a LEFT JOIN credential c ON c.award_id = a.id AND c.reason = 'first'
WHERE a.id = $1
"""  # noqa: S608  # put together from constants only
LOCK = "SELECT id FROM award WHERE id = $1 FOR UPDATE"
PAGE = f"""
SELECT {_COLUMNS} FROM award a LEFT JOIN credential c ON c.award_id = a.id AND c.reason = 'first'
WHERE a.issuer_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT $3
"""  # noqa: S608  # put together from constants only
INSERT = """
INSERT INTO award (id, issuer_id, state, request, request_sha256, enrollment_id, achievement_id, achievement_version,
                   created_at)
VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id
"""
OTHER = "SELECT id FROM award WHERE enrollment_id = $1 AND achievement_id = $2 AND issuer_id = $3"
INSERT_TOMBSTONE = """
INSERT INTO award (id, issuer_id, state, created_at, revoked_at, revocation_reason)
VALUES ($1, $2, 'revoked', $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id
"""
# A try that hits a taken index gives no row, and the next random index is tried.
RESERVE = """
INSERT INTO credential (id, award_id, issuer_id, reason, subject_id, status_list_id, status_index, key_id, jwt_key_id,
                        valid_from, lease, leased_until)
VALUES ($1, $2, $3, 'first', $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11))
ON CONFLICT ON CONSTRAINT credential_index_once DO NOTHING RETURNING id
"""
TAKE_OVER = """
UPDATE credential SET lease = $2, leased_until = now() + make_interval(secs => $3)
WHERE award_id = $1 AND reason = 'first' AND issued_at IS NULL AND erased_at IS NULL
    AND (leased_until IS NULL OR leased_until < now())
RETURNING id AS credential_id, award_id, issuer_id, subject_id, status_list_id, status_index, key_id, jwt_key_id,
          valid_from, lease
"""
# Nothing was signed with what was frozen before.
FREEZE_ANEW = """
UPDATE credential SET status_list_id = $3, status_index = $4, key_id = $5, jwt_key_id = $6, valid_from = $7
WHERE id = $1 AND lease = $2 AND issued_at IS NULL AND erased_at IS NULL AND NOT EXISTS (
    SELECT FROM credential other WHERE other.status_list_id = $3 AND other.status_index = $4
)
"""
IS_LEASED = "SELECT EXISTS (SELECT FROM credential WHERE id = $1 AND lease = $2 AND issued_at IS NULL)"
RELEASE = "UPDATE credential SET lease = NULL, leased_until = NULL WHERE id = $1 AND lease = $2"
KEEP_SIGNED = """
UPDATE credential SET signed_json = $3, signed_jwt = $4, signed_sha256 = $5, issued_at = $6,
    lease = NULL, leased_until = NULL
WHERE id = $1 AND lease = $2 AND issued_at IS NULL AND erased_at IS NULL
"""
SET_ISSUED = """
UPDATE award SET state = 'issued', issued_at = $2, revision = revision + 1 WHERE id = $1 AND state = 'pending'
"""
# What staff wrote as a reason may name somebody.
_ERASED_REASON = "'No longer kept'"
SET_REVOKED = f"""
UPDATE award SET state = 'revoked', revoked_at = $2, revision = revision + 1,
    revocation_reason = CASE WHEN erased_at IS NULL THEN $3 ELSE {_ERASED_REASON} END
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
    leased_until = NULL
WHERE award_id = $1
"""

LISTS = "SELECT DISTINCT status_list_id FROM credential WHERE award_id = $1 AND revoked_at IS NOT NULL"


async def award(connection: Connection | Pool, award_id: UUID) -> AwardRow | None:
    """One award of any issuer; the caller compares whose it is."""
    row = await connection.fetchrow(AWARD, award_id)
    return None if row is None else msgspec.convert(dict(row), AwardRow)


async def lock(connection: Connection, award_id: UUID) -> AwardRow | None:
    """One award, held until the transaction ends."""
    if await connection.fetchval(LOCK, award_id) is None:
        return None
    return await award(connection, award_id)


async def page(pool: Pool, issuer_id: UUID, *, after: UUID | None, most: int) -> list[AwardRow]:
    """The issuer's awards by id, behind a cursor."""
    return [msgspec.convert(dict(row), AwardRow) for row in await pool.fetch(PAGE, issuer_id, after, most)]


async def insert(
    connection: Connection, award_id: UUID, issuer_id: UUID, request: AwardRequest, *, at: datetime
) -> bool:
    """Add an award that is pending; False where this id, or this achievement of this enrollment, is there already."""
    payload = canonical(request)
    row = await connection.fetchrow(
        INSERT,
        award_id,
        issuer_id,
        payload,
        sha256(payload),
        request.enrollment_id,
        request.achievement_id,
        request.achievement_version,
        at,
    )
    return row is not None


async def id_of(connection: Connection, issuer_id: UUID, request: AwardRequest) -> UUID | None:
    """The award of the same achievement for the same enrollment."""
    found: UUID | None = await connection.fetchval(OTHER, request.enrollment_id, request.achievement_id, issuer_id)
    return found


async def insert_tombstone(
    connection: Connection, award_id: UUID, issuer_id: UUID, revocation: Revocation, *, at: datetime
) -> bool:
    """Note a revocation that came before its award; False where the award is there."""
    row = await connection.fetchrow(INSERT_TOMBSTONE, award_id, issuer_id, at, revocation.revoked_at, revocation.reason)
    return row is not None


async def reserve(connection: Connection, reserved: Reservation, *, lease_seconds: float) -> bool:
    """Freeze a credential's inputs; False where its index in the list is taken."""
    row = await connection.fetchrow(
        RESERVE,
        reserved.credential_id,
        reserved.award_id,
        reserved.issuer_id,
        reserved.subject_id,
        reserved.status_list_id,
        reserved.status_index,
        reserved.key_id,
        reserved.jwt_key_id,
        reserved.valid_from,
        reserved.lease,
        lease_seconds,
    )
    return row is not None


async def take_over(connection: Connection, award_id: UUID, lease: UUID, *, lease_seconds: float) -> Reservation | None:
    """The frozen inputs under a new lease; None while another lease runs."""
    row = await connection.fetchrow(TAKE_OVER, award_id, lease, lease_seconds)
    return None if row is None else msgspec.convert(dict(row), Reservation)


async def freeze_anew(connection: Connection, reserved: Reservation) -> bool:
    """Freeze other keys, date and place for what was not signed yet; False where the place or the lease is taken."""
    status = await connection.execute(
        FREEZE_ANEW,
        reserved.credential_id,
        reserved.lease,
        reserved.status_list_id,
        reserved.status_index,
        reserved.key_id,
        reserved.jwt_key_id,
        reserved.valid_from,
    )
    return status == "UPDATE 1"


async def is_leased(connection: Connection, reserved: Reservation) -> bool:
    """Whether the lease is still the reservation's."""
    found: bool = await connection.fetchval(IS_LEASED, reserved.credential_id, reserved.lease)
    return found


async def release(pool: Pool, reserved: Reservation) -> None:
    """Give a lease back, for the next try to come at once."""
    await pool.execute(RELEASE, reserved.credential_id, reserved.lease)


async def keep_signed(connection: Connection, reserved: Reservation, signed: SignedCredential, *, at: datetime) -> bool:
    """Store the signed bytes where the reservation is still ours and the award pending; False where it is not."""
    status = await connection.execute(
        KEEP_SIGNED, reserved.credential_id, reserved.lease, signed.json, signed.jwt, signed.sha256, at
    )
    if status != "UPDATE 1":
        return False
    await connection.execute(SET_ISSUED, reserved.award_id, at)
    return True


async def revoke(connection: Connection, award_id: UUID, revocation: Revocation) -> list[UUID]:
    """Revoke an award and its signed credentials; returns the lists that now say too little."""
    await connection.execute(SET_REVOKED, award_id, revocation.revoked_at, revocation.reason)
    rows = await connection.fetch(REVOKE_CREDENTIALS, award_id, revocation.revoked_at)
    return [row["status_list_id"] for row in rows]


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
    return True
