"""The verb of notices: write to somebody, in the transaction that gave the reason."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec

from services.enrollment.notices.model import NOBODYS, Mail
from shared import outbox
from shared.postgres import Connection
from shared.sealing import seal

#: The outbox topic of e-mail.
TOPIC = "mail"


async def post(connection: Connection, mail: Mail, *, organization_id: UUID, sealing_key: bytes) -> None:
    """Send `mail` once the transaction commits. It waits sealed: it holds an address, and may hold a way to sign in."""
    await post_many(connection, [mail], organization_id=organization_id, sealing_key=sealing_key)


async def post_many(
    connection: Connection, mails: Sequence[Mail], *, organization_id: UUID, sealing_key: bytes
) -> None:
    """The same for many, in one statement; nothing is sent to who was erased, though they keep their seat."""
    messages = [_sealed(mail, sealing_key) for mail in mails if not mail.recipient.endswith(NOBODYS)]
    await outbox.put_many(connection, organization_id=organization_id, topic=TOPIC, messages=messages)


def _sealed(mail: Mail, sealing_key: bytes) -> tuple[UUID, bytes]:
    """A key of its own for the message, and its payload."""
    key = uuid4()
    return key, seal(sealing_key, msgspec.json.encode(mail), belongs_to=str(key))
