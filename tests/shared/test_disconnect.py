"""A sender who goes away while sending is no error of ours: one line says it, without a traceback."""

import asyncio
import logging
from typing import Any

import pytest
from litestar import Request, post
from litestar.exceptions import InternalServerException

from shared.web import OPEN, Web, application
from tests.servers import free_port, running

#: The server says that it reads by asking for more.
HEAD = "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
PART = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nthe first'
KINDS = {
    "/streamed": ("application/octet-stream", "the first"),
    "/decoded": ("application/json", '{"the": "fi'),
    "/form": ("multipart/form-data; boundary=x", PART),
}


@post("/streamed", opt=OPEN)
async def streamed(request: Request[Any, Any, Any]) -> int:
    """Reads the body as it comes, as evidence is read."""
    return sum([len(chunk) async for chunk in request.stream()])


@post("/decoded", opt=OPEN)
async def decoded(data: dict[str, str]) -> dict[str, str]:
    """Has the body read for it."""
    return data


@post("/form", opt=OPEN)
async def form(request: Request[Any, Any, Any]) -> int:
    """Reads the parts of a form."""
    return len(await request.form())


@post("/broken", opt=OPEN)
async def broken(request: Request[Any, Any, Any]) -> None:
    """Fails as Litestar itself may fail."""
    raise InternalServerException(request.method)


async def sent(path: str, *, kind: str, start: str, caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the service logs of a body of which only the start comes."""
    reading = application(Web(name="reading", routes=[streamed, decoded, form, broken], problems={}))
    port = free_port()
    with caplog.at_level(logging.INFO):
        async with running(reading, port):  # it ends when every request has ended
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD.format(path=path, kind=kind).encode())
            assert (await reader.readline()).startswith(b"HTTP/1.1 ")
            writer.write(start.encode())
            await writer.drain()
            writer.close()
            await writer.wait_closed()
    # Other tests' workers live in this process too; what they log is not of this request.
    own = ("shared.web", "shared.problems")
    return [record for record in caplog.records if record.name in own and getattr(record, "route", path) == path]


@pytest.mark.parametrize("path", KINDS)
async def test_a_sender_who_goes_away_is_one_quiet_line(path: str, caplog: pytest.LogCaptureFixture) -> None:
    kind, start = KINDS[path]
    (record,) = await sent(path, kind=kind, start=start, caplog=caplog)
    assert (record.levelno, record.exc_info, vars(record)["route"]) == (logging.INFO, None, path)
    assert vars(record)["status"] == 499


async def test_an_error_of_ours_is_still_loud(caplog: pytest.LogCaptureFixture) -> None:
    error, answered = await sent("/broken", kind="text/plain", start="", caplog=caplog)
    assert (error.levelno, error.getMessage()) == (logging.ERROR, "unforeseen error")
    assert error.exc_info
    assert vars(answered)["status"] == 500
