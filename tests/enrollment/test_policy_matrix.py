"""The policy matrix: every role on every route and one of each object, against the table of actions.

The routes are the application's. What each insider is promised follows from the route's action and from how they stand
to the object; those outside are in test_nobody_sees_anothers.py. Whoever is let in sends what changes something, so
the handler's own question is asked too, not the guard's alone.
"""

from collections.abc import Iterable
from pathlib import Path

import aiohttp
import pytest
from litestar import get

from services.enrollment import app
from services.enrollment.evidence import api as evidence_api
from services.enrollment.people.policy import TABLE
from services.enrollment.people.policy.standings import Policy
from shared import contracts
from shared.postgres import Pool
from tests.enrollment.conftest import settings_for
from tests.enrollment.lines import OBJECTS
from tests.enrollment.lines.line import Line
from tests.enrollment.lines.services import OF_SERVICES
from tests.enrollment.lines.world import World
from tests.enrollment.matrix import INSIDERS, NAMED_IN_FORM, Insider, from_within, in_order, is_kept, is_tried, refusal
from tests.enrollment.outsiders import address, everything, make_world
from tests.enrollment.test_every_route_has_a_policy import NOBODY, routes
from tests.enrollment.test_no_service_sees_anothers import bearer
from tests.enrollment.visitors import Served, browser, sign_in_at_once

#: What the table may let people without a role do: said a second time, so that nobody lets more in by one slip.
PARTICIPANTS_MAY = {
    "answer.own",
    "attendance.check_in",
    "attendance.read",
    "cohort.read",
    "enrollment.read",
    "enrollment.show_name",
    "enrollment.leave",
    "enrollment.withdraw",
    "evaluation.submit",
    "evidence.read",
    "evidence.submit",
    "offer.decide",
    "profile.write",
    "statement.read",
    "stipend.apply",
    "stipend.see",
}
INSTRUCTORS_MAY = {
    "attendance.read",
    "attendance.write",
    "cohort.read",
    "enrollment.list",
    "enrollment.read",
    "evaluation.read",
    "evidence.read",
    "evidence.remove",
    "evidence.review",
    "export.make",
    "makeup.approve",
    "message.send",
    "place.read",
    "report.take",
    "session.cancel",
    "session.move",
    "session.switch",
}
REVOCATION = "PUT /api/awards/{award_id:uuid}/revocation"
REVIEW = "PUT /api/evidence/{evidence_id:uuid}/review"


def actions(folder: Path) -> dict[str, str]:
    """The action of every route that is for people."""
    found = routes(app.make(settings_for(folder, NOBODY, 9)))
    return {name: handler.opt["policy"] for name, handler in found if "policy" in handler.opt}


async def answer(session: aiohttp.ClientSession, world: World, name: str, **more: object) -> int:
    """The status of a route's answer at home, asked as its line says."""
    method, path = address(world, name, slug=world.slug)
    line = OBJECTS.get(name, Line(()))
    request = session.request(
        method.partition("/")[0],
        path,
        json=None if line.json is None else line.json(world),
        data=None if line.form is None else line.form(world),
        params=None if line.query is None else line.query(world),
        allow_redirects=False,
        **more,  # type: ignore[arg-type]  # headers
    )
    async with request as found:
        await found.read()
        return found.status


async def broken(
    served: Served, pool: Pool, world: World, part: Insider, names: Iterable[str], policies: dict[str, str],
    table: Policy = TABLE,
) -> dict[str, tuple[int | None, int]]:  # fmt: skip
    """Where the service does not keep what `table` promises `part`, as (promised, answered)."""
    found = {}
    async with browser(served) as session:
        for name in names:
            # Signed in anew, since some of them end the session.
            await sign_in_at_once(session, pool, *world.scene.people[part])
            wanted = refusal(name, policies[name], part, table)
            status = await answer(session, world, name)
            is_open = "anybody" in table[policies[name]] or name in NAMED_IN_FORM
            if not is_kept(status, wanted, line=OBJECTS.get(name, Line(())), is_open=is_open):
                found[name] = (wanted, status)
    return found


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The application's routes and their actions."""
    return actions(tmp_path_factory.mktemp("routes"))


@pytest.fixture
async def world(served: Served, enrollment_pool: Pool) -> World:
    """An organization with one of each object, as those inside see it."""
    return from_within(await make_world(served, enrollment_pool))


@pytest.mark.parametrize("part", INSIDERS)
async def test_each_role_is_answered_on_every_route_as_the_table_says(
    served: Served, enrollment_pool: Pool, world: World, policies: dict[str, str], part: Insider
) -> None:
    tried = in_order(name for name, action in policies.items() if is_tried(name, action, TABLE))
    refused = [name for name in tried if refusal(name, policies[name], part, TABLE) is not None]
    allowed = [name for name in tried if name not in refused]
    before = await everything(enrollment_pool, world.scene.organization_id)
    assert await broken(served, enrollment_pool, world, part, refused, policies) == {}
    assert await everything(enrollment_pool, world.scene.organization_id) == before
    assert await broken(served, enrollment_pool, world, part, allowed, policies) == {}


async def test_without_a_sign_in_every_route_that_asks_for_one_answers_so(
    served: Served, world: World, policies: dict[str, str]
) -> None:
    """Nor does a service's token, whatever its scope, open what is for people."""
    token = bearer(served, contracts.EVENTS_READ, world.scene.organization_id)
    asking = [name for name, action in policies.items() if "anybody" not in TABLE[action]]
    async with browser(served) as session:
        for headers in ({}, token):
            found = {name: await answer(session, world, name, headers=headers) for name in asking}
            # A browser that only reads a page is sent to the sign-in; these ask for no page.
            assert found == dict.fromkeys(asking, 401)


@pytest.mark.parametrize("part", INSIDERS)
async def test_what_is_for_services_is_open_to_nobody_who_signed_in(
    served: Served, enrollment_pool: Pool, world: World, part: Insider
) -> None:
    async with browser(served) as session:
        await sign_in_at_once(session, enrollment_pool, *world.scene.people[part])
        for name, body in OF_SERVICES.items():
            method, _, template = name.partition(" ")
            path = template.replace("{award_id:uuid}", str(world.ids.award_id))
            for other in ("{endpoint_id:uuid}", "{record_id:uuid}"):
                path = path.replace(other, str(world.ids.award_id))
            async with session.request(method, path, json=body) as found:
                assert found.status == 401, name


def test_what_people_without_a_role_may_do_is_said_twice() -> None:
    assert {action for action, allowed in TABLE.items() if "participant" in allowed} == PARTICIPANTS_MAY
    assert {action for action, allowed in TABLE.items() if "instructor" in allowed} == INSTRUCTORS_MAY


@get("/api/strays/{stray_id:uuid}", opt={"policy": "cohort.read"})
async def stray(stray_id: str) -> str:
    """A route whose author told nobody of its object."""
    return stray_id


async def test_a_new_route_must_have_an_object_to_be_tried_on(
    served: Served, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the matrix cannot pass over a route that it does not know."""
    monkeypatch.setattr(app, "ROUTES", [*app.ROUTES, stray])
    (added,) = [name for name in actions(tmp_path) if "stray" in name]
    async with browser(served) as session:
        with pytest.raises(KeyError, match="stray_id"):
            await answer(session, world, added)


@pytest.mark.parametrize(
    ("name", "action", "part", "wider"),
    [
        (REVOCATION, "award.revoke", "instructor", frozenset({"administrator", "coordinator", "instructor"})),
        (REVOCATION, "award.revoke", "coordinator", frozenset({"administrator"})),
        (REVIEW, "evidence.review", "participant", frozenset({"signed in"})),
    ],
)
async def test_a_service_that_keeps_another_table_is_found(
    served: Served,
    enrollment_pool: Pool,
    world: World,
    policies: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    action: str,
    part: Insider,
    wider: frozenset[str],
) -> None:
    """The control: who is let in too much, or too little, is told apart from who is not."""
    table = dict(TABLE)
    monkeypatch.setitem(TABLE, action, wider)
    found = await broken(served, enrollment_pool, world, part, [name], policies, table)
    assert list(found) == [name]


async def test_a_handler_that_does_not_ask_about_its_object_is_found(
    served: Served, enrollment_pool: Pool, world: World, policies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the guard alone lets everybody through where the standing depends on the object."""
    monkeypatch.setattr(evidence_api, "require", lambda *_, **__: None)
    name = "GET /api/cohorts/{cohort_id:uuid}/evidence"
    for part in ("another cohort's instructor", "participant"):
        found = await broken(served, enrollment_pool, world, part, [name], policies)
        assert found == {name: (404, 200)}
