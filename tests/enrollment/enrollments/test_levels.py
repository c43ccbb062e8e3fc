"""A cohort may need the badge of another level: who lacks it gets no place, and only they and staff are told."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp

from shared.postgres import Pool
from tests.enrollment.enrollments.test_enrolling import enroll, seated, waiting
from tests.enrollment.enrollments.test_pages import send
from tests.enrollment.staff import Planned, mails, plan, put, signed_in
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, slug_of

NOTED = {"place": "noted", "seat_number": None, "in_line_before": None}


async def requiring(staff: aiohttp.ClientSession, *, seats: int = 2) -> tuple[Planned, UUID]:
    """An open cohort whose level requires another, and that other one."""
    planned = await plan(staff, seats=seats)
    first, program = uuid4(), str(planned.program_id)
    await put(
        staff,
        f"/api/levels/{first}",
        {"program_id": program, "number": 2, "name": "Self Exposure", "description": "Before."},
    )
    body = {"program_id": program, "number": 1, "name": "Level One", "description": "The first."}
    await put(staff, f"/api/levels/{planned.level_id}", {**body, "requires_level_id": str(first)})
    return planned, first


async def hold(pool: Pool, organization: UUID, person: UUID, level: UUID) -> None:
    """Somebody's badge from elsewhere, accepted for a level."""
    await pool.execute(
        "INSERT INTO level_claim (id, organization_id, person_id, level_id, file_sha256, verdict, issuer, achievement,"
        " checked_at, decision, decided_by, decided_at)"
        " VALUES ($1, $2, $3, $4, 'x', 'genuine', 'I', 'A', now(), 'accepted', $5, now())",
        uuid4(), organization, person, level, await add_person(pool, organization, fresh_email(), "coordinator"),
    )  # fmt: skip


async def places(pool: Pool, cohort: UUID) -> int:
    """How many have a place in the cohort, or had one."""
    found: int = await pool.fetchval("SELECT count(*) FROM enrollment WHERE cohort_id = $1", cohort)
    return found


async def test_who_lacks_the_badge_gets_no_place_and_a_stranger_cannot_tell(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    without, holding = fresh_email(), fresh_email()
    person = await add_person(pool, organization, holding)
    async with signed_in(served, pool, organization, "coordinator") as staff, browser(served) as stranger:
        planned, first = await requiring(staff)
        await hold(pool, organization, person, first)
        identifiers = [uuid4(), uuid4()]
        answers: list[tuple[int, Any]] = []
        for _ in range(2):
            for email, identifier in zip((without, holding), identifiers, strict=True):
                answers.append(await enroll(stranger, slug, planned.cohort_id, email, enrollment_id=identifier))
        # nor do another's badge and place show when the address enrolls again
        answers += [await enroll(stranger, slug, planned.cohort_id, email) for email in (without, holding)]
        assert answers == [(200, NOTED)] * 6
        assert await places(pool, planned.cohort_id) == 1
        (mail,) = await mails(staff, without, "Midwest 1 needs a badge")
        assert f"/{slug}/sign-in?return_path=/{slug}/learning/level-badge%3Flevel%3D{first}" in mail["body"]
        assert "“Self Exposure”" in mail["body"]
        assert "Dates:" not in mail["body"]
        assert await mails(staff, holding, "Your seat in Midwest 1")
        # staff are told
        status, problem = await enroll(staff, slug, planned.cohort_id, fresh_email())
        assert (status, problem["level_name"], problem["level_id"]) == (409, "Self Exposure", str(first))
        assert problem["type"].endswith("level-required")
        # and whose place it is, once the badge was brought
        late = await pool.fetchval("SELECT id FROM person WHERE email = $1", without)
        async with signed_in(served, pool, organization, person_id=late) as own:
            assert (await enroll(own, slug, planned.cohort_id, without))[0] == 409
            assert (await enroll(own, slug, planned.cohort_id, fresh_email())) == (200, NOTED)
            await hold(pool, organization, late, first)
            assert await enroll(own, slug, planned.cohort_id, without) == (200, seated(2))
        third = await add_person(pool, organization, fresh_email())
        await hold(pool, organization, third, first)
        address = await pool.fetchval("SELECT email FROM person WHERE id = $1", third)
        assert await enroll(staff, slug, planned.cohort_id, address) == (200, waiting(0))


async def test_the_page_says_which_badge_it_takes_and_how_to_bring_it(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    email, held = fresh_email(), fresh_email()
    person = await add_person(pool, organization, email)
    async with (
        signed_in(served, pool, organization, "coordinator") as staff,
        signed_in(served, pool, organization, person_id=person) as own,
        browser(served) as stranger,
    ):
        planned, first = await requiring(staff)
        await hold(pool, organization, await add_person(pool, organization, held), first)
        path, bring = f"/{slug}/cohorts/{planned.cohort_id}", f'href="/{slug}/learning/level-badge?level={first}"'
        async with stranger.get(path) as answer:
            text = await answer.text()
        assert "Taking part needs the badge of <bdi>Self Exposure</bdi>." in text
        assert bring in text
        pages = [(await send(stranger, path, name="Ana Lim", email=one))[2] for one in (email, held)]
        assert pages[0].partition("<footer")[0] == pages[1].partition("<footer")[0]
        assert "our e-mail says how to show it" in pages[0]
        status, _, text = await send(own, path, name="Ana Lim", email=email)
        assert status == 409
        assert "You were not enrolled: we do not have your badge of <bdi>Self Exposure</bdi>." in text
        assert bring in text
        assert f'value="{email}"' in text
        assert await places(pool, planned.cohort_id) == 1
        async with own.get(f"/{slug}/learning/level-badge?level={first}") as answer:
            assert f'<option value="{first}" selected' in await answer.text()


async def test_an_address_is_told_once_an_hour(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    slug, email = await slug_of(enrollment_pool, organization), fresh_email()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff, browser(served) as stranger:
        planned, _ = await requiring(staff)
        for _ in range(3):
            await enroll(stranger, slug, planned.cohort_id, email)
        marker = fresh_email()
        await enroll(stranger, slug, planned.cohort_id, marker)
        assert len(await mails(staff, marker, "Midwest 1 needs")) == 1
        assert len(await mails(staff, email, "Midwest 1 needs")) == 1
