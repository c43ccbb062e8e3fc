"""Programs, levels and curricula as JSON: staff write them, anybody reads them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import Parameter
from msgspec import Meta

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Viewer
from services.enrollment.programs import actions, store
from services.enrollment.programs.model import Curriculum, Level, Module, Program
from services.enrollment.programs.rubric import Rubric
from shared.contracts import END, Color, Language, Line, Text
from shared.problems import NotFoundError

_Slug = Annotated[str, Meta(max_length=60, pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{END}")]
_Limit = Annotated[int, Parameter(ge=1, le=100)]


class ProgramBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program as staff write it."""

    slug: _Slug
    name: Line
    description: Text
    accent: Color = "#1f5c4d"
    language: Language = "en"
    jurisdiction: Annotated[str, Meta(max_length=10, pattern=rf"^[A-Z]{{2}}(-[A-Z0-9]{{1,3}})?{END}")] | None = None


class AwardingBody(actions.Awarding, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the level awards: the current version again, or the one that follows it with its content."""

    version: Annotated[int, Meta(ge=1, le=1_000_000)]


class LevelBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level as staff write it; without `achievement` it awards what it did."""

    program_id: UUID
    number: Annotated[int, Meta(ge=1, le=100)]
    name: Line
    description: Text
    #: The level of the same program whose badge one needs before.
    requires_level_id: UUID | None = None
    achievement: AwardingBody | None = None


class ModuleBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A module, and the evidence that it wants."""

    id: UUID
    name: Line
    description: Text
    evidence_wanted: Text
    activity_in_person: Text | None = None
    activity_virtual: Text | None = None
    rubric: Rubric | None = None


class CurriculumBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A curriculum with its modules in order."""

    level_id: UUID
    name: Line
    modules: Annotated[list[ModuleBody], Meta(max_length=60)] = []


class CurriculumAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A curriculum with its modules in order."""

    id: UUID
    level_id: UUID
    name: str
    number: int
    based_on: UUID | None
    modules: Sequence[Module]


class LevelAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A level, what it awards, and its curricula."""

    id: UUID
    program_id: UUID
    number: int
    name: str
    description: str
    achievement_id: UUID | None
    achievement_version: int | None
    requires_level_id: UUID | None
    curricula: list[CurriculumAnswer]


class ProgramAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A program with its levels by number."""

    id: UUID
    slug: str
    name: str
    description: str
    accent: str
    language: str
    jurisdiction: str | None
    levels: list[LevelAnswer]


class ProgramsPage(msgspec.Struct, frozen=True, kw_only=True):
    """An organization's programs; `next` is the cursor of the next page, None on the last."""

    items: list[ProgramAnswer]
    next: UUID | None


@put("/api/programs/{program_id:uuid}", opt={"policy": "program.write"}, summary="Write a program")
async def put_program(house: House, viewer: Viewer, program_id: UUID, data: ProgramBody) -> ProgramAnswer:
    """Add a program or change it; the same again changes nothing."""
    program = Program(id=program_id, organization_id=viewer.organization_id, **msgspec.structs.asdict(data))
    await actions.put_program(house.pool, program, by=viewer.person_id)
    return (await _answers(house, [program]))[0]


@put("/api/levels/{level_id:uuid}", opt={"policy": "program.write"}, summary="Write a level and what it awards")
async def put_level(house: House, viewer: Viewer, level_id: UUID, data: LevelBody) -> LevelAnswer:
    """Add a level or change it. A version of its achievement never changes: give another content the next version."""
    level = Level(
        id=level_id,
        organization_id=viewer.organization_id,
        program_id=data.program_id,
        number=data.number,
        name=data.name,
        description=data.description,
        requires_level_id=data.requires_level_id,
    )
    written = await actions.put_level(house.pool, level, data.achievement, by=viewer.person_id)
    return _level(written, await store.curricula(house.pool, viewer.organization_id, [level_id]))


@put("/api/curricula/{curriculum_id:uuid}", opt={"policy": "program.write"}, summary="Write a curriculum")
async def put_curriculum(house: House, viewer: Viewer, curriculum_id: UUID, data: CurriculumBody) -> CurriculumAnswer:
    """Add a curriculum or change it with all its modules; one that a cohort follows stays as it is."""
    curriculum = Curriculum(
        id=curriculum_id,
        organization_id=viewer.organization_id,
        level_id=data.level_id,
        name=data.name,
        modules=tuple(Module(**msgspec.structs.asdict(one)) for one in data.modules),
    )
    await actions.put_curriculum(house.pool, curriculum, by=viewer.person_id)
    (written,) = await store.curricula(house.pool, viewer.organization_id, also=curriculum_id)
    return _curriculum(written)


@get("/api/programs", opt={"policy": "program.read"}, summary="List the programs of one's organization")
async def read_all(house: House, viewer: Viewer, after: UUID | None = None, limit: _Limit = 50) -> ProgramsPage:
    """The programs of the viewer's organization, by id; none for somebody who is signed in nowhere."""
    return await _page(house, viewer.organization_id, after=after, limit=limit)


@get("/api/programs/{program_id:uuid}", opt={"policy": "program.read"}, summary="See a program")
async def read(house: House, viewer: Viewer, program_id: UUID) -> ProgramAnswer:
    """One program with its levels, curricula and modules."""
    found = await store.program(house.pool, viewer.organization_id, program_id)
    if found is None:
        raise NotFoundError
    return (await _answers(house, [found]))[0]


@get("/api/{slug:str}/programs", opt={"policy": "program.read"}, summary="List an organization's programs")
async def read_open(
    house: House, organization: Organization, after: UUID | None = None, limit: _Limit = 50
) -> ProgramsPage:
    """The programs of an organization, for anybody."""
    return await _page(house, organization.id, after=after, limit=limit)


async def _page(house: House, organization_id: UUID, *, after: UUID | None, limit: int) -> ProgramsPage:
    found = await store.programs(house.pool, organization_id, after=after, most=limit + 1)
    items = await _answers(house, found[:limit])
    return ProgramsPage(items=items, next=items[-1].id if len(found) > limit else None)


async def _answers(house: House, programs: list[Program]) -> list[ProgramAnswer]:
    """Programs of one organization with all that belongs to them, in three queries."""
    if not programs:
        return []
    organization_id = programs[0].organization_id
    levels = await store.levels(house.pool, organization_id, [one.id for one in programs])
    curricula = await store.curricula(house.pool, organization_id, [one.id for one in levels])
    return [
        ProgramAnswer(
            id=program.id,
            slug=program.slug,
            name=program.name,
            description=program.description,
            accent=program.accent,
            language=program.language,
            jurisdiction=program.jurisdiction,
            levels=[_level(one, curricula) for one in levels if one.program_id == program.id],
        )
        for program in programs
    ]


def _level(level: Level, curricula: list[Curriculum]) -> LevelAnswer:
    return LevelAnswer(
        id=level.id,
        program_id=level.program_id,
        number=level.number,
        name=level.name,
        description=level.description,
        achievement_id=level.achievement_id,
        achievement_version=level.achievement_version,
        requires_level_id=level.requires_level_id,
        curricula=[_curriculum(one) for one in curricula if one.level_id == level.id],
    )


def _curriculum(curriculum: Curriculum) -> CurriculumAnswer:
    return CurriculumAnswer(
        id=curriculum.id,
        level_id=curriculum.level_id,
        name=curriculum.name,
        number=curriculum.number,
        based_on=curriculum.based_on,
        modules=curriculum.modules,
    )


ROUTES = [put_program, put_level, put_curriculum, read_all, read, read_open]
