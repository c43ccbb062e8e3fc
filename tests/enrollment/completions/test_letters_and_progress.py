"""What participants are told by e-mail about their badge, and what they see of their own progress."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest

from services.enrollment.completions import actions, store_personal, store_records
from services.enrollment.completions.progress import progress
from shared.clock import system_clock
from shared.contracts import AwardAnswer, Revocation
from shared.postgres import Pool
from tests.builders import Built, build
from tests.enrollment.cast import asked
from tests.enrollment.houses import house_at
from tests.enrollment.staff import mails
from tests.enrollment.visitors import Served, browser, fresh_email


@pytest.fixture
async def built(enrollment_pool: Pool) -> Built:
    """A cohort of one who meets the policy."""
    async with enrollment_pool.acquire() as connection:
        return await build(connection, people=1, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one


@pytest.fixture
async def email(enrollment_pool: Pool, built: Built) -> str:
    """The person's address, which no other test writes to."""
    email = fresh_email()
    await enrollment_pool.execute("UPDATE person SET email = $2 WHERE id = $1", built.person_ids[0], email)
    return email


@pytest.fixture
async def staff(served: Served, built: Built) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of the organization's administrator."""
    async with browser(served) as session:
        session.cookie_jar.update_cookies({"laurel_session": built.session})
        yield session


async def award(session: aiohttp.ClientSession, built: Built) -> UUID:
    path, body = f"/api/cohorts/{built.cohort_id}/completions", {"completed": [str(built.enrollment_ids[0])]}
    status, answer = await asked(session, "PUT", path, json=body)
    assert status == 200
    return UUID(answer["standings"][0]["award_id"])


def answer(award_id: UUID, state: Literal["issued", "revoked"], *, revision: int) -> AwardAnswer:
    now = system_clock()
    return AwardAnswer(
        award_id=award_id, revision=revision, state=state, request_sha256=None, credential_id=award_id,
        badge_url=f"https://badges.example/badges/{award_id}", issued_at=now, signed_sha256=None,
        revocation=Revocation(reason="By mistake", revoked_at=now) if state == "revoked" else None,
    )  # fmt: skip


async def take(pool: Pool, built: Built, told: AwardAnswer) -> None:
    async with house_at(pool, system_clock) as house:
        await actions.take_outcome(house, built.organization_id, told)


async def test_whose_badge_is_there_gets_its_address_once(
    enrollment_pool: Pool, built: Built, email: str, staff: aiohttp.ClientSession
) -> None:
    award_id = await award(staff, built)
    for revision in (1, 1, 2):
        await take(enrollment_pool, built, answer(award_id, "issued", revision=revision))
    [letter] = await mails(staff, email, "Your badge for")
    assert f"https://badges.example/badges/{award_id}" in letter["body"]
    status, _ = await asked(
        staff, "PUT", f"/api/enrollments/{built.enrollment_ids[0]}/completion/reversal", json={"reason": "By mistake"}
    )
    assert status == 200
    [letter] = await mails(staff, email, "Your completion of")
    assert "By mistake" in letter["body"]
    assert len(await mails(staff, email, "Your badge for")) == 1


async def test_who_lost_the_badge_before_it_was_signed_is_not_congratulated(
    enrollment_pool: Pool, built: Built, email: str, staff: aiohttp.ClientSession
) -> None:
    award_id = await award(staff, built)
    path = f"/api/enrollments/{built.enrollment_ids[0]}/completion/reversal"
    status, standing = await asked(staff, "PUT", path, json={"reason": "By mistake"})
    assert (status, standing["outcome"]) == (200, "not completed")
    await take(enrollment_pool, built, answer(award_id, "issued", revision=1))
    await take(enrollment_pool, built, answer(award_id, "revoked", revision=2))
    assert len(await mails(staff, email, "Your completion of")) == 1
    assert await mails(staff, email, "Your badge for", number=0) == []


@pytest.mark.parametrize("order", ["reversed first", "revoked first"])
async def test_reversing_and_revoking_ask_the_issuer_once_in_either_order(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession, order: str
) -> None:
    award_id = await award(staff, built)
    steps = [
        (f"/api/enrollments/{built.enrollment_ids[0]}/completion/reversal", "The first reason"),
        (f"/api/awards/{award_id}/revocation", "The second reason"),
    ]
    if order == "revoked first":
        steps = [(steps[1][0], "The first reason"), (steps[0][0], "The second reason")]
    for path, reason in (*steps, *steps):
        status, _ = await asked(staff, "PUT", path, json={"reason": reason})
        assert status == 200
    rows = await enrollment_pool.fetch(
        "SELECT a.revocation_reason, e.outcome, (SELECT count(*) FROM outbox o WHERE o.key = a.id"
        " AND o.topic = 'revocation') AS asked"
        " FROM award a JOIN enrollment e ON e.id = a.enrollment_id WHERE a.id = $1",
        award_id,
    )
    assert [tuple(row.values()) for row in rows] == [("The first reason", "not completed", 1)]
    decisions = await enrollment_pool.fetch(
        "SELECT decision FROM completion_decision WHERE enrollment_id = $1 ORDER BY decided_at", built.enrollment_ids[0]
    )
    assert [row["decision"] for row in decisions] == ["completed", "reversed"]


async def test_progress_tells_what_is_missing_and_the_download_what_was_decided(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    organization, person, enrollment = built.organization_id, built.person_ids[0], built.enrollment_ids[0]
    [found] = await progress(enrollment_pool, organization, person)
    assert (found.standing.enrollment_id, found.missing) == (enrollment, ())
    await award(staff, built)
    told = await store_personal.data_of(enrollment_pool, organization, person)
    assert [one["decision"] for one in told["decisions"]] == ["completed"]
    await enrollment_pool.execute("DELETE FROM attendance WHERE enrollment_id = $1", enrollment)
    [found] = await progress(enrollment_pool, organization, person)
    assert [one.requirement for one in found.missing] == ["sessions", "credit_minutes"]


async def test_reasons_of_staff_go_when_the_person_is_erased_and_decisions_stay(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    pool, organization, enrollment = enrollment_pool, built.organization_id, built.enrollment_ids[0]
    await award(staff, built)
    path = f"/api/enrollments/{enrollment}/completion/reversal"
    assert (await asked(staff, "PUT", path, json={"reason": "Quarreled with Ana"}))[0] == 200
    before = await store_records.past(pool, organization, enrollment)
    assert [(one.decision, one.reason) for one in before] == [("completed", None), ("reversed", "Quarreled with Ana")]
    async with pool.acquire() as connection, connection.transaction():
        await store_personal.forget(connection, organization, built.person_ids[0], keep=frozenset({"completion"}))
    after = await store_records.past(pool, organization, enrollment)
    assert [(one.decision, one.reason) for one in after] == [("completed", None), ("reversed", None)]
    kept = await pool.fetch(
        "SELECT has_reason FROM completion_decision WHERE enrollment_id = $1 ORDER BY decided_at", enrollment
    )
    assert [row["has_reason"] for row in kept] == [False, True]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("UPDATE completion_reason SET reason = 'x'")


async def test_progress_asks_as_much_however_many_cohorts_there_are(
    served: Served, enrollment_pool: Pool, built: Built
) -> None:
    person = built.person_ids[0]
    async with enrollment_pool.acquire() as connection:
        await progress(connection, built.organization_id, person)  # the driver asks of types once
        heard: list[str] = []
        counts = []
        for _ in range(2):
            connection.add_query_logger(hear := lambda query: heard.append(query.query))
            found = await progress(connection, built.organization_id, person)
            await asyncio.sleep(0)  # loggers are called soon
            connection.remove_query_logger(hear)
            counts.append((len(found), len(heard)))
            heard.clear()
            await connection.execute(
                "INSERT INTO cohort SELECT (jsonb_populate_record(c, jsonb_build_object('id', $2::uuid))).*"
                " FROM cohort c WHERE id = $1", built.cohort_id, copy := uuid4(),
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO seat (id, organization_id, cohort_id, number) VALUES ($1, $2, $3, 1)",
                seat := uuid4(), built.organization_id, copy,
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, shows_name,"
                " enrolled_at) VALUES ($1, $2, $3, $4, 'seated', $5, true, now())",
                uuid4(), built.organization_id, copy, person, seat,
            )  # fmt: skip
    assert counts == [(1, 7), (2, 7)]
