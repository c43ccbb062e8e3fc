"""The SQL of messages to a cohort."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.messages.model import Message, SentMessage
from services.enrollment.people.model import Person
from shared.postgres import Connection, Pool

Reader = Connection | Pool

# One after the other, so that the same message twice is sent once.
HOLD = """
SELECT c.name, EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $3) AS teaches
FROM cohort c WHERE c.organization_id = $1 AND c.id = $2 FOR NO KEY UPDATE
"""
INSERT = """
INSERT INTO cohort_message (id, organization_id, cohort_id, audience, subject, body, sent_by, sent_at, recipients)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO NOTHING
"""
_SENT = """
SELECT m.id, m.audience, m.subject, m.body, p.name AS sender_name, m.sent_at, m.recipients
FROM cohort_message m JOIN person p ON p.id = m.sent_by
WHERE m.organization_id = $1 AND m.cohort_id = $2
"""
MESSAGE = f"{_SENT} AND m.id = $3"
MESSAGES = f"{_SENT} ORDER BY m.sent_at DESC, m.id LIMIT $3"
# Who was erased keeps the seat in which they completed.
_READS = "NOT EXISTS (SELECT FROM erasure x WHERE x.person_id = e.person_id AND x.done_at IS NOT NULL)"
RECIPIENTS = f"""
SELECT p.id, p.organization_id, p.name, p.email, p.language
FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.cohort_id = $1 AND e.place = ANY ($2) AND {_READS} ORDER BY p.id
"""  # noqa: S608  # put together from constants only
PLACES = f"""
SELECT e.place, count(*) AS number FROM enrollment e
WHERE e.cohort_id = $1 AND e.place <> 'none' AND {_READS} GROUP BY e.place
"""  # noqa: S608  # put together from constants only
DATA = """
SELECT m.subject, m.body, m.sent_at, m.recipients FROM cohort_message m
WHERE m.organization_id = $1 AND m.sent_by = $2 ORDER BY m.sent_at
"""
REASSIGN = "UPDATE cohort_message SET sent_by = $3 WHERE organization_id = $1 AND sent_by = $2"


async def hold_cohort(
    connection: Connection, organization_id: UUID, cohort_id: UUID, *, viewer_id: UUID | None
) -> tuple[str, bool] | None:
    """A cohort's name, held until the transaction ends, and whether the viewer teaches it."""
    row = await connection.fetchrow(HOLD, organization_id, cohort_id, viewer_id)
    return None if row is None else (row["name"], row["teaches"])


async def insert(
    connection: Connection,
    message: Message,
    *,
    organization_id: UUID,
    cohort_id: UUID,
    by: UUID,
    at: datetime,
    recipients: int,
) -> bool:
    """Keep a message that is sent; False where the id is taken."""
    status = await connection.execute(
        INSERT,
        message.id,
        organization_id,
        cohort_id,
        message.audience,
        message.subject,
        message.body,
        by,
        at,
        recipients,
    )
    return status == "INSERT 0 1"


async def message(connection: Reader, organization_id: UUID, cohort_id: UUID, message_id: UUID) -> SentMessage | None:
    """One message that was sent to the cohort."""
    row = await connection.fetchrow(MESSAGE, organization_id, cohort_id, message_id)
    return None if row is None else msgspec.convert(dict(row), SentMessage)


async def messages(connection: Reader, organization_id: UUID, cohort_id: UUID, *, most: int) -> list[SentMessage]:
    """What was sent to the cohort, the newest first."""
    rows = await connection.fetch(MESSAGES, organization_id, cohort_id, most)
    return [msgspec.convert(dict(row), SentMessage) for row in rows]


async def recipients(connection: Connection, cohort_id: UUID, places: Sequence[str]) -> list[Person]:
    """Everybody who has one of the places and was not erased."""
    return [msgspec.convert(dict(row), Person) for row in await connection.fetch(RECIPIENTS, cohort_id, places)]


async def counts(connection: Reader, cohort_id: UUID) -> dict[str, int]:
    """How many have each place; a place that nobody has is not named."""
    return {row["place"]: row["number"] for row in await connection.fetch(PLACES, cohort_id)}


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What somebody wrote to cohorts, for their own download."""
    return {"messages": [dict(row) for row in await connection.fetch(DATA, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Nothing: a message is the organization's word to many, and names its author by id only."""
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what somebody sent be another's, who is the same person."""
    await connection.execute(REASSIGN, organization_id, away, keep)
