"""The pages before one has chosen a cohort: the organizations of this installation, and an organization's catalog."""

from typing import Any

from litestar import Response, get
from litestar.response import Redirect

from services.enrollment.cohorts import store
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer

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


ROUTES = [home, catalog]
