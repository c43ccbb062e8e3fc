"""What is taught: a program has levels, a level curricula, a curriculum its modules in order. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET

from services.enrollment.programs.rubric import Rubric, says_the_same
from shared.contracts import AchievementVersion


class ProgramExistsError(Exception):
    """The slug belongs to another program of the organization, or the id to another organization's."""


class LevelExistsError(Exception):
    """The program has another level of this number, or the id belongs to a level elsewhere."""


class CurriculumExistsError(Exception):
    """The id of the curriculum, or of one of its modules, belongs to something else."""


class CurriculumInUseError(Exception):
    """A cohort follows this curriculum, so it stays as it is: make another one."""


class VerifierAwayError(Exception):
    """The verifier could not be asked, so nothing is known of the file."""


class ClaimDecidedError(Exception):
    """The claim was decided already, or it is the decider's own."""


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
    #: Whose holidays and rules of professional development count, such as `US-IL`; None for where we began.
    jurisdiction: str | None = None


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
    #: The level of the same program whose badge one needs before.
    requires_level_id: UUID | None = None
    #: The current version as it was sent to the issuer; None where it was sent before we kept it.
    achievement_content: AchievementVersion | None = None


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of a curriculum, and what shows that somebody worked on it."""

    id: UUID
    name: str
    description: str
    evidence_wanted: str
    #: What people do, as far as it differs by how they take part.
    activity_in_person: str | None = None
    activity_virtual: str | None = None
    rubric: Rubric | None = None


class Curriculum(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort at a level goes through, its modules in order."""

    id: UUID
    organization_id: UUID
    level_id: UUID
    name: str
    modules: tuple[Module, ...]
    #: Versions of it are counted from 1; each is based on the one before.
    number: int = 1
    based_on: UUID | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A curriculum to choose from: the newest version, with what it is of."""

    id: UUID
    name: str
    number: int
    level_name: str
    program_name: str


class LevelRequirementError(Exception):
    """The level that is required belongs to another program, or requires this one in turn."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the verifier says of a file that somebody brought."""

    state: str
    sentence: str
    sha256: str
    issuer: str = ""
    achievement: str = ""
    holder: str | None = None

    @property
    def is_authentic(self) -> bool:
        """Whether it is a badge in force; by whom is for staff to judge."""
        return self.state in ("genuine", "genuine_issuer_unknown")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A badge from elsewhere that somebody brought for a level; `decision` is None while it waits for staff."""

    id: UUID
    level_id: UUID
    level_name: str
    person_id: UUID
    person_name: str
    verdict: str
    issuer: str
    achievement: str
    holder: str | None
    checked_at: datetime
    decision: Literal["accepted", "declined"] | None
    #: Whether somebody else brought the same file.
    is_shared: bool


class AchievementMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The outbox payload of an achievement's version for the issuer."""

    achievement_id: UUID
    version: int
    content: AchievementVersion


def requires_in_circle(level: Level, others: Iterable[Level]) -> bool:
    """Whether following what each level requires leads from `level` back to it."""
    requires = {one.id: one.requires_level_id for one in others} | {level.id: level.requires_level_id}
    found, seen = level.requires_level_id, {level.id}
    while found is not None and found not in seen:
        seen.add(found)
        found = requires.get(found)
    return found == level.id


def next_version(curriculum: Curriculum, new_id: UUID, module_ids: Iterable[UUID]) -> Curriculum:
    """The version that follows, the same at first, with ids of its own."""
    modules = tuple(
        msgspec.structs.replace(one, id=identifier)
        for one, identifier in zip(curriculum.modules, module_ids, strict=True)
    )
    return msgspec.structs.replace(
        curriculum, id=new_id, modules=modules, number=curriculum.number + 1, based_on=curriculum.id
    )


def is_new_version(level: Level | None, wanted: int, content: AchievementVersion) -> bool:
    """Whether `wanted` follows the level's current version; False where it is that one, which never changes.

    A version that only describes more results is made here when a cohort opens, so whoever says the words of the
    current version again changes nothing, by an earlier number too. AchievementVersionError for any other.
    """
    current = None if level is None else level.achievement_version
    known = None if level is None else level.achievement_content
    is_same = known is None or content == known
    if known is not None and content.result_descriptions is UNSET:
        is_same = says_the_same(content, known)
    if current is not None and is_same and (wanted == current or (known is not None and wanted < current)):
        return False
    if wanted != (current or 0) + 1:
        raise AchievementVersionError(current)
    return True
