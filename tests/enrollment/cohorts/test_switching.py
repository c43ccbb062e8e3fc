"""A session changes between in person and online, and everybody seated hears of it."""

from uuid import UUID, uuid4

from shared.postgres import Pool
from tests.enrollment.staff import call, mails, plan, put, session_body, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


async def test_an_instructor_switches_to_virtual_and_who_is_seated_gets_the_link(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    instructor = await add_person(pool, organization, fresh_email())
    seated, waiting = fresh_email(), fresh_email()
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1, instructors=[str(instructor)])
        for email in (seated, waiting):
            wish = {"name": "Ana Lim", "email": email}
            await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}", wish)
    path = f"/api/cohorts/{planned.cohort_id}/sessions/{planned.body['sessions'][0]['id']}/mode"
    async with signed_in(served, pool, organization, person_id=instructor) as teacher:
        assert (await call(teacher, "PUT", path, {"mode": "virtual"}))[0] == 422
        wanted = {"mode": "virtual", "link": "https://video.example/1"}
        first = await put(teacher, path, wanted)
        assert (first["mode"], first["place"]) == ("virtual", "Room 4")
        assert await put(teacher, path, wanted) == first
        (mail,) = await mails(teacher, seated, "Changed")
        assert "https://video.example/1" in mail["body"]
        back = await put(teacher, path, {"mode": "in person", "place": "Room 5"})
        assert (back["mode"], back["place"]) == ("in person", "Room 5")
        newest, _ = await mails(teacher, seated, "Changed", number=2)
        assert "Room 5" in newest["body"]
        _, others = await call(teacher, "GET", f"/api/mailbox?recipient={waiting}")
        assert not [one for one in others["items"] if one["subject"].startswith("Changed")]


async def test_who_does_not_teach_the_cohort_cannot_switch(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with (
        signed_in(served, enrollment_pool, organization, "coordinator") as staff,
        signed_in(served, enrollment_pool, organization) as somebody,
    ):
        planned, elsewhere = await plan(staff), await plan(staff)
        session_id, body = planned.body["sessions"][0]["id"], {"mode": "virtual", "link": "https://video.example/1"}
        path = f"/api/cohorts/{planned.cohort_id}/sessions/{session_id}/mode"
        assert (await call(somebody, "PUT", path, body))[0] == 404
        assert (await call(staff, "PUT", f"/api/cohorts/{elsewhere.cohort_id}/sessions/{session_id}/mode", body))[
            0
        ] == 404


async def test_only_who_sits_in_the_sessions_sees_their_video_call(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug, secret = enrollment_pool, await slug_of(enrollment_pool, organization), "https://video.example/secret"
    first, second = fresh_email(), fresh_email()
    people = {email: await add_person(pool, organization, email) for email in (first, second)}
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1, sessions=[session_body(mode="virtual", link=secret)])
        for email in (first, second):
            wish = {"name": "Ana Lim", "email": email}
            await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}", wish)
    path = f"/api/cohorts/{planned.cohort_id}"
    async with (
        signed_in(served, pool, organization, person_id=people[first]) as seated,
        signed_in(served, pool, organization, person_id=people[second]) as waiting,
    ):
        assert (await call(seated, "GET", path))[1]["sessions"][0]["link"] == secret
        assert (await call(waiting, "GET", path))[1]["sessions"][0]["link"] is None
        assert secret not in str(await call(waiting, "GET", "/api/cohorts"))
