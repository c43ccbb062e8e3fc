"""Routes of admission and enrollments."""

from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import (
    AWAY,
    CONCERNED,
    CONCERNED_AT_HOME,
    NOWHERE,
    PERSON,
    STAFF,
    STAFF_AT_HOME,
    Line,
)
from tests.enrollment.lines.world import World

_PLACES = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/places"
_ADMISSION = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/admission"

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
    "GET /api/cohorts/{cohort_id:uuid}/admission": Line(STAFF),
    "PUT /api/cohorts/{cohort_id:uuid}/admission": Line(STAFF, lambda world: {"vacancy": "offer", "offer_hours": 1}),
    "GET /api/cohorts/{cohort_id:uuid}/invitations": Line(STAFF),
    "PUT /api/cohorts/{cohort_id:uuid}/invitations/{invitation_id:uuid}": Line(
        STAFF, lambda world: {"code": "MALLORY", "most_uses": 9}
    ),
    "PUT /api/programs/{program_id:uuid}/members": Line(STAFF, lambda world: {"emails": ["mallory@example.org"]}),
    "PUT /api/enrollments/{enrollment_id:uuid}/offer": Line(CONCERNED, lambda world: {"answer": "decline"}),
    "PUT /api/enrollments/{enrollment_id:uuid}/no-show": Line(STAFF),
    "PUT /api/enrollments/{enrollment_id:uuid}/selection": Line(STAFF),
    "PUT /api/enrollments/{enrollment_id:uuid}/transfer": Line(STAFF, lambda world: {"to": str(world.ids.cohort_id)}),
    "GET /{slug:str}/offers/{token:str}": Line(NOWHERE),
    "POST /{slug:str}/offers/{token:str}": Line(NOWHERE, form=lambda world: {"answer": "decline"}),
    f"GET {_PLACES}": Line(AWAY, home=CONCERNED_AT_HOME),
    f"POST {_PLACES}": Line(
        AWAY,
        form=lambda world: {"action": "withdraw", "chosen": str(world.ids.enrollment_id), "confirmed": "yes"},
        home=STAFF_AT_HOME,
    ),
    f"GET {_ADMISSION}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_ADMISSION}": Line(AWAY, form=lambda world: {"selects": "yes"}, home=STAFF_AT_HOME),
    f"POST {_ADMISSION}/codes": Line(
        AWAY, form=lambda world: {"code": "MALLORY", "most_uses": "9"}, home=STAFF_AT_HOME
    ),
    f"POST {_ADMISSION}/members": Line(AWAY, form=lambda world: {"emails": "mallory@example.org"}, home=STAFF_AT_HOME),
}
LISTS: set[str] = {
    "GET /api/enrollments",
}
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, object]:
    """An invitation to the cohort."""
    identifier = uuid4()
    await pool.execute(
        "INSERT INTO invitation (id, organization_id, cohort_id, code, most_uses, created_at)"
        " VALUES ($1, $2, $3, 'WELCOME', 3, now())",
        identifier,
        world.scene.organization_id,
        world.ids.cohort_id,
    )
    return {"invitation_id": identifier}
