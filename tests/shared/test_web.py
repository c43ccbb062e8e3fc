"""What every process answers alike: JSON that nobody can read, what breaks, and questions for the head alone."""

import logging
import re
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from litestar import get, post
from msgspec import Struct

from deploy.local.postgres import Cluster
from shared.postgres import DatabaseAwayError, create_pool, is_ready
from shared.web import OPEN, Web, application
from tests.servers import free_port, running


class Body(Struct):
    """Asks for one member."""

    email: str


@post("/typed", opt=OPEN)
async def typed(data: Body) -> str:
    """Takes a Struct."""
    return data.email


@post("/untyped", opt=OPEN)
async def untyped(data: dict[str, object]) -> int:
    """Takes any members."""
    return len(data)


@get("/page", opt=OPEN, media_type="text/html")
async def page() -> str:
    """Answers a page."""
    return "<p>a page</p>"


@get("/recursion", opt=OPEN)
async def recursion() -> None:
    """Breaks by a fault of ours."""
    raise RecursionError


@get("/away", opt=OPEN)
async def away() -> None:
    """Finds no database."""
    raise DatabaseAwayError("FileNotFoundError")


@get("/unreadable", opt=OPEN)
async def unreadable() -> None:
    """Cannot read a file."""
    raise PermissionError(13, "a name that is nobody's business")


def of_requests(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What was logged of requests: other tests' workers live in this process too, and log of their own."""
    return [record for record in caplog.records if record.name in ("shared.web", "shared.problems")]


UNREADABLE = {
    "deep array": b"[" * 3000 + b"]" * 3000,
    "deep member": b'{"email":' + b"[" * 3000,
    "deep unknown member": b'{"other":' + b"[" * 3000 + b"]" * 3000 + b"}",
    "deep objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "not UTF-8": b'{"email":"\xff"}',
    "half a surrogate": rb'{"email":"\ud800"}',
    "no JSON": b"{",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("path", ["/typed", "/untyped"])
async def test_json_that_nobody_can_read_is_malformed_and_no_error_of_ours(
    path: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    served = application(Web(name="reading", routes=[typed, untyped], problems={}))
    with caplog.at_level(logging.WARNING):
        async with (
            running(served, free_port()) as url,
            aiohttp.ClientSession() as http,
            http.post(url + path, data=body, headers={"Content-Type": "application/json"}) as answer,
        ):
            assert (answer.status, (await answer.json(content_type=None))["type"]) == (400, "/problems/malformed")
    assert not of_requests(caplog)


async def test_a_recursion_of_our_own_stays_an_error_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    served = application(Web(name="reading", routes=[recursion], problems={}))
    async with (
        running(served, free_port()) as url,
        aiohttp.ClientSession() as http,
        http.get(url + "/recursion") as answer,
    ):
        assert answer.status == 500
    assert [record.message for record in of_requests(caplog) if record.levelname == "ERROR"] == ["unforeseen error"]


@pytest.mark.parametrize(
    ("path", "status", "level", "message"),
    [
        ("/away", 503, "WARNING", "answered with a problem"),
        ("/unreadable", 500, "ERROR", "unforeseen error"),
    ],
)
async def test_what_is_no_fault_of_the_caller_is_logged(
    path: str, status: int, level: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    served = application(Web(name="reading", routes=[away, unreadable], problems={}))
    async with running(served, free_port()) as url, aiohttp.ClientSession() as http, http.get(url + path) as answer:
        assert answer.status == status
    [logged] = [record for record in of_requests(caplog) if record.levelno >= logging.WARNING]
    assert (logged.levelname, logged.message) == (level, message)
    assert vars(logged).get("error", "DatabaseAwayError") == "DatabaseAwayError"


async def test_no_database_at_all_is_one_error_whatever_the_system_says(tmp_path: Path) -> None:
    pool = await create_pool(f"postgresql://somebody@/nothing?host={tmp_path}", connections=1, name="tests")
    with pytest.raises(DatabaseAwayError, match="FileNotFoundError"):
        await pool.fetchval("SELECT true")
    assert not await is_ready(pool)
    pool.terminate()


async def test_a_password_that_is_not_right_is_a_database_that_is_away(migrated: Cluster) -> None:
    url = urlsplit(migrated.dsn("enrollment", "enrollment"))
    wrong = url._replace(netloc="enrollment:wrong@" + url.netloc.rpartition("@")[2]).geturl()
    pool = await create_pool(wrong, connections=1, name="tests")
    with pytest.raises(DatabaseAwayError, match="InvalidPasswordError"):
        await pool.fetchval("SELECT true")
    pool.terminate()


@pytest.mark.parametrize("path", ["/page", "/health/live", "/health/ready", "/metrics", "/nowhere"])
async def test_head_is_answered_as_get_is_without_a_body(path: str) -> None:
    served = application(Web(name="reading", routes=[page], problems={}))
    async with running(served, free_port()) as url, aiohttp.ClientSession() as http:
        async with http.get(url + path) as whole:
            assert await whole.read()
        async with http.head(url + path) as head:
            assert await head.read() == b""
        assert (head.status, head.content_type) == (whole.status, whole.content_type)
        async with http.get(url + "/metrics") as answer:
            counted = await answer.text()
    assert re.search(r'laurel_http_requests_total\{method="HEAD",route="/health/live"', counted) or "live" not in path
