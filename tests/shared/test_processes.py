"""The five processes as an operator meets them: health, metrics, a request's id through both services, and the end."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.environment import HOST, ROLES
from deploy.local.processes import Process
from deploy.local.stack import POSTGRESQL, Stack
from tests.builders import Built, build
from tests.running_stack import connected, decide, settled, staff_browser

NAMES = [role.name for role in ROLES]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of real processes."""
    with Stack.temporary() as running:
        yield running


@pytest.fixture
async def built(stack: Stack) -> Built:
    """A cohort of one who meets the policy."""
    async with connected(stack) as connection:
        return await build(connection, people=1)


async def get(stack: Stack, name: str, path: str) -> tuple[int, Any]:
    """The status and JSON of a process's answer."""
    async with aiohttp.ClientSession(stack.url(name)) as http, http.get(path) as answer:
        return answer.status, await answer.json(content_type=None)


async def metrics(stack: Stack, name: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """A process's metrics: the value of each (name, labels)."""
    async with aiohttp.ClientSession(stack.url(name)) as http, http.get("/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        families = text_string_to_metric_families(await answer.text())
        return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


@pytest.mark.parametrize("name", NAMES)
async def test_every_process_says_that_it_lives_and_is_ready(stack: Stack, name: str) -> None:
    assert await get(stack, name, "/health/live") == (200, {"status": "live", "process": name})
    status, found = await get(stack, name, "/health/ready")
    assert (status, found["status"], found["process"]) == (200, "ready", name)
    assert found["checks"]["database"] is True


async def test_without_its_database_a_process_lives_and_says_what_is_away(stack: Stack) -> None:
    await asyncio.to_thread(stack.kill, POSTGRESQL)
    try:
        for name in NAMES:
            status, found = await get(stack, name, "/health/ready")
            assert (status, found["status"], found["checks"]["database"]) == (503, "not ready", False)
            assert (await get(stack, name, "/health/live"))[0] == 200
        status, problem = await get(stack, "enrollment", f"/api/{uuid4().hex}/programs")
        assert (status, problem["type"]) == (503, "/problems/unavailable")
    finally:
        await asyncio.to_thread(stack.restart, POSTGRESQL)
    for process in stack.processes.values():
        await asyncio.to_thread(process.await_ready, timeout=60)
    assert stack.ended() == []


@pytest.mark.parametrize("name", NAMES)
async def test_every_process_counts_and_times_its_requests(stack: Stack, name: str) -> None:
    key = ("laurel_http_requests_total", frozenset({"method": "GET", "route": "/health/live", "status": "200"}.items()))
    before = (await metrics(stack, name)).get(key, 0)
    await get(stack, name, "/health/live")
    found = await metrics(stack, name)
    assert found[key] == before + 1
    assert any(metric == "laurel_http_request_seconds_bucket" for metric, _ in found)


async def test_workers_tell_what_waits(stack: Stack, built: Built) -> None:
    await decide(stack, built)
    await settled(stack)
    sent = ("laurel_outbox_sent_total", frozenset({("topic", "award")}))
    found = await metrics(stack, "enrollment-worker")
    assert found[sent] >= 1
    assert ("laurel_outbox_waiting", frozenset({("topic", "award")})) in found
    assert ("laurel_outbox_oldest_seconds", frozenset({("topic", "outcome")})) in await metrics(stack, "issuer-worker")


async def test_no_id_of_a_path_becomes_a_series(stack: Stack, built: Built) -> None:
    async with staff_browser(stack, built) as http, http.get(f"/api/cohorts/{built.cohort_id}") as answer:
        assert answer.status == 200
    await get(stack, "enrollment", f"/{uuid4().hex}/{uuid4().hex}/nowhere/at/all")
    found = await metrics(stack, "enrollment")
    routes = {dict(labels).get("route", "") for _, labels in found}
    assert "/api/cohorts/{cohort_id}" in routes
    assert "unknown" in routes
    assert str(built.cohort_id) not in str(found)


def lines(stack: Stack, name: str, text: str) -> list[str]:
    """The lines of a process's log with this text."""
    return [line for line in stack.processes[name].log.read_text().splitlines() if text in line]


async def test_one_request_id_goes_through_both_services(stack: Stack, built: Built) -> None:
    wanted = f"decision-{uuid4().hex}"
    status, _ = await decide(stack, built, headers={"X-Request-ID": wanted})
    assert status == 200
    await settled(stack)
    found = {name: lines(stack, name, f"request_id={wanted}") for name in NAMES}
    assert len([line for line in found["enrollment"] if "route=/api/cohorts/{cohort_id}/completions" in line]) == 1
    assert len([line for line in found["issuer"] if "route=/awards/{award_id} status=201" in line]) == 1
    assert any("route=/awards/{award_id}/outcome status=200" in line for line in found["enrollment"]), "and back again"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space in it", "with\tcontrol-sign", "ünïcode-id"])
async def test_a_request_id_that_could_mislead_a_log_is_replaced(stack: Stack, given: str) -> None:
    async with aiohttp.ClientSession(stack.url("enrollment")) as http:
        async with http.get("/health/live", headers={"X-Request-ID": given}) as answer:
            assert answer.headers["X-Request-ID"] != given
            assert len(answer.headers["X-Request-ID"]) == 32
        async with http.get("/health/live", headers={"X-Request-ID": "a-fitting.id_1"}) as answer:
            assert answer.headers["X-Request-ID"] == "a-fitting.id_1"


async def refuses_connections(port: int) -> None:
    """Return once nobody listens on the port."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.02)


async def ended(process: Process) -> None:
    """Return once the process has ended by itself."""
    async with asyncio.timeout(20):
        while process.is_running:
            await asyncio.sleep(0.02)


async def test_a_request_under_way_ends_before_its_process_does(stack: Stack, built: Built) -> None:
    process = stack.processes["enrollment"]
    body = b'{"completed": ["%s"]}' % str(built.enrollment_ids[0]).encode()
    head = (
        f"PUT /api/cohorts/{built.cohort_id}/completions HTTP/1.1\r\nHost: {HOST}\r\n"
        f"Cookie: laurel_session={built.session}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(HOST, process.port)
    writer.write(head.encode() + body[:5])
    # The server says so when the handler asks for the body: the request is under way.
    assert b" 100 " in await reader.readuntil(b"\r\n\r\n")
    os.kill(process.pid, signal.SIGTERM)
    await refuses_connections(process.port)
    assert process.is_running, "it must wait for the request, or its answer shows nothing"
    writer.write(body[5:])
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"award_state":"requested"' in answer
    writer.close()
    await ended(process)
    await asyncio.to_thread(stack.restart, "enrollment")
    await settled(stack)


@pytest.mark.parametrize("name", NAMES)
async def test_every_process_ends_in_order_when_told_to(stack: Stack, name: str) -> None:
    process = stack.processes[name]
    os.kill(process.pid, signal.SIGTERM)
    await ended(process)
    last = process.log.read_text().splitlines()[-5:]
    await asyncio.to_thread(stack.restart, name)
    assert any("Finished server process" in line for line in last), last
