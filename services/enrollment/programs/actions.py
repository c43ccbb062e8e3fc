"""Verbs of programs: write a program, a level with what it awards, a curriculum with its modules."""

from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET

from services.enrollment.journal import actions as journal
from services.enrollment.programs import store
from services.enrollment.programs.model import (
    AchievementMessage,
    Curriculum,
    CurriculumInUseError,
    Level,
    LevelRequirementError,
    Program,
    is_new_version,
    next_version,
    requires_in_circle,
)
from services.enrollment.programs.rubric import describing, result_descriptions
from shared import outbox
from shared.contracts import AchievementVersion
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError

#: The outbox topic of achievements' versions; the payload is an AchievementMessage, the key the achievement's id.
ACHIEVEMENT_TOPIC = "achievement"


class Awarding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level is to award: a version of its achievement, counted from 1, and that version's content."""

    version: int
    content: AchievementVersion


async def put_program(pool: Pool, program: Program, *, by: UUID | None = None) -> None:
    """Write a program; `by` is who of the staff does. ProgramExistsError."""
    async with transaction(pool) as connection:
        await store.put_program(connection, program)
        await journal.note_change(connection, program.organization_id, by, "program.write", "program", program.id)


async def put_level(pool: Pool, level: Level, awarding: Awarding | None, *, by: UUID | None = None) -> Level:
    """Write a level; a new version of what it awards goes to the issuer, the current one again changes nothing.

    Without `awarding` it awards what it did; a version that describes no results gets those of the level's rubrics.
    LevelExistsError, LevelRequirementError,
    AchievementVersionError, InvalidInputError.
    """
    async with transaction(pool) as connection:
        if await store.program(connection, level.organization_id, level.program_id) is None:
            raise InvalidInputError(("program_id", "There is no such program."))
        held = await store.hold_level(connection, level)
        written = msgspec.structs.replace(
            level,
            achievement_id=held.achievement_id,
            achievement_version=held.achievement_version,
            achievement_content=held.achievement_content,
        )
        if requires_in_circle(level, await store.levels(connection, level.organization_id, [level.program_id])):
            raise LevelRequirementError
        if awarding is not None and is_new_version(held, awarding.version, awarding.content):
            needed = result_descriptions(await store.rubrics(connection, level.organization_id, level.id))
            is_whole = awarding.content.result_descriptions is not UNSET
            content = awarding.content if is_whole else describing(awarding.content, needed)
            written = await _award(connection, written, Awarding(version=awarding.version, content=content))
        await store.update_level(connection, written)
        version = {} if written.achievement_version is None else {"badge_version": str(written.achievement_version)}
        await journal.note_change(connection, level.organization_id, by, "level.write", "level", level.id, **version)
    return written


async def describe_results(connection: Connection, organization_id: UUID, curriculum: Curriculum) -> None:
    """Let what the curriculum's level awards tell the results of its rubrics: by a next version, if need be.

    InvalidInputError where it has more criteria than a version takes.
    """
    found = await store.level(connection, organization_id, curriculum.level_id)
    needed = result_descriptions(one.rubric for one in curriculum.modules)
    if not needed or found is None or found.achievement_content is None:
        return
    held = await store.hold_level(connection, found)
    if held.achievement_content is None:
        return
    content = describing(held.achievement_content, needed)
    if content != held.achievement_content:
        version = (held.achievement_version or 0) + 1
        await store.update_level(connection, await _award(connection, held, Awarding(version=version, content=content)))


async def _award(connection: Connection, level: Level, awarding: Awarding) -> Level:
    achievement_id = level.achievement_id or uuid4()
    message = AchievementMessage(achievement_id=achievement_id, version=awarding.version, content=awarding.content)
    await outbox.put(
        connection,
        organization_id=level.organization_id,
        topic=ACHIEVEMENT_TOPIC,
        key=achievement_id,
        payload=msgspec.json.encode(message),
    )
    await store.put_results(connection, level.organization_id, message)
    return msgspec.structs.replace(
        level,
        achievement_id=achievement_id,
        achievement_version=awarding.version,
        achievement_content=awarding.content,
    )


async def put_curriculum(pool: Pool, curriculum: Curriculum, *, by: UUID | None = None) -> None:
    """Write a curriculum with its modules; the same again changes nothing.

    CurriculumInUseError where a cohort follows it, CurriculumExistsError, InvalidInputError.
    """
    identifiers = [one.id for one in curriculum.modules]
    if len(set(identifiers)) != len(identifiers):
        raise InvalidInputError(("modules", "Name each module once."))
    async with transaction(pool) as connection:
        if not await store.has_level(connection, curriculum.organization_id, curriculum.level_id):
            raise InvalidInputError(("level_id", "There is no such level."))
        if not await store.hold_curriculum(connection, curriculum):
            (known,) = await store.curricula(connection, curriculum.organization_id, also=curriculum.id)
            curriculum = msgspec.structs.replace(curriculum, number=known.number, based_on=known.based_on)
            if known == curriculum:
                return
            if await store.is_used(connection, curriculum.id):
                raise CurriculumInUseError
        await store.write_curriculum(connection, curriculum)
        await journal.note_change(
            connection, curriculum.organization_id, by, "curriculum.write", "curriculum", curriculum.id
        )


async def make_next_version(pool: Pool, organization_id: UUID, curriculum_id: UUID, *, by: UUID | None = None) -> UUID:
    """The version that follows a curriculum, made now as a copy of it where there is none; its id. NotFoundError."""
    async with transaction(pool) as connection:
        found = await store.curricula(connection, organization_id, also=curriculum_id)
        if not found:
            raise NotFoundError
        (before,) = found
        after = next_version(before, uuid4(), [uuid4() for _ in before.modules])
        if await store.insert_curriculum(connection, after):
            await store.write_curriculum(connection, after)
            await journal.note_change(
                connection, organization_id, by, "curriculum.next", "curriculum", after.id, based_on=str(curriculum_id)
            )
            return after.id
        # Somebody else made it, before or at this moment.
        known = await store.next_curriculum(connection, organization_id, curriculum_id)
        if known is None:
            raise NotFoundError
        return known
