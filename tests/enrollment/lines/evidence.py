"""Routes of evidence."""

from tests.enrollment.lines.line import CONCERNED, Line

OBJECTS: dict[str, Line] = {
    "GET /api/cohorts/{cohort_id:uuid}/evidence": Line(CONCERNED),
    "GET /api/enrollments/{enrollment_id:uuid}/evidence": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}": Line(
        CONCERNED, lambda world: {"module_id": str(world.scene.module_ids[1]), "text": "Mine now"}
    ),
    "PUT /api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}/file": Line(
        CONCERNED, query=lambda world: {"module_id": str(world.scene.module_ids[1]), "file_name": "mine.txt"}
    ),
    "GET /api/evidence/{evidence_id:uuid}": Line(CONCERNED),
    "GET /api/evidence/{evidence_id:uuid}/file": Line(CONCERNED),
    "PUT /api/evidence/{evidence_id:uuid}/review": Line(CONCERNED, lambda world: {"decision": "accepted"}),
}
LISTS: set[str] = set()
DOORS: set[str] = set()
