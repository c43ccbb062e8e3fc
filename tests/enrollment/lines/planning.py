"""Routes of programs and cohorts."""

from typing import Any
from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import (
    AWAY,
    COHORT,
    CONCERNED,
    CONCERNED_AT_HOME,
    NOWHERE,
    SHOWN,
    STAFF_AT_HOME,
    TAKEN,
    Line,
)
from tests.enrollment.lines.world import World
from tests.enrollment.staff import session_body

_TEXT = {"name": "Theirs", "description": "Not theirs"}


def _cohort(world: World) -> dict[str, Any]:
    return {
        "curriculum_id": str(world.foreign_curriculum_id),
        "name": "Theirs",
        "region": "East",
        "school_year": "2026-27",
        "delivery": "hybrid",
        "time_zone": "UTC",
        "state": "open",
        "policy": {},
        "sessions": [session_body()],
    }


_FORM = {
    "name": "Theirs",
    "state": "cancelled",
    "seats": "0",
    "title": "Theirs",
    "day": "2099-01-01",
    "starts": "09:00",
    "ends": "10:00",
    "credit_minutes": "1",
    "mode": "in person",
    "place": "Theirs",
    "headline": "Theirs",
}
_COHORT, _TAUGHT = "/{slug:str}/staff/cohorts/{cohort_id:uuid}", "/{slug:str}/teach/cohorts/{cohort_id:uuid}"
_PROGRAM, _LEVEL = "/{slug:str}/staff/programs/{program_id:uuid}", "/{slug:str}/staff/levels/{level_id:uuid}"
_CURRICULUM = "/{slug:str}/staff/curricula/{curriculum_id:uuid}"
_OF_STAFF = (
    f"GET {_COHORT}",
    f"GET {_COHORT}/settings",
    f"GET {_COHORT}/cancel",
    f"GET {_PROGRAM}",
    f"GET {_PROGRAM}/rules",
    f"GET {_PROGRAM}/levels/{{level_id:uuid}}",
    f"GET {_LEVEL}/curricula/new",
    f"GET {_CURRICULUM}",
)
_BY_STAFF = (
    f"POST {_COHORT}/settings",
    f"POST {_COHORT}/state",
    f"POST {_COHORT}/seats",
    f"POST {_COHORT}/instructors",
    f"POST {_COHORT}/instructors/{{person_id:uuid}}/removal",
    f"POST {_PROGRAM}/rules",
    f"POST {_PROGRAM}/levels/{{level_id:uuid}}",
    f"POST {_LEVEL}/curricula/{{curriculum_id:uuid}}",
    f"POST {_CURRICULUM}/next",
)
_OF_TEACHERS = (
    f"GET {_TAUGHT}",
    f"GET {_TAUGHT}/sessions/new",
    f"GET {_TAUGHT}/sessions/{{session_id:uuid}}",
    f"GET {_TAUGHT}/sessions/{{session_id:uuid}}/cancel",
    "GET /{slug:str}/staff/profiles/{instructor_id:uuid}",
)
_BY_TEACHERS = (
    f"POST {_TAUGHT}/sessions/{{session_id:uuid}}",
    f"POST {_TAUGHT}/sessions/{{session_id:uuid}}/cancel",
    "POST /{slug:str}/staff/profiles/{instructor_id:uuid}",
)


OBJECTS: dict[str, Line] = {
    "GET /api/programs/{program_id:uuid}": Line(SHOWN),
    "PUT /api/programs/{program_id:uuid}": Line(TAKEN, lambda world: {"slug": "theirs", **_TEXT}),
    "PUT /api/levels/{level_id:uuid}": Line(
        TAKEN, lambda world: {"program_id": str(world.foreign_program_id), "number": 9, **_TEXT}
    ),
    "PUT /api/curricula/{curriculum_id:uuid}": Line(
        TAKEN, lambda world: {"level_id": str(world.foreign_level_id), "name": "Theirs", "modules": []}
    ),
    "GET /api/cohorts/{cohort_id:uuid}": Line(COHORT),
    "PUT /api/cohorts/{cohort_id:uuid}": Line(TAKEN, _cohort),
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/mode": Line(
        CONCERNED, lambda world: {"mode": "virtual", "link": "https://video.example/theirs"}
    ),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}/calendar.ics": Line(NOWHERE),
    "GET /{slug:str}/calendars/{token:str}": Line(NOWHERE),
    "POST /{slug:str}/staff/level-badges/{claim_id:uuid}": Line(
        AWAY, form=lambda world: {"decision": "accepted"}, home=STAFF_AT_HOME
    ),
    # Another organization's form under a known id: it says what is missing, and would say that the id is taken.
    f"POST {_PROGRAM}": Line((422, *AWAY[1:]), form=lambda world: _FORM, home=STAFF_AT_HOME),
    **{name: Line(AWAY, home=STAFF_AT_HOME) for name in _OF_STAFF},
    **{name: Line(AWAY, form=lambda world: _FORM, home=STAFF_AT_HOME) for name in _BY_STAFF},
    **{name: Line(AWAY, home=CONCERNED_AT_HOME) for name in _OF_TEACHERS},
    **{name: Line(AWAY, form=lambda world: _FORM, home=CONCERNED_AT_HOME) for name in _BY_TEACHERS},
}
LISTS: set[str] = {
    "GET /api/programs",
    "GET /api/cohorts",
    "GET /api/{slug:str}/programs",
    "GET /api/{slug:str}/cohorts",
    "GET /{slug:str}",
    "GET /{slug:str}/programs/{program_slug:str}",
    "GET /{slug:str}/programs/{program_slug:str}/accent.css",
    "GET /{slug:str}/staff/cohorts",
    "GET /{slug:str}/staff/programs",
    "GET /{slug:str}/staff/level-badges",
    "GET /{slug:str}/teach",
}
DOORS: set[str] = {
    "GET /",
    "GET /{slug:str}/staff/cohorts/new",
    "GET /{slug:str}/staff/programs/new",
    "POST /{slug:str}/staff/cohorts/new",
    "GET /{slug:str}/learning/calendar",
    "POST /{slug:str}/learning/calendar",
    "GET /{slug:str}/learning/level-badge",
    "POST /{slug:str}/learning/level-badge",
}


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """The slug of the program, and who teaches the cohort, with a profile."""
    _, person_id = world.scene.people["instructor"]
    await pool.execute(
        "INSERT INTO instructor_profile VALUES ($1, $2, 'Teacher', '', now())", person_id, world.scene.organization_id
    )
    slug = await pool.fetchval("SELECT slug FROM program WHERE id = $1", world.ids.program_id)
    claim_id = await pool.fetchval(
        "INSERT INTO level_claim (id, organization_id, person_id, level_id, file_sha256, verdict, issuer, achievement,"
        " checked_at) VALUES ($1, $2, $3, $4, '0', 'genuine', 'Elsewhere', 'Badge', now()) RETURNING id",
        uuid4(), world.scene.organization_id, world.ids.person_id, world.ids.level_id,
    )  # fmt: skip
    return {"program_slug": slug, "instructor_id": person_id, "claim_id": claim_id}
