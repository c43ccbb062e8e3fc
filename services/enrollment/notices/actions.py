"""The verb of notices: write to somebody, in the transaction that gave the reason."""

from uuid import UUID, uuid4

import msgspec

from services.enrollment.notices.model import Mail
from shared import outbox
from shared.postgres import Connection
from shared.sealing import seal

#: The outbox topic of e-mail.
TOPIC = "mail"


async def post(connection: Connection, mail: Mail, *, organization_id: UUID, sealing_key: bytes) -> None:
    """Send `mail` once the transaction commits. It waits sealed: it holds an address, and may hold a way to sign in."""
    key = uuid4()
    payload = seal(sealing_key, msgspec.json.encode(mail), belongs_to=str(key))
    await outbox.put(connection, organization_id=organization_id, topic=TOPIC, key=key, payload=payload)
