"""Every route that reads or writes one object, tried by everybody whom the object does not concern.

The routes are taken from the application: a new one without a line here fails the first test.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from services.enrollment import app
from shared.postgres import Pool
from tests.enrollment.cast import asked, playing
from tests.enrollment.conftest import settings_for
from tests.enrollment.outsiders import OUTSIDERS, Outsider, World, address, as_outsider, everything, make_world
from tests.enrollment.staff import session_body
from tests.enrollment.test_every_route_has_a_policy import NOBODY, routes
from tests.enrollment.visitors import Served, browser, sign_in_at_once

# What the outsiders are answered, in their order.
STAFF = (404, 403, 403, 403, 401)
CONCERNED = (404, 404, 404, 404, 401)
#: The other participant is in the same cohort.
COHORT = (404, 404, 200, 404, 401)
#: An id under which another organization keeps something: taken, without a word on what it is.
TAKEN = (409, 403, 403, 403, 401)
#: For anybody of the organization, and for those who look at its own pages.
SHOWN = (404, 200, 200, 200, 404)
#: At the address of another organization there is nothing, whoever asks.
NOWHERE = (404, 404, 404, 404, 404)


Body = Callable[[World], dict[str, Any]]


class Line(msgspec.Struct, frozen=True):
    """What a route answers the outsiders, and how to ask it."""

    statuses: tuple[int, ...]
    json: Body | None = None
    form: Body | None = None
    query: Body | None = None


_PERSON = {"name": "Mallory", "email": "mallory@example.org"}
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


OBJECTS: dict[str, Line] = {
    "GET /api/people/{person_id:uuid}": Line(STAFF),
    "PUT /api/people/{person_id:uuid}": Line(TAKEN, lambda world: _PERSON),
    "PUT /api/people/{person_id:uuid}/roles": Line(STAFF, lambda world: {"roles": ["administrator"]}),
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
    "PUT /api/cohorts/{cohort_id:uuid}/seats": Line(STAFF, lambda world: {"seats": 50}),
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/mode": Line(
        CONCERNED, lambda world: {"mode": "virtual", "link": "https://video.example/theirs"}
    ),
    "GET /api/cohorts/{cohort_id:uuid}/enrollments": Line(CONCERNED),
    "GET /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": Line(COHORT),
    "PUT /api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance": Line(
        CONCERNED, lambda world: {"entries": [{"enrollment_id": str(world.ids.enrollment_id), "mode": "absent"}]}
    ),
    "GET /api/cohorts/{cohort_id:uuid}/evidence": Line(CONCERNED),
    "GET /api/cohorts/{cohort_id:uuid}/completions": Line(STAFF),
    "PUT /api/cohorts/{cohort_id:uuid}/completions": Line(
        STAFF, lambda world: {"not_completed": [str(world.ids.enrollment_id)]}
    ),
    "GET /api/enrollments/{enrollment_id:uuid}": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/withdrawal": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/name-display": Line(CONCERNED, lambda world: {"shows_name": False}),
    "GET /api/enrollments/{enrollment_id:uuid}/evidence": Line(CONCERNED),
    "PUT /api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}": Line(
        CONCERNED, lambda world: {"module_id": str(world.scene.module_ids[1]), "text": "Mine now"}
    ),
    "PUT /api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}/file": Line(
        CONCERNED, query=lambda world: {"module_id": str(world.scene.module_ids[1]), "file_name": "mine.txt"}
    ),
    "GET /api/evidence/{evidence_id:uuid}": Line(CONCERNED),
    "GET /api/evidence/{evidence_id:uuid}/file": Line(CONCERNED),
    "PUT /api/evidence/{evidence_id:uuid}/review": Line(CONCERNED, lambda world: {"decision": "accepted"}),
    "GET /api/awards/{award_id:uuid}": Line(STAFF),
    "PUT /api/awards/{award_id:uuid}/revocation": Line(STAFF, lambda world: {"reason": "Envy"}),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}": Line(NOWHERE),
    "POST /{slug:str}/cohorts/{cohort_id:uuid}": Line(NOWHERE, form=lambda world: _PERSON),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}/calendar.ics": Line(NOWHERE),
    "GET /{slug:str}/cohorts/{cohort_id:uuid}/enrolled/{token:str}": Line(NOWHERE),
    "PUT /api/{slug:str}/cohorts/{cohort_id:uuid}/enrollments/{enrollment_id:uuid}": Line(
        NOWHERE, lambda world: _PERSON
    ),
}
#: Objects of services, not people: another organization's token is refused below, a person's session is none.
OF_SERVICES: dict[str, dict[str, Any] | None] = {
    "PUT /awards/{award_id:uuid}/outcome": {},
    "PUT /api/webhook-endpoints/{endpoint_id:uuid}": {"url": "https://consumer.example/hook"},
    "DELETE /api/webhook-endpoints/{endpoint_id:uuid}": None,
    "GET /api/events": None,
}
#: Lists: everybody sees their own in them.
LISTS = {
    "GET /api/people",
    "GET /api/programs",
    "GET /api/cohorts",
    "GET /api/enrollments",
    "GET /api/{slug:str}/programs",
    "GET /api/{slug:str}/cohorts",
    "GET /{slug:str}",
}
#: What names no object of an organization.
DOORS = {
    "GET /",
    "GET /.well-known/jwks.json",
    "GET /api/mailbox",
    "GET /api/me",
    "GET /api/organizations/{slug:str}",
    "GET /health/live",
    "GET /health/ready",
    "GET /mailbox",
    "GET /metrics",
    "GET /problems/{code:str}",
    "GET /static/{name:str}",
    "GET /{slug:str}/sign-in",
    "GET /{slug:str}/sign-in/sent",
    "GET/HEAD /sign-in/{token:str}",
    "DELETE /api/session",
    "DELETE /api/sessions",
    "POST /api/sign-in/code",
    "POST /api/sign-in/{token:str}",
    "POST /api/{slug:str}/sign-in",
    "POST /sign-in/{token:str}",
    "POST /sign-out",
    "POST /{slug:str}/sign-in",
    "POST /{slug:str}/sign-in/sent",
}


def test_every_route_has_its_line_here(tmp_path: Path) -> None:
    found = [name for name, _ in routes(app.make(settings_for(tmp_path, NOBODY, 9)))]
    known = [*OBJECTS, *OF_SERVICES, *LISTS, *DOORS]
    assert sorted(known) == sorted(found)
    assert [name for name in (*LISTS, *DOORS) if ":uuid" in name] == []


@pytest.fixture
async def world(served: Served, enrollment_pool: Pool) -> World:
    """An organization with one of each object."""
    return await make_world(served, enrollment_pool)


async def try_route(session: aiohttp.ClientSession, world: World, name: str) -> tuple[int, str]:
    """The answer's status and text."""
    method, path = address(world, name)
    line = OBJECTS[name]
    request = session.request(
        method,
        path,
        json=None if line.json is None else line.json(world),
        data=None if line.form is None else line.form(world),
        params=None if line.query is None else line.query(world),
        allow_redirects=False,
    )
    async with request as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("part", OUTSIDERS)
async def test_outsiders_are_refused_and_change_nothing(
    served: Served, enrollment_pool: Pool, world: World, part: Outsider
) -> None:
    column = OUTSIDERS.index(part)
    before = await everything(enrollment_pool, world.scene.organization_id)
    found: dict[str, int] = {}
    async with as_outsider(served, enrollment_pool, world, part) as session:
        for name in OBJECTS:
            found[name], text = await try_route(session, world, name)
            if found[name] >= 400:
                assert "Person 0" not in text
                assert "Private" not in text
    assert found == {name: line.statuses[column] for name, line in OBJECTS.items()}
    assert await everything(enrollment_pool, world.scene.organization_id) == before


async def test_whom_it_concerns_is_let_in(served: Served, enrollment_pool: Pool, world: World) -> None:
    """The control: with the same addresses and bodies, what refused the outsiders lets these in."""
    reads = [name for name in OBJECTS if name.startswith("GET /api")]
    async with playing(served, enrollment_pool, world.scene, "administrator") as session:
        found = {name: (await try_route(session, world, name))[0] for name in reads}
        assert found == dict.fromkeys(reads, 200)
        status, _ = await try_route(session, world, "PUT /api/cohorts/{cohort_id:uuid}/seats")
        assert status == 200
    async with playing(served, enrollment_pool, world.scene, "instructor") as session:
        status, _ = await try_route(session, world, "PUT /api/evidence/{evidence_id:uuid}/review")
        assert status == 200
    async with playing(served, enrollment_pool, world.scene, "participant") as session:
        status, _ = await try_route(session, world, "PUT /api/enrollments/{enrollment_id:uuid}/name-display")
        assert status == 200
        status, text = await try_route(session, world, "GET /api/evidence/{evidence_id:uuid}/file")
        assert (status, text) == (200, "Private")


@pytest.mark.parametrize("part", OUTSIDERS)
async def test_lists_hold_nothing_of_others(
    served: Served, enrollment_pool: Pool, world: World, part: Outsider
) -> None:
    others = {str(world.ids.enrollment_id), str(world.ids.person_id)}
    if part == "another organization's administrator":
        others |= {str(value) for value in msgspec.structs.asdict(world.ids).values()}
    elif part != "another participant":
        others.add(str(world.ids.cohort_id))
    async with as_outsider(served, enrollment_pool, world, part) as session:
        for name in LISTS:
            method, path = address(world, name)
            async with session.request(method, path) as answer:
                text = await answer.text()
                assert answer.status in (200, 401, 403), name
                assert not any(one in text for one in others), name


async def test_parts_of_two_cohorts_do_not_mix(served: Served, enrollment_pool: Pool, world: World) -> None:
    """Who may write one cohort reaches no session or enrollment of another through its address."""
    other_cohort = await enrollment_pool.fetchval(
        "SELECT cohort_id FROM cohort_instructor WHERE person_id = $1",
        world.scene.people["another cohort's instructor"][1],
    )
    session_path = f"/api/cohorts/{other_cohort}/sessions/{world.ids.session_id}"
    entry = {"enrollment_id": str(world.ids.enrollment_id), "mode": "absent"}
    before = await everything(enrollment_pool, world.scene.organization_id)
    for part in ("another cohort's instructor", "administrator"):
        async with browser(served) as session:
            await sign_in_at_once(session, enrollment_pool, *world.scene.people[part])
            attendance = await asked(session, "PUT", f"{session_path}/attendance", json={"entries": [entry]})
            mode = await asked(session, "PUT", f"{session_path}/mode", json={"mode": "virtual"})
            chosen = {"not_completed": [str(world.ids.enrollment_id)]}
            decision = await asked(session, "PUT", f"/api/cohorts/{other_cohort}/completions", json=chosen)
            refused = 404 if part == "administrator" else 403
            assert (attendance[0], mode[0], decision[0]) == (404, 404, refused)
    async with playing(served, enrollment_pool, world.scene, "another participant") as session:
        path = f"/api/enrollments/{world.scene.enrollment_ids[1]}/evidence/{world.ids.evidence_id}"
        body = {"module_id": str(world.scene.module_ids[0]), "text": "Mine now"}
        assert (await asked(session, "PUT", path, json=body))[0] == 409
    assert await everything(enrollment_pool, world.scene.organization_id) == before
