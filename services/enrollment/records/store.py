"""The SQL of records: what somebody completed, what they sent, and forgetting it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.organizations.model import Organization
from services.enrollment.records.model import (
    Achieved,
    Completed,
    HeldRecord,
    Score,
    SentRecord,
    achieved,
    told,
)
from shared.postgres import Connection, Pool
from shared.records import RecordAnswer, RecordRequest

Reader = Connection | Pool
#: Of one record.
_MOST = 30

COMPLETED = """
SELECT e.id AS enrollment_id, g.name AS program_name, l.name AS level_name, c.name AS cohort_name, c.region,
    c.time_zone, g.accent, g.provider, n.credit_minutes, n.decided_at, n.attended,
    ARRAY (SELECT m.name FROM module m WHERE m.curriculum_id = c.curriculum_id ORDER BY m.position) AS topics
FROM enrollment e
JOIN cohort c ON c.id = e.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program g ON g.id = l.program_id
JOIN completion n ON n.enrollment_id = e.id
WHERE e.organization_id = $1 AND e.person_id = $2 AND e.outcome = 'completed'
ORDER BY n.decided_at, e.id LIMIT $3
"""
SCORES = """
SELECT v.enrollment_id, s.criterion_id, s.level_id, m.rubric
FROM evidence v
JOIN enrollment e ON e.id = v.enrollment_id
JOIN module m ON m.id = v.module_id
JOIN evidence_score s ON s.evidence_id = v.id
WHERE e.organization_id = $1 AND e.person_id = $2 AND e.outcome = 'completed' AND v.state = 'accepted'
    AND m.rubric IS NOT NULL
ORDER BY v.enrollment_id, m.position, s.criterion_id
"""
_SENT = """
SELECT id, recipient_name, recipient_email, sent_at, expires_at, state, withdrawn_at, openings, payload FROM sent_record
"""
SENT = f"{_SENT} WHERE organization_id = $1 AND person_id = $2 ORDER BY sent_at DESC, id LIMIT 200"
ONE = f"{_SENT} WHERE organization_id = $1 AND person_id = $2 AND id = $3"
SENT_SINCE = "SELECT count(*) FROM sent_record WHERE organization_id = $1 AND person_id = $2 AND sent_at > $3"
INSERT = """
INSERT INTO sent_record (id, organization_id, person_id, recipient_name, recipient_email, consent, sent_at, expires_at,
    sealed_token, payload, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'requested')
"""
LOCK = """
SELECT id, organization_id, person_id, recipient_name, recipient_email, expires_at, sealed_token, payload, state
FROM sent_record WHERE organization_id = $1 AND id = $2 FOR UPDATE
"""
MARK_SENT = "UPDATE sent_record SET state = 'sent', sealed_token = NULL WHERE id = $1"
WITHDRAW = """
UPDATE sent_record SET state = 'withdrawn', withdrawn_at = $2, sealed_token = NULL, payload = NULL,
    recipient_email = NULL
WHERE id = $1 AND state <> 'withdrawn'
"""
DROP_ENDED = """
UPDATE sent_record SET payload = NULL, recipient_email = NULL
WHERE expires_at <= $1 AND state = 'sent' AND payload IS NOT NULL
"""
TAKE_ANSWER = "UPDATE sent_record SET revision = $2, openings = $3 WHERE id = $1 AND revision < $2"
OPEN_OF = """
SELECT id FROM sent_record WHERE organization_id = $1 AND person_id = $2 AND state <> 'withdrawn' FOR UPDATE
"""
# What waits to be signed is not to be signed any more.
FORGET_MESSAGES = "DELETE FROM outbox WHERE topic = 'record' AND key = ANY ($1)"
FORGET = "DELETE FROM sent_record WHERE organization_id = $1 AND person_id = $2"
REASSIGN = "UPDATE sent_record SET person_id = $3 WHERE organization_id = $1 AND person_id = $2"


async def all_achieved(connection: Reader, organization: Organization, person_id: UUID) -> list[Achieved]:
    """All that somebody completed, the first one first, as a record tells it."""
    rows = await connection.fetch(COMPLETED, organization.id, person_id, _MOST)
    scores: dict[UUID, list[Score]] = {}
    for row in await connection.fetch(SCORES, organization.id, person_id) if rows else ():
        one = msgspec.convert(dict(row), Score)
        scores.setdefault(one.enrollment_id, []).append(one)
    found = [msgspec.convert(dict(row), Completed) for row in rows]
    return [achieved(one, scores.get(one.enrollment_id, []), organization) for one in found]


async def sent(connection: Reader, organization_id: UUID, person_id: UUID) -> list[SentRecord]:
    """What somebody sent, the newest first."""
    return [_sent(row) for row in await connection.fetch(SENT, organization_id, person_id)]


async def one(connection: Reader, organization_id: UUID, person_id: UUID, record_id: UUID) -> SentRecord | None:
    """One record that somebody sent."""
    row = await connection.fetchrow(ONE, organization_id, person_id, record_id)
    return None if row is None else _sent(row)


def _sent(row: asyncpg.Record) -> SentRecord:
    payload = row["payload"]
    says = None if payload is None else msgspec.json.decode(payload, type=RecordRequest)
    return msgspec.convert({**dict(row), "says": says}, SentRecord)


async def sent_within_a_day(connection: Reader, organization_id: UUID, person_id: UUID, *, now: datetime) -> int:
    """How many records somebody sent since yesterday at this time."""
    found: int = await connection.fetchval(SENT_SINCE, organization_id, person_id, now - timedelta(days=1))
    return found


async def insert(connection: Connection, held: HeldRecord, *, consent: str, at: datetime) -> None:
    """Add a record that the issuer is to be asked for."""
    await connection.execute(
        INSERT,
        held.id,
        held.organization_id,
        held.person_id,
        held.recipient_name,
        held.recipient_email,
        consent,
        at,
        held.expires_at,
        held.sealed_token,
        held.payload,
    )


async def lock(connection: Connection, organization_id: UUID, record_id: UUID) -> HeldRecord | None:
    """One record, held until the transaction ends."""
    row = await connection.fetchrow(LOCK, organization_id, record_id)
    return None if row is None else msgspec.convert(dict(row), HeldRecord)


async def mark_sent(connection: Connection, record_id: UUID) -> None:
    """Write that its letter is under way; the link's token is the recipient's alone from now on."""
    await connection.execute(MARK_SENT, record_id)


async def withdraw(connection: Connection, record_id: UUID, *, at: datetime) -> bool:
    """Withdraw one; False where it was."""
    return await connection.execute(WITHDRAW, record_id, at) == "UPDATE 1"


async def drop_ended(pool: Pool, *, now: datetime) -> None:
    """Drop what ended records said."""
    await pool.execute(DROP_ENDED, now)


async def take_answer(connection: Connection, answer: RecordAnswer) -> bool:
    """Take over who opened it; False for an answer that is not newer than the last."""
    return await connection.execute(TAKE_ANSWER, answer.record_id, answer.revision, list(answer.openings)) == "UPDATE 1"


async def open_of(connection: Connection, organization_id: UUID, person_id: UUID) -> list[UUID]:
    """Records of somebody that may still be read, held; what waits to be signed of them is dropped."""
    found = [row["id"] for row in await connection.fetch(OPEN_OF, organization_id, person_id)]
    await connection.execute(FORGET_MESSAGES, found)
    return found


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What somebody sent to whom, and when it was opened, for their own download."""
    found = await sent(connection, organization_id, person_id)
    return {
        "records": [
            {
                "recipient": one.recipient_name,
                "email": one.recipient_email,
                "sent_at": one.sent_at,
                "expires_at": one.expires_at,
                "withdrawn_at": one.withdrawn_at,
                "openings": msgspec.to_builtins(one.openings),
                "says": None if one.says is None else told(one.says),
            }
            for one in found
        ]
    }


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Delete what somebody sent; no files."""
    await connection.execute(FORGET, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what somebody sent be another's, who is the same person."""
    await connection.execute(REASSIGN, organization_id, away, keep)
