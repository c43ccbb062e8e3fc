"""A program's rules: new cohorts begin with them, statements name the provider, records are kept as they say."""

from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp

from services.enrollment.programs import rules, store_rules
from services.enrollment.retention import store as retention
from shared.clock import system_clock
from shared.contracts import Provider
from shared.postgres import Pool
from tests.enrollment.forms_of_pages import form_to
from tests.enrollment.staff import call, plan, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


async def see(session: aiohttp.ClientSession, path: str, **query: str) -> tuple[int, str]:
    async with session.get(path, params=query) as answer:
        return answer.status, await answer.text()


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str]:
    async with session.post(path, data=form) as answer:
        return answer.status, await answer.text()


async def test_rules_are_written_on_their_page_and_explain_what_does_not_fit(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/{slug}/staff/programs/{planned.program_id}/rules"
        for page in (f"/{slug}/staff/programs", path.removesuffix("/rules")):
            assert f'href="{path}"' in (await see(staff, page))[1]
        status, text = await see(staff, path)
        form = form_to(text, "/rules")
        assert (status, form.fields["step_minutes"], form.fields["wants_modules"]) == (200, "15", "yes")
        wrong = {"provider_number": "77", "step_minutes": "7", "retention_years": "0", "least_minutes": "x"}
        status, text = await send(staff, path, **{**form.fields, **wrong})
        assert status == 422
        for field in ("provider_name", "step_minutes", "retention_years", "least_minutes"):
            assert f'id="{field}-error"' in text
        wanted = {
            "provider_name": "Region Office", "provider_number": "77", "step_minutes": "30", "least_minutes": "60",
            "wants_evaluation": "yes", "min_virtual": "1", "retention_years": "9",
        }  # fmt: skip
        status, text = await send(staff, path, **{**form.fields, **wanted, "wants_modules": ""})
        assert status == 200
        assert "The rules are saved." in text
        found = await store_rules.rules(pool, organization, planned.program_id)
        assert found == rules.Rules(
            policy=rules.Defaults(
                wants_modules=False, wants_evaluation=True, min_virtual=1, step_minutes=30, least_minutes=60
            ),
            provider=Provider(name="Region Office", number="77"),
            retention_years=9,
        )
        assert await store_rules.provider(pool, organization, planned.cohort_id) == found.provider
        assert (await see(staff, f"/{slug}/staff/programs/{uuid4()}/rules"))[0] == 404
        # the program's own form leaves them alone
        form = form_to((await see(staff, path.removesuffix("/rules")))[1], str(planned.program_id))
        assert (await send(staff, form.action, **form.fields))[0] == 200
        assert await store_rules.rules(pool, organization, planned.program_id) == found


async def test_a_new_cohort_begins_with_its_programs_rules(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/{slug}/staff/programs/{planned.program_id}/rules"
        form = form_to((await see(staff, path))[1], "/rules")
        wanted = {"step_minutes": "30", "least_minutes": "60", "min_in_person": "2", "wants_evaluation": "yes"}
        fields = {name: text for name, text in form.fields.items() if name != "wants_modules"}
        assert (await send(staff, path, **{**fields, **wanted}))[0] == 200
        year = system_clock().year
        new = f"/{slug}/staff/cohorts/new"
        _, text = await see(
            staff, new, curriculum=str(planned.curriculum_id), region="Midwest",
            school_year=f"{year}-{(year + 1) % 100:02}", rhythm="quarter", weekday="5", starts="09:00", ends="12:00",
            avoid="",
        )  # fmt: skip
        assert "part of a session counts in steps of 30 minutes" in text
        form = form_to(text, "/cohorts/new")
        assert "wants_modules" not in form.fields
        status, text = await send(staff, new, **form.fields)
        assert status == 200, text
        _, cohort = await call(staff, "GET", f"/api/cohorts/{form.fields['id']}")
        policy = cohort["policy"]
        assert policy["hours"] == {"step_minutes": 30, "least_minutes": 60}
        assert (policy["min_in_person"], policy["wants_evaluation"], policy["modules"]) == (2, True, [])


async def test_records_are_kept_as_long_as_the_program_that_wants_most(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, teacher = enrollment_pool, await add_person(enrollment_pool, organization, fresh_email())
    async with signed_in(served, pool, organization, "coordinator") as staff:
        first, second = [await plan(staff, instructors=[str(teacher)]) for _ in range(2)]
    ties = await retention.ties(pool, organization, teacher, time_zone="America/Chicago", years=6)
    assert ties.years == 6
    later = "UPDATE cohort_session SET starts_at = starts_at + $2, ends_at = ends_at + $2 WHERE cohort_id = $1"
    await pool.execute(later, second.cohort_id, timedelta(days=30))
    await pool.execute("UPDATE program SET retention_years = 9 WHERE id = $1", first.program_id)
    ties = await retention.ties(pool, organization, teacher, time_zone="America/Chicago", years=6)
    starts_at = await pool.fetchval("SELECT starts_at FROM cohort_session WHERE cohort_id = $1", first.cohort_id)
    assert ties.last_day is not None
    assert (ties.years, abs((ties.last_day - starts_at.date()).days) <= 1) == (9, True)
