"""Routes of people, forms, rosters and merges."""

from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, PERSON, STAFF, STAFF_AT_HOME, TAKEN, Line
from tests.enrollment.lines.world import World

_ROSTERS = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/rosters"
_ROSTER = f"{_ROSTERS}/{{roster_id:uuid}}"

OBJECTS: dict[str, Line] = {
    "GET /api/people/{person_id:uuid}": Line(STAFF),
    "PUT /api/people/{person_id:uuid}": Line(TAKEN, lambda world: PERSON),
    "PUT /api/people/{person_id:uuid}/roles": Line(STAFF, lambda world: {"roles": ["administrator"]}),
    f"GET {_ROSTERS}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_ROSTERS}": Line(AWAY, form=lambda world: {"file": "Name,Email"}, home=STAFF_AT_HOME),
    f"GET {_ROSTER}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_ROSTER}": Line(AWAY, form=lambda world: {"letters": "yes"}, home=STAFF_AT_HOME),
    f"POST {_ROSTER}/columns": Line(AWAY, form=lambda world: {"email": "0", "name": "1"}, home=STAFF_AT_HOME),
    f"GET {_ROSTER}/not-taken.csv": Line(AWAY, home=STAFF_AT_HOME),
}
LISTS: set[str] = {
    "GET /api/people",
}
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, object]:
    """A roster of the cohort with one row, not taken yet."""
    identifier, organization_id = uuid4(), world.scene.organization_id
    await pool.execute(
        "INSERT INTO roster_import (id, organization_id, cohort_id, file_name, file_sha256, headings, first_rows,"
        " columns, uploaded_by, uploaded_at) VALUES ($1, $2, $3, 'people.csv', '00', $4, '[]', $5, $6, now())",
        identifier,
        organization_id,
        world.ids.cohort_id,
        ["Name", "Email"],
        {"name": 0, "email": 1},
        world.scene.people["administrator"][1],
    )
    await pool.execute(
        "INSERT INTO roster_row (organization_id, roster_id, number, name, email)"
        " VALUES ($1, $2, 2, 'Private Lim', 'private@example.org')",
        organization_id,
        identifier,
    )
    return {"roster_id": identifier}
