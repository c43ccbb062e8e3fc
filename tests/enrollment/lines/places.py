"""Routes of admission and enrollments."""

from tests.enrollment.lines.line import CONCERNED, NOWHERE, PERSON, STAFF, Line

OBJECTS: dict[str, Line] = {
    "PUT /api/cohorts/{cohort_id:uuid}/seats": Line(STAFF, lambda world: {"seats": 50}),
    "GET /api/cohorts/{cohort_id:uuid}/enrollments": Line(CONCERNED),
    "GET /api/enrollments/{enrollment_id:uuid}": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/withdrawal": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/name-display": Line(CONCERNED, lambda world: {"shows_name": False}),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}": Line(NOWHERE),
    "POST /{slug:str}/cohorts/{cohort_id:uuid}": Line(NOWHERE, form=lambda world: PERSON),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}/enrolled/{token:str}": Line(NOWHERE),
    "PUT /api/{slug:str}/cohorts/{cohort_id:uuid}/enrollments/{enrollment_id:uuid}": Line(
        NOWHERE, lambda world: PERSON
    ),
}
LISTS: set[str] = {
    "GET /api/enrollments",
}
DOORS: set[str] = set()
