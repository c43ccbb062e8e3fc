"""A seat that comes free is offered to the next in line, who answers on a page before the deadline, or loses it."""

import re
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.enrollments.test_enrolling import enroll, events_of, person_of
from tests.enrollment.enrollments.test_pages import send
from tests.enrollment.staff import Planned, call, mails, plan, put, signed_in
from tests.enrollment.visitors import Served, browser, fresh_email, slug_of

_LINK = re.compile(r"https?://[^/]+(/\S+/offers/\S+)")


async def line_of(
    staff: aiohttp.ClientSession, slug: str, *, people: int, hours: int = 24, **more: Any
) -> tuple[Planned, list[str], list[UUID]]:
    """A cohort of one seat that is offered, with people: the first has it, the others wait."""
    planned = await plan(staff, seats=1, **more)
    await put(staff, f"/api/cohorts/{planned.cohort_id}/admission", {"vacancy": "offer", "offer_hours": hours})
    emails, identifiers = [fresh_email() for _ in range(people)], [uuid4() for _ in range(people)]
    for email, identifier in zip(emails, identifiers, strict=True):
        await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier)
    return planned, emails, identifiers


async def link(session: aiohttp.ClientSession, email: str) -> str:
    """The path in the letter that offers a seat."""
    body = (await mails(session, email, "A seat in Midwest 1 is held for you"))[0]["body"]
    found = _LINK.search(body)
    assert found is not None, body
    return found[1]


async def shown(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_an_offer_is_accepted_on_its_page_and_again_changes_nothing(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        planned, emails, identifiers = await line_of(staff, slug, people=3)
        await put(staff, f"/api/enrollments/{identifiers[0]}/withdrawal", {})
        _, found = await call(staff, "GET", f"/api/enrollments/{identifiers[1]}")
        assert (found["place"], found["seat_number"]) == ("offered", 1)
        assert found["offer_expires_at"] is not None
        path = await link(staff, emails[1])
        text = await shown(anybody, path)
        assert "A seat is held for you" in text
        assert "Take the seat" in text
        for _ in range(2):
            status, where, text = await send(anybody, path, answer="accept")
            assert (status, where) == (200, path)
            assert "Seat 1 of 1 in <bdi>Midwest 1</bdi> is yours." in text
        _, counts = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}")
        assert (counts["seats_left"], counts["in_line"]) == (0, 1)
        assert await mails(staff, emails[1], "Your seat in Midwest 1")
    assert (await events_of(enrollment_pool, organization))[3:] == [
        "enrollment.withdrawn",
        "enrollment.offered",
        "enrollment.seated",
    ]


async def test_declining_asks_once_and_offers_the_seat_to_the_next(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        _, emails, identifiers = await line_of(staff, slug, people=3)
        await put(staff, f"/api/enrollments/{identifiers[0]}/withdrawal", {})
        path = await link(staff, emails[1])
        assert "Leave the seat to the next in line?" in await shown(anybody, f"{path}?answer=decline")
        _, found = await call(staff, "GET", f"/api/enrollments/{identifiers[1]}")
        assert found["place"] == "offered", "looking answers nothing"
        _, _, text = await send(anybody, path, answer="decline")
        assert "You declined the seat" in text
        status, _, text = await send(anybody, path, answer="accept")
        assert status == 409
        assert "You declined the seat" in text
        assert "A seat is held for you" in await shown(anybody, await link(staff, emails[2]))
        _, found = await call(staff, "GET", f"/api/enrollments/{identifiers[1]}")
        assert (found["place"], found["left_because"]) == ("none", "declined")


async def test_an_offer_that_nobody_answers_ends_by_itself_and_the_next_gets_one(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        planned, emails, identifiers = await line_of(staff, slug, people=3)
        await put(staff, f"/api/enrollments/{identifiers[0]}/withdrawal", {})
        path = await link(staff, emails[1])
        past = "UPDATE enrollment SET offer_expires_at = now() - interval '1 second' WHERE id = $1"
        await enrollment_pool.execute(past, identifiers[1])
        status, _, text = await send(anybody, path, answer="accept")
        assert status == 409, "late is late, though the clock has not come by"
        assert "This offer has ended" in text
        # an offer is due: the worker's clock is about to come by
        await enrollment_pool.execute("UPDATE cohort SET next_clock_at = now() WHERE id = $1", planned.cohort_id)
        await mails(staff, emails[1], "The offer of a seat in Midwest 1 has ended")
        await link(staff, emails[2])
        places = [(await call(staff, "GET", f"/api/enrollments/{one}"))[1]["place"] for one in identifiers]
        assert places == ["none", "none", "offered"]


async def test_an_old_letter_does_not_answer_a_later_offer(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        _, emails, identifiers = await line_of(staff, slug, people=2)
        await put(staff, f"/api/enrollments/{identifiers[0]}/withdrawal", {})
        path = await link(staff, emails[1])
        later = "UPDATE enrollment SET offer_expires_at = offer_expires_at + interval '1 day' WHERE id = $1"
        await enrollment_pool.execute(later, identifiers[1])
        for answer in ("accept", "decline"):
            assert (await send(anybody, path, answer=answer))[0] == 409
        assert (await send(anybody, path, answer="perhaps"))[0] == 422
        _, found = await call(staff, "GET", f"/api/enrollments/{identifiers[1]}")
        assert found["place"] == "offered"


async def test_the_participant_answers_over_the_api_and_nobody_else(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        _, emails, identifiers = await line_of(staff, slug, people=2)
        await put(staff, f"/api/enrollments/{identifiers[0]}/withdrawal", {})
        path = f"/api/enrollments/{identifiers[1]}/offer"
        assert (await call(staff, "PUT", path, {"answer": "accept"}))[0] == 404
        owner_id = await person_of(enrollment_pool, organization, emails[1])
        async with signed_in(served, enrollment_pool, organization, person_id=owner_id) as owner:
            assert (await put(owner, path, {"answer": "accept"}))["place"] == "seated"
            status, problem = await call(owner, "PUT", path, {"answer": "decline"})
            assert (status, problem["type"]) == (409, "/problems/offer-over")


async def test_a_cancelled_cohort_ends_its_offers_and_its_line(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        planned, emails, identifiers = await line_of(staff, slug, people=3)
        await put(staff, f"/api/enrollments/{identifiers[0]}/withdrawal", {})
        path = await link(staff, emails[1])
        await put(staff, f"/api/cohorts/{planned.cohort_id}", {**planned.body, "state": "cancelled"})
        for email in emails[1:]:
            await mails(staff, email, "Midwest 1 was cancelled")
        assert (await send(anybody, path, answer="accept"))[0] == 409
        found = [(await call(staff, "GET", f"/api/enrollments/{one}"))[1] for one in identifiers[1:]]
        assert [(one["place"], one["left_because"]) for one in found] == [("none", "cancelled")] * 2


@pytest.mark.parametrize("token", ["x", "AAAA" * 20, "é"])
async def test_an_offers_page_cannot_be_made_up(
    served: Served, enrollment_pool: Pool, organization: UUID, token: str
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with browser(served) as anybody:
        async with anybody.get(f"/{slug}/offers/{token}") as page:
            assert page.status == 404
        assert (await send(anybody, f"/{slug}/offers/{token}", answer="accept"))[0] == 404
