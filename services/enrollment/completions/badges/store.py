"""The SQL of badges after they were issued: their changes, and who was told of their end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.completions.badges.model import Badge, ChangeKind, ChangeRow, Ending, Past
from services.enrollment.notices.model import Addressee
from shared.contracts import AwardRequest, RuleFinding, canonical
from shared.postgres import Connection, Pool

BADGE = """
SELECT a.id AS award_id, a.organization_id, a.enrollment_id, e.cohort_id, e.person_id, p.name AS person_name, a.state,
    coalesce(a.says, a.payload) AS says, a.valid_until, a.badge_url, a.revocation_reason, a.revocation_category,
    a.revocation_note, (
        SELECT x.kind FROM award_change x
        WHERE x.award_id = a.id AND x.done_at IS NULL AND x.refused_at IS NULL
    ) AS pending
FROM award a JOIN enrollment e ON e.id = a.enrollment_id JOIN person p ON p.id = e.person_id
"""
BY_ID = f"{BADGE} WHERE a.organization_id = $1 AND a.id = $2"
BY_ENROLLMENT = f"{BADGE} WHERE a.organization_id = $1 AND a.enrollment_id = $2 ORDER BY a.requested_at DESC LIMIT 1"
LOCK = "SELECT id FROM award WHERE organization_id = $1 AND id = $2 FOR UPDATE"
CHANGE = "SELECT award_id, kind, members FROM award_change WHERE organization_id = $1 AND id = $2"
INSERT_CHANGE = """
INSERT INTO award_change (id, organization_id, award_id, kind, members, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SET_SAYS = "UPDATE award SET says = $2 WHERE id = $1"
SET_HOURS = "UPDATE completion SET credit_minutes = $2, attended = coalesce($3, attended) WHERE enrollment_id = $1"
DONE = """
UPDATE award_change SET done_at = $3, refused_at = NULL, refusal = NULL
WHERE id = $1 AND award_id = $2 AND done_at IS NULL
RETURNING award_id, kind, members
"""
REFUSE = """
UPDATE award_change SET refused_at = $3, refusal = $4
WHERE id = $1 AND award_id = $2 AND done_at IS NULL AND refused_at IS NULL
RETURNING award_id, kind, members
"""
PAST = """
SELECT x.kind, x.members, p.name AS asked_by_name, x.asked_at, x.done_at IS NOT NULL AS is_done,
    x.refused_at IS NOT NULL AS is_refused, coalesce(x.refusal, '[]') AS refusal
FROM award_change x JOIN person p ON p.id = x.asked_by
WHERE x.organization_id = $1 AND x.award_id = $2 ORDER BY x.asked_at
"""
# Only the nearest of the three, so that a late worker writes one letter; and none that comes with the badge itself.
TAKE_ENDING = """
WITH due AS (
    SELECT a.organization_id, a.id AS award_id, a.valid_until, d.days
    FROM award a
    JOIN enrollment e ON e.id = a.enrollment_id
    JOIN (VALUES (90, 30), (30, 7), (7, 0)) AS d (days, next)
        ON a.valid_until <= $1::timestamptz + make_interval(days => d.days)
        AND a.valid_until > $1::timestamptz + make_interval(days => d.next)
    WHERE a.state = 'issued' AND a.erased_at IS NULL AND a.revocation_reason IS NULL AND a.badge_url IS NOT NULL
        AND a.valid_until IS NOT NULL AND a.issued_at <= a.valid_until - make_interval(days => d.days)
        AND NOT EXISTS (
            SELECT FROM award_reminder r
            WHERE r.award_id = a.id AND r.valid_until = a.valid_until AND r.days = d.days
        )
    ORDER BY a.valid_until, a.id LIMIT $2
), taken AS (
    INSERT INTO award_reminder (organization_id, award_id, valid_until, days, sent_at)
    SELECT organization_id, award_id, valid_until, days, $1 FROM due
    ON CONFLICT DO NOTHING
    RETURNING award_id, valid_until, days
)
SELECT a.organization_id, o.name AS organization_name, o.slug AS organization_slug, c.name AS cohort_name, c.time_zone,
    p.id AS person_id, p.name AS person_name, p.email, p.language, a.badge_url, t.valid_until,
    ceil(extract(epoch FROM t.valid_until - $1) / 86400)::int AS days
FROM taken t
JOIN award a ON a.id = t.award_id
JOIN organization o ON o.id = a.organization_id
JOIN enrollment e ON e.id = a.enrollment_id
JOIN cohort c ON c.id = e.cohort_id
JOIN person p ON p.id = e.person_id
ORDER BY t.valid_until, a.id
"""


async def badge(connection: Connection | Pool, organization_id: UUID, award_id: UUID) -> Badge | None:
    """One badge."""
    return _badge(await connection.fetchrow(BY_ID, organization_id, award_id))


async def badge_of(connection: Connection | Pool, organization_id: UUID, enrollment_id: UUID) -> Badge | None:
    """The badge of an enrollment."""
    return _badge(await connection.fetchrow(BY_ENROLLMENT, organization_id, enrollment_id))


async def lock(connection: Connection, organization_id: UUID, award_id: UUID) -> Badge | None:
    """One badge, held until the transaction ends."""
    if await connection.fetchval(LOCK, organization_id, award_id) is None:
        return None
    return await badge(connection, organization_id, award_id)


def _badge(row: asyncpg.Record | None) -> Badge | None:
    if row is None:
        return None
    # Of an erased one nothing is left.
    says = msgspec.json.decode(row["says"], type=AwardRequest) if row["says"] else None
    return msgspec.convert({**dict(row), "says": says}, Badge)


async def change(connection: Connection, organization_id: UUID, change_id: UUID) -> ChangeRow | None:
    """A change by its id."""
    row = await connection.fetchrow(CHANGE, organization_id, change_id)
    return None if row is None else msgspec.convert(dict(row), ChangeRow)


async def insert_change(
    connection: Connection, change_id: UUID, badge: Badge, kind: ChangeKind, members: Sequence[str], *, by: UUID,
    at: datetime,
) -> None:  # fmt: skip
    """Note a change that is asked for."""
    await connection.execute(
        INSERT_CHANGE, change_id, badge.organization_id, badge.award_id, kind, list(members), by, at
    )


async def set_says(connection: Connection, award_id: UUID, request: AwardRequest) -> None:
    """Keep what the badge says from now on."""
    await connection.execute(SET_SAYS, award_id, canonical(request))


async def set_hours(connection: Connection, enrollment_id: UUID, minutes: int, attended: Any) -> None:
    """Let the record of the completion say what the badge says; `attended` None leaves its sessions."""
    await connection.execute(SET_HOURS, enrollment_id, minutes, attended)


async def done(connection: Connection, change_id: UUID, award_id: UUID, *, at: datetime) -> ChangeRow | None:
    """Note that the issuer has made a change; None where that was noted before."""
    row = await connection.fetchrow(DONE, change_id, award_id, at)
    return None if row is None else msgspec.convert(dict(row), ChangeRow)


async def refuse(
    connection: Connection, change_id: UUID, award_id: UUID, findings: Sequence[RuleFinding], *, at: datetime
) -> ChangeRow | None:
    """Note that the issuer does not make a change, and why; None where what became of it was noted before."""
    row = await connection.fetchrow(REFUSE, change_id, award_id, at, msgspec.to_builtins(findings) or None)
    return None if row is None else msgspec.convert(dict(row), ChangeRow)


async def past(connection: Connection | Pool, organization_id: UUID, award_id: UUID) -> list[Past]:
    """Every change of a badge, the first one first."""
    return [msgspec.convert(dict(row), Past) for row in await connection.fetch(PAST, organization_id, award_id)]


async def take_ending(connection: Connection, *, now: datetime, most: int) -> list[Ending]:
    """Whom to tell now that their badge ends; each is noted, so that nobody takes it again."""
    return [_ending(dict(row)) for row in await connection.fetch(TAKE_ENDING, now, most)]


def _ending(row: dict[str, Any]) -> Ending:
    addressee = Addressee(email=row["email"], language=row["language"], person_id=row["person_id"])
    return msgspec.convert({**row, "addressee": addressee}, Ending)
