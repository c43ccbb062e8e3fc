"""A badge from elsewhere is verified by the public role, and counts once somebody else of staff accepts it."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from services.enrollment import app
from services.enrollment.programs import store
from shared.postgres import Pool
from tests.credentials.badges import issue
from tests.credentials.callers import Caller
from tests.credentials.conftest import enrollment_key, issuer, pictures, public, public_port
from tests.enrollment.forms_of_pages import forms_of
from tests.enrollment.staff import call, plan, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of
from tests.servers import free_port, running

__all__ = ["enrollment_key", "issuer", "pictures", "public", "public_port"]


@pytest.fixture
async def verifying(served: Served, public: str) -> AsyncIterator[Served]:
    """The service beside a public role that answers."""
    port = free_port()
    settings = msgspec.structs.replace(
        served.settings, port=port, enrollment_url=f"http://127.0.0.1:{port}", public_url=public
    )
    async with running(app.make(settings), port) as url:
        yield Served(url=url, settings=settings)


async def show(session: aiohttp.ClientSession, slug: str, level_id: UUID, content: bytes) -> tuple[int, str]:
    """Show a file for a level; the status and the page."""
    form = aiohttp.FormData()
    form.add_field("level", str(level_id))
    form.add_field("file", content, filename="badge.json", content_type="application/json")
    async with session.post(f"/{slug}/learning/level-badge", data=form) as answer:
        return answer.status, await answer.text()


async def two_levels(staff: aiohttp.ClientSession) -> UUID:
    """A level that another requires."""
    planned = await plan(staff)
    body = {"program_id": str(planned.program_id), "number": 2, "name": "Level Two", "description": "The second.",
            "requires_level_id": str(planned.level_id)}  # fmt: skip
    assert (await call(staff, "PUT", f"/api/levels/{uuid4()}", body))[0] == 200
    return planned.level_id


async def decide(session: aiohttp.ClientSession, path: str, decision: str) -> int:
    """Send the decision."""
    async with session.post(path, data={"decision": decision}) as answer:
        return answer.status


async def test_a_genuine_badge_waits_for_staff_and_then_counts(
    verifying: Served, enrollment_pool: Pool, organization: UUID, issuer: Caller, public: str
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    badge = await issue(issuer, public, holder_name="Ana Lim")
    person = await add_person(pool, organization, fresh_email())
    other = await add_person(pool, organization, fresh_email(), "coordinator")
    async with (
        signed_in(verifying, pool, organization, "coordinator") as staff,
        signed_in(verifying, pool, organization, person_id=person) as own,
        signed_in(verifying, pool, organization, person_id=other) as another,
    ):
        level_id = await two_levels(staff)
        forged = badge.text.replace("9.5", "99.5").encode()
        assert forged != badge.text.encode()
        status, text = await show(own, slug, level_id, forged)
        assert status == 422
        assert 'id="file-error"' in text
        assert (await show(own, slug, level_id, b" "))[0] == 422
        assert (await show(own, slug, uuid4(), badge.text.encode()))[0] == 422
        assert await pool.fetchval("SELECT count(*) FROM level_claim WHERE organization_id = $1", organization) == 0
        for session in (own, own, another):
            status, text = await show(session, slug, level_id, badge.text.encode())
            assert status == 200
            assert "Waits for staff" in text
        assert not await store.holds_level(pool, organization, person, level_id)
        async with another.get(f"/{slug}/staff/level-badges") as answer:
            text = await answer.text()
        assert text.count("Somebody else showed the same file") == 2
        paths = {one.action for one in forms_of(text) if "/level-badges/" in one.action}
        assert len(paths) == 2
        # nobody decides about their own
        assert sorted([await decide(another, path, "accepted") for path in paths]) == [200, 409]
        (left,) = {one.action for one in forms_of(await (await staff.get(f"/{slug}/staff/level-badges")).text())
                   if "/level-badges/" in one.action}  # fmt: skip
        assert await decide(staff, left, "declined") == 200
        assert await decide(staff, left, "accepted") == 409
        assert await store.holds_level(pool, organization, person, level_id)
        assert not await store.holds_level(pool, organization, other, level_id)
        assert "Accepted" in await (await own.get(f"/{slug}/learning/level-badge")).text()


async def test_a_revoked_badge_is_not_taken(
    verifying: Served, enrollment_pool: Pool, organization: UUID, issuer: Caller, public: str
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    badge = await issue(issuer, public)
    assert (await issuer.revoke(badge.organization, badge.award_id, "By mistake")).status == 200
    async with signed_in(verifying, enrollment_pool, organization, "coordinator") as staff:
        level_id = await two_levels(staff)
        assert (await show(staff, slug, level_id, badge.text.encode()))[0] == 422


async def test_a_verifier_that_does_not_answer_keeps_nothing(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        level_id = await two_levels(staff)
        status, text = await show(staff, slug, level_id, b"{}")
        assert status == 503
        assert "cannot be checked right now" in text
    kept = await enrollment_pool.fetchval("SELECT count(*) FROM level_claim WHERE organization_id = $1", organization)
    assert kept == 0


async def test_a_badge_of_ours_counts_until_it_is_revoked(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool = enrollment_pool
    person = await add_person(pool, organization, fresh_email())
    async with signed_in(served, pool, organization, "coordinator") as staff:
        planned = await plan(staff)
    achievement = uuid4()
    await pool.execute(
        "UPDATE level SET achievement_id = $2, achievement_version = 1 WHERE id = $1", planned.level_id, achievement
    )
    await pool.execute(
        "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, line_rank, shows_name, enrolled_at)"
        " VALUES ($3, $1, $2, $4, 'in line', 1, true, now())",
        organization, planned.cohort_id, enrollment := uuid4(), person,
    )  # fmt: skip
    assert not await store.holds_level(pool, organization, person, planned.level_id)
    await pool.execute(
        "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
        " payload_sha256, requested_at) VALUES ($3, $1, $2, $4, 1, '{}', 'none', now())",
        organization, enrollment, uuid4(), achievement,
    )  # fmt: skip
    assert await store.holds_level(pool, organization, person, planned.level_id)
    await pool.execute("UPDATE award SET state = 'revoked' WHERE enrollment_id = $1", enrollment)
    assert not await store.holds_level(pool, organization, person, planned.level_id)
