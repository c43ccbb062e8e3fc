"""Routes of people, forms, rosters and merges."""

from tests.enrollment.lines.line import PERSON, STAFF, TAKEN, Line

OBJECTS: dict[str, Line] = {
    "GET /api/people/{person_id:uuid}": Line(STAFF),
    "PUT /api/people/{person_id:uuid}": Line(TAKEN, lambda world: PERSON),
    "PUT /api/people/{person_id:uuid}/roles": Line(STAFF, lambda world: {"roles": ["administrator"]}),
}
LISTS: set[str] = {
    "GET /api/people",
}
DOORS: set[str] = set()
