"""Routes of the overview, exports and the journal."""

from typing import Any

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, CONCERNED_AT_HOME, STAFF_AT_HOME, Line
from tests.enrollment.lines.world import World

OBJECTS: dict[str, Line] = {
    "GET /{slug:str}/staff/people/{person_id:uuid}": Line(AWAY, home=STAFF_AT_HOME),
    # the file of one cohort, which its instructors may have
    "GET /{slug:str}/staff/exports/{file:str}": Line(
        AWAY, query=lambda world: {"cohort": str(world.ids.cohort_id)}, home=CONCERNED_AT_HOME
    ),
}
LISTS: set[str] = {
    "GET /{slug:str}/staff",
    "GET /{slug:str}/staff/people",
    "GET /{slug:str}/staff/exports",
    "GET /{slug:str}/staff/journal",
}
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """The name of a file of a table."""
    return {"file": "enrollments.csv"}
