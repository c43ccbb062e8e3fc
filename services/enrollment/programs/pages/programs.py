"""Staff's pages of programs and levels: what there is, and the forms that change it."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page, typed
from services.enrollment.people.model import Viewer
from services.enrollment.programs import actions, entering, picturing, store
from services.enrollment.programs.model import (
    AchievementVersionError,
    Level,
    LevelExistsError,
    LevelRequirementError,
    Program,
    ProgramExistsError,
)
from shared.pages.sheets import Sheet
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_Done = Annotated[str, Parameter(max_length=20)]
_MOST = 200


@get("/{slug:str}/staff/programs", opt={"policy": "program.write"}, include_in_schema=False)
async def table(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """All programs with their levels and curricula."""
    programs = await store.programs(house.pool, organization.id, after=None, most=_MOST)
    levels = await store.levels(house.pool, organization.id, [one.id for one in programs])
    curricula = await store.curricula(house.pool, organization.id, [one.id for one in levels])
    followed = {one.based_on for one in curricula}
    return page(
        house,
        "programs_table.html",
        organization=organization,
        viewer=viewer,
        programs=sorted(programs, key=lambda one: one.name),
        levels=levels,
        curricula=curricula,
        followed=followed,
    )


@get("/{slug:str}/staff/programs/new", opt={"policy": "program.write"}, include_in_schema=False)
async def new(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """The empty form of a program."""
    values = {"accent": "#1f5c4d", "language": organization.language}
    return _page(house, organization, viewer, uuid4(), None, Sheet(values))


@get("/{slug:str}/staff/programs/{program_id:uuid}", opt={"policy": "program.write"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, done: _Done = ""
) -> Response[str]:
    """The form of a program."""
    found = await store.program(house.pool, organization.id, program_id)
    if found is None:
        raise NotFoundError
    return _page(house, organization, viewer, program_id, found, Sheet(entering.values_of_program(found)), done=done)


@post("/{slug:str}/staff/programs/{program_id:uuid}", opt={"policy": "program.write"}, include_in_schema=False)
async def write(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, program_id: UUID
) -> Response[Any]:
    """Write a program, or add it under the id that its form came with."""
    sheet = Sheet(dict(await request.form()))
    found = await store.program(house.pool, organization.id, program_id)
    try:
        wanted = entering.program(sheet, program_id=program_id, organization_id=organization.id)
        await actions.put_program(house.pool, wanted, by=viewer.person_id)
    except InvalidInputError as error:
        sheet.errors |= dict(error.errors)
        return _page(house, organization, viewer, program_id, found, sheet, status=422)
    except ProgramExistsError:
        sheet.wrong("program_slug", N_("Another program has this address."))
        return _page(house, organization, viewer, program_id, found, sheet, status=409)
    return Redirect(f"/{organization.slug}/staff/programs/{program_id}?done=saved", status_code=303)


def _page(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, found: Program | None, sheet: Sheet, *,
    status: int = 200, done: str = "",
) -> Response[str]:  # fmt: skip
    return page(
        house, "programs_program.html", status=status, organization=organization, viewer=viewer, program=found,
        program_id=program_id, values=sheet.values, errors=sheet.errors, done=done, new_id=uuid4(),
    )  # fmt: skip


@get(
    "/{slug:str}/staff/programs/{program_id:uuid}/levels/{level_id:uuid}",
    opt={"policy": "program.write"},
    include_in_schema=False,
)
async def read_level(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, level_id: UUID, done: _Done = ""
) -> Response[str]:
    """The form of a level and its badge; an empty one for an id that nothing has."""
    program, levels = await _program(house, organization, program_id)
    found = next((one for one in levels if one.id == level_id), None)
    if found is None:
        number = max([one.number for one in levels], default=0) + 1
        requires = str(levels[-1].id) if levels else ""
        values = {"number": str(number), "requires": requires, "badge_type": "MicroCredential"}
    else:
        values = entering.values_of_level(found)
    return _level_page(house, organization, viewer, program, levels, level_id, Sheet(values), done=done)


@post(
    "/{slug:str}/staff/programs/{program_id:uuid}/levels/{level_id:uuid}",
    opt={"policy": "program.write"},
    include_in_schema=False,
    request_max_body_size=picturing.MOST_SENT,
)
async def write_level(
    house: House,
    request: Request[Any, Any, Any],
    organization: Organization,
    viewer: Viewer,
    program_id: UUID,
    level_id: UUID,
) -> Response[Any]:
    """Write a level; a badge that says something else becomes the next version, and running cohorts keep theirs."""
    sheet = Sheet(await typed(request))
    program, levels = await _program(house, organization, program_id)
    try:
        wanted = entering.level(sheet, program, level_id=level_id, others=[one for one in levels if one.id != level_id])
        awarding = await _awarding(house, request, organization, sheet, program, wanted, levels)
        await actions.put_level(house.pool, wanted, awarding, by=viewer.person_id)
    except InvalidInputError as error:
        sheet.errors |= dict(error.errors)
    except LevelExistsError:
        sheet.wrong("number", N_("The program has another level of this number."))
    except LevelRequirementError:
        sheet.wrong("requires", N_("That level requires this one in turn."))
    except AchievementVersionError:
        sheet.wrong("badge_name", N_("Somebody else changed the badge meanwhile. Load the page again."))
    if sheet.errors:
        return _level_page(house, organization, viewer, program, levels, level_id, sheet, status=422)
    return Redirect(f"/{organization.slug}/staff/programs/{program_id}/levels/{level_id}?done=saved", status_code=303)


async def _awarding(
    house: House, request: Request[Any, Any, Any], organization: Organization, sheet: Sheet, program: Program,
    wanted: Level, levels: list[Level],
) -> actions.Awarding | None:  # fmt: skip
    """The next version of the badge, if the form says something else than the current one."""
    rubrics = await store.rubrics(house.pool, organization.id, wanted.id)
    before = next((one for one in levels if one.id == wanted.id), None)
    builds_on = next((one for one in levels if one.id == wanted.requires_level_id), None)
    known = None if before is None else before.achievement_content
    content = entering.achievement(sheet, program, wanted, rubrics=rubrics, before=known, builds_on=builds_on)
    if content is not None:
        content = msgspec.structs.replace(
            content, picture=await picturing.picture(house, request, organization.id, sheet, known)
        )
        sheet.check()
    if content is None or content == known:
        return None
    version = (before.achievement_version or 0) + 1 if before is not None else 1
    return actions.Awarding(version=version, content=content)


async def _program(house: House, organization: Organization, program_id: UUID) -> tuple[Program, list[Level]]:
    found = await store.program(house.pool, organization.id, program_id)
    if found is None:
        raise NotFoundError
    return found, await store.levels(house.pool, organization.id, [program_id])


def _level_page(
    house: House, organization: Organization, viewer: Viewer, program: Program, levels: list[Level], level_id: UUID,
    sheet: Sheet, *, status: int = 200, done: str = "",
) -> Response[str]:  # fmt: skip
    return page(
        house, "programs_level.html", status=status, organization=organization, viewer=viewer, program=program,
        levels=[one for one in levels if one.id != level_id], level_id=level_id,
        level=next((one for one in levels if one.id == level_id), None), badges_url=house.settings.public_url,
        values=sheet.values, errors=sheet.errors, done=done,
    )  # fmt: skip


ROUTES = [table, new, read, write, read_level, write_level]
