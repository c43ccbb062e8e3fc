"""What every route answers to those whom it does not concern: a file for each part of the service.

A file names its routes in OBJECTS (those of one object), LISTS (everybody sees their own in them) and DOORS (they name
no object of an organization). Where a path needs an object that the world lacks, the file has an
`async def add(pool: Pool, world: World) -> dict[str, Any]`: it adds the object to `world.ids`'s organization, and
returns its id by the name that it has in paths.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from shared.postgres import Pool
from tests.enrollment.lines import (
    completing,
    evidence,
    forms,
    ground,
    learning,
    money,
    notices,
    overview,
    people_data,
    places,
    planning,
    teaching,
)
from tests.enrollment.lines.line import Line
from tests.enrollment.lines.world import World

FILES = (
    ground,
    notices,
    people_data,
    forms,
    planning,
    places,
    teaching,
    evidence,
    completing,
    learning,
    money,
    overview,
)

OBJECTS: dict[str, Line] = {name: line for file in FILES for name, line in file.OBJECTS.items()}
LISTS: set[str] = {name for file in FILES for name in file.LISTS}
DOORS: set[str] = {name for file in FILES for name in file.DOORS}
#: Every name as often as a file has it.
NAMES: list[str] = [name for file in FILES for table in (file.OBJECTS, file.LISTS, file.DOORS) for name in table]
ADDERS: list[Callable[[Pool, World], Awaitable[dict[str, Any]]]] = [file.add for file in FILES if hasattr(file, "add")]
