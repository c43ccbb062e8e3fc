"""Self check-in: a code that changes every half minute, for those who have a seat, for their own line only."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from services.enrollment.attendance import codes
from services.enrollment.house import sealing_key
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.cast import Cast, Part, asked, cast, playing
from tests.enrollment.visitors import Served, slug_of

_TICKET = re.compile(r'name="ticket" value="([^"]+)"')


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort whose session has just begun."""
    scene = await cast(enrollment_pool)
    await begin(enrollment_pool, scene, minutes_ago=1)
    return scene


async def begin(pool: Pool, scene: Cast, *, minutes_ago: float) -> None:
    starts_at = system_clock() - timedelta(minutes=minutes_ago)
    await pool.execute(
        "UPDATE cohort_session SET starts_at = $2, ends_at = $3 WHERE id = $1",
        scene.session_id, starts_at, starts_at + timedelta(hours=3),
    )  # fmt: skip


async def address(served: Served, pool: Pool, scene: Cast, *, seconds_ago: float = 0) -> str:
    """What the code on the screen led to so long ago."""
    moment = system_clock() - timedelta(seconds=seconds_ago)
    code = codes.code_at(sealing_key(served.settings), scene.session_id, moment)
    return f"/{await slug_of(pool, scene.organization_id)}/check-in/{scene.session_id}/{code}"


async def ticket_of(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        found = _TICKET.search(await answer.text())
        assert answer.status == 200
    assert found is not None
    return found[1]


async def press(session: aiohttp.ClientSession, path: str, ticket: str) -> tuple[int, str]:
    async with session.post(path.rpartition("/")[0], data={"ticket": ticket}) as answer:
        return answer.status, await answer.text()


async def line(pool: Pool, scene: Cast) -> Any:
    return await pool.fetchrow(
        "SELECT mode, source, arrived_at, recorded_by FROM attendance WHERE enrollment_id = $1", scene.enrollment_id
    )


async def test_a_participant_says_that_they_are_here(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path = await address(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        ticket = await ticket_of(session, path)
        assert await line(enrollment_pool, scene) is None, "opening the page records nothing"
        status, text = await press(session, path, ticket)
        assert (status, "You are checked in" in text, "Counts 180 of 180 minutes." in text) == (200, True, True)
        assert "You are checked in" in (await press(session, path, ticket))[1]
    found = await line(enrollment_pool, scene)
    assert tuple(found) == ("in person", "self", None, scene.people["participant"][1])
    assert await enrollment_pool.fetchval("SELECT count(*) FROM attendance WHERE cohort_id = $1", scene.cohort_id) == 1


async def test_who_checks_in_late_arrived_then(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    await begin(enrollment_pool, scene, minutes_ago=50)
    path = await address(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        _, text = await press(session, path, await ticket_of(session, path))
    assert "Counts 120 of 180 minutes." in text
    assert "You checked in after the start." in text
    assert (await line(enrollment_pool, scene))["arrived_at"] is not None


@pytest.mark.parametrize("seconds_ago", [61, 90, 3600])
async def test_a_code_of_a_minute_ago_is_over(
    served: Served, enrollment_pool: Pool, scene: Cast, seconds_ago: float
) -> None:
    path = await address(served, enrollment_pool, scene, seconds_ago=seconds_ago)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        status, problem = await asked(session, "GET", path)
    assert (status, problem["type"]) == (410, "/problems/check-in-code-over")


async def test_the_code_before_is_still_good(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path = await address(served, enrollment_pool, scene, seconds_ago=28)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        assert await ticket_of(session, path)


async def test_a_code_of_another_session_opens_nothing(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    other = await cast(enrollment_pool)
    await begin(enrollment_pool, other, minutes_ago=1)
    code = (await address(served, enrollment_pool, other)).rpartition("/")[2]
    path = f"{(await address(served, enrollment_pool, scene)).rpartition('/')[0]}/{code}"
    async with playing(served, enrollment_pool, scene, "participant") as session:
        assert (await asked(session, "GET", path))[0] == 410


async def test_anothers_ticket_is_none(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path = await address(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "another participant") as session:
        ticket = await ticket_of(session, path)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        for wrong in (ticket, "", "not-base64!", "AAAA"):
            assert (await press(session, path, wrong))[0] == 410
    assert await line(enrollment_pool, scene) is None


@pytest.mark.parametrize("minutes_ago", [-31, 181])
async def test_before_and_after_nobody_checks_in(
    served: Served, enrollment_pool: Pool, scene: Cast, minutes_ago: float
) -> None:
    path = await address(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        ticket = await ticket_of(session, path)
        await begin(enrollment_pool, scene, minutes_ago=minutes_ago)
        status, problem = await asked(session, "GET", path)
        assert (status, problem["type"]) == (409, "/problems/check-in-closed")
        assert (await press(session, path, ticket))[0] == 409
    assert await line(enrollment_pool, scene) is None


async def test_what_an_instructor_wrote_stands(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    body = {"entries": [{"enrollment_id": str(scene.enrollment_id), "mode": "excused"}]}
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        assert (await asked(session, "PUT", scene.sheet, json=body))[0] == 200
    path = await address(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        _, text = await press(session, path, await ticket_of(session, path))
        assert "Your instructor has marked you" in text
    assert (await line(enrollment_pool, scene))["mode"] == "excused"


@pytest.mark.parametrize(
    ("part", "status"),
    [("instructor", 404), ("another cohort's instructor", 404), ("administrator", 404), ("nobody", 401)],
)
async def test_only_who_has_a_seat(served: Served, enrollment_pool: Pool, scene: Cast, part: Part, status: int) -> None:
    path = await address(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, part) as session:
        assert (await asked(session, "GET", path))[0] == status
        assert (await asked(session, "GET", path.replace(str(scene.session_id), str(uuid4()))))[0] in (401, 404)


async def test_somebody_not_signed_in_is_sent_to_sign_in_and_comes_back(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path = await address(served, enrollment_pool, scene)
    async with (
        playing(served, enrollment_pool, scene, "nobody") as session,
        session.get(path, headers={"Accept": "text/html"}, allow_redirects=False) as answer,
    ):
        assert answer.status == 303
        assert "/check-in/" in answer.headers["Location"].replace("%2F", "/")


async def test_the_page_for_the_room_shows_a_code_that_leads_to_the_check_in(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    slug = await slug_of(enrollment_pool, scene.organization_id)
    path = f"/{slug}/teach/cohorts/{scene.cohort_id}/sessions/{scene.session_id}/code"
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        async with session.get(path) as answer:
            text = await answer.text()
            assert (answer.status, answer.headers["Refresh"]) == (200, "20")
        assert "<svg" in text
        assert "style=" not in text
        assert "0 of 3 people are here" in text
        await begin(enrollment_pool, scene, minutes_ago=200)
        async with session.get(path) as answer:
            assert "The session is over" in await answer.text()
            assert "Refresh" not in answer.headers
    async with playing(served, enrollment_pool, scene, "participant") as session:
        assert (await asked(session, "GET", path))[0] == 404
