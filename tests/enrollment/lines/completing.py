"""Routes of completions, awards, evaluations and audits."""

from tests.enrollment.lines.line import STAFF, Line

OBJECTS: dict[str, Line] = {
    "GET /api/cohorts/{cohort_id:uuid}/completions": Line(STAFF),
    "PUT /api/cohorts/{cohort_id:uuid}/completions": Line(
        STAFF, lambda world: {"not_completed": [str(world.ids.enrollment_id)]}
    ),
    "GET /api/awards/{award_id:uuid}": Line(STAFF),
    "PUT /api/awards/{award_id:uuid}/revocation": Line(STAFF, lambda world: {"reason": "Envy"}),
}
LISTS: set[str] = set()
DOORS: set[str] = set()
