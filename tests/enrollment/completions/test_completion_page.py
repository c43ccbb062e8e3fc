"""The staff's page of a cohort's completion: one asks once, decides for many, and takes one back; no script needed."""

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from shared.postgres import Pool
from tests.builders import Built, build
from tests.enrollment.cast import told
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, browser


@pytest.fixture
async def built(enrollment_pool: Pool) -> Built:
    """A cohort of four; the last one was nowhere."""
    async with enrollment_pool.acquire() as connection:
        built = await build(connection, people=4, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    await enrollment_pool.execute("DELETE FROM attendance WHERE enrollment_id = $1", built.enrollment_ids[3])
    return built


@pytest.fixture
async def staff(served: Served, built: Built) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of the organization's administrator."""
    async with browser(served) as session:
        session.cookie_jar.update_cookies({"laurel_session": built.session})
        yield session


def here(built: Built) -> str:
    return f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion"


async def shown(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 200
        return await answer.text()


async def sent(session: aiohttp.ClientSession, path: str, fields: list[tuple[str, str]]) -> tuple[int, str]:
    """The status of what a form gets, and the page that it leads to."""
    async with session.post(path, data=fields, headers={"Accept": "text/html"}) as answer:
        return answer.history[0].status if answer.history else answer.status, await answer.text()


def ticked(html: str) -> list[str]:
    return re.findall(r'name="chosen" value="([^"]+)" checked', html)


async def outcomes(pool: Pool, built: Built) -> list[str]:
    rows = await pool.fetch("SELECT id, outcome FROM enrollment WHERE cohort_id = $1", built.cohort_id)
    by_id = {row["id"]: row["outcome"] for row in rows}
    return [by_id[one] for one in built.enrollment_ids]


async def award(session: aiohttp.ClientSession, built: Built, *chosen: Any) -> tuple[int, str]:
    fields = [("chosen", str(one)) for one in chosen]
    return await sent(session, here(built), [("decision", "completed"), ("sure", "yes"), *fields])


async def test_who_is_eligible_is_ticked_and_who_is_not_is_told_what_is_missing(
    built: Built, staff: aiohttp.ClientSession
) -> None:
    html = await shown(staff, here(built))
    assert set(ticked(html)) == {str(one) for one in built.enrollment_ids[:3]}
    assert "0 of 1 session" in html
    assert "0 of 1 hours" in html


async def test_staff_are_asked_once_and_then_award_whom_they_left_ticked(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    chosen = [("chosen", one) for one in ticked(await shown(staff, here(built)))[:2]]
    status, asked = await sent(staff, here(built), [("decision", "completed"), *chosen])
    assert status == 200
    assert "Award 2 badges?" in asked
    assert await outcomes(enrollment_pool, built) == ["none"] * 4
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', asked)
    hidden = [one for one in hidden if one[0] != "return_path"]  # of the choice of a language
    assert sorted(hidden) == sorted([("decision", "completed"), ("sure", "yes"), *chosen])
    status, after = await sent(staff, here(built), hidden)
    assert status == 303
    assert "2 badges are being signed" in after
    assert after.count("Being signed") == 2
    assert (await outcomes(enrollment_pool, built)).count("completed") == 2


async def test_not_completed_keeps_the_reason_for_staff(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    person = str(built.enrollment_ids[3])
    fields = [("decision", "not completed"), ("sure", "yes"), ("chosen", person), ("reason", "Moved away")]
    status, _ = await sent(staff, here(built), fields)
    assert status == 303
    assert await outcomes(enrollment_pool, built) == ["none", "none", "none", "not completed"]
    assert "Moved away" in await shown(staff, f"{here(built)}/{person}")
    [(kind, data)] = await told(enrollment_pool, built.organization_id)
    assert (kind, "Moved away" in str(data)) == ("completion.not_completed", False)


async def test_a_refusal_names_whom_it_is_about_and_decides_nothing(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    status, html = await award(staff, built, *built.enrollment_ids)
    assert status == 409
    assert "Something is still missing for: Person 3." in html
    assert (await sent(staff, here(built), [("decision", "completed")]))[0] == 422
    assert (await sent(staff, here(built), [("decision", "completed"), ("chosen", "nobody")]))[0] == 422
    stranger = "00000000-0000-4000-8000-000000000000"
    assert (await sent(staff, here(built), [("decision", "completed"), ("chosen", stranger)]))[0] == 404
    assert await outcomes(enrollment_pool, built) == ["none"] * 4


async def test_a_completion_is_taken_back_with_a_public_reason_and_stays_so(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    person = built.enrollment_ids[0]
    assert (await award(staff, built, person))[0] == 303
    path = f"{here(built)}/{person}"
    assert (await sent(staff, path, [("reason", " ")]))[0] == 422
    assert (await outcomes(enrollment_pool, built))[0] == "completed"
    for reason in ("Awarded by mistake", "Another reason"):
        status, html = await sent(staff, path, [("reason", reason)])
        assert status == 303
        assert "Being revoked" in html
    row = await enrollment_pool.fetchrow("SELECT * FROM completion WHERE enrollment_id = $1", person)
    assert row is not None
    assert (row["outcome"], row["reversal_reason"]) == ("not completed", "Awarded by mistake")
    kinds = [kind for kind, _ in await told(enrollment_pool, built.organization_id)]
    assert kinds == ["completion.completed", "completion.reversed"]
    topics = await enrollment_pool.fetch(
        "SELECT topic FROM outbox WHERE organization_id = $1 AND topic <> 'mail' ORDER BY topic", built.organization_id
    )
    assert [one["topic"] for one in topics] == ["award", "revocation"]
    status, html = await award(staff, built, person)
    assert status == 409
    assert "This badge was revoked before, for good, for: Person 0." in html


async def test_what_was_not_completed_cannot_be_taken_back(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    status, html = await sent(staff, f"{here(built)}/{built.enrollment_ids[0]}", [("reason", "Why not")])
    assert status == 409
    assert "Nothing was taken back" in html
    assert await told(enrollment_pool, built.organization_id) == []


async def test_nobody_takes_back_their_own(enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession) -> None:
    person = built.enrollment_ids[0]
    assert (await award(staff, built, person))[0] == 303
    await enrollment_pool.execute("UPDATE enrollment SET person_id = $2 WHERE id = $1", person, built.staff_id)
    assert (await sent(staff, f"{here(built)}/{person}", [("reason", "Modesty")]))[0] == 409
    assert (await outcomes(enrollment_pool, built))[0] == "completed"


async def test_the_page_asks_as_much_for_many_as_for_few(built: Built, staff: aiohttp.ClientSession) -> None:
    with counting_queries() as asked:
        await shown(staff, here(built))
    assert asked() <= 8
