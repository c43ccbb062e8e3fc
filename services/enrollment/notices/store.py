"""The SQL of the development mailbox."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.notices.model import Mail, MailboxMessage
from shared.postgres import Connection, Pool

#: The message's id is that of the outbox row, so that sending again adds nothing.
INSERT_MESSAGE = """
INSERT INTO mailbox_message (id, organization_id, recipient, subject, body, sent_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
"""
MESSAGES = """
SELECT id, recipient, subject, body, sent_at FROM mailbox_message
WHERE $1::text IS NULL OR recipient = $1
ORDER BY sent_at DESC, id LIMIT $2
"""


async def insert_message(
    connection: Connection | Pool, identifier: UUID, organization_id: UUID, mail: Mail, *, now: datetime
) -> None:
    """Put a message into the development mailbox, once."""
    await connection.execute(INSERT_MESSAGE, identifier, organization_id, mail.recipient, mail.subject, mail.text, now)


async def messages(connection: Connection | Pool, *, recipient: str | None, most: int) -> list[MailboxMessage]:
    """The newest messages, to one recipient or to anybody, newest first."""
    rows = await connection.fetch(MESSAGES, recipient, most)
    return [msgspec.convert(dict(row), MailboxMessage) for row in rows]
