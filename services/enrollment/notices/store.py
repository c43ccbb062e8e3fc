"""The SQL of the development mailbox and of refused letters."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.notices.model import Mail, MailboxMessage, Refusal
from shared.postgres import Connection, Pool

Reader = Connection | Pool

#: The message's id is that of the outbox row, so that sending again adds nothing.
INSERT_MESSAGE = """
INSERT INTO mailbox_message (id, organization_id, recipient, subject, body, html, calendar, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO NOTHING
"""
MESSAGES = """
SELECT id, recipient, subject, body, html, calendar, sent_at FROM mailbox_message
WHERE $1::text IS NULL OR recipient = $1
ORDER BY sent_at DESC, id LIMIT $2
"""
MESSAGE = "SELECT id, recipient, subject, body, html, calendar, sent_at FROM mailbox_message WHERE id = $1"
# Whose person is gone from the organization meanwhile is refused without one.
INSERT_REFUSAL = """
INSERT INTO mail_refusal (id, organization_id, person_id, kind, code, refused_at)
VALUES ($1, $2, (SELECT id FROM person WHERE organization_id = $2 AND id = $3), $4, $5, $6)
ON CONFLICT (id) DO NOTHING
"""
REFUSALS = """
SELECT r.id, r.person_id, p.name AS person_name, p.email AS person_email, r.kind, r.code, r.refused_at,
    s.name AS seen_by_name, r.seen_at
FROM mail_refusal r LEFT JOIN person p ON p.id = r.person_id LEFT JOIN person s ON s.id = r.seen_by
WHERE r.organization_id = $1 AND ($2::uuid IS NULL OR r.person_id = $2) AND ($3 OR r.seen_at IS NULL)
    AND ($4::uuid IS NULL
        OR (r.refused_at, r.id) < (SELECT f.refused_at, f.id FROM mail_refusal f WHERE f.id = $4))
ORDER BY r.refused_at DESC, r.id DESC LIMIT $5
"""
SEE = """
UPDATE mail_refusal SET seen_by = coalesce(seen_by, $3), seen_at = coalesce(seen_at, $4)
WHERE organization_id = $1 AND id = ANY ($2) RETURNING id
"""
DATA = """
SELECT kind, code, refused_at FROM mail_refusal WHERE organization_id = $1 AND person_id = $2 ORDER BY refused_at, id
"""
FORGET = "DELETE FROM mail_refusal WHERE organization_id = $1 AND person_id = $2"
REASSIGN = """
UPDATE mail_refusal SET person_id = CASE person_id WHEN $2 THEN $3 ELSE person_id END,
    seen_by = CASE seen_by WHEN $2 THEN $3 ELSE seen_by END
WHERE organization_id = $1 AND $2 IN (person_id, seen_by)
"""


async def insert_message(
    connection: Reader, identifier: UUID, organization_id: UUID, mail: Mail, *, html: str, now: datetime
) -> None:
    """Put a message into the development mailbox, once."""
    await connection.execute(
        INSERT_MESSAGE, identifier, organization_id, mail.recipient, mail.subject, mail.text, html, mail.calendar, now
    )


async def messages(connection: Reader, *, recipient: str | None, most: int) -> list[MailboxMessage]:
    """The newest messages, to one recipient or to anybody, newest first."""
    rows = await connection.fetch(MESSAGES, recipient, most)
    return [msgspec.convert(dict(row), MailboxMessage) for row in rows]


async def message(connection: Reader, identifier: UUID) -> MailboxMessage | None:
    """One message of the development mailbox."""
    row = await connection.fetchrow(MESSAGE, identifier)
    return None if row is None else msgspec.convert(dict(row), MailboxMessage)


async def insert_refusal(
    connection: Reader, identifier: UUID, organization_id: UUID, mail: Mail, *, code: str, now: datetime
) -> None:
    """Keep that a letter was refused, once."""
    await connection.execute(INSERT_REFUSAL, identifier, organization_id, mail.person_id, mail.kind, code, now)


async def refusals(
    connection: Reader,
    organization_id: UUID,
    *,
    person_id: UUID | None = None,
    seen_too: bool,
    after: UUID | None = None,
    most: int,
) -> list[Refusal]:
    """The refused letters, newest first from behind `after`: to one person or to anybody."""
    rows = await connection.fetch(REFUSALS, organization_id, person_id, seen_too, after, most)
    return [msgspec.convert(dict(row), Refusal) for row in rows]


async def see(connection: Reader, organization_id: UUID, identifiers: list[UUID], *, by: UUID, now: datetime) -> int:
    """Note who saw refusals first; how many of them there are."""
    return len(await connection.fetch(SEE, organization_id, identifiers, by, now))


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """The letters to somebody that were refused, for their own download."""
    return {"letters_refused": [dict(row) for row in await connection.fetch(DATA, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove what was refused to somebody; no files."""
    await connection.execute(FORGET, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what one record was refused, or saw, be another's."""
    await connection.execute(REASSIGN, organization_id, away, keep)
