"""A module's rubric: criteria, each with its levels; and how staff write one as lines of text. Pure."""

import hashlib
import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.contracts import AchievementVersion, Key, Line, ResultDescription, ResultLevel, Text
from shared.problems import InvalidInputError
from shared.words import N_, said

MOST_CRITERIA = 20
_MOST_LEVELS = 20
_MOST_DESCRIBED = 60
_Points = Annotated[int, Meta(ge=0, le=1_000)]
#: `3 Exceeds: names a change and its effect`
_LEVEL = re.compile(r"(\d{1,4})\s+(.+)")


class RubricLevel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a piece of evidence may be found to be, by one criterion."""

    id: Key
    name: Line
    points: _Points | None = None
    description: Text | None = None


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a reviewer looks for; its id is its own among all modules of the curriculum."""

    id: Key
    name: Line
    levels: Annotated[tuple[RubricLevel, ...], Meta(min_length=1, max_length=_MOST_LEVELS)]

    def level(self, level_id: str) -> RubricLevel | None:
        """The level of this id."""
        return next((one for one in self.levels if one.id == level_id), None)


class Rubric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How evidence for a module is judged."""

    criteria: Annotated[tuple[Criterion, ...], Meta(max_length=MOST_CRITERIA)] = ()


def result_descriptions(rubrics: Iterable[Rubric | None]) -> tuple[ResultDescription, ...]:
    """What an achievement's version says of the results that its badges tell: a description for each criterion.

    Of two with one id, as versions of a curriculum have, the first counts.
    """
    found: dict[str, ResultDescription] = {}
    for one in (one for rubric in rubrics if rubric is not None for one in rubric.criteria):
        levels = tuple(
            ResultLevel(id=level.id, name=level.name, description=level.description, points=level.points)
            for level in one.levels
        )
        found.setdefault(one.id, ResultDescription(id=one.id, name=one.name, levels=levels))
    return tuple(found.values())


def described(content: AchievementVersion) -> tuple[ResultDescription, ...]:
    """The results that badges of this version may tell."""
    return () if isinstance(content.result_descriptions, UnsetType) else content.result_descriptions


def describing(content: AchievementVersion, needed: Sequence[ResultDescription]) -> AchievementVersion:
    """The same version with each of the results that are `needed`, which count before what it says of them.

    InvalidInputError where those are more than a version takes.
    """
    if len(needed) > _MOST_DESCRIBED:
        raise InvalidInputError(("curriculum_id", N_("The badge takes at most 60 criteria of rubrics.")))
    wanted = {one.id for one in needed}
    kept = [one for one in described(content) if one.id not in wanted]
    if set(needed) <= set(described(content)):
        return content
    return msgspec.structs.replace(content, result_descriptions=(*needed, *kept)[:_MOST_DESCRIBED])


def says_the_same(one: AchievementVersion, other: AchievementVersion) -> bool:
    """Whether two versions differ at most in the results that they describe."""
    return msgspec.structs.replace(one, result_descriptions=UNSET) == msgspec.structs.replace(
        other, result_descriptions=UNSET
    )


def written(
    text: str, *, field: str, module: str, before: Rubric | None = None, taken: Collection[str] = ()
) -> Rubric | None:
    """The rubric of lines: a criterion's name, below it its levels as `points name: what it looks like`.

    None for no lines. What is in the rubric `before` by the same name keeps its id, so that versions of a curriculum
    and a topic's new name change none; a new criterion gets none that is `taken`. InvalidInputError.
    """
    criteria: list[tuple[str, list[tuple[int, str, str]]]] = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        level = _LEVEL.fullmatch(line)
        if level is None:
            criteria.append((line, []))
        elif not criteria:
            raise InvalidInputError(
                (field, N_("Begin with a criterion's name; its levels follow on lines of their own."))
            )
        else:
            name, _, description = level[2].partition(":")
            criteria[-1][1].append((int(level[1]), name.strip(), description.strip()))
    if not criteria:
        return None
    names = [name for name, _ in criteria]
    if len(set(names)) != len(names):
        raise InvalidInputError((field, N_("Name each criterion once.")))
    for name, levels in criteria:
        if not levels:
            raise InvalidInputError(
                (field, said("Give “%(name)s” its levels, such as: 2 Meets: names a change.", name=name))
            )
        if len({word for _, word, _ in levels}) < len(levels):
            raise InvalidInputError((field, said("Give each level of “%(name)s” a name of its own.", name=name)))
    known = {one.name: one for one in (() if before is None else before.criteria)}
    kept = {one.id for one in known.values()}
    found = [_criterion(module, *one, known.get(one[0]), {*taken, *kept}) for one in criteria]
    try:
        return msgspec.convert({"criteria": found}, Rubric)
    except msgspec.ValidationError:
        message = N_("Use at most 20 criteria of 20 levels, 200 characters to a name, and 1,000 points to a level.")
        raise InvalidInputError((field, message)) from None


def _criterion(
    module: str, name: str, levels: list[tuple[int, str, str]], before: Criterion | None, taken: Collection[str]
) -> dict[str, object]:
    numbers = itertools.count()
    key = (
        before.id if before is not None else next(k for n in numbers if (k := _key("c", module, name, n)) not in taken)
    )
    known = {} if before is None else {one.name: one.id for one in before.levels}
    return {
        "id": key,
        "name": name,
        "levels": [
            {
                "id": known.get(word) or _key("l", key, word),
                "name": word,
                "points": points,
                "description": description or None,
            }
            for points, word, description in levels
        ],
    }


def _key(kind: str, *names: object) -> str:
    return f"{kind}-" + hashlib.sha256("\n".join(map(str, names)).encode()).hexdigest()[:16]


def lines(rubric: Rubric | None) -> str:
    """The rubric as staff write it."""
    found: list[str] = []
    for one in () if rubric is None else rubric.criteria:
        found.append(one.name)
        for level in one.levels:
            said_of = f"{level.points or 0} {level.name}"
            found.append(f"{said_of}: {level.description}" if level.description else said_of)
    return "\n".join(found)
