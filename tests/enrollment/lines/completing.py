"""Routes of completions, awards, evaluations and audits."""

from typing import Any
from uuid import uuid4

from shared.postgres import Pool
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
    # It has no badge in force: nobody who may change one is refused for who they are.
    "PUT /api/awards/{award_id:uuid}/corrections/{correction_id:uuid}": Line(
        STAFF, lambda world: {"credit_minutes": 60}, administrator=409
    ),
    "PUT /api/awards/{award_id:uuid}/renewals/{renewal_id:uuid}": Line(
        STAFF, lambda world: {"valid_until": None}, administrator=409
    ),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/badge": Line(
        AWAY, home=STAFF_AT_HOME
    ),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/badge/correction": Line(
        AWAY, form=lambda world: {"holder_name": "Envy", "hours": "1"}, home=STAFF_AT_HOME
    ),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/badge/renewal": Line(
        AWAY, form=lambda world: {"valid_until": ""}, home=STAFF_AT_HOME
    ),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/badge/revocation": Line(
        AWAY, form=lambda world: {"reason": "Envy", "category": "other"}, home=STAFF_AT_HOME
    ),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion": Line(AWAY, form=_not_completed, home=STAFF_AT_HOME),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}": Line(
        AWAY, form=lambda world: {"reason": "Envy"}, home=STAFF_AT_HOME
    ),
    # Nothing of theirs is refused, so they are shown their page.
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/again": Line(
        AWAY, form=lambda world: {}, home=STAFF_AT_HOME
    ),
    # Nothing is decided about them, which only they and staff are told.
    "GET /{slug:str}/enrollments/{enrollment_id:uuid}/statement.pdf": Line(
        AWAY, home=CONCERNED_AT_HOME, administrator=409
    ),
    # Nobody evaluates for another, staff neither.
    "GET /{slug:str}/learning/{enrollment_id:uuid}/evaluations": Line(
        AWAY, home=CONCERNED_AT_HOME, administrator=404
    ),
    "GET /{slug:str}/learning/{enrollment_id:uuid}/evaluations/{about_id:uuid}": Line(
        AWAY, home=CONCERNED_AT_HOME, administrator=404
    ),
    "POST /{slug:str}/learning/{enrollment_id:uuid}/evaluations/{about_id:uuid}": Line(
        AWAY, form=lambda world: {"answer-1": "5"}, home=CONCERNED_AT_HOME
    ),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/evaluations": Line(AWAY, home=CONCERNED_AT_HOME),
    "GET /{slug:str}/staff/programs/{program_id:uuid}/evaluations": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/programs/{program_id:uuid}/evaluations": Line(
        AWAY, form=lambda world: {"cohort": "Envious."}, home=STAFF_AT_HOME
    ),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/audits": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/cohorts/{cohort_id:uuid}/audits": Line(
        AWAY, form=lambda world: {"jurisdiction": "illinois"}, home=STAFF_AT_HOME
    ),
    "GET /{slug:str}/staff/cohorts/{cohort_id:uuid}/audits/{audit_id:uuid}/audit.zip": Line(
        # Only the row of it is made here, not its file.
        AWAY, home=STAFF_AT_HOME, administrator=500,
    ),
}  # fmt: skip
LISTS: set[str] = set()
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """An audit file, and what an evaluation is about: the session."""
    audit_id, organization_id = uuid4(), world.scene.organization_id
    await pool.execute(
        "INSERT INTO evaluation_form (id, organization_id, program_id, version, about, questions, made_at)"
        " VALUES ($1, $2, $3, 1, 'session', '[\"Useful.\"]', now())",
        uuid4(), organization_id, world.ids.program_id,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO audit_file (id, organization_id, cohort_id, jurisdiction, file_id, file_size, file_sha256,"
        " made_by, made_at, keep_until) VALUES ($1, $2, $3, 'illinois', $4, 1, 'none', $5, now(), now())",
        audit_id, organization_id, world.ids.cohort_id, uuid4(), world.scene.people["administrator"][1],
    )  # fmt: skip
    return {
        "audit_id": audit_id, "about_id": world.ids.session_id, "correction_id": uuid4(), "renewal_id": uuid4()
    }  # fmt: skip
