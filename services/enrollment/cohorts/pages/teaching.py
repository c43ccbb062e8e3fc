"""The pages of who teaches: their cohorts, and the dates of one."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import Parameter

from services.enrollment.cohorts import store_tables, view
from services.enrollment.cohorts.model import Filters
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer

_MOST = 200


@get("/{slug:str}/teach", opt={"policy": "teaching.read"}, include_in_schema=False)
async def table(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """The cohorts that the viewer teaches, by first date."""
    filters = Filters(taught_by=viewer.person_id)
    found = await store_tables.table(house.pool, organization.id, filters, now=house.clock(), after=None, most=_MOST)
    return page(house, "cohorts_taught.html", organization=organization, viewer=viewer, rows=found)


@get("/{slug:str}/teach/cohorts/{cohort_id:uuid}", opt={"policy": "session.move"}, include_in_schema=False)
async def read(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    done: Annotated[str, Parameter(max_length=100)] = "",
) -> Response[str]:
    """The dates of a cohort that one teaches."""
    standing = await view.standing(house, organization, viewer, cohort_id)
    require(viewer, "session.move", teaches=standing.teaches)
    return await view.cohort_page(house, organization, viewer, cohort_id, done=done)


ROUTES = [table, read]
