"""Routes of attendance and messages."""

from tests.enrollment.lines.line import COHORT, CONCERNED, Line

OBJECTS: dict[str, Line] = {
    "GET /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": Line(COHORT),
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": Line(
        CONCERNED, lambda world: {"entries": [{"enrollment_id": str(world.ids.enrollment_id), "mode": "absent"}]}
    ),
}
LISTS: set[str] = set()
DOORS: set[str] = set()
