"""A program's pathway for anybody: its levels, what each requires, teaches and gives, and the cohorts that are open."""

from litestar import Response, get

from services.enrollment.cohorts import store_tables
from services.enrollment.cohorts.model import Filters
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.programs import store as programs
from shared.problems import NotFoundError

_MOST_COHORTS = 200


@get("/{slug:str}/programs/{program_slug:str}", opt={"policy": "program.read"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, program_slug: str) -> Response[str]:
    """The pathway; who is signed in sees which badges they have."""
    program = await programs.program_by_slug(house.pool, organization.id, program_slug)
    if program is None:
        raise NotFoundError
    levels = await programs.levels(house.pool, organization.id, [program.id])
    curricula = await programs.curricula(house.pool, organization.id, [one.id for one in levels])
    followed = {one.based_on for one in curricula}
    cohorts = await store_tables.table(
        house.pool,
        organization.id,
        Filters(state="open", program_id=program.id),
        now=house.clock(),
        after=None,
        most=_MOST_COHORTS,
    )
    person = viewer.person_id
    held = set() if person is None else await programs.levels_held(house.pool, organization.id, person)
    return page(
        house,
        "cohorts_pathway.html",
        organization=organization,
        viewer=viewer,
        program=program,
        levels=levels,
        curricula=[one for one in curricula if one.id not in followed],
        cohorts=cohorts,
        held=held,
        names={one.id: one.name for one in levels},
    )


ROUTES = [read]
