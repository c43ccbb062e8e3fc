"""Every route that reads or writes one object, tried by everybody whom the object does not concern.

The routes are taken from the application: a new one without a line in `lines` fails the first test.
"""

from pathlib import Path

import aiohttp
import msgspec
import pytest

from services.enrollment import app
from services.enrollment.people.policy import TABLE
from shared.postgres import Pool
from tests.enrollment.cast import asked, playing
from tests.enrollment.conftest import settings_for
from tests.enrollment.lines import DOORS, LISTS, NAMES, OBJECTS
from tests.enrollment.lines.services import OF_SERVICES
from tests.enrollment.lines.world import World
from tests.enrollment.outsiders import OUTSIDERS, Outsider, address, as_outsider, everything, make_world, nouns
from tests.enrollment.test_every_route_has_a_policy import NOBODY, routes
from tests.enrollment.visitors import Served, browser, sign_in_at_once


def test_every_route_has_its_line_here(tmp_path: Path) -> None:
    found = [name for name, _ in routes(app.make(settings_for(tmp_path, NOBODY, 9)))]
    assert sorted([*NAMES, *OF_SERVICES]) == sorted(found)
    assert [name for name in (*LISTS, *DOORS) if ":uuid" in name] == []


def test_a_page_for_those_who_signed_in_is_tried_at_its_own_address_too(tmp_path: Path) -> None:
    """At the address of another organization everybody is a stranger: that alone would show little."""
    actions = {
        name: handler.opt.get("policy", "") for name, handler in routes(app.make(settings_for(tmp_path, NOBODY, 9)))
    }
    wanted = {name for name in OBJECTS if "{slug:str}" in name and "anybody" not in TABLE[actions[name]]}
    assert {name for name, line in OBJECTS.items() if line.home is not None} == wanted


@pytest.fixture
async def world(served: Served, enrollment_pool: Pool) -> World:
    """An organization with one of each object."""
    return await make_world(served, enrollment_pool)


async def try_route(
    session: aiohttp.ClientSession, world: World, name: str, *, at_home: bool = False
) -> tuple[int, str]:
    """The answer's status and text, at the address of the other organization or of the object's own."""
    method, path = address(world, name, slug=world.slug if at_home else None)
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
        return answer.status, await answer.text(errors="replace")


@pytest.mark.parametrize("part", OUTSIDERS)
async def test_outsiders_are_refused_and_change_nothing(
    served: Served, enrollment_pool: Pool, world: World, part: Outsider
) -> None:
    column = OUTSIDERS.index(part)
    before = await everything(enrollment_pool, world.scene.organization_id)
    found: dict[tuple[str, bool], int] = {}
    wanted = {(name, False): line.statuses[column] for name, line in OBJECTS.items()}
    wanted |= {(name, True): line.home[column] for name, line in OBJECTS.items() if line.home is not None}
    async with as_outsider(served, enrollment_pool, world, part) as session:
        for name, at_home in wanted:
            status, text = await try_route(session, world, name, at_home=at_home)
            found[name, at_home] = status
            if status >= 400:
                assert "Person 0" not in text
                assert "Private" not in text
    assert found == wanted
    assert await everything(enrollment_pool, world.scene.organization_id) == before


async def test_whom_it_concerns_is_let_in(served: Served, enrollment_pool: Pool, world: World) -> None:
    """The control: with the same addresses and bodies, what refused the outsiders lets these in."""
    wanted = {
        name: line.administrator
        for name, line in OBJECTS.items()
        if name.startswith("GET /api") or (name.startswith("GET") and line.home is not None)
    }
    async with playing(served, enrollment_pool, world.scene, "administrator") as session:
        found = {name: (await try_route(session, world, name, at_home=True))[0] for name in wanted}
        assert found == wanted
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
    personal = {str(world.ids.enrollment_id), str(world.ids.person_id)}
    others = set(personal)
    if part == "another organization's administrator":
        others |= {str(value) for value in msgspec.structs.asdict(world.ids).values()}
    elif part != "another participant":
        others.add(str(world.ids.cohort_id))
    async with as_outsider(served, enrollment_pool, world, part) as session:
        for name in LISTS:
            # At its own address an organization shows its programs and cohorts to everybody, but nobody's place.
            for slug, hidden in ((world.foreign_slug, others), (world.slug, personal)):
                method, path = address(world, name, slug=slug)
                async with session.request(method, path) as answer:
                    text = await answer.text()
                    assert answer.status in (200, 401, 403), name
                    assert not any(one in text for one in hidden), name


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


async def test_what_outsiders_must_not_change_is_every_table_of_organizations(enrollment_pool: Pool) -> None:
    found = await nouns(enrollment_pool)
    assert {"person", "enrollment", "evidence", "award", "webhook_endpoint"} <= set(found)
    assert "outbox" not in found
