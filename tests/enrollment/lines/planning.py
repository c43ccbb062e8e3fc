"""Routes of programs and cohorts."""

from typing import Any

from tests.enrollment.lines.line import COHORT, CONCERNED, NOWHERE, SHOWN, TAKEN, Line
from tests.enrollment.lines.world import World
from tests.enrollment.staff import session_body

_TEXT = {"name": "Theirs", "description": "Not theirs"}


def _cohort(world: World) -> dict[str, Any]:
    return {
        "curriculum_id": str(world.foreign_curriculum_id),
        "name": "Theirs",
        "region": "East",
        "school_year": "2026-27",
        "delivery": "hybrid",
        "time_zone": "UTC",
        "state": "open",
        "policy": {},
        "sessions": [session_body()],
    }


OBJECTS: dict[str, Line] = {
    "GET /api/programs/{program_id:uuid}": Line(SHOWN),
    "PUT /api/programs/{program_id:uuid}": Line(TAKEN, lambda world: {"slug": "theirs", **_TEXT}),
    "PUT /api/levels/{level_id:uuid}": Line(
        TAKEN, lambda world: {"program_id": str(world.foreign_program_id), "number": 9, **_TEXT}
    ),
    "PUT /api/curricula/{curriculum_id:uuid}": Line(
        TAKEN, lambda world: {"level_id": str(world.foreign_level_id), "name": "Theirs", "modules": []}
    ),
    "GET /api/cohorts/{cohort_id:uuid}": Line(COHORT),
    "PUT /api/cohorts/{cohort_id:uuid}": Line(TAKEN, _cohort),
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/mode": Line(
        CONCERNED, lambda world: {"mode": "virtual", "link": "https://video.example/theirs"}
    ),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}/calendar.ics": Line(NOWHERE),
}
LISTS: set[str] = {
    "GET /api/programs",
    "GET /api/cohorts",
    "GET /api/{slug:str}/programs",
    "GET /api/{slug:str}/cohorts",
    "GET /{slug:str}",
}
DOORS: set[str] = {
    "GET /",
}
