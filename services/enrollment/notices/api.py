"""The development mailbox as JSON, for tests and the demonstration; in production there is none."""

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import Parameter

from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.notices.model import MailboxMessage
from shared.problems import NotFoundError

_MOST = 100


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent, newest first."""

    items: list[MailboxMessage]


@get("/api/mailbox", opt={"policy": "mailbox.read"}, include_in_schema=False)
async def read(
    house: House,
    recipient: Annotated[str | None, Parameter(max_length=254)] = None,
    limit: Annotated[int, Parameter(ge=1, le=_MOST)] = 50,
) -> Mailbox:
    """What e-mail would have said; development only."""
    if house.settings.environment == "production":
        raise NotFoundError
    address = None if recipient is None else recipient.strip().lower()
    return Mailbox(items=await store.messages(house.pool, recipient=address, most=limit))


ROUTES = [read]
