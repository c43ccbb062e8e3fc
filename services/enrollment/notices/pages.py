"""The development mailbox as a page; in production there is none."""

from uuid import UUID

from litestar import MediaType, Response, get

from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.notices.model import MailboxMessage
from services.enrollment.pages import page
from shared.problems import NotFoundError

_MOST = 50


@get("/mailbox", opt={"policy": "mailbox.read"}, include_in_schema=False)
async def read(house: House) -> Response[str]:
    """What e-mail would have said, newest first; development only."""
    if house.settings.environment == "production":
        raise NotFoundError
    return page(house, "mailbox.html", messages=await store.messages(house.pool, recipient=None, most=_MOST))


@get("/mailbox/{letter_id:uuid}", opt={"policy": "mailbox.read"}, include_in_schema=False)
async def read_letter(house: House, letter_id: UUID) -> Response[str]:
    """One letter as an e-mail program shows it; development only."""
    message = await _message(house, letter_id)
    if message.html is None:
        raise NotFoundError
    # The letter's style stands in its head, and it loads nothing.
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"
    return Response(message.html, media_type=MediaType.HTML, headers={"Content-Security-Policy": policy})


@get("/mailbox/{letter_id:uuid}/dates.ics", opt={"policy": "mailbox.read"}, include_in_schema=False)
async def read_calendar(house: House, letter_id: UUID) -> Response[str]:
    """The calendar that travels with a letter; development only."""
    message = await _message(house, letter_id)
    if message.calendar is None:
        raise NotFoundError
    return Response(message.calendar, media_type="text/calendar; charset=utf-8")


async def _message(house: House, letter_id: UUID) -> MailboxMessage:
    found = None if house.settings.environment == "production" else await store.message(house.pool, letter_id)
    if found is None:
        raise NotFoundError
    return found


ROUTES = [read, read_letter, read_calendar]
