"""An organization with people who completed, staff who answer for the money, and budgets: for the tests of stipends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec

from shared.postgres import Pool
from tests.builders import Built, build
from tests.enrollment.cast import asked
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once

Answer = tuple[int, Any]


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """People who completed one cohort, two of the staff beside the administrator, and a funding source."""

    built: Built
    program_id: UUID
    source_id: UUID
    coordinator_id: UUID
    second_id: UUID

    @property
    def organization_id(self) -> UUID:
        """The organization."""
        return self.built.organization_id


async def money(pool: Pool, *, people: int = 3) -> Money:
    """A fresh organization whose people have all completed."""
    async with pool.acquire() as connection:
        built = await build(connection, people=people, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    await pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE cohort_id = $1", built.cohort_id)
    source_id = uuid4()
    await pool.execute("INSERT INTO funding_source VALUES ($1, $2, 'NEA grant')", source_id, built.organization_id)
    return Money(
        built=built,
        program_id=await pool.fetchval("SELECT id FROM program WHERE organization_id = $1", built.organization_id),
        source_id=source_id,
        coordinator_id=await add_person(pool, built.organization_id, fresh_email(), "coordinator", name="Cora"),
        second_id=await add_person(pool, built.organization_id, fresh_email(), "coordinator", name="Saul"),
    )


async def put_budget(pool: Pool, world: Money, *, cents: int, year: int = 2026) -> UUID:
    """A budget of the program, straight in the database."""
    budget_id = uuid4()
    await pool.execute(
        "INSERT INTO stipend_budget (id, organization_id, program_id, funding_source_id, year, amount_cents)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        budget_id, world.organization_id, world.program_id, world.source_id, year, cents,
    )  # fmt: skip
    return budget_id


@asynccontextmanager
async def at(served: Served, pool: Pool, world: Money, person_id: UUID) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of one of the organization's people, signed in."""
    async with browser(served) as session:
        await sign_in_at_once(session, pool, world.organization_id, person_id)
        yield session


async def apply(
    session: aiohttp.ClientSession, enrollment_id: UUID, *, cents: int = 450_00, plan: str = "A workshop"
) -> Answer:
    """Apply over HTTP."""
    body = {"plan": plan, "asked_cents": cents}
    return await asked(session, "PUT", f"/api/enrollments/{enrollment_id}/stipend", json=body)


async def prepare(session: aiohttp.ClientSession, stipend_id: Any, budget_id: UUID, *, cents: int = 450_00) -> Answer:
    """Prepare over HTTP."""
    body = {"budget_id": str(budget_id), "amount_cents": cents}
    return await asked(session, "PUT", f"/api/stipends/{stipend_id}/preparation", json=body)


async def approve(session: aiohttp.ClientSession, stipend_id: Any, budget_id: UUID, *, cents: int = 450_00) -> Answer:
    """Approve over HTTP."""
    body = {"budget_id": str(budget_id), "amount_cents": cents}
    return await asked(session, "PUT", f"/api/stipends/{stipend_id}/approval", json=body)


async def pay(session: aiohttp.ClientSession, stipend_id: Any, reference: str = "Check 1041") -> Answer:
    """Note the payment over HTTP."""
    return await asked(session, "PUT", f"/api/stipends/{stipend_id}/payment", json={"reference": reference})


async def decline(session: aiohttp.ClientSession, stipend_id: Any, reason: str = "Not this year") -> Answer:
    """Decline over HTTP."""
    return await asked(session, "PUT", f"/api/stipends/{stipend_id}/decline", json={"reason": reason})


async def books(pool: Pool, budget_id: UUID) -> tuple[int, int]:
    """What a budget says is committed, and what the ledger adds up to."""
    committed = await pool.fetchval("SELECT committed_cents FROM stipend_budget WHERE id = $1", budget_id)
    summed = await pool.fetchval(
        "SELECT coalesce(sum(CASE kind WHEN 'committed' THEN cents WHEN 'released' THEN -cents ELSE 0 END), 0)::bigint"
        " FROM stipend_entry WHERE budget_id = $1",
        budget_id,
    )
    return committed, summed


def code(answer: Answer) -> tuple[int, str]:
    """The status, and the problem's code where there is one."""
    status, found = answer
    return status, str(found.get("type", "")).removeprefix("/problems/")
