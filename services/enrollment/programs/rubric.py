"""A module's rubric: criteria, each with its levels; and how staff write one as lines of text. Pure."""

import hashlib
import re
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.contracts import Key, Line, ResultDescription, ResultLevel, Text
from shared.problems import InvalidInputError
from shared.words import N_, said

MOST_CRITERIA = 20
_MOST_LEVELS = 20
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


class Rubric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How evidence for a module is judged."""

    criteria: Annotated[tuple[Criterion, ...], Meta(max_length=MOST_CRITERIA)] = ()


def result_descriptions(rubrics: Iterable[Rubric | None]) -> tuple[ResultDescription, ...]:
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
        if rubric is not None
        for one in rubric.criteria
    )


def written(text: str, *, field: str, module: str) -> Rubric | None:
    """The rubric of lines: a criterion's name, below it its levels as `points name: what it looks like`.

    None for no lines. Ids are made of names, so that the same rubric in a later version keeps them. InvalidInputError.
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
    try:
        return msgspec.convert({"criteria": [_criterion(module, name, levels) for name, levels in criteria]}, Rubric)
    except msgspec.ValidationError:
        message = N_("Use at most 20 criteria of 20 levels, 200 characters to a name, and 1,000 points to a level.")
        raise InvalidInputError((field, message)) from None


def _criterion(module: str, name: str, levels: list[tuple[int, str, str]]) -> dict[str, object]:
    key = "c-" + hashlib.sha256(f"{module}\n{name}".encode()).hexdigest()[:16]
    return {
        "id": key,
        "name": name,
        "levels": [
            {"id": f"{key}-{number}", "name": word, "points": points, "description": description or None}
            for number, (points, word, description) in enumerate(levels, start=1)
        ],
    }


def lines(rubric: Rubric | None) -> str:
    """The rubric as staff write it."""
    found: list[str] = []
    for one in () if rubric is None else rubric.criteria:
        found.append(one.name)
        for level in one.levels:
            said_of = f"{level.points or 0} {level.name}"
            found.append(f"{said_of}: {level.description}" if level.description else said_of)
    return "\n".join(found)
