"""Completions are issued exactly once each, whatever dies in between and however often."""

import asyncio
import random
from collections.abc import Iterator

import aiohttp
import asyncpg
import pytest

from deploy.local.stack import POSTGRESQL, Stack
from shared import contracts
from shared.clock import system_clock
from shared.tokens import Grant, ServiceKey
from tests.builders import Built, build

VICTIMS = ("issuer", "enrollment-worker", "enrollment-worker", "issuer", "issuer-worker", POSTGRESQL)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack whose database keeps what it acknowledged, also when it is killed."""
    with Stack.temporary(durable=True) as running:
        yield running


async def connect(stack: Stack, database: str, user: str) -> "asyncpg.Connection[asyncpg.Record]":
    while True:
        try:
            return await asyncpg.connect(stack.dsn(database, user), timeout=5)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.1)


async def decide(stack: Stack, built: Built) -> None:
    """Award the whole cohort over HTTP, trying again until it is acknowledged."""
    url = f"{stack.url('enrollment')}/api/cohorts/{built.cohort_id}/completions"
    body = {"completed": [str(one) for one in built.enrollment_ids]}
    async with aiohttp.ClientSession(cookies={"laurel_session": built.session}) as http:
        while True:
            try:
                async with http.put(url, json=body, timeout=aiohttp.ClientTimeout(total=30)) as answer:
                    if answer.status == 200:
                        return
                    assert answer.status >= 500, await answer.text()
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)


async def scalar(stack: Stack, database: str, user: str, sql: str, *arguments: object) -> int:
    connection = await connect(stack, database, user)
    try:
        value: int = await connection.fetchval(sql, *arguments)
        return value
    finally:
        await connection.close()


async def kill_at_random(stack: Stack, times: int, seed: int) -> dict[str, int]:
    """Kill -9 one victim after another at random moments, restarting each; returns who was killed how often."""
    chance, killed = random.Random(seed), dict.fromkeys(VICTIMS, 0)
    for number in range(times):
        await asyncio.sleep(chance.uniform(0.3, 1.6))
        victim = POSTGRESQL if number == times // 2 else chance.choice(VICTIMS)
        await asyncio.to_thread(stack.kill, victim)
        killed[victim] += 1
        await asyncio.sleep(chance.uniform(0, 0.3))
        await asyncio.to_thread(stack.restart, victim, wait=False)
    return killed


async def settled(stack: Stack, seconds: float) -> None:
    """Wait until both outboxes are empty."""
    async with asyncio.timeout(seconds):
        for database, user in (("enrollment", "enrollment"), ("credentials", "issuer"), ("enrollment", "enrollment")):
            while await scalar(stack, database, user, "SELECT count(*) FROM outbox WHERE topic <> 'mail'"):
                await asyncio.sleep(0.3)


async def run_rounds(stack: Stack, *, completions: int, kills: int, seed: int) -> list[Built]:
    connection = await connect(stack, "enrollment", "enrollment")
    cohorts = [await build(connection, people=100) for _ in range(completions // 100)]
    await connection.close()
    print(f"seed {seed}")
    killing = asyncio.create_task(kill_at_random(stack, kills, seed))
    for built in cohorts:
        await decide(stack, built)
    print("killed", await killing)
    for name in (POSTGRESQL, *stack.ended()):
        await asyncio.to_thread(stack.restart, name)
    await settled(stack, 600)
    return cohorts


async def check_exactly_once(stack: Stack, cohorts: list[Built]) -> None:
    expected = sum(len(one.enrollment_ids) for one in cohorts)
    organizations = [one.organization_id for one in cohorts]
    wanted = {
        "SELECT count(*) FROM credential WHERE issuer_id = ANY ($1) AND signed_json IS NOT NULL": expected,
        "SELECT count(*) FROM credential WHERE issuer_id = ANY ($1)": expected,
        "SELECT count(DISTINCT award_id) FROM credential WHERE issuer_id = ANY ($1)": expected,
        "SELECT count(DISTINCT (status_list_id, status_index)) FROM credential WHERE issuer_id = ANY ($1)": expected,
        "SELECT count(DISTINCT enrollment_id) FROM award WHERE issuer_id = ANY ($1) AND state = 'issued'": expected,
    }
    for sql, number in wanted.items():
        assert await scalar(stack, "credentials", "issuer", sql, organizations) == number, sql
    issued = "SELECT count(*) FROM award WHERE organization_id = ANY ($1) AND state = 'issued'"
    assert await scalar(stack, "enrollment", "enrollment", issued, organizations) == expected
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert done.returncode == 0, done.stdout + done.stderr


async def check_log(stack: Stack, cohorts: list[Built]) -> None:
    """Every badge has one place in its log; the log is whole to anybody outside; enrollment holds its newest head."""
    async with asyncio.timeout(30):
        waiting = "SELECT count(*) FROM issuance_log WHERE shown_size < size OR size = 0"
        while await scalar(stack, "credentials", "issuer", waiting):
            await asyncio.sleep(0.2)
        unchecked = "SELECT count(*) FROM log_head WHERE checked_at IS NULL"
        while await scalar(stack, "enrollment", "enrollment", unchecked):
            await asyncio.sleep(0.2)
    for built in cohorts:
        expected, organization = len(built.enrollment_ids), built.organization_id
        for sql in (
            "SELECT count(DISTINCT l.position) FROM log_leaf l JOIN credential c ON c.id = l.document_id"
            " WHERE l.issuer_id = $1 AND encode(l.sha256, 'hex') = c.signed_sha256",
            "SELECT max(position) + 1 FROM log_leaf WHERE issuer_id = $1",
            "SELECT shown_size FROM issuance_log WHERE issuer_id = $1",
        ):
            assert await scalar(stack, "credentials", "issuer", sql, organization) == expected, sql
        held = "SELECT max(size) FROM log_head WHERE organization_id = $1"
        assert await scalar(stack, "enrollment", "enrollment", held, organization) == expected
    assert await scalar(stack, "enrollment", "enrollment", "SELECT count(*) FROM log_alarm") == 0
    done = await asyncio.to_thread(stack.run, "services.credentials", "log", "check", role="public")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("All 100 leaves are those that the head signs") == len(cohorts)


async def check_replay(stack: Stack, cohorts: list[Built]) -> None:
    """Every request again: the answer is 200, and the signed bytes are what they were."""
    key = ServiceKey.load(stack.folder / "keys" / "enrollment.pem")
    enrollment = await connect(stack, "enrollment", "enrollment")
    credentials = await connect(stack, "credentials", "issuer")
    sql = "SELECT award_id, signed_json, signed_jwt FROM credential WHERE issuer_id = $1 ORDER BY award_id"
    async with aiohttp.ClientSession() as http:
        for built in cohorts:
            before = await credentials.fetch(sql, built.organization_id)
            grant = Grant(
                issuer=stack.url("enrollment"),
                client=contracts.ENROLLMENT,
                audience=stack.url("issuer"),
                scope=contracts.AWARDS_WRITE,
                organization=built.organization_id,
            )
            headers = {
                "Authorization": f"Bearer {key.mint(grant, now=system_clock())}",
                "Content-Type": "application/json",
            }
            rows = await enrollment.fetch(
                "SELECT id, payload, signed_sha256 FROM award WHERE organization_id = $1", built.organization_id
            )
            for row in rows:
                url = f"{stack.url('issuer')}/awards/{row['id']}"
                async with http.put(url, data=row["payload"], headers=headers) as answer:
                    assert answer.status == 200
                    assert (await answer.json())["signed_sha256"] == row["signed_sha256"]
            assert await credentials.fetch(sql, built.organization_id) == before
    await enrollment.close()
    await credentials.close()


async def test_500_completions_survive_kills_of_everybody(stack: Stack) -> None:
    cohorts = await run_rounds(stack, completions=500, kills=5, seed=random.randrange(10**6))
    await check_exactly_once(stack, cohorts)
    await check_log(stack, cohorts)
    await check_replay(stack, cohorts)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_2000_completions_survive_20_kills(stack: Stack) -> None:
    cohorts = await run_rounds(stack, completions=2000, kills=22, seed=random.randrange(10**6))
    await check_exactly_once(stack, cohorts)
    await check_log(stack, cohorts)
    await check_replay(stack, cohorts)


async def test_the_reconciler_finds_a_planted_difference(stack: Stack) -> None:
    connection = await connect(stack, "enrollment", "enrollment")
    built = await build(connection, people=2)
    await decide(stack, built)
    await settled(stack, 60)
    lost = await connection.fetchval("DELETE FROM award WHERE enrollment_id = $1 RETURNING id", built.enrollment_ids[0])
    await connection.close()
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert done.returncode == 1
    assert str(lost) in done.stdout
    assert "not decided" in done.stdout
