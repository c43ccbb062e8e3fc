"""Staff plan a cohort from the template, open it, change and cancel sessions; everybody concerned hears of it."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.enrollment.cohorts import store, store_sessions
from shared.postgres import Pool
from tests.enrollment.forms_of_pages import form_to, forms_of
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import Planned, call, mails, plan, put, session_body, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


async def see(session: aiohttp.ClientSession, path: str, **query: str) -> tuple[int, str]:
    """The status and the page."""
    async with session.get(path, params=query) as answer:
        return answer.status, await answer.text()


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str, str]:
    """The status, the final path and the page that one sees after sending a form."""
    async with session.post(path, data=form) as answer:
        return answer.status, answer.url.path, await answer.text()


async def test_a_cohort_is_planned_from_the_template_and_opened(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    base = f"/{slug}/staff/cohorts"
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        status, text = await see(staff, f"{base}/new")
        assert status == 200
        template = form_to(text, "/staff/cohorts/new")
        assert template.method == "get"
        template.fields |= {"curriculum": str(planned.curriculum_id), "region": "North", "school_year": "2026-27"}
        status, text = await see(staff, f"{base}/new", **template.fields)
        assert status == 200
        draft = form_to(text, "/staff/cohorts/new")
        assert [draft.fields[f"day-{n}"] for n in range(1, 6)] == [
            "2026-10-03", "2026-12-12", "2027-02-20", "2027-04-24", "",
        ]  # fmt: skip
        assert draft.fields["name"] == "North 2026-27"
        draft.fields |= {"place": "School 4", "title-1": "Bias"}
        status, where, text = await send(staff, draft.action, **draft.fields)
        assert (status, where) == (200, f"{base}/{draft.fields['id']}")
        assert "The draft is made." in text
        assert "Saturday 3 October 2026, 9:00\u202fAM–12:00\u202fPM Central Time" in text
        # the same form again makes no second one
        assert (await send(staff, draft.action, **draft.fields))[1] == where
        _, found = await call(staff, "GET", f"/api/cohorts/{draft.fields['id']}")
        assert (found["state"], found["seats"], len(found["sessions"])) == ("draft", 25, 4)
        assert found["sessions"][0]["starts_at"] == "2026-10-03T14:00:00Z"
        status, _, text = await send(staff, f"{where}/state", state="open")
        assert status == 200
        assert "Open for sign-up" in text
        status, text = await see(staff, base, in_state="open", words="nort")
        assert status == 200
        assert "North 2026-27" in text
        assert "Midwest 1" not in text


async def test_what_does_not_fit_is_said_at_its_field_and_what_was_typed_stays(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    base = f"/{await slug_of(enrollment_pool, organization)}/staff/cohorts"
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        wrong = {"curriculum": str(uuid4()), "school_year": "2026-99", "rhythm": "year", "weekday": "9"}
        status, text = await see(staff, f"{base}/new", **wrong, starts="12:00", ends="09:00", avoid="tomorrow")
        assert status == 422
        for field in ("curriculum", "school_year", "rhythm", "weekday", "ends", "avoid"):
            assert f'href="#{field}"' in text, field
            assert f'id="{field}"' in text, field
        right = {"curriculum": str(planned.curriculum_id), "school_year": "2026-27", "rhythm": "month", "weekday": "5"}
        await enrollment_pool.execute("UPDATE program SET jurisdiction = 'XX' WHERE id = $1", planned.program_id)
        status, text = await see(staff, f"{base}/new", **right, starts="09:00", ends="12:00")
        assert (status, "We know no holidays of XX. Give the program another code" in text) == (422, True)
        await enrollment_pool.execute("UPDATE program SET jurisdiction = 'US-IL' WHERE id = $1", planned.program_id)
        avoid = "2026-09-12 State fair"
        status, text = await see(staff, f"{base}/new", **right, starts="09:00", ends="12:00", avoid=avoid)
        assert status == 200
        assert "State fair" in text
        draft = form_to(text, "/staff/cohorts/new")
        assert draft.fields["day-1"] != "2026-09-12"
        draft.fields |= {"name": " ", "seats": "0", "day-2": "soon", "link": "video", "title-1": ""}
        status, _, text = await send(staff, draft.action, **draft.fields)
        assert status == 422
        for field in ("name", "seats", "day-2", "link", "title-1"):
            assert f'id="{field}-error"' in text, field
        assert form_to(text, "/staff/cohorts/new").fields["link"] == "video"
        assert (await call(staff, "GET", f"/api/cohorts/{draft.fields['id']}"))[0] == 404


async def seated(staff: aiohttp.ClientSession, slug: str, planned: Planned) -> str:
    """Somebody with a seat; their address."""
    email = fresh_email()
    wish = {"name": "Ana Lim", "email": email}
    await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}", wish)
    return email


async def test_an_instructor_moves_a_session_and_who_is_seated_hears_of_it(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    teacher_email = fresh_email()
    instructor = await add_person(pool, organization, teacher_email)
    day = "2098-05-{}T10:00:00-05:00"
    sessions = [
        session_body(title=title, starts_at=day.format(n), ends_at=day.format(n).replace("10:00", "11:00", 1))
        for n, title in ((10, "First"), (20, "Second"))
    ]
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, instructors=[str(instructor)], sessions=sessions)
        email = await seated(staff, slug, planned)
    async with signed_in(served, pool, organization, person_id=instructor) as teacher:
        _, text = await see(teacher, f"/{slug}/teach")
        assert "Midwest 1" in text
        base = f"/{slug}/teach/cohorts/{planned.cohort_id}"
        status, text = await see(teacher, base)
        assert status == 200
        assert "Set the seats" not in text
        path = f"{base}/sessions/{sessions[0]['id']}"
        _, text = await see(teacher, path)
        assert "1 person has a seat." in text
        form = form_to(text, path)
        # nothing changes, nobody hears of it
        assert (await send(teacher, path, **form.fields))[0] == 200
        moved = {**form.fields, "day": "2099-05-02", "starts": "10:00", "ends": "13:00"}
        status, where, text = await send(teacher, path, **moved)
        assert (status, where) == (200, base)
        assert "Saturday 2 May 2099" in text
        assert text.index("Second") < text.index("First"), "in the order of their dates"
        (mail,) = await mails(teacher, email, "Changed: First")
        assert "was moved." in mail["body"]
        assert "Saturday 2 May 2099, 10:00\u202fAM Central Time" in mail["body"]
        assert len(await mails(teacher, teacher_email, "Changed: First")) == 1
        again = await send(teacher, path, **moved)
        assert again[0] == 200
    (entry,) = [one for one in await entries(pool, planned.cohort_id) if one.title == "First"]
    assert entry.revision == 1
    async with signed_in(served, pool, organization, person_id=instructor) as teacher:
        assert len(await mails(teacher, email, "Changed")) == 1


async def entries(pool: Pool, cohort_id: UUID) -> tuple[Any, ...]:
    """The sessions as calendars know them."""
    return (await store_sessions.entries(pool, [cohort_id]))[cohort_id]


async def test_a_cancelled_session_stays_in_sight_and_completing_asks_for_no_more_than_is_left(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    sessions = [session_body(days=10, title="First"), session_body(days=20, title="Second")]
    policy = {"min_sessions": 2, "min_credit_minutes": 360, "modules": "all"}
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, sessions=sessions, policy=policy)
        email = await seated(staff, slug, planned)
        path = f"/{slug}/teach/cohorts/{planned.cohort_id}/sessions/{sessions[1]['id']}/cancel"
        _, text = await see(staff, path)
        assert "1 person has a seat" in text
        assert forms_of(text)[-1].method == "post"
        for _ in range(2):
            status, where, text = await send(staff, path)
            assert (status, where) == (200, f"/{slug}/staff/cohorts/{planned.cohort_id}")
        assert "Cancelled" in text
        (mail,) = await mails(staff, email, "Cancelled: Second")
        assert "does not take place" in mail["body"]
        _, found = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}")
        assert [one["title"] for one in found["sessions"]] == ["First"]
        assert (found["policy"]["min_sessions"], found["policy"]["min_credit_minutes"]) == (1, 180)
        # eased, and no further
        for least, status in ((1, 200), (0, 409)):
            body = {**planned.body, "sessions": sessions[:1], "policy": {**policy, "min_sessions": least,
                "min_credit_minutes": 180}}  # fmt: skip
            assert (await call(staff, "PUT", f"/api/cohorts/{planned.cohort_id}", body))[0] == status
        # held after all: the same id, another revision
        assert (await call(staff, "PUT", f"/api/cohorts/{planned.cohort_id}", planned.body))[0] == 409
        body = {**planned.body, "policy": {**policy, "min_sessions": 1, "min_credit_minutes": 180}}
        assert (await call(staff, "PUT", f"/api/cohorts/{planned.cohort_id}", body))[0] == 200
        await mails(staff, email, "New date: Second")
    found = {one.title: (one.revision, one.cancelled_at) for one in await entries(pool, planned.cohort_id)}
    assert found == {"First": (0, None), "Second": (2, None)}


async def test_a_session_in_which_attendance_was_taken_is_not_cancelled(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, sessions=[session_body(days=0)])
        cohort = f"/api/cohorts/{planned.cohort_id}"
        await seated(staff, slug, planned)
        _, listed = await call(staff, "GET", f"{cohort}/enrollments")
        session_id = planned.body["sessions"][0]["id"]
        entry = {"enrollment_id": listed["items"][0]["id"], "mode": "in person"}
        await put(staff, f"{cohort}/sessions/{session_id}/attendance", {"entries": [entry]})
        status, _, text = await send(staff, f"/{slug}/teach/cohorts/{planned.cohort_id}/sessions/{session_id}/cancel")
        assert status == 409
        assert "Attendance was recorded in this session, so it stays." in text


async def test_cancelling_a_cohort_tells_everybody_why(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        email = await seated(staff, slug, planned)
        base = f"/{slug}/staff/cohorts/{planned.cohort_id}"
        assert "Seats taken: 1. In line: 0." in (await see(staff, f"{base}/cancel"))[1]
        for _ in range(2):
            status, _, text = await send(staff, f"{base}/state", state="cancelled", because="Too few signed up.")
            assert status == 200
        assert "Too few signed up." in text
        (mail,) = await mails(staff, email, "Cancelled: Midwest 1")
        assert "Too few signed up." in mail["body"]
        status, _, text = await send(staff, f"{base}/state", state="open")
        assert status == 409
        assert "cannot go there" in text
    assert [one.revision for one in await entries(enrollment_pool, planned.cohort_id)] == [1]


async def test_seats_grow_and_shrink_only_by_free_ones(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        await seated(staff, slug, planned)
        base = f"/{slug}/staff/cohorts/{planned.cohort_id}"
        assert "1 of 3" in (await send(staff, f"{base}/seats", seats="3"))[2]
        status, _, text = await send(staff, f"{base}/seats", seats="0")
        assert status == 422
        assert "Give at least 1." in text
        assert (await send(staff, f"{base}/seats", seats="many"))[0] == 422


async def test_settings_change_until_somebody_enrolled_and_then_all_but_the_policy(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/{slug}/staff/cohorts/{planned.cohort_id}/settings"
        form = form_to((await see(staff, path))[1], "/settings")
        wanted = {**form.fields, "registration_closes": "2098-01-02T18:30", "min_credit_minutes": "90"}
        assert (await send(staff, path, **wanted))[0] == 200
        _, found = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}")
        assert found["registration_closes_at"] == "2098-01-03T00:30:00Z"
        wanted_policy = {"min_sessions": 1, "min_credit_minutes": 90, "modules": "all"}
        assert found["policy"].items() >= wanted_policy.items()
        await seated(staff, slug, planned)
        assert (await send(staff, path, **{**wanted, "name": "Other"}))[0] == 200
        status, _, text = await send(staff, path, **{**wanted, "min_credit_minutes": "0"})
        assert status == 409
        assert "Somebody is enrolled" in text
        status, _, text = await send(staff, path, **{**wanted, "min_sessions": "5"})
        assert status == 422
        assert 'id="min_sessions-error"' in text


async def test_an_instructor_is_named_taken_off_and_says_a_word_about_themselves(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    email = fresh_email()
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        base = f"/{slug}/staff/cohorts/{planned.cohort_id}"
        status, _, text = await send(staff, f"{base}/instructors", instructor_name="", instructor_email="x")
        assert status == 422
        assert 'id="instructor_email-error"' in text
        wanted = {"instructor_name": "Noor Haddad", "instructor_email": email}
        for _ in range(2):
            status, _, text = await send(staff, f"{base}/instructors", **wanted)
            assert status == 200
        assert text.count(email) == 1
        (teacher,) = (await store.instructors(pool, [planned.cohort_id]))[planned.cohort_id]
        public = f"/{slug}/cohorts/{planned.cohort_id}"
        assert "Noor Haddad" not in (await see(staff, public))[1]
        profile = f"/{slug}/staff/profiles/{teacher.person_id}"
        async with signed_in(served, pool, organization, person_id=teacher.person_id) as own:
            status, _, text = await send(own, profile, headline="Teacher of the year", biography="Organizes.")
            assert status == 200
        assert "Teacher of the year" in (await see(staff, public))[1]
        assert (await send(staff, f"{base}/instructors/{teacher.person_id}/removal"))[0] == 200
        assert "Noor Haddad" not in (await see(staff, public))[1]
        assert (await see(staff, profile))[0] == 404


@pytest.mark.parametrize("path", ["", "/settings", "/cancel"])
async def test_a_page_asks_as_much_of_the_database_however_much_there_is(
    served: Served, enrollment_pool: Pool, organization: UUID, path: str
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        few, many = await plan(staff), await plan(staff, seats=9, sessions=[session_body(days=n) for n in range(2, 9)])
        for _ in range(4):
            await seated(staff, slug, many)
        counts = []
        for planned in (few, many):
            with counting_queries() as asked:
                status, _ = await see(staff, f"/{slug}/staff/cohorts/{planned.cohort_id}{path}")
            assert status == 200
            counts.append(asked())
        assert counts[0] == counts[1] <= 8
        with counting_queries() as asked:
            assert (await see(staff, f"/{slug}/staff/cohorts"))[0] == 200
        assert asked() <= 8
