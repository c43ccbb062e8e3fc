"""The SQL of programs, levels, curricula and modules."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UnsetType

from services.enrollment.programs.model import (
    AchievementMessage,
    Choice,
    Curriculum,
    CurriculumExistsError,
    Level,
    LevelExistsError,
    LevelRequirementError,
    Module,
    Program,
    ProgramExistsError,
)
from services.enrollment.programs.rubric import Rubric
from shared.postgres import Connection, Pool

Reader = Connection | Pool

PUT_PROGRAM = """
INSERT INTO program (id, organization_id, slug, name, description, accent, language, jurisdiction)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, description = excluded.description,
    accent = excluded.accent, language = excluded.language, jurisdiction = excluded.jurisdiction
WHERE program.organization_id = excluded.organization_id
"""
PROGRAM = """
SELECT id, organization_id, slug, name, description, accent, language, jurisdiction FROM program
WHERE organization_id = $1 AND id = $2
"""
PROGRAMS = """
SELECT id, organization_id, slug, name, description, accent, language, jurisdiction FROM program
WHERE organization_id = $1 AND ($2::uuid IS NULL OR id > $2)
ORDER BY id LIMIT $3
"""
# Inserted before it is locked, so that of two requests for a new level one waits for the other.
INSERT_LEVEL = """
INSERT INTO level (id, organization_id, program_id, number, name, description) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
"""
LOCK_LEVEL = """
SELECT id, organization_id, program_id, number, name, description, achievement_id, achievement_version,
    requires_level_id, achievement_content
FROM level
WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE
"""
UPDATE_LEVEL = """
UPDATE level SET program_id = $2, number = $3, name = $4, description = $5, achievement_id = $6,
    achievement_version = $7, requires_level_id = $8, achievement_content = $9
WHERE id = $1
"""
LEVELS = """
SELECT id, organization_id, program_id, number, name, description, achievement_id, achievement_version,
    requires_level_id, achievement_content
FROM level
WHERE organization_id = $1 AND program_id = ANY ($2) ORDER BY number
"""
HAS_LEVEL = "SELECT EXISTS (SELECT FROM level WHERE organization_id = $1 AND id = $2)"
PUT_RESULT = """
INSERT INTO achievement_result (organization_id, achievement_id, achievement_version, description_id, level_ids)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
INSERT_CURRICULUM = """
INSERT INTO curriculum (id, organization_id, level_id, name, number, based_on) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
# FOR UPDATE: it also holds back a cohort that is being made for it, whose foreign key takes FOR KEY SHARE.
LOCK_CURRICULUM = "SELECT id FROM curriculum WHERE organization_id = $1 AND id = $2 FOR UPDATE"
UPDATE_CURRICULUM = "UPDATE curriculum SET level_id = $2, name = $3 WHERE id = $1"
IS_USED = "SELECT EXISTS (SELECT FROM cohort WHERE curriculum_id = $1)"
DELETE_MODULES = "DELETE FROM module WHERE curriculum_id = $1"
INSERT_MODULE = """
INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted,
    activity_in_person, activity_virtual, rubric)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
CURRICULA = """
SELECT id, organization_id, level_id, name, number, based_on FROM curriculum
WHERE organization_id = $1 AND (level_id = ANY ($2) OR id = $3) ORDER BY created_at, id
"""
MODULES = """
SELECT id, curriculum_id, name, description, evidence_wanted, activity_in_person, activity_virtual, rubric
FROM module
WHERE organization_id = $1 AND curriculum_id = ANY ($2) ORDER BY position
"""
# The newest version of each: those that no other is based on.
NEWEST_CURRICULA = """
SELECT k.id, k.name, k.number, l.name AS level_name, p.name AS program_name
FROM curriculum k JOIN level l ON l.id = k.level_id JOIN program p ON p.id = l.program_id
WHERE k.organization_id = $1 AND NOT EXISTS (SELECT FROM curriculum n WHERE n.based_on = k.id)
ORDER BY p.name, l.number, k.name, k.id LIMIT 500
"""
JURISDICTION = """
SELECT p.jurisdiction FROM curriculum k JOIN level l ON l.id = k.level_id JOIN program p ON p.id = l.program_id
WHERE k.organization_id = $1 AND k.id = $2
"""
NEXT_CURRICULUM = "SELECT id FROM curriculum WHERE organization_id = $1 AND based_on = $2"
PROGRAM_BY_SLUG = """
SELECT id, organization_id, slug, name, description, accent, language, jurisdiction FROM program
WHERE organization_id = $1 AND slug = $2
"""
USES = """
SELECT k.id, count(c.id) AS cohorts FROM curriculum k LEFT JOIN cohort c ON c.curriculum_id = k.id
WHERE k.organization_id = $1 AND k.id = ANY ($2) GROUP BY k.id
"""
LEVEL_BY_ID = """
SELECT id, organization_id, program_id, number, name, description, achievement_id, achievement_version,
    requires_level_id, achievement_content
FROM level WHERE organization_id = $1 AND id = $2
"""
# Held: a badge of ours that was not revoked (asked for is enough, signing takes a moment), or one from elsewhere that
# staff accepted. A level that awards nothing cannot be held by a badge.
_HOLDS = """
EXISTS (
    SELECT FROM award a JOIN enrollment e ON e.id = a.enrollment_id
    WHERE e.person_id = p.id AND a.achievement_id = l.achievement_id AND a.state <> 'revoked'
        AND a.revocation_requested_at IS NULL
) OR EXISTS (SELECT FROM level_claim c WHERE c.level_id = l.id AND c.person_id = p.id AND c.decision = 'accepted')
"""
LEVELS_HELD = f"""
SELECT l.id FROM level l JOIN person p ON p.organization_id = l.organization_id AND p.id = $2
WHERE l.organization_id = $1 AND ({_HOLDS})
"""  # noqa: S608  # put together from constants only
HOLDERS = f"""
SELECT p.id FROM person p JOIN level l ON l.organization_id = p.organization_id AND l.id = $3
WHERE p.organization_id = $1 AND p.id = ANY ($2) AND ({_HOLDS})
"""  # noqa: S608  # put together from constants only
REQUIRED_LEVEL = """
SELECT r.id, r.organization_id, r.program_id, r.number, r.name, r.description, r.achievement_id, r.achievement_version,
    r.requires_level_id, r.achievement_content
FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
JOIN level r ON r.id = l.requires_level_id
WHERE c.id = $1
"""


async def put_program(connection: Connection, program: Program) -> None:
    """Write a program, new or changed. ProgramExistsError."""
    row = program
    try:
        status = await connection.execute(
            PUT_PROGRAM, row.id, row.organization_id, row.slug, row.name, row.description, row.accent, row.language,
            row.jurisdiction,
        )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise ProgramExistsError from None
    if status != "INSERT 0 1":
        raise ProgramExistsError


async def program(connection: Reader, organization_id: UUID, program_id: UUID) -> Program | None:
    """One program of the organization."""
    row = await connection.fetchrow(PROGRAM, organization_id, program_id)
    return None if row is None else msgspec.convert(dict(row), Program)


async def programs(connection: Reader, organization_id: UUID, *, after: UUID | None, most: int) -> list[Program]:
    """The organization's programs by id, from behind `after`."""
    rows = await connection.fetch(PROGRAMS, organization_id, after, most)
    return [msgspec.convert(dict(row), Program) for row in rows]


async def hold_level(connection: Connection, level: Level) -> Level:
    """The level as it stands, held until the transaction ends; added without an achievement if new. LevelExistsError"""
    row = level
    try:
        await connection.execute(
            INSERT_LEVEL, row.id, row.organization_id, row.program_id, row.number, row.name, row.description
        )
    except asyncpg.UniqueViolationError:
        raise LevelExistsError from None
    found = await connection.fetchrow(LOCK_LEVEL, level.organization_id, level.id)
    if found is None:
        raise LevelExistsError
    return msgspec.convert(dict(found), Level)


async def update_level(connection: Connection, level: Level) -> None:
    """Write a level that is held. LevelExistsError."""
    try:
        await connection.execute(
            UPDATE_LEVEL,
            level.id,
            level.program_id,
            level.number,
            level.name,
            level.description,
            level.achievement_id,
            level.achievement_version,
            level.requires_level_id,
            level.achievement_content,
        )
    except asyncpg.UniqueViolationError:
        raise LevelExistsError from None
    except asyncpg.ForeignKeyViolationError:
        raise LevelRequirementError from None


async def put_results(connection: Connection, organization_id: UUID, message: AchievementMessage) -> None:
    """Note which results badges of a new version may tell."""
    described = message.content.result_descriptions
    if isinstance(described, UnsetType):
        return
    rows = [
        (organization_id, message.achievement_id, message.version, one.id, [level.id for level in one.levels])
        for one in described
    ]
    await connection.executemany(PUT_RESULT, rows)


async def levels(connection: Reader, organization_id: UUID, program_ids: Sequence[UUID]) -> list[Level]:
    """The levels of programs, by number."""
    rows = await connection.fetch(LEVELS, organization_id, program_ids)
    return [msgspec.convert(dict(row), Level) for row in rows]


async def has_level(connection: Reader, organization_id: UUID, level_id: UUID) -> bool:
    """Whether the organization has this level."""
    return await connection.fetchval(HAS_LEVEL, organization_id, level_id) is True


async def insert_curriculum(connection: Connection, curriculum: Curriculum) -> bool:
    """Add a curriculum without its modules; False where its id is taken, or another follows the same one."""
    row = curriculum
    status = await connection.execute(
        INSERT_CURRICULUM, row.id, row.organization_id, row.level_id, row.name, row.number, row.based_on
    )
    return status == "INSERT 0 1"


async def hold_curriculum(connection: Connection, curriculum: Curriculum) -> bool:
    """Hold a curriculum until the transaction ends; whether it was added now. CurriculumExistsError."""
    was_added = await insert_curriculum(connection, curriculum)
    if await connection.fetchval(LOCK_CURRICULUM, curriculum.organization_id, curriculum.id) is None:
        raise CurriculumExistsError
    return was_added


async def is_used(connection: Connection, curriculum_id: UUID) -> bool:
    """Whether a cohort follows the curriculum."""
    return await connection.fetchval(IS_USED, curriculum_id) is True


async def write_curriculum(connection: Connection, curriculum: Curriculum) -> None:
    """Write a curriculum that is held, its modules anew. CurriculumExistsError where a module's id is taken."""
    await connection.execute(UPDATE_CURRICULUM, curriculum.id, curriculum.level_id, curriculum.name)
    await connection.execute(DELETE_MODULES, curriculum.id)
    rows = [
        (
            one.id, curriculum.organization_id, curriculum.id, position, one.name, one.description, one.evidence_wanted,
            one.activity_in_person, one.activity_virtual, one.rubric,
        )
        for position, one in enumerate(curriculum.modules, start=1)
    ]  # fmt: skip
    try:
        await connection.executemany(INSERT_MODULE, rows)
    except asyncpg.UniqueViolationError:
        raise CurriculumExistsError from None


async def curricula(
    connection: Reader, organization_id: UUID, level_ids: Sequence[UUID] = (), *, also: UUID | None = None
) -> list[Curriculum]:
    """The curricula of levels, and the one named, in the order they were made, in two queries."""
    rows = await connection.fetch(CURRICULA, organization_id, level_ids, also)
    modules: dict[UUID, list[Module]] = {row["id"]: [] for row in rows}
    for row in await connection.fetch(MODULES, organization_id, list(modules)):
        modules[row["curriculum_id"]].append(msgspec.convert(dict(row), Module))
    return [msgspec.convert({**dict(row), "modules": tuple(modules[row["id"]])}, Curriculum) for row in rows]


async def rubrics(connection: Reader, organization_id: UUID, level_id: UUID) -> list[Rubric]:
    """How evidence is judged in a level's curricula: the newest version of each."""
    found = await curricula(connection, organization_id, [level_id])
    followed = {one.based_on for one in found}
    modules = [module for one in found if one.id not in followed for module in one.modules]
    return [one.rubric for one in modules if one.rubric is not None]


async def newest_curricula(connection: Reader, organization_id: UUID) -> list[Choice]:
    """The curricula that a new cohort may follow: the newest version of each, by program and level."""
    return [msgspec.convert(dict(row), Choice) for row in await connection.fetch(NEWEST_CURRICULA, organization_id)]


async def jurisdiction(connection: Reader, organization_id: UUID, curriculum_id: UUID) -> str | None:
    """Whose holidays count for the program of a curriculum."""
    found: str | None = await connection.fetchval(JURISDICTION, organization_id, curriculum_id)
    return found


async def next_curriculum(connection: Reader, organization_id: UUID, curriculum_id: UUID) -> UUID | None:
    """The version that follows a curriculum, if there is one."""
    found: UUID | None = await connection.fetchval(NEXT_CURRICULUM, organization_id, curriculum_id)
    return found


async def program_by_slug(connection: Reader, organization_id: UUID, slug: str) -> Program | None:
    """The program of a slug."""
    row = await connection.fetchrow(PROGRAM_BY_SLUG, organization_id, slug)
    return None if row is None else msgspec.convert(dict(row), Program)


async def uses(connection: Reader, organization_id: UUID, curriculum_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many cohorts follow each curriculum."""
    return {row["id"]: row["cohorts"] for row in await connection.fetch(USES, organization_id, curriculum_ids)}


async def level(connection: Reader, organization_id: UUID, level_id: UUID) -> Level | None:
    """One level of the organization."""
    row = await connection.fetchrow(LEVEL_BY_ID, organization_id, level_id)
    return None if row is None else msgspec.convert(dict(row), Level)


async def levels_held(connection: Reader, organization_id: UUID, person_id: UUID) -> set[UUID]:
    """The levels whose badge somebody has, from here or from elsewhere."""
    return {row["id"] for row in await connection.fetch(LEVELS_HELD, organization_id, person_id)}


async def holds_level(connection: Reader, organization_id: UUID, person_id: UUID, level_id: UUID) -> bool:
    """Whether somebody has a level's badge, from here or from elsewhere."""
    return person_id in await holders(connection, organization_id, [person_id], level_id)


async def holders(connection: Reader, organization_id: UUID, person_ids: Sequence[UUID], level_id: UUID) -> set[UUID]:
    """Which of these people have a level's badge, from here or from elsewhere."""
    return {row["id"] for row in await connection.fetch(HOLDERS, organization_id, person_ids, level_id)}


async def required_level(connection: Reader, cohort_id: UUID) -> Level | None:
    """The level whose badge one needs to take part in a cohort; None where none is needed."""
    row = await connection.fetchrow(REQUIRED_LEVEL, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Level)
