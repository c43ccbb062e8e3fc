"""Routes of people, forms, rosters and merges."""

from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, PERSON, STAFF, STAFF_AT_HOME, TAKEN, Line
from tests.enrollment.lines.world import World
from tests.enrollment.visitors import add_person, fresh_email

_ROSTERS = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/rosters"
_MERGE = "/{slug:str}/staff/people/{person_id:uuid}/merge/{away_id:uuid}"
_ROLES = "/{slug:str}/staff/people/{person_id:uuid}/roles"
_LINK = "/{slug:str}/learning/addresses/{token:str}"
#: A link to an address opens for nobody but who asked for it.
_OVER_AWAY, _OVER_AT_HOME = (410, 401, 401, 401, 401), (401, 410, 410, 410, 401)
_ROSTER = f"{_ROSTERS}/{{roster_id:uuid}}"

OBJECTS: dict[str, Line] = {
    "GET /api/people/{person_id:uuid}": Line(STAFF),
    "PUT /api/people/{person_id:uuid}": Line(TAKEN, lambda world: PERSON),
    "PUT /api/people/{person_id:uuid}/roles": Line(STAFF, lambda world: {"roles": ["administrator"]}),
    f"GET {_ROLES}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_ROLES}": Line(AWAY, form=lambda world: {"role": "coordinator"}, home=STAFF_AT_HOME),
    f"GET {_MERGE}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_MERGE}": Line(AWAY, form=lambda world: {}, home=STAFF_AT_HOME),
    f"GET {_LINK}": Line(_OVER_AWAY, home=_OVER_AT_HOME, administrator=410),
    f"POST {_LINK}": Line(_OVER_AWAY, form=lambda world: {}, home=_OVER_AT_HOME),
    f"GET {_ROSTERS}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_ROSTERS}": Line(AWAY, form=lambda world: {"file": "Name,Email"}, home=STAFF_AT_HOME),
    f"GET {_ROSTER}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_ROSTER}": Line(AWAY, form=lambda world: {"letters": "yes"}, home=STAFF_AT_HOME),
    f"POST {_ROSTER}/columns": Line(AWAY, form=lambda world: {"email": "0", "name": "1"}, home=STAFF_AT_HOME),
    f"GET {_ROSTER}/not-taken.csv": Line(AWAY, home=STAFF_AT_HOME),
}
LISTS: set[str] = {
    "GET /api/people",
    "GET /{slug:str}/staff/people/doubles",
    "GET /{slug:str}/staff/roles",
    "GET /{slug:str}/learning/addresses",
}
DOORS: set[str] = {
    "POST /{slug:str}/staff/people/doubles",
    "POST /{slug:str}/staff/roles",
    "POST /{slug:str}/learning/addresses",
    "POST /{slug:str}/learning/addresses/first",
    "POST /{slug:str}/learning/addresses/remove",
}


async def add(pool: Pool, world: World) -> dict[str, object]:
    """A roster of the cohort with one row, not taken yet; and somebody who might be the participant too."""
    away_id = await add_person(pool, world.scene.organization_id, fresh_email())
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
    return {"roster_id": identifier, "away_id": away_id}
