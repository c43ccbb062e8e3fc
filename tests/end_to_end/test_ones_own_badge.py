"""A holder's choices reach the public page through both services: shown, withdrawn, and gone for good once erased."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import aiohttp
import pytest

from deploy.local.stack import Stack
from services.enrollment.people.model import token_sha256
from tests.builders import Built, build
from tests.running_stack import connected, decide, settled


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of all processes."""
    with Stack.temporary() as running:
        yield running


@asynccontextmanager
async def holder(stack: Stack, built: Built, number: int) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of one of the cohort's people, signed in."""
    token = secrets.token_urlsafe(32)
    async with connected(stack) as connection:
        await connection.execute(
            "INSERT INTO sign_in_session (token_sha256, organization_id, person_id, created_at, expires_at)"
            " VALUES ($1, $2, $3, now(), now() + interval '1 day')",
            token_sha256(token), built.organization_id, built.person_ids[number],
        )  # fmt: skip
    async with aiohttp.ClientSession(stack.url("enrollment"), cookies={"laurel_session": token}) as http:
        yield http


async def status_of(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status


async def badge_of(stack: Stack, enrollment_id: UUID) -> tuple[UUID, str]:
    async with connected(stack) as connection:
        row = await connection.fetchrow("SELECT id, badge_url FROM award WHERE enrollment_id = $1", enrollment_id)
    assert row is not None
    return row["id"], row["badge_url"]


async def test_a_badge_is_withdrawn_shown_again_and_erased_by_its_holder(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=2)
    assert (await decide(stack, built))[0] == 200
    await settled(stack)
    award_id, url = await badge_of(stack, built.enrollment_ids[0])
    _, other = await badge_of(stack, built.enrollment_ids[1])
    assert await status_of(url) == 200
    async with holder(stack, built, 0) as http:
        for visibility, status in (("withdrawn", 404), ("published", 200)):
            path = f"/{built.slug}/learning/awards/{award_id}/visibility"
            async with http.post(path, data={"visibility": visibility}) as answer:
                assert answer.status == 200
            await settled(stack)
            assert await status_of(url) == status
        async with http.post(f"/{built.slug}/learning/erase") as answer:
            assert answer.status == 200
    await settled(stack)
    for form in ("", ".json", ".png", ".pdf"):
        assert await status_of(url + form) == 410
    assert await status_of(other) == 200
    async with connected(stack, "credentials") as connection:
        left = await connection.fetchval("SELECT count(*) FROM credential WHERE signed_json LIKE '%Person 0%'")
    assert left == 0
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert done.returncode == 0, done.stdout + done.stderr
    # The control: an erasure of which the issuer was never told.
    async with connected(stack) as connection:
        forget = "UPDATE award SET erased_at = {} WHERE badge_url = $1"
        await connection.execute(forget.format("now()"), other)
        done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
        assert (done.returncode, "not erased" in done.stdout) == (1, True)
        await connection.execute(forget.format("NULL"), other)


async def test_an_erasure_that_overtakes_the_award_leaves_no_badge(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=1)
    await asyncio.to_thread(stack.kill, "issuer")
    try:
        assert (await decide(stack, built))[0] == 200
        async with holder(stack, built, 0) as http, http.post(f"/{built.slug}/learning/erase") as answer:
            assert answer.status == 200
    finally:
        await asyncio.to_thread(stack.restart, "issuer")
    await settled(stack)
    async with connected(stack, "credentials") as connection:
        signed = await connection.fetchval(
            "SELECT count(*) FROM credential WHERE issuer_id = $1", built.organization_id
        )
    assert signed == 0
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert done.returncode == 0, done.stdout + done.stderr
