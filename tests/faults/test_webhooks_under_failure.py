"""Every event reaches a consumer that fails every third call, signed and unchanged; what is not signed is refused.

The consumer is a stranger's: it verifies with the `standardwebhooks` package of the specification's authors.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from deploy.local.stack import Stack
from shared import contracts
from tests.builders import Built, build
from tests.running_stack import bearer, connected, decide, settled
from tests.servers import free_port

COHORTS, PEOPLE = 5, 100


class Consumer:
    """A server that takes events: it verifies each, and answers 500 to every third call while it `stumbles`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.stumbles = False
        self.calls = 0
        self.failed = 0
        self.refused = 0
        #: the secret of each path
        self.secrets: dict[str, str] = {}
        #: (header fields, body) of each verified delivery
        self.verified: list[tuple[dict[str, str], bytes]] = []
        #: ids of the events that were answered with success
        self.accepted: set[str] = set()
        self._port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        application = web.Application()
        application.router.add_post("/gone", self._gone)
        application.router.add_post("/{organization}", self._take)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.calls += 1
        body, headers = await request.read(), {name.lower(): value for name, value in request.headers.items()}
        try:
            Webhook(self.secrets[request.path]).verify(body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return web.Response(status=400)
        self.verified.append((headers, body))
        if self.stumbles and self.calls % 3 == 0:
            self.failed += 1
            return web.Response(status=500)
        self.accepted.add(headers["webhook-id"])
        return web.Response(status=204)

    async def _gone(self, request: web.Request) -> web.Response:
        self.calls += 1
        return web.Response(status=410)


@pytest.fixture(scope="module")
async def consumer() -> AsyncIterator[Consumer]:
    """A consumer that listens."""
    server = Consumer(free_port())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="module")
def stack(consumer: Consumer) -> Iterator[Stack]:
    """A stack that may call the consumer, and no other address of this machine."""
    with Stack.temporary(extra={"LAUREL_WEBHOOK_ORIGINS": consumer.url}) as running:
        yield running


async def cohort(stack: Stack, *, people: int) -> Built:
    async with connected(stack) as connection:
        return await build(connection, people=people)


async def put_endpoint(
    stack: Stack, built: Built, url: str, *, endpoint_id: UUID | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Ask for an organization's events at an address; the answer's status and JSON."""
    path = f"{stack.url('enrollment')}/api/webhook-endpoints/{endpoint_id or uuid4()}"
    headers = headers or bearer(stack, contracts.WEBHOOKS_WRITE, built.organization_id)
    async with aiohttp.ClientSession() as http, http.put(path, json={"url": url}, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def listen(stack: Stack, consumer: Consumer, built: Built) -> None:
    """Have the cohort's organization tell the consumer."""
    path = f"/{built.organization_id}"
    status, endpoint = await put_endpoint(stack, built, consumer.url + path)
    assert status == 200, endpoint
    consumer.secrets[path] = endpoint["secret"]


async def feed(stack: Stack, built: Built) -> dict[str, str]:
    """All events of an organization in its feed: the type by id."""
    url, found = f"{stack.url('enrollment')}/api/events", dict[str, str]()
    headers, after = bearer(stack, contracts.EVENTS_READ, built.organization_id), "0"
    async with aiohttp.ClientSession() as http:
        while True:
            async with http.get(url, params={"after": after, "limit": 500}, headers=headers) as answer:
                assert answer.status == 200
                items = await answer.json(content_type=None)
            if not items:
                return found
            found |= {one["id"]: one["type"] for one in items}
            after = answer.headers["Laurel-Cursor"]


async def test_500_completions_reach_a_consumer_that_fails_every_third_call(stack: Stack, consumer: Consumer) -> None:
    cohorts = [await cohort(stack, people=PEOPLE) for _ in range(COHORTS)]
    for built in cohorts:
        await listen(stack, consumer, built)
    consumer.stumbles = True
    for built in cohorts:
        status, answer = await decide(stack, built)
        assert status == 200, answer
    await settled(stack, seconds=240)
    consumer.stumbles = False

    assert consumer.failed > COHORTS * PEOPLE / 3, "it must have failed, or its failures show nothing"
    assert consumer.refused == 0
    bodies: dict[str, set[bytes]] = {}
    for headers, body in consumer.verified:
        bodies.setdefault(headers["webhook-id"], set()).add(body)
    assert {len(one) for one in bodies.values()} == {1}, "a repeated delivery has the same body"
    told: dict[str, str] = {}
    for built in cohorts:
        told |= await feed(stack, built)
    assert bodies.keys() == consumer.accepted == told.keys()
    assert sum(kind == "laurel.completion.completed" for kind in told.values()) == COHORTS * PEOPLE
    async with connected(stack) as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 0


async def replay(consumer: Consumer, path: str, headers: dict[str, str], body: bytes) -> int:
    kept = {name: value for name, value in headers.items() if name.startswith("webhook-")}
    async with (
        aiohttp.ClientSession() as http,
        http.post(consumer.url + path, data=body, headers={**kept, "Content-Type": "application/json"}) as answer,
    ):
        return answer.status


async def test_a_delivery_changed_on_its_way_is_refused(stack: Stack, consumer: Consumer) -> None:
    built = await cohort(stack, people=1)
    await listen(stack, consumer, built)
    await decide(stack, built)
    await settled(stack)
    headers, body = consumer.verified[-1]
    path = f"/{built.organization_id}"
    assert await replay(consumer, path, headers, body) == 204, "unchanged it is accepted, or a refusal shows nothing"
    assert await replay(consumer, path, headers, body.replace(b'"1.0"', b'"1.1"')) == 400
    assert await replay(consumer, path, {**headers, "webhook-id": str(uuid4())}, body) == 400
    later = str(int(headers["webhook-timestamp"]) + 1)
    assert await replay(consumer, path, {**headers, "webhook-timestamp": later}, body) == 400


async def test_an_endpoint_that_is_gone_is_told_nothing_more(stack: Stack, consumer: Consumer) -> None:
    built, endpoint_id = await cohort(stack, people=2), uuid4()
    status, _ = await put_endpoint(stack, built, f"{consumer.url}/gone", endpoint_id=endpoint_id)
    assert status == 200
    before = consumer.calls
    await decide(stack, built, completed=built.enrollment_ids[:1])
    await settled(stack)
    called = consumer.calls
    assert called > before
    _, endpoint = await put_endpoint(stack, built, f"{consumer.url}/gone", endpoint_id=endpoint_id)
    assert endpoint["state"] == "disabled"
    await decide(stack, built, completed=built.enrollment_ids[1:])
    await settled(stack)
    assert consumer.calls == called
    assert len(await feed(stack, built)) == 4, "the events themselves are there for whoever asks"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.7/hook",
        "https://[::1]/hook",
        "https://localhost/hook",
        "http://consumer.example/hook",
    ],
)
async def test_an_address_that_no_origin_names_must_be_public_and_https(stack: Stack, url: str) -> None:
    status, problem = await put_endpoint(stack, await cohort(stack, people=1), url)
    assert status == 422
    assert [one["field"] for one in problem["errors"]] == ["url"]


async def test_the_command_mints_a_token_that_adds_an_endpoint(stack: Stack, consumer: Consumer) -> None:
    built = await cohort(stack, people=1)
    command = ("services.enrollment", "token", "--scope", contracts.WEBHOOKS_WRITE, "--organization", built.slug)
    done = await asyncio.to_thread(stack.run, *command, role="enrollment")
    assert done.returncode == 0, done.stderr
    headers = {"Authorization": f"Bearer {done.stdout.strip()}"}
    status, _ = await put_endpoint(stack, built, f"{consumer.url}/command", headers=headers)
    assert status == 200
    wrong = bearer(stack, contracts.EVENTS_READ, built.organization_id)
    status, _ = await put_endpoint(stack, built, f"{consumer.url}/other", headers=wrong)
    assert status == 403
