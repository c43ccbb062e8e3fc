"""The page of one's own learning: the next session first, progress, one thing to do, the badge and the choices."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from shared.contracts import Visibility
from shared.postgres import Pool
from tests.enrollment.cast import Cast, cast, playing
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import Planned, plan, put, session_body, signed_in
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, slug_of


async def seen(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path, headers={"Accept": "text/html"}) as answer:
        return answer.status, await answer.text()


async def sent(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str]:
    async with session.post(path, data=form, headers={"Accept": "text/html"}) as answer:
        return answer.status, await answer.text()


async def enrolled(served: Served, pool: Pool, organization: UUID, planned: Planned, email: str) -> UUID:
    """Somebody enrolls by the form; their id."""
    async with browser(served) as anybody:
        path = f"/api/{await slug_of(pool, organization)}/cohorts/{planned.cohort_id}/enrollments/{uuid4()}"
        await put(anybody, path, {"name": "Ana Lim", "email": email, "shows_name": True})
    person_id: UUID = await pool.fetchval(
        "SELECT id FROM person WHERE organization_id = $1 AND email = $2", organization, email
    )
    return person_id


async def test_the_next_session_comes_first_then_progress_and_one_thing_to_do(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    video = session_body(days=2, title="Sooner", mode="virtual", place=None, link="https://video.example/room")
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        later = await plan(staff, name="Later", sessions=[session_body(days=9, title="Much later")])
        sooner = await plan(staff, name="Soon", sessions=[video])
    email = fresh_email()
    person_id = await enrolled(served, enrollment_pool, organization, later, email)
    await enrolled(served, enrollment_pool, organization, sooner, email)
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, person_id=person_id) as participant:
        status, text = await seen(participant, f"/{slug}/learning")
    assert status == 200
    head, _, rest = text.partition("Your next session")
    assert "Much later" not in head
    assert rest.index("Sooner") < rest.index("https://video.example/room") < rest.index("Later")
    assert "Come to <bdi>Sooner</bdi> on" in rest
    assert "0 of 1 session attended" in rest
    assert "0 of 1 topic accepted" in rest
    assert "Seat 1" in rest


async def test_whoever_waits_in_line_sees_the_place_and_no_video_call(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    video = session_body(mode="virtual", place=None, link="https://video.example/room")
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=0, sessions=[video])
    person_id = await enrolled(served, enrollment_pool, organization, planned, fresh_email())
    async with signed_in(served, enrollment_pool, organization, person_id=person_id) as participant:
        _, text = await seen(participant, f"/{await slug_of(enrollment_pool, organization)}/learning")
    assert "Number 1 in line" in text
    assert "we write to you as soon as a seat comes free" in text
    assert "video.example" not in text
    assert "Your next session" not in text


async def test_whoever_has_nothing_yet_is_shown_the_way(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization) as newcomer:
        _, text = await seen(newcomer, f"/{slug}/learning")
    assert "your next session, your progress and your badge appear here" in text
    async with browser(served) as anybody, anybody.get(f"/{slug}/learning", allow_redirects=False, headers={
        "Accept": "text/html"
    }) as answer:  # fmt: skip
        assert answer.status == 303
        assert answer.headers["Location"].startswith(f"/{slug}/sign-in")


async def test_the_choice_about_the_name_is_kept_and_can_be_taken_back(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff)
    person_id = await enrolled(served, enrollment_pool, organization, planned, fresh_email())
    enrollment_id = await enrollment_pool.fetchval("SELECT id FROM enrollment WHERE person_id = $1", person_id)
    path = f"/{await slug_of(enrollment_pool, organization)}/learning/{enrollment_id}/name"
    shows = "SELECT shows_name FROM enrollment WHERE id = $1"
    async with signed_in(served, enrollment_pool, organization, person_id=person_id) as participant:
        status, text = await sent(participant, path)
        assert status == 200
        assert "Your choice about your name is saved." in text
        assert await enrollment_pool.fetchval(shows, enrollment_id) is False
        await sent(participant, path, shows_name="yes")
        assert await enrollment_pool.fetchval(shows, enrollment_id) is True


async def test_whoever_gives_up_a_seat_is_asked_once_and_the_line_gets_it(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=1)
        seated, waits = [
            await enrolled(served, enrollment_pool, organization, planned, fresh_email()) for _ in range(2)
        ]
        home = f"/{await slug_of(enrollment_pool, organization)}/learning"
        enrollment_id = await enrollment_pool.fetchval("SELECT id FROM enrollment WHERE person_id = $1", seated)
        leave = f"{home}/{enrollment_id}/leave"
        place = "SELECT place FROM enrollment WHERE person_id = $1"
        async with signed_in(served, enrollment_pool, organization, person_id=waits) as another:
            for stranger in (another, staff):
                assert [(await seen(stranger, leave))[0], (await sent(stranger, leave))[0]] == [404, 404]
        async with signed_in(served, enrollment_pool, organization, person_id=seated) as participant:
            assert f'href="{leave}"' in (await seen(participant, home))[1]
            assert "Your seat goes to whoever is next in line" in (await seen(participant, leave))[1]
            assert await enrollment_pool.fetchval(place, seated) == "seated"
            for _ in range(2):
                status, text = await sent(participant, leave)
                assert (status, "You gave up your place." in text, f'href="{leave}"' in text) == (200, True, False)
    assert await enrollment_pool.fetchval(place, seated) == "none"
    assert await enrollment_pool.fetchval(place, waits) == "seated"


async def award(pool: Pool, scene: Cast, **changed: Any) -> UUID:
    """The participant completed, and has a badge."""
    values = {"id": uuid4(), "state": "issued", "url": f"https://badges.example/badges/{uuid4()}", **changed}
    await pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", scene.enrollment_id)
    await pool.execute(
        "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
        " payload_sha256, requested_at, state, revision, credential_id, badge_url, issued_at)"
        " VALUES ($1, $2, $3, $4, 1, '{}', 'none', now(), $5, 2, $6, $7, now())",
        values["id"], scene.organization_id, scene.enrollment_id, uuid4(), values["state"], uuid4(), values["url"],
    )  # fmt: skip
    identifier: UUID = values["id"]
    return identifier


async def waiting(pool: Pool, award_id: UUID) -> list[Visibility]:
    """What waits to be told to the issuer about who comes upon a badge."""
    rows = await pool.fetch(
        "SELECT payload FROM outbox WHERE topic = 'visibility' AND key = $1 ORDER BY created_at", award_id
    )
    return [msgspec.json.decode(row["payload"], type=Visibility) for row in rows]


async def test_the_badge_can_be_downloaded_published_and_withdrawn(served: Served, enrollment_pool: Pool) -> None:
    scene = await cast(enrollment_pool)
    award_id = await award(enrollment_pool, scene)
    slug = await slug_of(enrollment_pool, scene.organization_id)
    path = f"/{slug}/learning/awards/{award_id}/visibility"
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        _, text = await seen(participant, f"/{slug}/learning")
        assert "Your badge is ready" in text
        assert text.count("https://badges.example/badges/") == 4
        for wanted in ("published", "published", "withdrawn"):
            status, text = await sent(participant, path, visibility=wanted)
            assert status == 200
        assert "https://badges.example/badges/" not in text
        assert 'value="withdrawn" checked' in text
        status, _ = await sent(participant, path, visibility="everywhere")
        assert status == 422
    told = await waiting(enrollment_pool, award_id)
    assert [(one.visibility, one.revision) for one in told] == [("published", 1), ("withdrawn", 2)]


@pytest.mark.parametrize("part", ["another participant", "administrator", "instructor"])
async def test_nobody_else_decides_who_comes_upon_a_badge(served: Served, enrollment_pool: Pool, part: Any) -> None:
    scene = await cast(enrollment_pool)
    award_id = await award(enrollment_pool, scene)
    path = f"/{await slug_of(enrollment_pool, scene.organization_id)}/learning/awards/{award_id}/visibility"
    async with playing(served, enrollment_pool, scene, part) as other:
        assert (await sent(other, path, visibility="published"))[0] == 404
    assert await waiting(enrollment_pool, award_id) == []


async def test_the_page_asks_the_same_number_of_questions_however_many_cohorts(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug, email = await slug_of(enrollment_pool, organization), fresh_email()
    person_id = await add_person(enrollment_pool, organization, email)
    counts = []
    async with (
        signed_in(served, enrollment_pool, organization, "coordinator") as staff,
        signed_in(served, enrollment_pool, organization, person_id=person_id) as participant,
    ):
        for number in range(4):
            planned = await plan(staff, sessions=[session_body(days=number + 1, title=f"S{n}") for n in range(3)])
            await enrolled(served, enrollment_pool, organization, planned, email)
            with counting_queries() as asked:
                assert (await seen(participant, f"/{slug}/learning"))[0] == 200
                counts.append(asked())
    assert len(set(counts)) == 1
    assert counts[0] <= 12


async def test_hours_and_what_is_missing_are_as_the_decision_judges_them_and_stipends_are_linked(
    served: Served, enrollment_pool: Pool
) -> None:
    pool, scene = enrollment_pool, await cast(enrollment_pool)
    home, stipend = f"/{await slug_of(pool, scene.organization_id)}/learning", f"{scene.enrollment_id}/stipend"
    rule = {"hours": {"step_minutes": 60, "least_minutes": 30}, "wants_evaluation": True}
    await pool.execute("UPDATE cohort SET policy = policy || $2 WHERE id = $1", scene.cohort_id, rule)
    async with playing(served, pool, scene, "participant") as participant:
        for minutes, hours, attended in ((100, "1", 1), (20, "0", 0)):
            await pool.execute(
                "INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode,"
                " minutes_present, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, 'virtual', $5, $6, now())"
                " ON CONFLICT (enrollment_id, cohort_session_id) DO UPDATE SET minutes_present = $5",
                scene.organization_id, scene.cohort_id, scene.session_id, scene.enrollment_id, minutes,
                scene.people["administrator"][1],
            )  # fmt: skip
            _, text = await seen(participant, home)
            assert f"Hours that count so far: {hours}</p>" in text
            assert f"{attended} of 1 session attended" in text
            assert "Evaluation not handed in" in text
        await pool.execute(
            "INSERT INTO makeup (organization_id, cohort_id, cohort_session_id, enrollment_id, credit_minutes, what,"
            " approved_by, approved_at) VALUES ($1, $2, $3, $4, 180, 'An essay', $5, now())",
            scene.organization_id, scene.cohort_id, scene.session_id, scene.enrollment_id,
            scene.people["administrator"][1],
        )  # fmt: skip
        _, text = await seen(participant, home)
        assert "Hours that count so far: 3</p>" in text
        assert "1 of 1 session attended" in text
        await pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", scene.enrollment_id)
        assert stipend not in (await seen(participant, home))[1]
        program = await pool.fetchval(
            "SELECT l.program_id FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id"
            " JOIN level l ON l.id = k.level_id WHERE c.id = $1",
            scene.cohort_id,
        )
        await pool.execute(
            "INSERT INTO funding_source (id, organization_id, name) VALUES ($1, $2, 'Grant')",
            source := uuid4(), scene.organization_id,
        )  # fmt: skip
        await pool.execute(
            "INSERT INTO stipend_budget (id, organization_id, program_id, funding_source_id, year, amount_cents)"
            " VALUES ($1, $2, $3, $4, 2026, 1000)", uuid4(), scene.organization_id, program, source,
        )  # fmt: skip
        assert f'href="{home}/{stipend}"' in (await seen(participant, home))[1]
