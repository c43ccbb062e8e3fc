"""Verbs of programs: write a program, a level with what it awards, a curriculum with its modules."""

from uuid import uuid4

import msgspec

from services.enrollment.programs import store
from services.enrollment.programs.model import (
    AchievementMessage,
    Curriculum,
    CurriculumInUseError,
    Level,
    Program,
    is_new_version,
)
from shared import outbox
from shared.contracts import AchievementVersion
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError

#: The outbox topic of achievements' versions; the payload is an AchievementMessage, the key the achievement's id.
ACHIEVEMENT_TOPIC = "achievement"


class Awarding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level is to award: a version of its achievement, counted from 1, and that version's content."""

    version: int
    content: AchievementVersion


async def put_program(pool: Pool, program: Program) -> None:
    """Write a program. ProgramExistsError."""
    async with transaction(pool) as connection:
        await store.put_program(connection, program)


async def put_level(pool: Pool, level: Level, awarding: Awarding | None) -> Level:
    """Write a level; a new version of what it awards goes to the issuer, the current one again changes nothing.

    Without `awarding` it awards what it did. LevelExistsError, AchievementVersionError, InvalidInputError.
    """
    async with transaction(pool) as connection:
        if await store.program(connection, level.organization_id, level.program_id) is None:
            raise InvalidInputError(("program_id", "There is no such program."))
        held = await store.hold_level(connection, level)
        written = msgspec.structs.replace(
            level, achievement_id=held.achievement_id, achievement_version=held.achievement_version
        )
        if awarding is not None and is_new_version(held, awarding.version):
            written = await _award(connection, written, awarding)
        await store.update_level(connection, written)
    return written


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
    return msgspec.structs.replace(level, achievement_id=achievement_id, achievement_version=awarding.version)


async def put_curriculum(pool: Pool, curriculum: Curriculum) -> None:
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
            if known == curriculum:
                return
            if await store.is_used(connection, curriculum.id):
                raise CurriculumInUseError
        await store.write_curriculum(connection, curriculum)
