"""Routes of evidence."""

from typing import Any
from uuid import UUID, uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, CONCERNED, CONCERNED_AT_HOME, Line
from tests.enrollment.lines.world import World

OBJECTS: dict[str, Line] = {
    "GET /api/cohorts/{cohort_id:uuid}/evidence": Line(CONCERNED),
    "GET /api/enrollments/{enrollment_id:uuid}/evidence": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}": Line(
        CONCERNED, lambda world: {"module_id": str(world.scene.module_ids[1]), "text": "Mine now"}
    ),
    "PUT /api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}/file": Line(
        CONCERNED,
        query=lambda world: {
            "module_id": str(world.scene.module_ids[1]),
            "file_name": "mine.txt",
            "attested": "true",
        },
    ),
    "GET /api/evidence/{evidence_id:uuid}": Line(CONCERNED),
    "GET /api/evidence/{evidence_id:uuid}/file": Line(CONCERNED),
    "PUT /api/evidence/{evidence_id:uuid}/review": Line(CONCERNED, lambda world: {"decision": "accepted"}),
    "PUT /api/evidence/{evidence_id:uuid}/removal": Line(CONCERNED, lambda world: {}),
    # The administrator teaches, but hands nothing in.
    "GET /{slug:str}/learning/{enrollment_id:uuid}/evidence": Line(AWAY, home=CONCERNED_AT_HOME, administrator=404),
    "GET /{slug:str}/learning/{enrollment_id:uuid}/evidence/{module_id:uuid}": Line(
        AWAY, home=CONCERNED_AT_HOME, administrator=404
    ),
    "POST /{slug:str}/learning/{enrollment_id:uuid}/evidence/{module_id:uuid}": Line(
        AWAY,
        form=lambda world: {"id": str(uuid4()), "kind": "text", "text": "Mine now", "attested": "yes"},
        home=CONCERNED_AT_HOME,
    ),
    "GET /{slug:str}/teach/cohorts/{cohort_id:uuid}/review": Line(AWAY, home=CONCERNED_AT_HOME),
    "POST /{slug:str}/teach/cohorts/{cohort_id:uuid}/review/{evidence_id:uuid}": Line(
        AWAY, form=lambda world: {"decision": "accepted"}, home=CONCERNED_AT_HOME
    ),
    "GET /{slug:str}/teach/cohorts/{cohort_id:uuid}/review/{evidence_id:uuid}/removal": Line(
        AWAY, home=CONCERNED_AT_HOME
    ),
    "POST /{slug:str}/teach/cohorts/{cohort_id:uuid}/review/{evidence_id:uuid}/removal": Line(
        AWAY, form=lambda world: {"comment": "Mine now"}, home=CONCERNED_AT_HOME
    ),
}
LISTS: set[str] = set()
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """The module of the evidence."""
    found: UUID = world.scene.module_ids[0]
    return {"module_id": found}
