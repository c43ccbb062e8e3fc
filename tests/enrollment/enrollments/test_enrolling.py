"""People take seats in order, then stand in one line; a seat that comes free goes to its head at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.enrollment.people.limits import ENROLL_BURST
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.staff import another_organization, call, mails, plan, put, signed_in
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, slug_of


async def enroll(
    session: aiohttp.ClientSession, slug: str, cohort_id: UUID, email: str, *, enrollment_id: UUID | None = None
) -> tuple[int, Any]:
    """Enroll over the API."""
    path = f"/api/{slug}/cohorts/{cohort_id}/enrollments/{enrollment_id or uuid4()}"
    return await call(session, "PUT", path, {"name": "Ana Lim", "email": email})


async def person_of(pool: Pool, organization: UUID, email: str) -> UUID:
    found: UUID = await pool.fetchval(
        "SELECT id FROM person WHERE organization_id = $1 AND email = $2", organization, email
    )
    return found


async def events_of(pool: Pool, organization: UUID) -> list[str]:
    rows = await pool.fetch("SELECT type FROM event WHERE organization_id = $1 ORDER BY written_at", organization)
    return [row["type"] for row in rows]


def seated(number: int) -> dict[str, Any]:
    return {"place": "seated", "seat_number": number, "in_line_before": None}


def waiting(before: int) -> dict[str, Any]:
    return {"place": "in line", "seat_number": None, "in_line_before": before}


async def test_seats_are_taken_in_order_and_then_people_stand_in_line(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, last = await slug_of(enrollment_pool, organization), fresh_email()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=2)
        told = [await enroll(staff, slug, planned.cohort_id, fresh_email()) for _ in range(3)]
        told.append(await enroll(staff, slug, planned.cohort_id, last))
        assert told == [(200, seated(1)), (200, seated(2)), (200, waiting(0)), (200, waiting(1))]
        (mail,) = await mails(staff, last, "Waiting list of Midwest 1")
        assert "number 2 in line" in mail["body"]
        assert "Beginning (Room 4)" in mail["body"]
        assert f"/{slug}/sign-in?return_path=/{slug}/cohorts/{planned.cohort_id}" in mail["body"]
        assert "Ana Lim" not in mail["body"], "a stranger could write anything into a name"
    assert await events_of(enrollment_pool, organization) == ["enrollment.seated"] * 2 + ["enrollment.in_line"] * 2


async def test_the_same_request_again_is_answered_the_same(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, email, identifier = await slug_of(enrollment_pool, organization), fresh_email(), uuid4()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        assert await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier) == (200, seated(1))
        assert await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier) == (200, seated(1))
        status, problem = await enroll(staff, slug, planned.cohort_id, fresh_email(), enrollment_id=identifier)
        assert (status, problem["type"]) == (409, "/problems/enrollment-exists")
    assert await events_of(enrollment_pool, organization) == ["enrollment.seated"]


async def test_who_is_enrolled_cannot_be_told_from_a_newcomer_and_only_the_owner_hears_of_it(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, email = await slug_of(enrollment_pool, organization), fresh_email()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        await enroll(staff, slug, planned.cohort_id, email)
        again = await enroll(staff, slug, planned.cohort_id, email.upper())
        newcomer = await enroll(staff, slug, planned.cohort_id, fresh_email())
        assert again == newcomer == (200, waiting(0))
        (mail,) = await mails(staff, email, "You are already enrolled")
        assert "Seat 1 in Midwest 1 is yours." in mail["body"]
        _, listed = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}/enrollments")
        assert len(listed["items"]) == 2


async def test_a_taken_id_does_not_tell_who_is_enrolled(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    """Asked with one's own id and somebody's address, whether they are enrolled or not."""
    slug, known, own = await slug_of(enrollment_pool, organization), fresh_email(), uuid4()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned, elsewhere = await plan(staff), await plan(staff)
        await enroll(staff, slug, planned.cohort_id, known)
        await enroll(staff, slug, elsewhere.cohort_id, fresh_email(), enrollment_id=own)
        answers = [
            await enroll(staff, slug, planned.cohort_id, email, enrollment_id=own) for email in (known, fresh_email())
        ]
    assert [(status, problem["type"]) for status, problem in answers] == [(409, "/problems/enrollment-exists")] * 2


async def test_one_id_twice_is_answered_alike_for_who_is_enrolled_and_for_a_newcomer(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, known = await slug_of(enrollment_pool, organization), fresh_email()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        await enroll(staff, slug, planned.cohort_id, known)
        told = []
        for email in (known, fresh_email()):
            identifier = uuid4()
            told += [
                await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier),
                await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier),
            ]
    assert told == [(200, waiting(0))] * 4


async def test_the_owner_hears_at_most_once_an_hour_that_somebody_enrolled_again(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, email, other = await slug_of(enrollment_pool, organization), fresh_email(), fresh_email()
    written = "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND told_again_at IS NOT NULL"
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=2)
        await enroll(staff, slug, planned.cohort_id, email)
        await enroll(staff, slug, planned.cohort_id, other)
        assert await enrollment_pool.fetchval(written, planned.cohort_id) == 0
        for _ in range(5):
            assert (await enroll(staff, slug, planned.cohort_id, email))[0] == 200
        await enrollment_pool.execute(
            "UPDATE enrollment SET told_again_at = told_again_at - interval '61 minutes' WHERE cohort_id = $1",
            planned.cohort_id,
        )
        for _ in range(3):
            await enroll(staff, slug, planned.cohort_id, email)
        # what is posted later arrives later: then everything before has arrived
        await enroll(staff, slug, planned.cohort_id, other)
        await mails(staff, other, "You are already enrolled")
        assert len(await mails(staff, email, "You are already enrolled", number=2)) == 2


async def test_one_network_address_enrolls_a_school_but_not_a_telephone_book(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    """The form and the API count together, each cohort apart; what is no address counts too."""
    slug, form = await slug_of(enrollment_pool, organization), {"name": "Ana Lim", "email": "none"}
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as script:
        planned, elsewhere = await plan(staff), await plan(staff)

        async def send(number: int) -> int:
            if number % 2:
                return (await enroll(script, slug, planned.cohort_id, "none"))[0]
            async with script.post(f"/{slug}/cohorts/{planned.cohort_id}", data=form) as answer:
                return answer.status

        assert {await send(number) for number in range(ENROLL_BURST)} == {422}
        # Some come back meanwhile, fewer than are used.
        number = 0
        while await send(number := number + 1) != 429:
            assert number < 10 * ENROLL_BURST
        assert (await enroll(script, slug, elsewhere.cohort_id, fresh_email()))[0] == 200
        assert (await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}"))[0] == 200


async def test_a_freed_seat_goes_to_the_head_of_the_line_and_both_hear_of_it(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    emails = [fresh_email() for _ in range(4)]
    identifiers = [uuid4() for _ in emails]
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=2)
        for email, identifier in zip(emails, identifiers, strict=True):
            await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier)
        path = f"/api/enrollments/{identifiers[0]}/withdrawal"
        first = await put(staff, path, {})
        assert (first["place"], first["outcome"], first["seat_number"]) == ("none", "withdrawn", None)
        assert await put(staff, path, {}) == first
        places = [(await call(staff, "GET", f"/api/enrollments/{one}"))[1] for one in identifiers[1:]]
        assert [(one["place"], one["seat_number"], one["in_line_before"]) for one in places] == [
            ("seated", 2, None),
            ("seated", 1, None),
            ("in line", None, 0),
        ]
        assert await mails(staff, emails[0], "You left Midwest 1")
        assert "Seat 1" in (await mails(staff, emails[2], "You have a seat"))[0]["body"]
    assert (await events_of(enrollment_pool, organization))[4:] == ["enrollment.withdrawn", "enrollment.seated"]


async def test_who_left_comes_back_at_the_end_of_the_line(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, email, identifier = await slug_of(enrollment_pool, organization), fresh_email(), uuid4()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier)
        await enroll(staff, slug, planned.cohort_id, fresh_email())
        await enroll(staff, slug, planned.cohort_id, fresh_email())
        await put(staff, f"/api/enrollments/{identifier}/withdrawal", {})
        assert await enroll(staff, slug, planned.cohort_id, email) == (200, waiting(1))
        _, found = await call(staff, "GET", f"/api/enrollments/{identifier}")
        assert (found["place"], found["outcome"]) == ("in line", "none")


async def test_more_seats_go_to_the_line_and_only_free_ones_go_away(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    emails = [fresh_email() for _ in range(4)]
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        path = f"/api/cohorts/{planned.cohort_id}/seats"
        for email in emails:
            await enroll(staff, slug, planned.cohort_id, email)
        assert await put(staff, path, {"seats": 3}) == {"seats": 3, "seats_left": 0, "in_line": 1}
        assert "Seat 3" in (await mails(staff, emails[2], "You have a seat"))[0]["body"]
        assert await put(staff, path, {"seats": 6}) == {"seats": 6, "seats_left": 2, "in_line": 0}
        assert await put(staff, path, {"seats": 4}) == {"seats": 4, "seats_left": 0, "in_line": 0}
        status, problem = await call(staff, "PUT", path, {"seats": 3})
        assert (status, problem["type"], problem["least"]) == (409, "/problems/seats-held", 4)


async def test_a_seat_that_came_free_while_the_cohort_was_closed_goes_to_the_line_once_it_runs_again(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, first = await slug_of(enrollment_pool, organization), uuid4()
    emails = [fresh_email() for _ in range(3)]
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        path = f"/api/cohorts/{planned.cohort_id}"
        await enroll(staff, slug, planned.cohort_id, emails[0], enrollment_id=first)
        for email in emails[1:]:
            await enroll(staff, slug, planned.cohort_id, email)
        closed = await put(staff, path, {**planned.body, "state": "closed"})
        await put(staff, f"/api/enrollments/{first}/withdrawal", {})
        assert (closed["seats_left"], closed["in_line"]) == (0, 2)
        _, left = await call(staff, "GET", path)
        assert (left["seats_left"], left["in_line"]) == (1, 2), "a closed cohort hands no seat on"
        for state in ("running", "open"):
            found = await put(staff, path, {**planned.body, "state": state})
            assert (found["seats_left"], found["in_line"]) == (0, 1)
        assert "Seat 1" in (await mails(staff, emails[1], "You have a seat"))[0]["body"]
    assert (await events_of(enrollment_pool, organization))[-2:] == ["enrollment.withdrawn", "enrollment.seated"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "running"}, "over"),
        ({"registration_closes_at": (system_clock() - timedelta(days=1)).isoformat()}, "over"),
        ({"registration_opens_at": (system_clock() + timedelta(days=1)).isoformat()}, "not yet"),
    ],
)
async def test_nobody_enrolls_while_registration_is_closed(
    served: Served, enrollment_pool: Pool, organization: UUID, change: dict[str, Any], reason: str
) -> None:
    slug, email = await slug_of(enrollment_pool, organization), fresh_email()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        await put(staff, f"/api/cohorts/{planned.cohort_id}", {**planned.body, **change})
        status, problem = await enroll(staff, slug, planned.cohort_id, email)
        assert (status, problem["type"], problem["reason"]) == (409, "/problems/registration-closed", reason)
    assert await person_of(enrollment_pool, organization, email) is None


@pytest.mark.parametrize("name", ["\u200b", "Ana\u202emiL", "...", "\x00"])
async def test_a_name_that_nobody_can_read_takes_no_seat(
    served: Served, enrollment_pool: Pool, organization: UUID, name: str
) -> None:
    slug, email = await slug_of(enrollment_pool, organization), fresh_email()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}"
        status, problem = await call(staff, "PUT", path, {"name": name, "email": email})
        assert (status, [one["field"] for one in problem["errors"]]) == (422, ["name"])
    assert await person_of(enrollment_pool, organization, email) is None


async def test_another_organizations_cohort_and_a_draft_are_not_found(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, other = enrollment_pool, await another_organization(enrollment_pool)
    slug, other_slug = await slug_of(pool, organization), await slug_of(pool, other)
    identifier = uuid4()
    async with (
        signed_in(served, pool, organization, "coordinator") as staff,
        signed_in(served, pool, other, "administrator") as stranger,
    ):
        planned, draft = await plan(staff), await plan(staff, state="draft")
        assert (await enroll(stranger, other_slug, planned.cohort_id, fresh_email()))[0] == 404
        assert (await enroll(stranger, slug, draft.cohort_id, fresh_email()))[0] == 404
        await enroll(staff, slug, planned.cohort_id, fresh_email(), enrollment_id=identifier)
        assert (await call(stranger, "GET", f"/api/cohorts/{planned.cohort_id}/enrollments"))[0] == 404
        assert (await call(stranger, "PUT", f"/api/cohorts/{planned.cohort_id}/seats", {"seats": 9}))[0] == 404
        assert (await call(stranger, "GET", f"/api/enrollments/{identifier}"))[0] == 404
        assert (await call(stranger, "PUT", f"/api/enrollments/{identifier}/withdrawal", {}))[0] == 404
        _, kept = await call(staff, "GET", f"/api/enrollments/{identifier}")
        assert kept["place"] == "seated"


async def test_an_enrollment_is_read_by_staff_instructor_and_participant_and_left_by_staff_and_participant(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    instructor, email, identifier = await add_person(pool, organization, fresh_email()), fresh_email(), uuid4()
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, instructors=[str(instructor)])
        await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier)
        await enroll(staff, slug, planned.cohort_id, fresh_email())
        _, first = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}/enrollments?limit=1")
        _, rest = await call(
            staff, "GET", f"/api/cohorts/{planned.cohort_id}/enrollments?limit=1&after={first['next']}"
        )
        assert str(identifier) in {one["id"] for one in first["items"] + rest["items"]}
        assert rest["next"] is None
    path, listing = f"/api/enrollments/{identifier}", f"/api/cohorts/{planned.cohort_id}/enrollments"
    participant = await person_of(pool, organization, email)
    async with (
        signed_in(served, pool, organization, person_id=instructor) as teacher,
        signed_in(served, pool, organization, person_id=participant) as owner,
        signed_in(served, pool, organization) as somebody,
        browser(served) as anonymous,
    ):
        wanted = {
            ("GET", path): (200, 200, 404, 401),
            ("GET", listing): (200, 404, 404, 401),
            ("PUT", f"{path}/name-display"): (404, 200, 404, 401),
            ("PUT", f"{path}/withdrawal"): (404, 200, 404, 401),
        }
        for (method, where), statuses in wanted.items():
            body = {"shows_name": True} if where.endswith("display") else None
            asked = (teacher, anonymous, somebody, owner)
            found = {one: (await call(one, method, where, body))[0] for one in asked}
            assert tuple(found[one] for one in (teacher, owner, somebody, anonymous)) == statuses, (method, where)
        _, own = await call(owner, "GET", "/api/enrollments")
        assert [(one["id"], one["place"]) for one in own["items"]] == [(str(identifier), "none")]


async def test_what_was_decided_stays(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    slug, email, identifier = await slug_of(enrollment_pool, organization), fresh_email(), uuid4()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier)
        await enrollment_pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", identifier)
        status, problem = await call(staff, "PUT", f"/api/enrollments/{identifier}/withdrawal", {})
        assert (status, problem["outcome"]) == (409, "completed")
    participant = await person_of(enrollment_pool, organization, email)
    async with signed_in(served, enrollment_pool, organization, person_id=participant) as owner:
        path = f"/api/enrollments/{identifier}/name-display"
        assert (await call(owner, "PUT", path, {"shows_name": True}))[0] == 409
        assert (await call(owner, "PUT", path, {"shows_name": False}))[0] == 200
