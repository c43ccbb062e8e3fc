"""A module's rubric: criteria, each with its levels, and what a reviewer chooses of them. Pure."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.contracts import Key, Line, ResultDescription, ResultLevel, Text
from shared.words import N_, said

MOST_CRITERIA = 20
_Points = Annotated[int, Meta(ge=0, le=1_000)]


class RubricLevel(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece of evidence may be found to be, by one criterion."""

    id: Key
    name: Line
    points: _Points | None = None
    description: Text | None = None


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer looks for; its id is its own among all modules of the curriculum."""

    id: Key
    name: Line
    levels: Annotated[tuple[RubricLevel, ...], Meta(min_length=1, max_length=20)]

    def level(self, level_id: str) -> RubricLevel | None:
        """The level of this id."""
        return next((one for one in self.levels if one.id == level_id), None)


class Rubric(msgspec.Struct, frozen=True, kw_only=True):
    """How evidence for a module is judged; stored as the module's `rubric`."""

    criteria: Annotated[tuple[Criterion, ...], Meta(max_length=MOST_CRITERIA)] = ()

    @property
    def most_points(self) -> int:
        """The points of the best levels together."""
        return sum(max((level.points or 0 for level in one.levels), default=0) for one in self.criteria)


class Score(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """The level that a reviewer chose of a criterion, and its points then."""

    criterion_id: str
    level_id: str
    points: int | None = None


def scored(rubric: Rubric, chosen: Mapping[str, str]) -> tuple[Score, ...]:
    """The scores of chosen levels (criterion to level), in the rubric's order; unknown ids are left out."""
    found = []
    for criterion in rubric.criteria:
        level = criterion.level(chosen.get(criterion.id, ""))
        if level is not None:
            found.append(Score(criterion_id=criterion.id, level_id=level.id, points=level.points))
    return tuple(found)


def problems_of_choice(rubric: Rubric, chosen: Mapping[str, str], *, is_whole: bool) -> list[tuple[str, str]]:
    """What is wrong with chosen levels, as (field, sentence) pairs; `is_whole` asks for one of every criterion."""
    criteria = {one.id: one for one in rubric.criteria}
    found = [
        (f"score-{key}", N_("The rubric of this module has no such criterion or level."))
        for key, level_id in chosen.items()
        if key not in criteria or criteria[key].level(level_id) is None
    ]
    if is_whole:
        missing = [one for one in rubric.criteria if one.id not in chosen]
        found += [(f"score-{one.id}", said("Choose a level of “%(name)s”.", name=one.name)) for one in missing]
    return found


def result_descriptions(rubrics: Iterable[Rubric]) -> tuple[ResultDescription, ...]:
    """What an achievement's version says of the results that its badges tell: a description for each criterion."""
    return tuple(
        ResultDescription(
            id=one.id,
            name=one.name,
            levels=tuple(
                ResultLevel(id=level.id, name=level.name, description=level.description, points=level.points)
                for level in one.levels
            ),
        )
        for rubric in rubrics
        for one in rubric.criteria
    )
