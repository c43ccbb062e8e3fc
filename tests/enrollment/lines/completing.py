"""Routes of completions, awards, evaluations and audits."""

from typing import Any

from tests.enrollment.lines.line import AWAY, CONCERNED_AT_HOME, STAFF, STAFF_AT_HOME, Line
from tests.enrollment.lines.world import World


def _not_completed(world: World) -> dict[str, Any]:
    return {"decision": "not completed", "sure": "yes", "chosen": str(world.ids.enrollment_id)}


OBJECTS: dict[str, Line] = {
    "GET /api/cohorts/{cohort_id:uuid}/completions": Line(STAFF),
    "PUT /api/cohorts/{cohort_id:uuid}/completions": Line(
        STAFF, lambda world: {"not_completed": [str(world.ids.enrollment_id)]}
    ),
    "PUT /api/enrollments/{enrollment_id:uuid}/completion/reversal": Line(STAFF, lambda world: {"reason": "Envy"}),
    "GET /api/awards/{award_id:uuid}": Line(STAFF),
    "PUT /api/awards/{award_id:uuid}/revocation": Line(STAFF, lambda world: {"reason": "Envy"}),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion": Line(AWAY, form=_not_completed, home=STAFF_AT_HOME),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}": Line(
        AWAY, form=lambda world: {"reason": "Envy"}, home=STAFF_AT_HOME
    ),
    # Nothing is decided about them, which only they and staff are told.
    "GET /{slug:str}/enrollments/{enrollment_id:uuid}/statement.pdf": Line(
        AWAY, home=CONCERNED_AT_HOME, administrator=409
    ),
}
LISTS: set[str] = set()
DOORS: set[str] = set()
