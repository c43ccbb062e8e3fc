"""The SQL of awards and their credentials."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.credentials.awards.model import (
    Asked,
    AwardRow,
    Order,
    Profile,
    Replacement,
    Signed,
    SignedCredential,
    Standing,
)
from shared.contracts import AwardRequest, canonical, sha256
from shared.postgres import Connection, Pool

_COLUMNS = """
a.id, a.issuer_id, a.state, a.revision, a.request_sha256, a.revoked_at, a.revocation_reason, a.revocation_category,
c.id AS credential_id, c.reason, c.ask_id, c.valid_from, c.valid_until, c.issued_at, c.signed_sha256, a.visibility,
a.erased_at, EXISTS (
    SELECT FROM credential o WHERE o.award_id = a.id AND o.reason NOT IN ('first', 'copy')
        AND o.issued_at IS NULL AND o.abandoned_at IS NULL AND o.erased_at IS NULL
) AS is_changing
"""
_AWARDS = f"""
SELECT {_COLUMNS} FROM award a LEFT JOIN credential c
    ON c.award_id = a.id AND c.reason <> 'copy' AND c.issued_at IS NOT NULL AND c.replaced_by IS NULL
"""  # noqa: S608  # put together from constants only
AWARD = f"{_AWARDS} WHERE a.id = $1"
LOCK = "SELECT id FROM award WHERE id = $1 FOR UPDATE"
PAGE = f"{_AWARDS} WHERE a.issuer_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT $3"
INSERT = """
INSERT INTO award (id, issuer_id, state, request, request_sha256, enrollment_id, achievement_id, achievement_version,
                   created_at)
VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id
"""
OTHER = "SELECT id FROM award WHERE enrollment_id = $1 AND achievement_id = $2 AND issuer_id = $3"
# A try that hits a taken index gives no row, and the next random index is tried.
RESERVE = """
INSERT INTO credential (id, award_id, issuer_id, reason, number, ask_id, ask_sha256, request, subject_id,
                        status_list_id, status_index, key_id, jwt_key_id, valid_from, valid_until, profile, lease,
                        leased_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, now() + make_interval(secs => $18))
ON CONFLICT ON CONSTRAINT credential_index_once DO NOTHING RETURNING id
"""
# A credential counts under a lost key where the log had it among so many leaves.
OF_LOST_KEY = """
SELECT DISTINCT c.award_id FROM credential c
WHERE c.issuer_id = $1 AND $2 IN (c.key_id, c.jwt_key_id)
    AND c.issued_at IS NOT NULL AND c.revoked_at IS NULL AND c.erased_at IS NULL
    AND (c.valid_until IS NULL OR c.valid_until > now())
    AND NOT EXISTS (
        SELECT FROM log_leaf l WHERE l.issuer_id = c.issuer_id AND l.document_id = c.id AND l.position < $3
    )
ORDER BY c.award_id
"""
# Ids are random: a page from a random id on is a random sample.
SIGNED_PAGE = """
SELECT id AS credential_id, award_id, issuer_id, reason, number, ask_id, ask_sha256, request, subject_id,
    status_list_id, status_index, key_id, jwt_key_id, valid_from, valid_until, profile, award_id AS lease,
    signed_json, signed_jwt, signed_sha256
FROM credential WHERE issued_at IS NOT NULL AND erased_at IS NULL AND id > $1 ORDER BY id LIMIT $2
"""
NEXT_NUMBER = "SELECT coalesce(max(number), 0) + 1 FROM credential WHERE award_id = $1"
ASKED = """
SELECT id AS credential_id, award_id, reason, ask_sha256, issued_at IS NOT NULL AS is_issued,
    abandoned_at IS NOT NULL AS is_abandoned
FROM credential WHERE issuer_id = $1 AND ask_id = $2
"""
TAKE_OVER = """
UPDATE credential SET lease = $3, leased_until = now() + make_interval(secs => $4), abandoned_at = NULL
WHERE issuer_id = $1 AND ask_id = $2 AND issued_at IS NULL AND erased_at IS NULL
    AND (leased_until IS NULL OR leased_until < now())
RETURNING id AS credential_id, award_id, issuer_id, reason, number, ask_id, ask_sha256, request, subject_id,
          status_list_id, status_index, key_id, jwt_key_id, valid_from, valid_until, profile, lease
"""
ABANDON = """
UPDATE credential SET lease = NULL, leased_until = NULL, abandoned_at = $3
WHERE id = $1 AND lease = $2 AND issued_at IS NULL
"""
CURRENT = """
SELECT request, subject_id, valid_until FROM credential
WHERE award_id = $1 AND reason <> 'copy' AND issued_at IS NOT NULL AND replaced_by IS NULL AND erased_at IS NULL
"""
# One whose bit a restore found set is not in force any more, and is replaced all the same.
STANDING = """
SELECT id AS credential_id, request, valid_until FROM credential
WHERE award_id = $1 AND id <> $2 AND issued_at IS NOT NULL AND erased_at IS NULL AND replaced_by IS NULL
    AND (revoked_at IS NULL OR reason <> 'copy')
ORDER BY number
"""
REPLACE = """
UPDATE credential SET revoked_at = coalesce(revoked_at, $3), replaced_by = $2 WHERE id = $1 RETURNING status_list_id
"""
REVOKE_AT = """
UPDATE credential SET revoked_at = $3
WHERE status_list_id = $1 AND status_index = ANY ($2::int[]) AND issued_at IS NOT NULL AND revoked_at IS NULL
"""
INSERT_REPLACEMENT = """
INSERT INTO replacement (credential_id, award_id, issuer_id, replaced_by, changes, key_id, signed_json, signed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
# Nothing was signed with what was frozen before.
FREEZE_ANEW = """
UPDATE credential
SET status_list_id = $3, status_index = $4, key_id = $5, jwt_key_id = $6, valid_from = $7, profile = $8
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
UPDATE award SET state = 'issued', issued_at = coalesce(issued_at, $2), revision = revision + 1
WHERE id = $1 AND state <> 'revoked'
"""
# A copy that is being signed while its badge changes is signed again, saying what the badge says now.
REFRESH_COPIES = """
UPDATE credential SET request = $2, valid_from = $3, valid_until = $4, lease = NULL, leased_until = NULL
WHERE award_id = $1 AND reason = 'copy' AND issued_at IS NULL AND erased_at IS NULL
"""


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


async def of_lost_key(pool: Pool, issuer_id: UUID, key_id: str, *, logged: int) -> list[UUID]:
    """The awards with a credential in force by a key that was lost, which the log did not have before."""
    return [row["award_id"] for row in await pool.fetch(OF_LOST_KEY, issuer_id, key_id, logged)]


async def next_number(connection: Connection, award_id: UUID) -> int:
    """The place of the award's next credential in its series; the award is locked."""
    found: int = await connection.fetchval(NEXT_NUMBER, award_id)
    return found


async def reserve(connection: Connection, reserved: Order, *, lease_seconds: float) -> bool:
    """Freeze a credential's inputs; False where its index in the list is taken."""
    row = await connection.fetchrow(
        RESERVE,
        reserved.credential_id,
        reserved.award_id,
        reserved.issuer_id,
        reserved.reason,
        reserved.number,
        reserved.ask_id,
        reserved.ask_sha256,
        canonical(reserved.request),
        reserved.subject_id,
        reserved.status_list_id,
        reserved.status_index,
        reserved.key_id,
        reserved.jwt_key_id,
        reserved.valid_from,
        reserved.valid_until,
        _profile(reserved),
        reserved.lease,
        lease_seconds,
    )
    return row is not None


async def signed_page(pool: Pool, *, after: UUID, most: int) -> list[Signed]:
    """Signed credentials with what they were frozen from, by id."""
    return [
        Signed(order=_order(row), json=row["signed_json"], jwt=row["signed_jwt"], sha256=row["signed_sha256"])
        for row in await pool.fetch(SIGNED_PAGE, after, most)
    ]


async def asked(connection: Connection, issuer_id: UUID, ask_id: UUID) -> Asked | None:
    """The credential that was asked for under an id."""
    row = await connection.fetchrow(ASKED, issuer_id, ask_id)
    return None if row is None else msgspec.convert(dict(row), Asked)


async def take_over(
    connection: Connection, issuer_id: UUID, ask_id: UUID, lease: UUID, *, lease_seconds: float
) -> Order | None:
    """The frozen inputs under a new lease; None while another lease runs."""
    row = await connection.fetchrow(TAKE_OVER, issuer_id, ask_id, lease, lease_seconds)
    return None if row is None else _order(row)


def _order(row: asyncpg.Record) -> Order:
    profile = None if row["profile"] is None else msgspec.json.decode(row["profile"], type=Profile)
    return msgspec.convert({**_with_request(row), "profile": profile}, Order)


def _profile(reserved: Order) -> bytes | None:
    return None if reserved.profile is None else canonical(reserved.profile)


async def current(connection: Connection, award_id: UUID) -> tuple[AwardRequest, str, datetime | None]:
    """What the award's current credential says, of whom, until when; the award is locked and issued."""
    row = await connection.fetchrow(CURRENT, award_id)
    assert row is not None
    return msgspec.json.decode(row["request"], type=AwardRequest), row["subject_id"], row["valid_until"]


async def standing(connection: Connection | Pool, reserved: Order) -> list[Standing]:
    """The award's credentials in force, but for the one that was reserved."""
    rows = await connection.fetch(STANDING, reserved.award_id, reserved.credential_id)
    return [msgspec.convert(_with_request(row), Standing) for row in rows]


async def replace(connection: Connection, reserved: Order, found: Sequence[Replacement], *, at: datetime) -> list[UUID]:
    """Revoke credentials as replaced by the reserved one, with the statements; the lists that now say too little."""
    lists = []
    for one in found:
        lists.append(await connection.fetchval(REPLACE, one.credential_id, reserved.credential_id, at))
        await connection.execute(
            INSERT_REPLACEMENT,
            one.credential_id,
            reserved.award_id,
            reserved.issuer_id,
            reserved.credential_id,
            one.changes,
            one.key_id,
            one.json,
            at,
        )
    return lists


async def revoke_at(connection: Connection, list_id: UUID, indices: Iterable[int], *, at: datetime) -> None:
    """Revoke signed credentials by their places in a list, for what else knows that they are."""
    await connection.execute(REVOKE_AT, list_id, sorted(indices), at)


async def abandon(pool: Pool, reserved: Order, *, at: datetime) -> None:
    """Note that a reserved change cannot be signed, so that another may come."""
    await pool.execute(ABANDON, reserved.credential_id, reserved.lease, at)


def _with_request(row: asyncpg.Record) -> dict[str, object]:
    return {**dict(row), "request": msgspec.json.decode(row["request"], type=AwardRequest)}


async def freeze_anew(connection: Connection, reserved: Order) -> bool:
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
        _profile(reserved),
    )
    return status == "UPDATE 1"


async def is_leased(connection: Connection, reserved: Order) -> bool:
    """Whether the lease is still the reservation's."""
    found: bool = await connection.fetchval(IS_LEASED, reserved.credential_id, reserved.lease)
    return found


async def release(pool: Pool, reserved: Order) -> None:
    """Give a lease back, for the next try to come at once."""
    await pool.execute(RELEASE, reserved.credential_id, reserved.lease)


async def keep_signed(connection: Connection, reserved: Order, signed: SignedCredential, *, at: datetime) -> bool:
    """Store the signed bytes where the reservation is still ours; False where it is not."""
    status = await connection.execute(
        KEEP_SIGNED, reserved.credential_id, reserved.lease, signed.json, signed.jwt, signed.sha256, at
    )
    if status != "UPDATE 1":
        return False
    if reserved.reason != "copy":
        await connection.execute(SET_ISSUED, reserved.award_id, at)
        await connection.execute(
            REFRESH_COPIES,
            reserved.award_id,
            canonical(reserved.request),
            reserved.valid_from,
            reserved.valid_until,
        )
    return True
