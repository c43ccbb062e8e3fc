"""What is taught: a program has levels, a level curricula, a curriculum its modules in order. Pure."""

from uuid import UUID

import msgspec

from shared.contracts import AchievementVersion


class ProgramExistsError(Exception):
    """The slug belongs to another program of the organization, or the id to another organization's."""


class LevelExistsError(Exception):
    """The program has another level of this number, or the id belongs to a level elsewhere."""


class CurriculumExistsError(Exception):
    """The id of the curriculum, or of one of its modules, belongs to something else."""


class CurriculumInUseError(Exception):
    """A cohort follows this curriculum, so it stays as it is: make another one."""


class AchievementVersionError(Exception):
    """Versions of an achievement follow each other; `current` is the one that the level awards now, None without."""

    def __init__(self, current: int | None) -> None:
        super().__init__(current)
        self.current = current


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A line of training."""

    id: UUID
    organization_id: UUID
    slug: str
    name: str
    description: str
    #: `#` and six hexadecimal digits in lower case.
    accent: str = "#1f5c4d"
    #: A BCP 47 language tag.
    language: str = "en"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a program; `number` counts from 1."""

    id: UUID
    organization_id: UUID
    program_id: UUID
    number: int
    name: str
    description: str
    #: What completing it awards; None while it awards nothing. Both are None or neither.
    achievement_id: UUID | None = None
    achievement_version: int | None = None


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of a curriculum, and what shows that somebody worked on it."""

    id: UUID
    name: str
    description: str
    evidence_wanted: str


class Curriculum(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort at a level goes through, its modules in order."""

    id: UUID
    organization_id: UUID
    level_id: UUID
    name: str
    modules: tuple[Module, ...]


class AchievementMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The outbox payload of an achievement's version for the issuer."""

    achievement_id: UUID
    version: int
    content: AchievementVersion


def is_new_version(level: Level | None, wanted: int) -> bool:
    """Whether `wanted` follows the level's current version; False where it is that one, which never changes.

    AchievementVersionError where it is neither.
    """
    current = None if level is None else level.achievement_version
    if wanted == current:
        return False
    if wanted != (current or 0) + 1:
        raise AchievementVersionError(current)
    return True
