"""Staff's first page: what needs them, and numbers that are counted, or said not to be known yet."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.enrollment.people.model import Role
from shared.clock import system_clock
from shared.postgres import Pool
from tests.builders import Built, build
from tests.enrollment.cast import make_instructor
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import signed_in
from tests.enrollment.visitors import Served, slug_of

_STAT = re.compile(r'<span class="number">([^<]*)</span> (?:<a [^>]*>|<span>)([^<]*)<')


async def built(pool: Pool, *, people: int = 4) -> Built:
    async with pool.acquire() as connection:
        return await build(connection, people=people, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one


async def shown(session: aiohttp.ClientSession, path: str, *, status: int = 200) -> str:
    async with session.get(path, headers={"Accept": "text/html"}) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


def stats(text: str) -> dict[str, str]:
    return {words.split(" (")[0]: number for number, words in _STAT.findall(text)}


async def complete(pool: Pool, one: Built, *, number: int, days: int) -> None:
    """The first `number` people completed, and have a badge that came `days` after the session."""
    for enrollment_id in one.enrollment_ids[:number]:
        await pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", enrollment_id)
        await pool.execute(
            "INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes,"
            " findings) VALUES ($1, $2, 'completed', $3, now(), 90, '[]')",
            enrollment_id, one.organization_id, one.staff_id,
        )  # fmt: skip
        await pool.execute(
            "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
            " payload_sha256, requested_at, state, credential_id, issued_at) SELECT $1, $2, $3, $4, 1, '{}', 'x',"
            " now(), 'issued', $5, max(ends_at) + $6 FROM cohort_session WHERE cohort_id = $7",
            uuid4(), one.organization_id, enrollment_id, one.achievement_id, uuid4(), timedelta(days=days),
            one.cohort_id,
        )  # fmt: skip


async def test_numbers_are_counted(served: Served, enrollment_pool: Pool) -> None:
    one = await built(enrollment_pool)
    await enrollment_pool.execute(
        "UPDATE attendance SET mode = 'absent' WHERE enrollment_id = $1", one.enrollment_ids[3]
    )
    await complete(enrollment_pool, one, number=2, days=5)
    await enrollment_pool.execute(
        "UPDATE enrollment SET outcome = 'not completed' WHERE id = $1", one.enrollment_ids[2]
    )
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        text = await shown(staff, f"/{one.slug}/staff")
        assert stats(text) == {
            "cohorts": "1",
            "of 4 seats taken": "4",
            "people in line": "0",
            "of marks in sessions say: was there": "75%",
            "hours credited to those who completed": "3",
            "completed, of those decided about": "67%",
            "days from the last session to the badge, half took less": "5",
        }
        assert "Region: 4 of 4" in text
        assert "Program · Level One: 67%" in text
        assert "2 to 7 days: 2" in text
        # The same numbers with each filter that fits, and none with one that does not.
        level_id = await enrollment_pool.fetchval(
            "SELECT id FROM level WHERE organization_id = $1", one.organization_id
        )
        for query in ("region=Region", "school_year=2025-26", f"level={level_id}"):
            assert stats(await shown(staff, f"/{one.slug}/staff?{query}"))["cohorts"] == "1"
        text = await shown(staff, f"/{one.slug}/staff?region=Elsewhere")
        assert "No cohort fits these filters." in text
        assert stats(text) == {}
        await shown(staff, f"/{one.slug}/staff?program=none", status=422)


async def test_what_cannot_be_known_yet_is_not_nothing(served: Served, enrollment_pool: Pool) -> None:
    one = await built(enrollment_pool, people=1)
    await enrollment_pool.execute("DELETE FROM attendance WHERE cohort_id = $1", one.cohort_id)
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        text = await shown(staff, f"/{one.slug}/staff")
    found = stats(text)
    assert {
        number for words, number in found.items() if words not in ("cohorts", "of 1 seats taken", "people in line")
    } == {"not known yet"}
    assert "0%" not in text


async def test_without_a_cohort_it_says_what_will_appear(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        text = await shown(staff, f"/{await slug_of(enrollment_pool, organization)}/staff")
    assert "Once a cohort is open for sign-up" in text
    assert "Nothing waits for you" in text


async def test_what_waits_comes_first_and_leads_there(served: Served, enrollment_pool: Pool) -> None:
    one = await built(enrollment_pool)
    now = system_clock()
    await enrollment_pool.execute("DELETE FROM attendance WHERE cohort_id = $1", one.cohort_id)
    module_id = uuid4()
    await enrollment_pool.execute(
        "INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)"
        " SELECT $1, $2, curriculum_id, 1, 'M', 'A', 'B' FROM cohort WHERE id = $3",
        module_id, one.organization_id, one.cohort_id,
    )  # fmt: skip
    for enrollment_id in one.enrollment_ids[:3]:
        await enrollment_pool.execute(
            "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at)"
            " VALUES ($1, $2, $3, $4, 'text', 'Private', 'submitted', $5)",
            uuid4(), one.organization_id, enrollment_id, module_id, now,
        )  # fmt: skip
    await enrollment_pool.execute(
        "UPDATE enrollment SET place = 'offered', offer_expires_at = $2 WHERE id = $1",
        one.enrollment_ids[3], now + timedelta(hours=3),
    )  # fmt: skip
    for number in range(2):
        await enrollment_pool.execute(
            "INSERT INTO mail_refusal (id, organization_id, person_id, kind, code, refused_at, seen_by, seen_at)"
            " VALUES ($1, $2, $3, 'message', '550', $4, $5, $6)",
            uuid4(), one.organization_id, one.person_ids[0], now, *((one.person_ids[1], now) if number else (None,) * 2)
        )  # fmt: skip
    session_id = await enrollment_pool.fetchval("SELECT id FROM cohort_session WHERE cohort_id = $1", one.cohort_id)
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        text = await shown(staff, f"/{one.slug}/staff")
        assert "3 pieces wait for review" in text
        assert "1 offered seat" in text
        assert "3 people of" in text
        assert "1 letter was refused, and nobody has seen it" in text
        assert f'href="/{one.slug}/staff/letters"' in text
        for path in re.findall(rf'href="(/{one.slug}/[^"]+)"', text.split("In numbers")[0].split("attention")[1]):
            await shown(staff, path)
        assert f"/teach/cohorts/{one.cohort_id}/sessions/{session_id}/attendance" in text
    assert "Private" not in text


@pytest.mark.parametrize("page", ["", "/people", "/exports"])
async def test_its_statements_do_not_grow_with_what_there_is(served: Served, enrollment_pool: Pool, page: str) -> None:
    counts = []
    for people in (1, 60):
        one = await built(enrollment_pool, people=people)
        await complete(enrollment_pool, one, number=people, days=1)
        async with signed_in(served, enrollment_pool, one.organization_id, "administrator") as staff:
            with counting_queries() as asked:
                await shown(staff, f"/{one.slug}/staff{page}")
            counts.append(asked())
    assert counts[0] == counts[1]
    assert counts[0] <= 9, "three of the guard, and six of the page"


async def test_an_instructor_is_not_staff(served: Served, enrollment_pool: Pool) -> None:
    one = await built(enrollment_pool, people=1)
    await make_instructor(enrollment_pool, one.organization_id, one.cohort_id, one.person_ids[0])
    async with signed_in(served, enrollment_pool, one.organization_id, person_id=one.person_ids[0]) as teacher:
        for page in ("", "/people", "/exports", "/journal"):
            await shown(teacher, f"/{one.slug}/staff{page}", status=403)


async def test_the_pages_of_people_lead_to_all_that_is_done_about_them(served: Served, enrollment_pool: Pool) -> None:
    one = await built(enrollment_pool, people=1)
    base, person = f"/{one.slug}/staff", one.person_ids[0]
    roles: tuple[Role, Role] = ("coordinator", "administrator")
    for role in roles:
        is_administrator = role == "administrator"
        async with signed_in(served, enrollment_pool, one.organization_id, role) as staff:
            listed, own = await shown(staff, f"{base}/people"), await shown(staff, f"{base}/people/{person}")
            await shown(staff, f"{base}/people?words=nobody")
            for path in (f"{base}/people/doubles", f"{base}/letters"):
                assert f'href="{path}"' in listed
            for path in (f"{base}/readers", f"{base}/roles"):
                assert (f'href="{path}"' in listed) is is_administrator
            assert (f'href="{base}/people/{person}/erase"' in own) is is_administrator
            paths = [unescape(one) for one in re.findall(rf'href="({base}/(?:people/|letters|readers)[^"]*)"', own)]
            assert f"{base}/letters?all=yes&person_id={person}" in paths
            email = await enrollment_pool.fetchval("SELECT email FROM person WHERE id = $1", person)
            assert f'value="{email}"' in await shown(staff, next(path for path in paths if "keep=" in path))
            for path in paths:
                await shown(staff, path)
    seen = await enrollment_pool.fetch(
        "SELECT action, count(*) AS n FROM journal_entry WHERE organization_id = $1 AND action LIKE 'pe%.read'"
        " GROUP BY action, person_id ORDER BY action, n", one.organization_id,
    )  # fmt: skip
    # somebody's page each time, as is that of their roles, which administrators open; the list once an hour
    assert [(row["action"], row["n"]) for row in seen] == [
        *[("people.read", 1)] * 2, ("person.read", 1), ("person.read", 2),
    ]  # fmt: skip
