"""The verb of notices: write to somebody, in the transaction that gave the reason."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID, uuid4

import msgspec

from services.enrollment.house import House
from services.enrollment.notices.model import NOBODYS, Mail
from shared import outbox
from shared.postgres import Connection, transaction
from shared.sealing import seal

#: The outbox topic of e-mail.
TOPIC = "mail"
#: How many letters one transaction writes.
BATCH = 500


class _OfOrganization(Protocol):
    @property
    def organization_id(self) -> UUID: ...


Due = TypeVar("Due", bound=_OfOrganization)
DueCovariant = TypeVar("DueCovariant", bound=_OfOrganization, covariant=True)


class Take(Protocol[DueCovariant]):
    """Takes at most so many things that are due, so that nobody else writes about them."""

    async def __call__(self, connection: Connection, /, *, now: datetime, most: int) -> Sequence[DueCovariant]: ...


async def post(connection: Connection, mail: Mail, *, organization_id: UUID, sealing_key: bytes) -> None:
    """Send `mail` once the transaction commits. It waits sealed: it holds an address, and may hold a way to sign in."""
    await post_many(connection, [mail], organization_id=organization_id, sealing_key=sealing_key)


async def post_many(
    connection: Connection, mails: Sequence[Mail], *, organization_id: UUID, sealing_key: bytes
) -> None:
    """The same for many, in one statement; nothing is sent to who was erased, though they keep their seat."""
    messages = [_sealed(mail, sealing_key) for mail in mails if not mail.recipient.endswith(NOBODYS)]
    await outbox.put_many(connection, organization_id=organization_id, topic=TOPIC, messages=messages)


async def post_due(house: House, take: Take[Due], letter: Callable[[Due], Mail]) -> int:
    """Write a letter for everything that `take` takes in a transaction, batch by batch, until nothing is due; how many.

    Several workers may do it at once.
    """
    number = 0
    while True:
        async with transaction(house.pool) as connection:
            found = await take(connection, now=house.clock(), most=BATCH)
            for organization_id in dict.fromkeys(one.organization_id for one in found):
                mails = [letter(one) for one in found if one.organization_id == organization_id]
                await post_many(connection, mails, organization_id=organization_id, sealing_key=house.sealing_key)
        number += len(found)
        if len(found) < BATCH:
            return number


def _sealed(mail: Mail, sealing_key: bytes) -> tuple[UUID, bytes]:
    """A key of its own for the message, and its payload."""
    key = uuid4()
    return key, seal(sealing_key, msgspec.json.encode(mail), belongs_to=str(key))
