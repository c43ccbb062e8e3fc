"""The development mailbox as a page; in production there is none."""

from litestar import Response, get

from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.pages import page
from shared.problems import NotFoundError

_MOST = 50


@get("/mailbox", opt={"policy": "mailbox.read"}, include_in_schema=False)
async def read(house: House) -> Response[str]:
    """What e-mail would have said, newest first; development only."""
    if house.settings.environment == "production":
        raise NotFoundError
    return page(house, "mailbox.html", messages=await store.messages(house.pool, recipient=None, most=_MOST))


ROUTES = [read]
