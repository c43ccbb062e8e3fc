"""Routes of program forms and private fields."""

from typing import Any

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, CONCERNED_AT_HOME, NOWHERE, STAFF, STAFF_AT_HOME, Line
from tests.enrollment.lines.world import World

OBJECTS: dict[str, Line] = {
    "PUT /api/programs/{program_id:uuid}/form": Line(
        STAFF, lambda world: {"based_on": 1, "fields": [{"key": "envy", "label": "Envy", "kind": "text"}]}
    ),
    # Whoever may enroll may read it; at the address of another organization there is no such program.
    "GET /api/{slug:str}/programs/{program_id:uuid}/form": Line(NOWHERE),
    "GET /{slug:str}/staff/programs/{program_id:uuid}/form": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/programs/{program_id:uuid}/form": Line(
        AWAY, form=lambda world: {"version": "1", "label-0": "Envy"}, home=STAFF_AT_HOME
    ),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/answers": Line(AWAY, home=STAFF_AT_HOME),
    # Whatever their role, only those whom the administrator lets.
    "POST /{slug:str}/staff/people/{person_id:uuid}/private/{field:str}": Line(AWAY, home=CONCERNED_AT_HOME),
    # Nobody sees another's own page, staff neither.
    "GET /{slug:str}/learning/{enrollment_id:uuid}/answers": Line(AWAY, home=CONCERNED_AT_HOME, administrator=404),
    "POST /{slug:str}/learning/{enrollment_id:uuid}/answers": Line(
        AWAY, form=lambda world: {"answer-envy": "Envious"}, home=CONCERNED_AT_HOME
    ),
}
LISTS: set[str] = {
    "GET /{slug:str}/staff/readers",
}
DOORS: set[str] = {
    "POST /{slug:str}/staff/readers",
}


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """A form, and a private field of whom it asks."""
    await pool.execute(
        "INSERT INTO program_form (organization_id, program_id, version, fields, consents, made_by, made_at)"
        " VALUES ($1, $2, 1, $3, '[]', $4, now())",
        world.scene.organization_id, world.ids.program_id,
        [{"key": "license-number", "label": "License", "kind": "private"}],
        world.scene.people["administrator"][1],
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO enrollment_form (enrollment_id, organization_id, program_id, version) VALUES ($1, $2, $3, 1)",
        world.ids.enrollment_id, world.scene.organization_id, world.ids.program_id,
    )  # fmt: skip
    return {"field": "license-number"}
