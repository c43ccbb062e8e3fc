"""Staff write cohorts; those whom one concerns see it, and nobody else does."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.enrollment.cohorts.model import TRANSITIONS, State, StateError, check_transition, takes_registrations
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.staff import another_organization, call, plan, put, session_body, signed_in
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, slug_of


async def test_a_cohort_is_written_once_and_read_back(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=3)
        path = f"/api/cohorts/{planned.cohort_id}"
        _, first = await call(staff, "GET", path)
        assert await put(staff, path, planned.body) == first
        assert (first["seats"], first["seats_left"], first["in_line"]) == (3, 3, 0)
        assert first["sessions"][0]["title"] == "Beginning"
        assert first["policy"].items() >= planned.body["policy"].items()


async def test_sessions_change_their_order_and_go(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        sessions = [session_body(days=day, title=f"Day {day}") for day in (1, 2, 3)]
        planned = await plan(staff, sessions=sessions)
        changed = {**planned.body, "sessions": [sessions[2], sessions[0]]}
        found = await put(staff, f"/api/cohorts/{planned.cohort_id}", changed)
        assert [one["title"] for one in found["sessions"]] == ["Day 3", "Day 1"]


async def test_a_session_of_another_cohort_cannot_be_taken_over(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        first, second = await plan(staff), await plan(staff)
        stolen = {**second.body, "sessions": first.body["sessions"]}
        assert (await call(staff, "PUT", f"/api/cohorts/{second.cohort_id}", stolen))[0] == 409
        _, kept = await call(staff, "GET", f"/api/cohorts/{first.cohort_id}")
        assert len(kept["sessions"]) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "America/Nowhere"}, "time_zone"),
        ({"policy": {"min_sessions": 2}}, "policy.min_sessions"),
        ({"policy": {"min_credit_minutes": 181}}, "policy.min_credit_minutes"),
        ({"policy": {"modules": [str(uuid4())]}}, "policy.modules"),
        ({"instructors": [str(uuid4())]}, "instructors"),
        ({"curriculum_id": str(uuid4())}, "curriculum_id"),
        ({"sessions": [session_body(credit_minutes=300_001), session_body(credit_minutes=300_000)]}, "sessions"),
        ({"sessions": [session_body(ends_at="2020-01-01T00:00:00Z")]}, "sessions"),
    ],
)
async def test_a_cohort_that_does_not_fit_is_refused_and_its_field_named(
    served: Served, enrollment_pool: Pool, organization: UUID, change: dict[str, Any], field: str
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        status, problem = await call(
            staff, "PUT", f"/api/cohorts/{uuid4()}", {**planned.body, "sessions": [session_body()], **change}
        )
        assert status == 422
        assert [one["field"] for one in problem["errors"]] == [field]


_EDGES = ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z",
          "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"]  # fmt: skip


@pytest.mark.parametrize("moment", _EDGES)
@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("registration_opens_at", "registration_opens_at"),
        ("registration_closes_at", "registration_closes_at"),
        ("sessions", "starts_at"),
        ("sessions", "ends_at"),
    ],
)
async def test_moments_at_the_ends_of_the_calendar_are_refused_and_everything_stays_readable(
    served: Served, enrollment_pool: Pool, organization: UUID, moment: str, field: str, place: str
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        change: dict[str, Any] = {place: moment}
        if field == "sessions":
            change = {"sessions": [{**session_body(), **change}]}
        status, problem = await call(staff, "PUT", f"/api/cohorts/{planned.cohort_id}", {**planned.body, **change})
        assert status == 422
        assert field in [one["field"] for one in problem["errors"]]
        for path in (f"/api/{slug}/cohorts", f"/api/cohorts/{planned.cohort_id}"):
            assert (await call(staff, "GET", path))[0] == 200


async def test_times_without_a_zone_are_refused(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        body = {**planned.body, "sessions": [session_body(starts_at="2026-09-18T09:00:00")]}
        assert (await call(staff, "PUT", f"/api/cohorts/{planned.cohort_id}", body))[0] == 400


async def test_a_cancelled_cohort_does_not_come_back(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/api/cohorts/{planned.cohort_id}"
        await put(staff, path, {**planned.body, "state": "cancelled"})
        status, problem = await call(staff, "PUT", path, planned.body)
        assert (status, problem["current"], problem["wanted"]) == (409, "cancelled", "open")


@pytest.mark.parametrize("current", TRANSITIONS)
def test_a_cohort_may_stay_and_go_only_along_the_table(current: State) -> None:
    for wanted in TRANSITIONS:
        if wanted == current or wanted in TRANSITIONS[current]:
            check_transition(current, wanted)
        else:
            with pytest.raises(StateError):
                check_transition(current, wanted)


def test_registration_is_taken_within_its_window_of_an_open_cohort_only() -> None:
    now = system_clock()
    before, after = now - timedelta(hours=1), now + timedelta(hours=1)
    assert takes_registrations("open", None, None, now=now)
    assert takes_registrations("open", now, after, now=now)
    assert not takes_registrations("open", after, None, now=now)
    assert not takes_registrations("open", before, now, now=now)
    for state in ("draft", "running", "closed", "cancelled"):
        assert not takes_registrations(state, before, after, now=now)


async def test_once_somebody_enrolled_the_policy_stays(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/api/cohorts/{planned.cohort_id}"
        easier = {**planned.body, "policy": {"min_sessions": 0, "min_credit_minutes": 0, "modules": "all"}}
        assert (await call(staff, "PUT", path, easier))[0] == 200
        await put(
            staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}",
            {"name": "Ana Lim", "email": fresh_email()},
        )  # fmt: skip
        status, problem = await call(staff, "PUT", path, planned.body)
        assert (status, problem["type"]) == (409, "/problems/policy-fixed")
        assert (await call(staff, "PUT", path, {**easier, "name": "Midwest 2"}))[0] == 200


async def test_a_cohort_is_seen_by_staff_its_instructors_and_participants_only(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, other = enrollment_pool, await another_organization(enrollment_pool)
    slug = await slug_of(pool, organization)
    instructor = await add_person(pool, organization, fresh_email())
    email = fresh_email()
    participant = await add_person(pool, organization, email)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff, instructors=[str(instructor)])
        elsewhere = await plan(staff)
        wish = {"name": "Ana Lim", "email": email}
        await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}", wish)
        assert {one["id"] for one in (await call(staff, "GET", "/api/cohorts"))[1]["items"]} == {
            str(planned.cohort_id),
            str(elsewhere.cohort_id),
        }
    path = f"/api/cohorts/{planned.cohort_id}"
    for one in (instructor, participant):
        async with signed_in(served, pool, organization, person_id=one) as session:
            assert (await call(session, "GET", path))[0] == 200
            assert (await call(session, "GET", f"/api/cohorts/{elsewhere.cohort_id}"))[0] == 404
            _, listed = await call(session, "GET", "/api/cohorts")
            assert [found["id"] for found in listed["items"]] == [str(planned.cohort_id)]
            assert (await call(session, "PUT", path, planned.body))[0] == 403
    async with (
        signed_in(served, pool, organization) as somebody,
        signed_in(served, pool, other, "administrator") as stranger,
        browser(served) as anonymous,
    ):
        assert (await call(somebody, "GET", path))[0] == 404
        assert (await call(stranger, "GET", path))[0] == 404
        assert (await call(stranger, "GET", "/api/cohorts"))[1]["items"] == []
        assert (await call(anonymous, "GET", path))[0] == 401


async def test_the_catalog_shows_open_cohorts_and_no_video_call(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    over = (system_clock() - timedelta(days=1)).isoformat()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        secret = "https://video.example/room-secret"
        shown = await plan(staff, name="Shown", sessions=[session_body(mode="virtual", link=secret)])
        hidden = await plan(staff, name="Hidden", state="draft")
        await plan(staff, name="Over", registration_closes_at=over)
        _, listed = await call(anybody, "GET", f"/api/{slug}/cohorts")
        assert [one["name"] for one in listed["items"]] == ["Shown"]
        assert "room-secret" not in str(listed)
        async with anybody.get(f"/{slug}") as page:
            text = await page.text()
            assert "Shown" in text
            assert "Hidden" not in text
            assert "room-secret" not in text
        async with anybody.get(f"/{slug}/cohorts/{shown.cohort_id}") as page:
            assert page.status == 200
            assert "room-secret" not in await page.text()
        async with anybody.get(f"/{slug}/cohorts/{hidden.cohort_id}") as page:
            assert page.status == 404
        async with anybody.get("/nobody-has-this-slug") as page:
            assert page.status == 404


async def test_the_first_page_names_the_organizations(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    await another_organization(enrollment_pool)
    async with browser(served) as anybody, anybody.get("/", allow_redirects=False) as page:
        assert page.status == 200
        assert "Another Association" in await page.text()
