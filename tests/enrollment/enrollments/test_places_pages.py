"""Staff see who has a seat, who is offered one, who waits and who left, and move people after they were asked once."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from shared.postgres import Pool
from tests.enrollment.cast import cast as new_cast
from tests.enrollment.cast import playing
from tests.enrollment.enrollments.test_enrolling import enroll
from tests.enrollment.enrollments.test_levels import hold
from tests.enrollment.enrollments.test_pages import send
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import Planned, call, mails, plan, put, signed_in
from tests.enrollment.visitors import Served, fresh_email, slug_of


class Hall(msgspec.Struct, frozen=True):
    """A cohort of two seats with three people, as staff see it."""

    staff: aiohttp.ClientSession
    slug: str
    planned: Planned
    emails: list[str]
    ids: list[UUID]

    @property
    def path(self) -> str:
        """The page of places."""
        return f"/{self.slug}/staff/cohorts/{self.planned.cohort_id}/places"

    async def ask(self, action: str, *people: int, **more: str) -> tuple[int, str]:
        """The answer to choosing some of them."""
        form = [("action", action), *(("chosen", str(self.ids[one])) for one in people), *more.items()]
        async with self.staff.post(self.path, data=aiohttp.FormData(form)) as answer:
            return answer.status, await answer.text()

    async def places(self) -> list[tuple[str, str | None]]:
        """Everybody's place, and why they left."""
        found = [(await call(self.staff, "GET", f"/api/enrollments/{one}"))[1] for one in self.ids]
        return [(one["place"], one["left_because"]) for one in found]


@pytest.fixture
async def hall(served: Served, enrollment_pool: Pool, organization: UUID) -> AsyncIterator[Hall]:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=2)
        emails, identifiers = [fresh_email() for _ in range(3)], [uuid4() for _ in range(3)]
        for email, identifier in zip(emails, identifiers, strict=True):
            await enroll(staff, slug, planned.cohort_id, email, enrollment_id=identifier)
        yield Hall(staff, slug, planned, emails, identifiers)


async def second(hall: Hall, *, seats: int) -> UUID:
    """Another cohort of the same program."""
    cohort_id = uuid4()
    sessions = [{**one, "id": str(uuid4())} for one in hall.planned.body["sessions"]]
    body = {**hall.planned.body, "name": "Midwest 2", "sessions": sessions}
    await put(hall.staff, f"/api/cohorts/{cohort_id}", body)
    await put(hall.staff, f"/api/cohorts/{cohort_id}/seats", {"seats": seats})
    return cohort_id


async def text_of(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def test_each_list_shows_its_people_and_every_list_its_number(hall: Hall) -> None:
    text = await text_of(hall.staff, hall.path)
    assert "Has a seat (2)" in text
    assert "Waits in line (1)" in text
    assert [email in text for email in hall.emails] == [True, True, False]
    line = await text_of(hall.staff, f"{hall.path}?place=line")
    assert hall.emails[2] in line
    assert "Nobody left." in await text_of(hall.staff, f"{hall.path}?place=left")
    assert "No seat is on offer." in await text_of(hall.staff, f"{hall.path}?place=offered")
    async with hall.staff.get(f"{hall.path}?place=elsewhere") as answer:
        assert answer.status == 404


async def test_releasing_shows_whom_first_and_then_gives_the_seat_to_the_line(hall: Hall) -> None:
    status, text = await hall.ask("no-show", 0)
    assert status == 200
    assert "Release these seats?" in text
    assert await hall.places() == [("seated", None), ("seated", None), ("in line", None)]
    status, text = await hall.ask("no-show", 0, confirmed="yes")
    assert status == 200
    assert "1 seat was given up" in text
    assert await hall.places() == [("none", "no-show"), ("seated", None), ("seated", None)]
    assert await mails(hall.staff, hall.emails[0], "Your seat in Midwest 1 was given up")
    assert await mails(hall.staff, hall.emails[2], "You have a seat in Midwest 1")
    assert "Did not come" in await text_of(hall.staff, f"{hall.path}?place=left")


async def test_who_was_in_a_session_is_no_no_show_and_nobody_of_the_list_is_released(
    hall: Hall, enrollment_pool: Pool
) -> None:
    session_id = hall.planned.body["sessions"][0]["id"]
    await put(
        hall.staff,
        f"/api/cohorts/{hall.planned.cohort_id}/sessions/{session_id}/attendance",
        {"entries": [{"enrollment_id": str(hall.ids[0]), "mode": "in person"}]},
    )
    status, text = await hall.ask("no-show", 0, 1, confirmed="yes")
    assert status == 409
    assert "these people were in a session" in text
    assert await hall.places() == [("seated", None), ("seated", None), ("in line", None)]


async def test_people_move_to_another_cohort_where_each_who_has_a_seat_gets_one(hall: Hall) -> None:
    other = await second(hall, seats=1)
    status, text = await hall.ask("transfer", 0, 1)
    assert status == 200
    assert "Midwest 2" in text
    assert "1 seat left" in text
    status, text = await hall.ask("transfer", 0, 1, confirmed="yes", to=str(other))
    assert status == 409
    assert "there is no free seat in that cohort for:" in text
    assert await hall.places() == [("seated", None), ("seated", None), ("in line", None)]
    status, text = await hall.ask("transfer", 1, confirmed="yes", to=str(other))
    assert status == 200
    assert "1 person was moved" in text
    assert await hall.places() == [("seated", None), ("none", "transferred"), ("seated", None)]
    assert await mails(hall.staff, hall.emails[1], "You are in Midwest 2 now")
    _, found = await call(hall.staff, "GET", f"/api/cohorts/{other}/enrollments")
    assert [one["place"] for one in found["items"]] == ["seated"]
    # the same again changes nothing
    path = f"/api/enrollments/{hall.ids[1]}/transfer"
    assert (await put(hall.staff, path, {"to": str(other)}))["left_because"] == "transferred"


async def test_nobody_moves_to_a_cohort_whose_badge_they_lack(hall: Hall, enrollment_pool: Pool) -> None:
    other, first, program = await second(hall, seats=2), uuid4(), str(hall.planned.program_id)
    level = {"program_id": program, "number": 2, "name": "Self Exposure", "description": "Before."}
    await put(hall.staff, f"/api/levels/{first}", level)
    level = {"program_id": program, "number": 1, "name": "Level One", "description": "The first."}
    await put(hall.staff, f"/api/levels/{hall.planned.level_id}", {**level, "requires_level_id": str(first)})
    person = await enrollment_pool.fetchrow(
        "SELECT person_id, organization_id FROM enrollment WHERE id = $1", hall.ids[0]
    )
    assert person is not None
    await hold(enrollment_pool, person["organization_id"], person["person_id"], first)
    status, text = await hall.ask("transfer", 0, 1, confirmed="yes", to=str(other))
    assert status == 409
    assert "that cohort needs the badge of" in text
    assert "once it is accepted, move them:" in text
    status, problem = await call(hall.staff, "PUT", f"/api/enrollments/{hall.ids[1]}/transfer", {"to": str(other)})
    assert (status, problem["level_name"], problem["enrollment_ids"]) == (409, "Self Exposure", [str(hall.ids[1])])
    assert [place for place, _ in await hall.places()] == ["seated", "seated", "in line"]
    assert (await hall.ask("transfer", 0, confirmed="yes", to=str(other)))[0] == 200
    assert [place for place, _ in await hall.places()] == ["none", "seated", "seated"]


@pytest.mark.parametrize("to", [None, "itself", "draft", "unknown"])
async def test_nobody_moves_to_where_people_cannot_be(hall: Hall, to: str | None) -> None:
    target = {"itself": hall.planned.cohort_id, "unknown": uuid4(), "draft": uuid4()}.get(to or "", uuid4())
    if to == "draft":
        body = {**hall.planned.body, "state": "draft", "sessions": []}
        await put(hall.staff, f"/api/cohorts/{target}", body)
    more = {} if to is None else {"to": str(target)}
    status, _ = await hall.ask("transfer", 0, confirmed="yes", **more)
    assert status == (200 if to is None else 409)
    assert (await hall.places())[0] == ("seated", None)


@pytest.mark.parametrize(
    "form", [[], [("action", "no-show")], [("action", "erase"), ("chosen", str(uuid4()))], [("chosen", "x")]]
)
async def test_a_form_that_names_nobody_or_nothing_says_so(hall: Hall, form: list[tuple[str, str]]) -> None:
    async with hall.staff.post(hall.path, data=aiohttp.FormData(form or [("x", "")])) as answer:
        assert answer.status == 422
        assert "Tick the people first" in await answer.text()


async def test_somebody_elses_enrollment_is_not_changed_through_a_cohort(hall: Hall) -> None:
    elsewhere = await plan(hall.staff)
    path = f"/{hall.slug}/staff/cohorts/{elsewhere.cohort_id}/places"
    form = [("action", "withdraw"), ("chosen", str(hall.ids[0])), ("confirmed", "yes")]
    async with hall.staff.post(path, data=aiohttp.FormData(form)) as answer:
        assert answer.status == 422
    assert (await hall.places())[0] == ("seated", None)


async def test_who_is_selected_is_given_the_free_seat(hall: Hall) -> None:
    await put(hall.staff, f"/api/cohorts/{hall.planned.cohort_id}/admission", {"admission": {"selects": True}})
    await put(hall.staff, f"/api/cohorts/{hall.planned.cohort_id}/seats", {"seats": 3})
    assert (await hall.places())[2] == ("in line", None)
    status, text = await hall.ask("select", 2, confirmed="yes")
    assert status == 200
    assert "1 person was selected" in text
    assert (await hall.places())[2] == ("seated", None)


async def test_an_instructor_sees_the_places_but_neither_addresses_nor_buttons(
    served: Served, enrollment_pool: Pool
) -> None:
    scene = await new_cast(enrollment_pool)
    path = f"/{await slug_of(enrollment_pool, scene.organization_id)}/staff/cohorts/{scene.cohort_id}/places"
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        text = await text_of(session, path)
        assert "Person 0" in text
        assert "p0@example.org" not in text
        assert 'name="chosen"' not in text
        assert (await send(session, path, action="withdraw", chosen=str(scene.enrollment_id)))[0] == 403


async def test_a_page_asks_as_much_of_the_database_for_a_hundred_people_as_for_three(
    served: Served, enrollment_pool: Pool
) -> None:
    asked: list[int] = []
    for people in (3, 130):
        scene = await new_cast(enrollment_pool, people=people)
        path = f"/{await slug_of(enrollment_pool, scene.organization_id)}/staff/cohorts/{scene.cohort_id}/places"
        async with playing(served, enrollment_pool, scene, "administrator") as session:
            await text_of(session, path)
            with counting_queries() as count:
                text = await text_of(session, path)
                asked.append(count())
    assert 0 < asked[0] == asked[1] <= 8
    assert "Person 99" in text
    assert "Person 100" not in text
    assert "place=seated&amp;after=100" in text
    async with playing(served, enrollment_pool, scene, "administrator") as session:
        rest: Any = await text_of(session, f"{path}?place=seated&after=100")
        assert "Person 129" in rest
        assert "Person 99" not in rest
