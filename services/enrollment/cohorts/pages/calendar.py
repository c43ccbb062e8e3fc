"""One's own calendar: its secret address, a new one, and the calendar itself for programs that subscribe to it."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.cohorts import calendars, store_sessions
from services.enrollment.cohorts.pages.catalog import calendar_response
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError

_ENDING = ".ics"


@get("/{slug:str}/learning/calendar", opt={"policy": "calendar.own"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, done: Annotated[str, Parameter(max_length=20)] = ""
) -> Response[str]:
    """How to subscribe to one's dates; without an address so far, the button that makes one."""
    assert viewer.person_id is not None
    number = await store_sessions.feed(house.pool, organization.id, viewer.person_id)
    token = None if number is None else calendars.feed_token(house.sealing_key, viewer.person_id, number)
    path = f"{house.settings.enrollment_url}/{organization.slug}/calendars/{token}{_ENDING}"
    return page(
        house,
        "cohorts_calendar.html",
        organization=organization,
        viewer=viewer,
        address=None if token is None else path,
        subscription=None if token is None else f"webcal://{urlsplit(path).netloc}{urlsplit(path).path}",
        done=done,
    )


@post("/{slug:str}/learning/calendar", opt={"policy": "calendar.own"}, include_in_schema=False)
async def renew(house: House, organization: Organization, viewer: Viewer) -> Redirect:
    """Make an address; the one before opens nothing any more."""
    assert viewer.person_id is not None
    before = await store_sessions.feed(house.pool, organization.id, viewer.person_id)
    number = (before or 0) + 1
    token = calendars.feed_token(house.sealing_key, viewer.person_id, number)
    await store_sessions.put_feed(
        house.pool,
        organization.id,
        viewer.person_id,
        token_sha256=calendars.token_sha256(token),
        number=number,
        now=house.clock(),
    )
    return Redirect(f"/{organization.slug}/learning/calendar?done=made", status_code=303)


@get("/{slug:str}/calendars/{token:str}", opt={"policy": "calendar.read"}, include_in_schema=False)
async def subscribed(house: House, organization: Organization, token: str) -> Response[Any]:
    """The dates of who holds the address: of cohorts they sit in or teach, with video calls; cancelled ones as such."""
    held = token.removesuffix(_ENDING)
    owner = await store_sessions.owner_of_feed(house.pool, organization.id, calendars.token_sha256(held))
    if owner is None:
        raise NotFoundError
    found = await store_sessions.cohorts_of_person(house.pool, organization.id, owner)
    entries = await store_sessions.entries(house.pool, [one.id for one in found])
    content = calendars.calendar(
        [(one, entries.get(one.id, ())) for one in found],
        name=organization.name,
        pages_url=f"{house.settings.enrollment_url}/{organization.slug}/cohorts",
        joins=True,
        now=house.clock(),
    )
    return calendar_response(content, file_name="my-dates.ics")


ROUTES = [read, renew, subscribed]
