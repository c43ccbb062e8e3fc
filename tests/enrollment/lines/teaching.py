"""Routes of attendance and messages."""

from typing import Any
from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, COHORT, CONCERNED, CONCERNED_AT_HOME, Line
from tests.enrollment.lines.world import World

_SESSION = "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}"
#: The other participant has a seat too, but neither a code of now nor a pass.
_CHECK_IN_AT_HOME = (401, 404, 410, 404, 401)


def _tap(world: World) -> dict[str, Any]:
    return {"enrollment_id": str(world.ids.enrollment_id), "mode": "absent"}


def _message(world: World) -> dict[str, Any]:
    return {"subject": "Theirs", "body": "Not theirs"}


OBJECTS: dict[str, Line] = {
    "GET /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": Line(COHORT),
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": Line(
        CONCERNED, lambda world: {"entries": [_tap(world)]}
    ),
    "GET /{slug:str}/teach/cohorts/{cohort_id:uuid}/grid": Line(AWAY, home=CONCERNED_AT_HOME),
    f"GET {_SESSION}/attendance": Line(AWAY, home=CONCERNED_AT_HOME),
    f"POST {_SESSION}/attendance": Line(AWAY, form=_tap, home=CONCERNED_AT_HOME),
    f"POST {_SESSION}/attendance/all": Line(AWAY, form=lambda world: {"mode": "absent"}, home=CONCERNED_AT_HOME),
    f"POST {_SESSION}/attendance/undo": Line(
        AWAY, form=lambda world: {"change_id": str(world.more["change_id"])}, home=CONCERNED_AT_HOME
    ),
    f"GET {_SESSION}/makeup/{{enrollment_id:uuid}}": Line(AWAY, home=CONCERNED_AT_HOME),
    f"POST {_SESSION}/makeup/{{enrollment_id:uuid}}": Line(
        AWAY, form=lambda world: {"minutes": "15", "what": "Theirs"}, home=CONCERNED_AT_HOME
    ),
    f"GET {_SESSION}/code": Line(AWAY, home=CONCERNED_AT_HOME),
    f"GET {_SESSION}/reports": Line(AWAY, home=CONCERNED_AT_HOME),
    f"POST {_SESSION}/reports": Line(AWAY, form=lambda world: {"file": "Name,Minutes"}, home=CONCERNED_AT_HOME),
    f"GET {_SESSION}/reports/{{report_id:uuid}}": Line(AWAY, home=CONCERNED_AT_HOME),
    f"POST {_SESSION}/reports/{{report_id:uuid}}": Line(AWAY, form=lambda world: {}, home=CONCERNED_AT_HOME),
    "GET /{slug:str}/check-in/{session_id:uuid}/{check_in_code:str}": Line(
        AWAY, home=_CHECK_IN_AT_HOME, administrator=404
    ),
    "POST /{slug:str}/check-in/{session_id:uuid}": Line(
        AWAY, form=lambda world: {"ticket": "x"}, home=_CHECK_IN_AT_HOME
    ),
    "GET /api/cohorts/{cohort_id:uuid}/messages": Line(CONCERNED),
    "PUT /api/cohorts/{cohort_id:uuid}/messages/{message_id:uuid}": Line(CONCERNED, _message),
    "GET /{slug:str}/teach/cohorts/{cohort_id:uuid}/messages": Line(AWAY, home=CONCERNED_AT_HOME),
    "POST /{slug:str}/teach/cohorts/{cohort_id:uuid}/messages": Line(
        AWAY, form=lambda world: {"id": str(uuid4()), **_message(world)}, home=CONCERNED_AT_HOME
    ),
}
LISTS: set[str] = set()
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """A change of the participant's line, a meeting report, approved make-up work, and a message that was sent."""
    ids, scene = world.ids, world.scene
    staff = scene.people["administrator"][1]
    change_id, report_id, message_id = uuid4(), uuid4(), uuid4()
    of_session = (scene.organization_id, ids.cohort_id, ids.session_id)
    await pool.execute(
        "INSERT INTO attendance_change (organization_id, cohort_id, cohort_session_id, enrollment_id, number,"
        " change_id, after, changed_by, changed_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, now())",
        *of_session, ids.enrollment_id, change_id, {"mode": "absent"}, staff,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO meeting_report (organization_id, cohort_id, cohort_session_id, id, file_name, file_sha256,"
        " uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, 'report.csv', 'none', $5, now())",
        *of_session, report_id, staff,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO meeting_line (organization_id, cohort_id, report_id, number, name, minutes, enrollment_id,"
        " matched_by) VALUES ($1, $2, $3, 1, 'Private', 60, $4, 'name')",
        scene.organization_id, ids.cohort_id, report_id, ids.enrollment_id,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO makeup (organization_id, cohort_id, cohort_session_id, enrollment_id, credit_minutes, what,"
        " approved_by, approved_at) VALUES ($1, $2, $3, $4, 15, 'Private', $5, now())",
        *of_session, ids.enrollment_id, staff,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO cohort_message (id, organization_id, cohort_id, audience, subject, body, sent_by, sent_at,"
        " recipients) VALUES ($1, $2, $3, 'seated', 'Private', 'Private', $4, now(), 1)",
        message_id, scene.organization_id, ids.cohort_id, staff,
    )  # fmt: skip
    return {"change_id": change_id, "report_id": report_id, "message_id": message_id, "check_in_code": "x" * 12}
