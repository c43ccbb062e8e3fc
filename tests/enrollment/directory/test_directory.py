"""The directory shows of somebody only what they chose, to whom they chose; resources are for a program's people."""

from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.cast import Cast, Part, cast, playing
from tests.enrollment.learning.test_pages import seen, sent
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, slug_of


async def listed(served: Served, pool: Pool, scene: Cast, part: Part) -> str:
    """What somebody sees of the directory."""
    async with playing(served, pool, scene, part) as reader:
        status, text = await seen(reader, f"/{await slug_of(pool, scene.organization_id)}/directory")
    assert status == 200
    return text.partition("<main")[2].partition("</main>")[0]


async def show(session: aiohttp.ClientSession, slug: str, **form: str) -> tuple[int, str]:
    return await sent(session, f"/{slug}/directory/entry", **form)


async def test_nobody_is_listed_who_did_not_ask_for_it(served: Served, enrollment_pool: Pool) -> None:
    scene = await cast(enrollment_pool)
    assert "Nobody shows themselves to you yet." in await listed(served, enrollment_pool, scene, "administrator")


async def test_only_what_was_chosen_is_shown_to_whom_it_was_chosen(served: Served, enrollment_pool: Pool) -> None:
    scene = await cast(enrollment_pool)
    slug = await slug_of(enrollment_pool, scene.organization_id)
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        status, _ = await show(participant, slug, seen_by="cohorts", about="Teaches chemistry")
        assert status == 200
        for part in ("another participant", "instructor"):
            text = await listed(served, enrollment_pool, scene, part)
            assert "<bdi>Person 0</bdi>" in text
            assert "Teaches chemistry" in text
            for hidden in ("p0@example.org", "Region", "Level One"):
                assert hidden not in text.replace("All regions", "")
        assert "Person 0" not in await listed(served, enrollment_pool, scene, "another cohort's instructor")
        await show(participant, slug, seen_by="organization", shows_region="yes", shows_level="yes", shows_email="yes")
        text = await listed(served, enrollment_pool, scene, "another cohort's instructor")
        for chosen in ("<bdi>Person 0</bdi>", "p0@example.org", "<bdi>Region</bdi>", "<bdi>Level One</bdi>"):
            assert chosen in text
        assert "Teaches chemistry" not in text
        await show(participant, slug, seen_by="nobody")
    assert "Person 0" not in await listed(served, enrollment_pool, scene, "another participant")


async def test_the_directory_asks_the_same_number_of_questions_however_many_are_in_it(
    served: Served, enrollment_pool: Pool
) -> None:
    scene = await cast(enrollment_pool, people=8)
    counts = []
    for shown in (1, 7):
        await enrollment_pool.execute(
            "INSERT INTO directory_entry (person_id, organization_id, seen_by, shows_region, shows_level, shows_email,"
            " changed_at) SELECT person_id, organization_id, 'organization', true, true, true, now() FROM enrollment"
            " WHERE cohort_id = $1 ORDER BY person_id LIMIT $2 ON CONFLICT DO NOTHING",
            scene.cohort_id, shown,
        )  # fmt: skip
        with counting_queries() as asked:
            await listed(served, enrollment_pool, scene, "administrator")
            counts.append(asked())
    assert counts[0] == counts[1] <= 7


async def test_what_cannot_be_saved_is_said_at_its_field(served: Served, enrollment_pool: Pool) -> None:
    scene = await cast(enrollment_pool)
    slug = await slug_of(enrollment_pool, scene.organization_id)
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        status, text = await show(participant, slug)
        assert (status, 'id="seen_by-error"' in text) == (422, True)
        status, text = await show(participant, slug, seen_by="cohorts", about="x" * 601)
        assert (status, 'id="about-error"' in text, "x" * 601 in text) == (422, True, True)
    assert await enrollment_pool.fetchval("SELECT count(*) FROM directory_entry WHERE organization_id = $1",
                                          scene.organization_id) == 0  # fmt: skip


async def test_staff_add_what_a_program_offers_and_its_people_see_it(served: Served, enrollment_pool: Pool) -> None:
    scene = await cast(enrollment_pool)
    slug = await slug_of(enrollment_pool, scene.organization_id)
    program_id: UUID = await enrollment_pool.fetchval(
        "SELECT id FROM program WHERE organization_id = $1", scene.organization_id
    )
    form = {"id": str(uuid4()), "program_id": str(program_id), "title": "A reader", "link": "https://reader.example/a"}
    async with playing(served, enrollment_pool, scene, "coordinator") as staff:
        for _ in range(2):
            status, text = await sent(staff, f"/{slug}/resources", **form)
            assert (status, text.count("A reader</bdi>")) == (200, 1)
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        _, text = await seen(participant, f"/{slug}/resources")
        assert 'href="https://reader.example/a"' in text
        assert "<form" not in text.partition("<main")[2].partition("</main>")[0]
        assert (await sent(participant, f"/{slug}/resources", **form))[0] == 403


@pytest.mark.parametrize("link", ["javascript:alert(1)", "reader.example", "https://", "https://a b.example", ""])
async def test_a_link_that_is_no_address_is_refused(served: Served, enrollment_pool: Pool, link: str) -> None:
    scene = await cast(enrollment_pool)
    slug = await slug_of(enrollment_pool, scene.organization_id)
    async with playing(served, enrollment_pool, scene, "coordinator") as staff:
        status, text = await sent(staff, f"/{slug}/resources", id="x", program_id="y", title="", link=link)
    assert status == 422
    for field in ("link", "title", "program_id"):
        assert f'id="{field}-error"' in text
