"""What a reviewer chooses of a module's rubric. Pure."""

from collections.abc import Mapping

import msgspec

from services.enrollment.programs.rubric import Rubric
from shared.words import N_, said


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
