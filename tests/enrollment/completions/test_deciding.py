"""Deciding completion: by the cohort's policy, all or none, once, and never about oneself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from shared.postgres import Pool
from tests.builders import NOW, Built, build
from tests.enrollment.cast import asked, make_instructor, told
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once


@pytest.fixture
async def built(enrollment_pool: Pool) -> Built:
    """A cohort of three who all meet the policy."""
    async with enrollment_pool.acquire() as connection:
        return await build(connection, people=3, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one


@pytest.fixture
async def staff(served: Served, built: Built) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of the organization's administrator."""
    async with browser(served) as session:
        session.cookie_jar.update_cookies({"laurel_session": built.session})
        yield session


def path(built: Built) -> str:
    return f"/api/cohorts/{built.cohort_id}/completions"


async def decide(session: aiohttp.ClientSession, built: Built, **chosen: list[UUID]) -> tuple[int, Any]:
    return await asked(
        session, "PUT", path(built), json={name: [str(one) for one in ids] for name, ids in chosen.items()}
    )


async def standings(session: aiohttp.ClientSession, built: Built) -> dict[UUID, dict[str, Any]]:
    status, found = await asked(session, "GET", path(built))
    assert status == 200
    return {UUID(one["enrollment_id"]): one for one in found["standings"]}


async def written(pool: Pool, built: Built) -> tuple[int, ...]:
    """How many decisions, awards, events and requests to the issuer there are."""
    counts = [
        await pool.fetchval(f"SELECT count(*) FROM {table} WHERE organization_id = $1", built.organization_id)
        for table in ("completion", "award", "event", "outbox")
    ]
    return tuple(counts)


async def forget_attendance(pool: Pool, enrollment_id: UUID) -> None:
    await pool.execute("DELETE FROM attendance WHERE enrollment_id = $1", enrollment_id)


async def test_a_decision_its_award_and_its_event_are_written_together(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    status, answer = await decide(staff, built, completed=built.enrollment_ids)
    assert status == 200
    assert [(one["outcome"], one["award_state"]) for one in answer["standings"]] == [("completed", "requested")] * 3
    assert await written(enrollment_pool, built) == (3, 3, 3, 3)
    events = await told(enrollment_pool, built.organization_id)
    assert {kind for kind, _ in events} == {"completion.completed"}
    by_enrollment = {data["enrollment_id"]: data for _, data in events}
    for one in answer["standings"]:
        event = by_enrollment[one["enrollment_id"]]
        assert event["award_id"] == one["award_id"]
        assert event["credit_minutes"] == 180
        assert (event["activity_start"], event["activity_end"]) == ("2026-03-07", "2026-03-07")


async def test_the_award_names_its_holder_only_where_they_want_it(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    hidden = built.enrollment_ids[1]
    await enrollment_pool.execute("UPDATE enrollment SET shows_name = false WHERE id = $1", hidden)
    await decide(staff, built, completed=built.enrollment_ids)
    rows = await enrollment_pool.fetch(
        "SELECT enrollment_id, payload FROM award WHERE organization_id = $1", built.organization_id
    )
    names = {row["enrollment_id"]: msgspec.json.decode(row["payload"])["holder_name"] for row in rows}
    first, _, third = built.enrollment_ids
    assert names == {first: "Person 0", hidden: None, third: "Person 2"}


async def test_who_does_not_meet_the_policy_keeps_everybody_from_being_decided(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    short = built.enrollment_ids[2]
    await forget_attendance(enrollment_pool, short)
    status, problem = await decide(staff, built, completed=built.enrollment_ids)
    assert (status, problem["type"], problem["enrollment_ids"]) == (409, "/problems/not-eligible", [str(short)])
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)
    found = await standings(staff, built)
    assert [found[one]["is_eligible"] for one in built.enrollment_ids] == [True, True, False]
    assert [(one["requirement"], one["wanted"], one["found"]) for one in found[short]["findings"]] == [
        ("sessions", 1, 0),
        ("credit_minutes", 60, 0),
        ("modules", 0, 0),
    ]
    status, _ = await decide(staff, built, completed=built.enrollment_ids[:2])
    assert status == 200


@pytest.mark.parametrize(("state", "is_eligible"), [("submitted", False), ("returned", False), ("accepted", True)])
async def test_only_accepted_evidence_counts(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession, state: str, is_eligible: bool
) -> None:
    module_id, enrollment_id = uuid4(), built.enrollment_ids[0]
    await enrollment_pool.execute(
        "INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)"
        " SELECT $1, organization_id, curriculum_id, 1, 'Bias', 'On bias', 'A page' FROM cohort WHERE id = $2",
        module_id, built.cohort_id,
    )  # fmt: skip
    reviewer = None if state == "submitted" else built.staff_id
    await enrollment_pool.execute(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at,"
        " reviewed_by, reviewed_at, comment) VALUES ($1, $2, $3, $4, 'text', 'A page', $5, $6, $7, $8, $9)",
        uuid4(), built.organization_id, enrollment_id, module_id, state, NOW, reviewer,
        None if reviewer is None else NOW, "More" if state == "returned" else None,
    )  # fmt: skip
    found = (await standings(staff, built))[enrollment_id]
    assert found["is_eligible"] is is_eligible
    assert found["findings"][2]["missing"] == ([] if is_eligible else ["Bias"])
    status, _ = await decide(staff, built, completed=[enrollment_id])
    assert status == (200 if is_eligible else 409)


async def test_who_completed_stays_so(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    first, second, _ = built.enrollment_ids
    await decide(staff, built, completed=[first])
    before = await written(enrollment_pool, built)
    status, problem = await decide(staff, built, not_completed=[first, second])
    assert (status, problem["type"], problem["enrollment_ids"]) == (409, "/problems/already-decided", [str(first)])
    assert await written(enrollment_pool, built) == before
    assert (await standings(staff, built))[second]["outcome"] == "none"


async def test_who_did_not_complete_may_still(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    chosen = built.enrollment_ids[:1]
    assert (await decide(staff, built, not_completed=chosen))[0] == 200
    assert await written(enrollment_pool, built) == (1, 0, 1, 0)
    assert (await decide(staff, built, completed=chosen))[0] == 200
    assert await written(enrollment_pool, built) == (1, 1, 2, 1)
    kinds = [kind for kind, _ in await told(enrollment_pool, built.organization_id)]
    assert kinds == ["completion.not_completed", "completion.completed"]


async def test_the_same_again_changes_nothing(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    async def once() -> tuple[int, Any]:
        return await decide(staff, built, completed=built.enrollment_ids[:2], not_completed=built.enrollment_ids[2:])

    answers = await asyncio.gather(*(once() for _ in range(8)))
    assert {status for status, _ in answers} == {200}
    decided = [{one["enrollment_id"]: one["award_id"] for one in answer["standings"]} for _, answer in answers]
    assert decided == [decided[0]] * 8
    assert await written(enrollment_pool, built) == (3, 2, 3, 2)


async def test_two_who_decide_otherwise_at_once_leave_one_award(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    chosen = built.enrollment_ids[:1]
    answers = await asyncio.gather(
        *(decide(staff, built, **{name: chosen}) for name in ("completed", "not_completed") * 5)
    )
    assert {status for status, _ in answers} <= {200, 409}
    assert (await standings(staff, built))[chosen[0]]["outcome"] == "completed"
    assert (await written(enrollment_pool, built))[1] == 1


async def test_nobody_decides_about_themselves(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    own, others = built.enrollment_ids[0], built.enrollment_ids[1:]
    await enrollment_pool.execute("UPDATE enrollment SET person_id = $2 WHERE id = $1", own, built.staff_id)
    status, problem = await decide(staff, built, completed=built.enrollment_ids)
    assert (status, problem["type"]) == (409, "/problems/self-approval")
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)
    assert (await decide(staff, built, completed=others))[0] == 200
    somebody = await add_person(enrollment_pool, built.organization_id, fresh_email(), "coordinator")
    async with browser(served) as session:
        await sign_in_at_once(session, enrollment_pool, built.organization_id, somebody)
        assert (await decide(session, built, completed=[own]))[0] == 200


async def test_teaching_a_cohort_or_being_in_it_does_not_suffice(
    served: Served, enrollment_pool: Pool, built: Built
) -> None:
    teacher = await add_person(enrollment_pool, built.organization_id, fresh_email())
    await make_instructor(enrollment_pool, built.organization_id, built.cohort_id, teacher)
    for person_id in (teacher, built.person_ids[0]):
        async with browser(served) as session:
            await sign_in_at_once(session, enrollment_pool, built.organization_id, person_id)
            assert (await decide(session, built, completed=built.enrollment_ids))[0] == 403
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)


async def test_each_person_is_named_once(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    twice = built.enrollment_ids[:1]
    assert (await decide(staff, built, completed=twice, not_completed=twice))[0] == 400
    assert (await decide(staff, built))[0] == 400
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)


async def test_who_has_no_seat_here_keeps_everybody_from_being_decided(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    waiting = built.enrollment_ids[2]
    await enrollment_pool.execute(
        "UPDATE enrollment SET place = 'in line', seat_id = NULL, line_rank = 1 WHERE id = $1", waiting
    )
    for stranger in (waiting, uuid4()):
        status, _ = await decide(staff, built, completed=[*built.enrollment_ids[:2], stranger])
        assert status == 404
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)


async def test_a_level_that_awards_nothing_cannot_be_completed(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute(
        "UPDATE level SET achievement_id = NULL, achievement_version = NULL WHERE organization_id = $1",
        built.organization_id,
    )
    status, problem = await decide(staff, built, completed=built.enrollment_ids)
    assert (status, problem["type"]) == (409, "/problems/no-achievement")
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)
    assert (await decide(staff, built, not_completed=built.enrollment_ids))[0] == 200


async def test_a_withdrawal_comes_before_the_decision_or_not_at_all(
    served: Served, enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    """Both at once, many times: never a withdrawn person with an award."""
    for enrollment_id in built.enrollment_ids:
        (decided, _), (withdrawn, _) = await asyncio.gather(
            decide(staff, built, completed=[enrollment_id]),
            asked(staff, "PUT", f"/api/enrollments/{enrollment_id}/withdrawal"),
        )
        assert (decided, withdrawn) in {(200, 409), (404, 200)}
        awards = await enrollment_pool.fetchval("SELECT count(*) FROM award WHERE enrollment_id = $1", enrollment_id)
        assert awards == (1 if decided == 200 else 0)


async def test_a_cancelled_cohort_is_not_completed(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute("UPDATE cohort SET state = 'cancelled' WHERE id = $1", built.cohort_id)
    status, problem = await decide(staff, built, completed=built.enrollment_ids)
    assert (status, problem["type"]) == (409, "/problems/cohort-cancelled")
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)


@pytest.mark.parametrize("choice", ["completed", "not_completed"])
async def test_a_cohort_without_sessions_is_not_decided(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession, choice: str
) -> None:
    """Otherwise a badge would have to say when it was earned where nothing took place."""
    nothing_asked = {"min_sessions": 0, "min_credit_minutes": 0, "modules": "all"}
    await enrollment_pool.execute("UPDATE cohort SET policy = $2 WHERE id = $1", built.cohort_id, nothing_asked)
    await enrollment_pool.execute("DELETE FROM attendance WHERE cohort_id = $1", built.cohort_id)
    await enrollment_pool.execute("DELETE FROM cohort_session WHERE cohort_id = $1", built.cohort_id)
    status, problem = await decide(staff, built, **{choice: built.enrollment_ids})
    assert (status, problem["type"]) == (409, "/problems/no-sessions")
    assert await written(enrollment_pool, built) == (0, 0, 0, 0)
    assert len(await standings(staff, built)) == 3
