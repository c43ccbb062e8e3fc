"""What participants are told by e-mail about their badge, and what they see of their own progress."""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

import aiohttp
import pytest

from services.enrollment.completions import actions, store_records
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


async def test_progress_tells_what_is_missing_and_what_was_completed(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    organization, person, enrollment = built.organization_id, built.person_ids[0], built.enrollment_ids[0]
    [found] = await progress(enrollment_pool, organization, person)
    assert (found.standing.enrollment_id, found.missing) == (enrollment, ())
    assert await store_records.completed_by(enrollment_pool, organization, person) == []
    await award(staff, built)
    assert await store_records.completed_by(enrollment_pool, organization, person) == [enrollment]
    told = await store_records.data_of(enrollment_pool, organization, person)
    assert [one["decision"] for one in told["decisions"]] == ["completed"]
    await enrollment_pool.execute("DELETE FROM attendance WHERE enrollment_id = $1", enrollment)
    [found] = await progress(enrollment_pool, organization, person)
    assert [one.requirement for one in found.missing] == ["sessions", "credit_minutes"]
