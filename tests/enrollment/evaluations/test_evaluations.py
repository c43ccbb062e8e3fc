"""Evaluations: handed in once, counted without a name, told from five people on."""

import asyncio
import re
from uuid import UUID, uuid4

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.evaluations.model import ANSWERS, LEAST_TOLD, Tally, results
from shared.postgres import Pool
from tests.builders import Built, build
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, browser, sign_in_at_once

HTML = {"Accept": "text/html"}


@pytest.fixture
async def built(served: Served, enrollment_pool: Pool) -> Built:
    """A cohort of six that is over, in a program that asks two things about cohorts and one about sessions."""
    async with enrollment_pool.acquire() as connection:
        built = await build(connection, people=6, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    async with browser(served) as staff:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        status = await post(staff, await questions(enrollment_pool, built), cohort="Useful.\nClear.", session="Good.")
        assert status == 303
    return built


async def questions(pool: Pool, built: Built) -> str:
    program = await pool.fetchval("SELECT id FROM program WHERE organization_id = $1", built.organization_id)
    return f"/{built.slug}/staff/programs/{program}/evaluations"


async def post(visitor: aiohttp.ClientSession, path: str, /, **fields: str) -> int:
    async with visitor.post(path, data=fields, headers=HTML, allow_redirects=False) as answer:
        return answer.status


async def shown(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path, headers=HTML) as answer:
        assert answer.status == 200
        return await answer.text()


def form(built: Built, number: int, about: UUID | None = None) -> str:
    return f"/{built.slug}/learning/{built.enrollment_ids[number]}/evaluations/{about or built.cohort_id}"


async def hand_in(served: Served, pool: Pool, built: Built, number: int, *answers: int) -> int:
    """What the person of that number is answered."""
    async with browser(served) as session:
        await sign_in_at_once(session, pool, built.organization_id, built.person_ids[number])
        fields = {f"answer-{at}": str(answer) for at, answer in enumerate(answers, 1)}
        return await post(session, form(built, number), **fields)


async def counted(pool: Pool, built: Built) -> list[tuple[int, int, int]]:
    rows = await pool.fetch(
        "SELECT question, answer, people FROM evaluation_tally WHERE cohort_id = $1 ORDER BY 1, 2", built.cohort_id
    )
    return [(row["question"], row["answer"], row["people"]) for row in rows]


async def test_four_answers_show_nothing_and_five_show_numbers(
    served: Served, enrollment_pool: Pool, built: Built
) -> None:
    async with browser(served) as staff:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        page = f"/{built.slug}/staff/cohorts/{built.cohort_id}/evaluations"
        for number in range(4):
            assert await hand_in(served, enrollment_pool, built, number, 5, 2) == 303
        few = await shown(staff, page)
        assert "4 of 6 people answered." in few
        assert "Useful." not in few
        assert "Too few to show" in few
        assert await hand_in(served, enrollment_pool, built, 4, 4, 2) == 303
        with counting_queries() as asked:
            html = await shown(staff, page)
        assert asked() <= 8
    row = re.search(r"<bdi>Useful\.</bdi></th>(.*?)</tr>", html, re.DOTALL)
    assert row is not None
    assert re.findall(r">([\d.]+)<", row[1]) == ["4.8", "0", "0", "0", "1", "4"]


async def test_handing_in_twice_or_at_once_counts_once(served: Served, enrollment_pool: Pool, built: Built) -> None:
    async def once(answer: int) -> int:
        return await hand_in(served, enrollment_pool, built, 0, answer, answer)

    assert set(await asyncio.gather(*(once(1 + number % 5) for number in range(6)))) == {303}
    assert sum(people for question, _, people in await counted(enrollment_pool, built) if question == 1) == 1
    everybody = (hand_in(served, enrollment_pool, built, number, 3, 3) for number in range(1, 6))
    assert set(await asyncio.gather(*everybody)) == {303}
    assert sum(people for question, _, people in await counted(enrollment_pool, built) if question == 1) == 6


async def test_nothing_that_is_kept_joins_a_person_with_an_answer(
    served: Served, enrollment_pool: Pool, built: Built
) -> None:
    columns = {
        table: {
            row["column_name"]
            for row in await enrollment_pool.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
            )
        }
        for table in ("evaluation_tally", "evaluation_turn_in")
    }
    assert columns["evaluation_tally"] == {
        "organization_id", "cohort_id", "about_id", "form_id", "question", "answer", "people",
    }  # fmt: skip
    assert columns["evaluation_turn_in"] == {"enrollment_id", "about_id", "organization_id"}
    for number in (0, 1):
        assert await hand_in(served, enrollment_pool, built, number, 5, 1) == 303
    assert await counted(enrollment_pool, built) == [(1, 5, 2), (2, 1, 2)]


async def test_each_question_wants_an_answer(served: Served, enrollment_pool: Pool, built: Built) -> None:
    for answers in ((), (5,), (6, 5), (0, 0)):
        assert await hand_in(served, enrollment_pool, built, 0, *answers) == 422
    assert await counted(enrollment_pool, built) == []
    turned_in = await enrollment_pool.fetch("SELECT FROM evaluation_turn_in WHERE about_id = $1", built.cohort_id)
    assert turned_in == []


async def test_only_who_has_the_seat_hands_in_and_only_once_it_has_begun(
    served: Served, enrollment_pool: Pool, built: Built
) -> None:
    async with browser(served) as other:
        await sign_in_at_once(other, enrollment_pool, built.organization_id, built.person_ids[1])
        assert await post(other, form(built, 0), **{"answer-1": "5", "answer-2": "5"}) == 404
        assert await post(other, form(built, 1, uuid4()), **{"answer-1": "5"}) == 404
    await enrollment_pool.execute(
        "UPDATE cohort_session SET starts_at = now() + interval '1 day', ends_at = now() + interval '2 days'"
        " WHERE cohort_id = $1",
        built.cohort_id,
    )
    assert await hand_in(served, enrollment_pool, built, 0, 5, 5) == 409
    assert await counted(enrollment_pool, built) == []


async def test_other_questions_are_a_form_of_their_own(served: Served, enrollment_pool: Pool, built: Built) -> None:
    assert await hand_in(served, enrollment_pool, built, 0, 5, 5) == 303
    async with browser(served) as staff:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        path = await questions(enrollment_pool, built)
        assert await post(staff, path, cohort="Useful.\nUseful.") == 422
        assert await post(staff, path, cohort="Useful.\n\n Clear. ", session="Good.") == 303
        assert await post(staff, path, cohort="Worth it.", session="Good.") == 303
    versions = await enrollment_pool.fetch(
        "SELECT about, version FROM evaluation_form WHERE organization_id = $1 ORDER BY 1, 2", built.organization_id
    )
    assert [(row["about"], row["version"]) for row in versions] == [("cohort", 1), ("cohort", 2), ("session", 1)]
    assert await hand_in(served, enrollment_pool, built, 1, 4) == 303
    forms = await enrollment_pool.fetchval(
        "SELECT count(DISTINCT form_id) FROM evaluation_tally WHERE cohort_id = $1", built.cohort_id
    )
    assert forms == 2


async def test_a_policy_can_ask_for_it(served: Served, enrollment_pool: Pool, built: Built) -> None:
    await enrollment_pool.execute(
        "UPDATE cohort SET policy = policy || '{\"wants_evaluation\": true}' WHERE id = $1", built.cohort_id
    )
    assert await hand_in(served, enrollment_pool, built, 0, 5, 5) == 303
    async with browser(served) as staff:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        async with staff.get(f"/api/cohorts/{built.cohort_id}/completions") as answer:
            standings = (await answer.json())["standings"]
    eligible = {one["enrollment_id"] for one in standings if one["is_eligible"]}
    assert eligible == {str(built.enrollment_ids[0])}


@given(st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=12))
def test_the_numbers_are_those_of_the_answers(given: list[int]) -> None:
    about = uuid4()
    form_id = uuid4()
    tallies = [
        Tally(
            about_id=about, about="cohort", title="Midwest 1", starts_at=None, form_id=form_id, questions=("Useful.",),
            question=1, answer=answer, people=given.count(answer),
        )
        for answer in sorted(set(given))
    ]  # fmt: skip
    [result] = results(tallies)
    assert result.people == len(given)
    if len(given) < LEAST_TOLD:
        assert result.answered == ()
    else:
        [one] = result.answered
        assert one.mean == round(sum(given) / len(given), 1)
        assert list(one.people) == [given.count(answer) for answer in ANSWERS]
