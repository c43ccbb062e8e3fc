"""Whose address a process sees: a balancer's own, or that of whom a trusted one speaks for."""

from typing import Any

import aiohttp
import pytest
from litestar import Request, get

from shared.serve import configuration
from shared.settings import ProcessSettings
from shared.web import OPEN, Web, application
from tests.servers import configured, free_port

BALANCED = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https"}


@get("/asker", opt=OPEN)
async def asker(request: Request[Any, Any, Any]) -> str:
    """The address that limits count."""
    return request.client.host if request.client else ""


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ("", "127.0.0.1"),
        ("10.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7"),
        ("10.0.0.0/8, 127.0.0.0/8", "198.51.100.7"),
        ("127.0.0.1, 198.51.100.7", "203.0.113.9"),
    ],
)
async def test_only_a_trusted_balancer_says_for_whom_it_asks(trusted: str, seen: str) -> None:
    settings = ProcessSettings(
        port=free_port(),
        database_url="postgresql://nobody@/nothing",
        enrollment_url="http://e.example",
        issuer_url="http://i.example",
        public_url="http://p.example",
        trusted_proxies=trusted,
    )
    config = configuration(application(Web(name="asked", routes=[asker], problems={})), settings)
    async with (
        configured(config) as url,
        aiohttp.ClientSession() as http,
        http.get(url + "/asker", headers=BALANCED) as answer,
    ):
        assert await answer.text() == seen
