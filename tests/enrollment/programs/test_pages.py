"""The pathway that anybody sees, and staff's pages of programs, levels, badges and curricula with their versions."""

from uuid import UUID, uuid4

import aiohttp

from services.enrollment.programs import store
from shared.postgres import Pool
from tests.enrollment.forms_of_pages import form_to, forms_of
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import call, plan, signed_in
from tests.enrollment.visitors import Served, browser, slug_of

RUBRIC = "Reflection\n3 Exceeds: names a change and its effect\n1 Not yet: retells only\nDialogue\n2 Meets"


async def see(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    """The status and the page."""
    async with session.get(path) as answer:
        return answer.status, await answer.text()


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str, str]:
    """The status, the final path and the page that one sees after sending a form."""
    async with session.post(path, data=form) as answer:
        return answer.status, answer.url.path, await answer.text()


async def test_a_program_grows_from_nothing_to_a_pathway_that_anybody_sees(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    base = f"/{slug}/staff/programs"
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as anybody:
        (form,) = [one for one in forms_of((await see(staff, f"{base}/new"))[1]) if "program_slug" in one.fields]
        path = form.action
        status, _, text = await send(staff, path, **form.fields)
        assert status == 422
        for field in ("name", "program_slug", "description"):
            assert f'id="{field}-error"' in text
        wanted = {**form.fields, "name": "Just Schools", "program_slug": "just-schools", "description": "Four levels."}
        assert (await send(staff, path, **{**wanted, "program_slug": "Just Schools"}))[0] == 422
        assert (await send(staff, path, **wanted))[0] == 200
        assert (await send(staff, f"{base}/{uuid4()}", **wanted))[0] == 409
        levels = []
        for number, name in enumerate(("Self Exposure", "Team Growth"), 1):
            level = f"{path}/levels/{uuid4()}"
            form = form_to((await see(staff, level))[1], level.rpartition("/")[2])
            assert form.fields["number"] == str(number)
            levels.append(level)
            badge = {"badge_name": f"{name} badge", "badge_description": "Took part.", "badge_criteria": "Attend."}
            wanted = {**form.fields, "name": name, "description": f"About {name}.", **badge}
            assert (await send(staff, level, **wanted))[0] == 200
        # the first would require the second, which requires the first
        form = form_to((await see(staff, levels[0]))[1], levels[0].rpartition("/")[2])
        circle = {**form.fields, "requires": levels[1].rpartition("/")[2]}
        status, _, text = await send(staff, levels[0], **circle)
        assert status == 422
        assert 'id="requires-error"' in text
        status, text = await see(anybody, f"/{slug}/programs/just-schools")
        assert status == 200
        assert "The badge of <bdi>Self Exposure</bdi>" in text
        assert "Team Growth badge" in text
        assert "No cohort of this level is open" in text
        assert (await see(anybody, f"/{slug}/programs/other"))[0] == 404


async def test_a_badge_that_says_something_else_is_the_next_version(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/{slug}/staff/programs/{planned.program_id}/levels/{planned.level_id}"
        form = form_to((await see(staff, path))[1], str(planned.level_id))
        badge = {"badge_name": "First", "badge_description": "Took part.", "badge_criteria": "Attend."}
        versions = []
        for change in (badge, {}, {"badge_criteria": "Attend\r\nall."}, {"name": "Level One"}, {"badge_name": ""}):
            status, _, _ = await send(staff, path, **{**form.fields, **change})
            versions.append((status, await version(enrollment_pool, planned.level_id)))
            form = form_to((await see(staff, path))[1], str(planned.level_id))
        assert versions == [(200, 1), (200, 1), (200, 2), (200, 2), (422, 2)]
        waiting = await enrollment_pool.fetchval(
            "SELECT count(*) FROM outbox WHERE organization_id = $1 AND topic = 'achievement'", organization
        )
        assert waiting == 2


async def version(pool: Pool, level_id: UUID) -> int | None:
    """The version of the badge that a level awards."""
    found: int | None = await pool.fetchval("SELECT achievement_version FROM level WHERE id = $1", level_id)
    return found


async def test_a_curriculum_is_changed_while_nobody_follows_it_and_then_gets_a_next_version(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
        path = f"/{slug}/staff/curricula/{planned.curriculum_id}"
        status, text = await see(staff, path)
        assert status == 200
        assert "1 cohort follows this version" in text
        assert not [one for one in forms_of(text) if "name-1" in one.fields]
        where = {(await send(staff, f"{path}/next"))[1] for _ in range(2)}
        (following,) = where
        form = form_to((await see(staff, following))[1], following.rpartition("/")[2])
        assert form.fields["name-1"] == "Bias"
        second = {"name-2": "Second", "description-2": "More.", "evidence-2": "A page."}
        wanted = {**form.fields, "rubric-1": RUBRIC, "in_person-1": "A circle.", "virtual-1": "A call.", **second}
        assert (await send(staff, form.action, **wanted))[0] == 200
        (found,) = await store.curricula(pool, organization, also=UUID(following.rpartition("/")[2]))
        first, added = found.modules
        assert (first.activity_in_person, first.activity_virtual, added.name) == ("A circle.", "A call.", "Second")
        assert first.rubric is not None
        assert [(one.name, [level.points for level in one.levels]) for one in first.rubric.criteria] == [
            ("Reflection", [3, 1]),
            ("Dialogue", [2]),
        ]
        again = form_to((await see(staff, following))[1], following.rpartition("/")[2])
        assert again.fields["rubric-1"] == RUBRIC
        for rubric, sentence in (
            ("3 Exceeds", "Begin with a criterion"), ("Reflection", "its levels"), ("A\n1 x\nA\n1 x", "once"),
            ("A\n9999 x", "1,000 points"),
        ):  # fmt: skip
            status, _, text = await send(staff, form.action, **{**again.fields, "rubric-1": rubric})
            assert status == 422
            assert 'id="rubric-1-error"' in text
            assert sentence in text
        # the public pathway has the newest version, and the old cohort its own
        async with browser(served) as anybody:
            program = await pool.fetchval("SELECT slug FROM program WHERE id = $1", planned.program_id)
            text = (await see(anybody, f"/{slug}/programs/{program}"))[1]
            assert "2 topics" in text
            assert "A circle." in text
            assert "Midwest 1" in text
        _, cohort = await call(staff, "GET", f"/api/cohorts/{planned.cohort_id}")
        assert cohort["curriculum_id"] == str(planned.curriculum_id)
        # results of the rubric go into the next version of the badge
        level = f"/{slug}/staff/programs/{planned.program_id}/levels/{planned.level_id}"
        form = form_to((await see(staff, level))[1], str(planned.level_id))
        badge = {"badge_name": "First", "badge_description": "Took part.", "badge_criteria": "Attend."}
        assert (await send(staff, level, **{**form.fields, **badge}))[0] == 200
        (stored,) = await store.levels(pool, organization, [planned.program_id])
        assert stored.achievement_content is not None
        assert [one.name for one in stored.achievement_content.result_descriptions or ()] == ["Reflection", "Dialogue"]


async def test_the_pathway_asks_as_much_of_the_database_however_long_it_is(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    async with signed_in(served, pool, organization, "coordinator") as staff, browser(served) as anybody:
        planned = await plan(staff)
        program = await pool.fetchval("SELECT slug FROM program WHERE id = $1", planned.program_id)
        counts = []
        for number in (2, 3, 4):
            with counting_queries() as asked:
                assert (await see(anybody, f"/{slug}/programs/{program}"))[0] == 200
            counts.append(asked())
            body = {
                "program_id": str(planned.program_id),
                "number": number,
                "name": "L",
                "description": "D",
            }
            await call(staff, "PUT", f"/api/levels/{uuid4()}", body)
        assert len(set(counts)) == 1
        assert counts[0] <= 6
        with counting_queries() as asked:
            assert (await see(staff, f"/{slug}/staff/programs"))[0] == 200
        assert asked() <= 8
