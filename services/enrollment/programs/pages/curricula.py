"""Staff's pages of curricula: one that a cohort follows is read and gets a next version, another is changed."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.programs import actions, entering, store
from services.enrollment.programs.model import Curriculum, CurriculumInUseError, Level
from shared.pages.sheets import Sheet
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_Done = Annotated[str, Parameter(max_length=20)]


@get("/{slug:str}/staff/levels/{level_id:uuid}/curricula/new", opt={"policy": "program.write"}, include_in_schema=False)
async def new(house: House, organization: Organization, viewer: Viewer, level_id: UUID) -> Response[str]:
    """The empty form of a curriculum for a level."""
    level = await _level(house, organization, level_id)
    return _page(house, organization, viewer, level, uuid4(), None, Sheet({}))


@get("/{slug:str}/staff/curricula/{curriculum_id:uuid}", opt={"policy": "program.write"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, curriculum_id: UUID, done: _Done = ""
) -> Response[str]:
    """A curriculum: as a form while no cohort follows it."""
    found = await _curriculum(house, organization, curriculum_id)
    level = await _level(house, organization, found.level_id)
    uses = (await store.uses(house.pool, organization.id, [curriculum_id])).get(curriculum_id, 0)
    after = await store.next_curriculum(house.pool, organization.id, curriculum_id)
    sheet = Sheet(entering.values_of_curriculum(found))
    return _page(house, organization, viewer, level, curriculum_id, found, sheet, uses=uses, following=after, done=done)


@post(
    "/{slug:str}/staff/levels/{level_id:uuid}/curricula/{curriculum_id:uuid}",
    opt={"policy": "program.write"},
    include_in_schema=False,
)
async def write(
    house: House,
    request: Request[Any, Any, Any],
    organization: Organization,
    viewer: Viewer,
    level_id: UUID,
    curriculum_id: UUID,
) -> Response[Any]:
    """Write a curriculum with its modules."""
    level = await _level(house, organization, level_id)
    sheet = Sheet(dict(await request.form()))
    known = await store.curricula(house.pool, organization.id, also=curriculum_id)
    found = known[0] if known else None
    try:
        wanted = entering.curriculum(
            sheet, curriculum_id=curriculum_id, organization_id=organization.id, level_id=level_id, before=found
        )
        await actions.put_curriculum(house.pool, wanted, by=viewer.person_id)
    except InvalidInputError as error:
        sheet.errors |= dict(error.errors)
    except CurriculumInUseError:
        sheet.wrong("name", N_("A cohort follows this version by now, so it stays as it is. Make the next version."))
    if sheet.errors:
        return _page(house, organization, viewer, level, curriculum_id, found, sheet, status=422)
    return Redirect(f"/{organization.slug}/staff/curricula/{curriculum_id}?done=saved", status_code=303)


@post("/{slug:str}/staff/curricula/{curriculum_id:uuid}/next", opt={"policy": "program.write"}, include_in_schema=False)
async def make_next(house: House, organization: Organization, viewer: Viewer, curriculum_id: UUID) -> Redirect:
    """Make the version that follows, or go to the one that there is."""
    following = await actions.make_next_version(house.pool, organization.id, curriculum_id, by=viewer.person_id)
    return Redirect(f"/{organization.slug}/staff/curricula/{following}?done=next", status_code=303)


async def _level(house: House, organization: Organization, level_id: UUID) -> Level:
    found = await store.level(house.pool, organization.id, level_id)
    if found is None:
        raise NotFoundError
    return found


async def _curriculum(house: House, organization: Organization, curriculum_id: UUID) -> Curriculum:
    found = await store.curricula(house.pool, organization.id, also=curriculum_id)
    if not found:
        raise NotFoundError
    return found[0]


def _page(
    house: House, organization: Organization, viewer: Viewer, level: Level, curriculum_id: UUID,
    found: Curriculum | None, sheet: Sheet, *, status: int = 200, uses: int = 0, following: UUID | None = None,
    done: str = "",
) -> Response[str]:  # fmt: skip
    rows = entering.rows_of(sheet, known=0 if found is None else len(found.modules))
    fresh = {f"module-{number}": str(uuid4()) for number in range(1, rows + 1)}
    return page(
        house, "programs_curriculum.html", status=status, organization=organization, viewer=viewer, level=level,
        curriculum=found, curriculum_id=curriculum_id, uses=uses, following=following, rows=rows,
        values={"name": "", **fresh, **sheet.values}, errors=sheet.errors, done=done,
    )  # fmt: skip


ROUTES = [new, read, write, make_next]
