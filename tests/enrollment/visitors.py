"""People at their browsers: how the tests of the enrollment service ask, read their e-mail and sign in."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec

from services.enrollment.people import store
from services.enrollment.people.model import Person, Role, token_sha256
from services.enrollment.people.roles import store as roles_store
from services.enrollment.settings import EnrollmentSettings
from shared.clock import system_clock
from shared.postgres import Pool, transaction
from tests.conftest import require

_ELSEWHERE = "127.0.0.2"
_LINK = re.compile(r"https?://\S+/sign-in/(\S+)")
_CODE = re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})$", re.MULTILINE)


class Served(msgspec.Struct, frozen=True):
    """The running service."""

    url: str
    settings: EnrollmentSettings


class Letter(msgspec.Struct, frozen=True):
    """A sign-in e-mail as its reader sees it."""

    token: str
    code: str
    text: str


@asynccontextmanager
async def browser(served: Served) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser of its own: it keeps cookies and has no other."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(served.url, cookie_jar=jar) as session:
        yield session


def _is_local(address: str) -> bool:
    try:
        with socket.socket() as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


@asynccontextmanager
async def browser_elsewhere(served: Served) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser with another network address."""
    require(_is_local(_ELSEWHERE), "a second local address")
    connector = aiohttp.TCPConnector(local_addr=(_ELSEWHERE, 0))
    async with aiohttp.ClientSession(
        served.url, connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as session:
        yield session


async def letters(session: aiohttp.ClientSession, email: str) -> list[Letter]:
    """The sign-in e-mails to an address, newest first."""
    async with session.get("/api/mailbox", params={"recipient": email}) as answer:
        items = (await answer.json())["items"]
    found = []
    for item in items:
        link, code = _LINK.search(item["body"]), _CODE.search(item["body"])
        if link and code:
            found.append(Letter(link[1], code[1], item["body"]))
    return found


async def letter(session: aiohttp.ClientSession, email: str, *, number: int = 1) -> Letter:
    """The newest sign-in e-mail, once there are `number`."""
    async with asyncio.timeout(20):
        while len(found := await letters(session, email)) < number:
            await asyncio.sleep(0.05)
    return found[0]


async def ask(session: aiohttp.ClientSession, slug: str, email: str, **more: Any) -> aiohttp.ClientResponse:
    """Ask for a link; the answer, already read."""
    async with session.post(f"/api/{slug}/sign-in", json={"email": email, **more}) as answer:
        await answer.read()
        return answer


async def add_person(pool: Pool, organization_id: UUID, email: str, *roles: Role, name: str = "Ana Lim") -> UUID:
    """Somebody in the organization, with roles."""
    person = Person(id=uuid4(), organization_id=organization_id, name=name, email=email)
    async with transaction(pool) as connection:
        assert await store.insert_person(connection, person)
        await roles_store.write(connection, organization_id, person.id, roles, now=system_clock())
    return person.id


async def sign_in_at_once(session: aiohttp.ClientSession, pool: Pool, organization_id: UUID, person_id: UUID) -> None:
    """Give the browser a session straight from the database, where a test is about what comes after."""
    token, now = uuid4().hex, system_clock()
    async with transaction(pool) as connection:
        person = await store.person(connection, organization_id, person_id)
        assert person is not None
        await store.insert_session(
            connection, token_sha256(token), person, now=now, expires_at=now + timedelta(hours=1)
        )
    session.cookie_jar.update_cookies({"laurel_session": token})


async def slug_of(pool: Pool, organization_id: UUID) -> str:
    """The organization's slug."""
    slug: str = await pool.fetchval("SELECT slug FROM organization WHERE id = $1", organization_id)
    return slug


def fresh_email() -> str:
    """An address that no other test has."""
    return f"p-{uuid4().hex[:12]}@example.org"
