"""How tests talk to a stack of real processes: its databases, its outboxes, tokens for it, and a cohort's decision."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal
from uuid import UUID

import aiohttp
import asyncpg

from deploy.local.stack import Stack
from shared import contracts
from shared.clock import system_clock
from shared.tokens import Grant, ServiceKey
from tests.builders import Built

#: The user of each service's own tables.
_USERS = {"enrollment": "enrollment", "credentials": "issuer"}
_OUTBOXES: tuple[Literal["enrollment", "credentials"], ...] = ("enrollment", "credentials", "enrollment")


@asynccontextmanager
async def connected(
    stack: Stack, database: Literal["enrollment", "credentials"] = "enrollment"
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to a database as the service that owns it."""
    connection = await asyncpg.connect(stack.dsn(database, _USERS[database]))
    try:
        yield connection
    finally:
        await connection.close()


async def settled(stack: Stack, *, seconds: float = 60) -> None:
    """Wait until every event has its position and nothing is left in either outbox."""
    async with asyncio.timeout(seconds):
        for database in _OUTBOXES:
            async with connected(stack, database) as connection:
                if database == "enrollment":
                    while await connection.fetchval("SELECT count(*) FROM event WHERE position IS NULL"):
                        await asyncio.sleep(0.1)
                while await connection.fetchval("SELECT count(*) FROM outbox"):
                    await asyncio.sleep(0.1)


def bearer(
    stack: Stack, scope: str, organization_id: UUID, *, of: Literal["enrollment", "issuer"] = "enrollment"
) -> dict[str, str]:
    """The header field with a token that a service minted for the enrollment service."""
    clients = {"enrollment": contracts.ENROLLMENT, "issuer": contracts.ISSUER}
    grant = Grant(
        issuer=stack.url(of),
        client=clients[of],
        audience=stack.url("enrollment"),
        scope=scope,
        organization=organization_id,
    )
    token = ServiceKey.load(stack.folder / "keys" / f"{of}.pem").mint(grant, now=system_clock())
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def staff_browser(stack: Stack, built: Built) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of the staff person of a cohort, signed in."""
    async with aiohttp.ClientSession(stack.url("enrollment"), cookies={"laurel_session": built.session}) as http:
        yield http


async def decide(
    stack: Stack, built: Built, *, headers: dict[str, str] | None = None, **chosen: list[UUID]
) -> tuple[int, Any]:
    """Decide over HTTP: for the whole cohort, or `completed=` and `not_completed=`; the answer's status and JSON."""
    body = {name: [str(one) for one in ids] for name, ids in (chosen or {"completed": built.enrollment_ids}).items()}
    path = f"/api/cohorts/{built.cohort_id}/completions"
    async with staff_browser(stack, built) as http, http.put(path, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)
