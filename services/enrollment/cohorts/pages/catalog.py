"""The organizations of this installation, an organization's catalog, and a cohort's dates as a calendar."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.response import Redirect

from services.enrollment.cohorts import calendars, store, store_sessions
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError

_MOST_ON_A_PAGE = 200


@get("/", opt={"policy": "catalog.read"}, include_in_schema=False)
async def home(house: House) -> Response[Any]:
    """The only organization's catalog, or the list of organizations."""
    found = await store.open_organizations(house.pool, most=_MOST_ON_A_PAGE)
    if len(found) == 1:
        return Redirect(f"/{found[0][0]}", status_code=303)
    return page(house, "organizations.html", organizations=found)


@get("/{slug:str}", opt={"policy": "catalog.read"}, include_in_schema=False)
async def catalog(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """The cohorts that one can enroll in, the earliest first."""
    found = await store.catalog(house.pool, organization.id, now=house.clock(), after=None, most=_MOST_ON_A_PAGE)
    found.sort(key=lambda one: (not one.sessions, one.sessions[0].starts_at if one.sessions else None, one.name))
    return page(house, "catalog.html", organization=organization, viewer=viewer, cohorts=found)


@get("/{slug:str}/cohorts/{cohort_id:uuid}/calendar.ics", opt={"policy": "catalog.read"}, include_in_schema=False)
async def calendar(house: House, organization: Organization, cohort_id: UUID) -> Response[bytes]:
    """The cohort's sessions for a calendar program; not found until the first date is fixed."""
    found = await store.listing(house.pool, organization.id, cohort_id)
    if found is None or not found.sessions:
        raise NotFoundError
    entries = (await store_sessions.entries(house.pool, [cohort_id])).get(cohort_id, ())
    content = calendars.calendar(
        [(found, entries)],
        name=found.name,
        pages_url=f"{house.settings.enrollment_url}/{organization.slug}/cohorts",
        joins=False,
        now=house.clock(),
    )
    return calendar_response(content, file_name="cohort.ics")


def calendar_response(content: bytes, *, file_name: str) -> Response[bytes]:
    """A calendar as a file that no cache keeps."""
    return Response(
        content,
        media_type="text/calendar",
        headers={"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file_name}"'},
    )


ROUTES = [home, catalog, calendar]
