"""Verbs of stipends: apply, prepare, approve, pay, decline; and the budgets they come out of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import asyncpg

from services.enrollment.journal import actions as journal
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import store
from services.enrollment.stipends.model import (
    Application,
    Budget,
    BudgetExceededError,
    BudgetTakenError,
    Entry,
    NotCompletedError,
    OwnStipendError,
    SecondPersonError,
    Source,
    SourceTakenError,
    Stipend,
    StipendStateError,
    WrongBudgetError,
    check_follows,
)
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError

_NEVER_EXCEEDED = "stipend_budget_never_exceeded"


async def apply(pool: Pool, viewer: Viewer, enrollment_id: UUID, wish: Application, *, now: datetime) -> Stipend:
    """Apply for an enrollment of one's own that was completed, or write the application anew.

    NotFoundError for somebody else's, NotCompletedError, StipendStateError once it was prepared or declined.
    """
    async with transaction(pool) as connection:
        enrollment = await store.hold_enrollment(connection, viewer.organization_id, enrollment_id)
        if enrollment is None:
            raise NotFoundError
        require(viewer, "stipend.apply", owns=enrollment.person_id == viewer.person_id)
        if enrollment.outcome != "completed":
            raise NotCompletedError
        known = await store.of_enrollment(connection, viewer.organization_id, enrollment_id)
        if known is not None:
            check_follows(known.state, "applied")
        await store.apply(connection, viewer.organization_id, enrollment_id, wish, now=now)
        found = await store.of_enrollment(connection, viewer.organization_id, enrollment_id)
        assert found is not None
        return found


async def read_own(pool: Pool, viewer: Viewer, enrollment_id: UUID) -> Stipend | None:
    """The stipend of an enrollment, for its person and for staff; NotFoundError for anybody else."""
    async with transaction(pool) as connection:
        enrollment = await store.hold_enrollment(connection, viewer.organization_id, enrollment_id)
        if enrollment is None:
            raise NotFoundError
        require(viewer, "stipend.see", owns=enrollment.person_id == viewer.person_id)
        return await store.of_enrollment(connection, viewer.organization_id, enrollment_id)


async def prepare(pool: Pool, viewer: Viewer, stipend_id: UUID, *, budget_id: UUID, cents: int) -> Stipend:
    """Say out of which budget, and how much; NotFoundError, OwnStipendError, StipendStateError, WrongBudgetError."""
    async with _changing(pool, viewer, stipend_id, "stipend.prepare") as (connection, stipend, staff_id):
        check_follows(stipend.state, "prepared")
        budget = await store.budget(connection, viewer.organization_id, budget_id)
        if budget is None or budget.program_id != stipend.program_id:
            raise WrongBudgetError
        await store.prepare(connection, stipend_id, budget_id=budget_id, cents=cents, by=staff_id)
    return await _found(pool, viewer, stipend_id)


async def approve(pool: Pool, viewer: Viewer, stipend_id: UUID, *, now: datetime) -> Stipend:
    """Approve what another person prepared; approving again changes nothing.

    NotFoundError, OwnStipendError, SecondPersonError, NotCompletedError, StipendStateError, BudgetExceededError.
    """
    async with _changing(pool, viewer, stipend_id, "stipend.approve") as (connection, stipend, staff_id):
        if stipend.state == "approved" and stipend.approved_by == staff_id:
            return stipend
        check_follows(stipend.state, "approved")
        if stipend.prepared_by == staff_id:
            raise SecondPersonError
        enrollment = await store.hold_enrollment(connection, viewer.organization_id, stipend.enrollment_id)
        if enrollment is None or enrollment.outcome != "completed":
            raise NotCompletedError
        await store.approve(connection, stipend_id, by=staff_id, now=now)
        await _book(connection, viewer, stipend, "committed", by=staff_id, now=now)
    return await _found(pool, viewer, stipend_id)


async def pay(pool: Pool, viewer: Viewer, stipend_id: UUID, *, reference: str, now: datetime) -> Stipend:
    """Note that an approved stipend was paid, with the payment's reference; the same again changes nothing."""
    async with _changing(pool, viewer, stipend_id, "stipend.pay") as (connection, stipend, staff_id):
        if stipend.state == "paid" and stipend.paid_reference == reference:
            return stipend
        check_follows(stipend.state, "paid")
        await store.pay(connection, stipend_id, reference=reference, now=now)
        await _book(connection, viewer, stipend, "paid", by=staff_id, now=now, reference=reference)
    return await _found(pool, viewer, stipend_id)


async def decline(pool: Pool, viewer: Viewer, stipend_id: UUID, *, reason: str, now: datetime) -> Stipend:
    """Decline a stipend that is not paid; what was approved goes back to its budget."""
    async with _changing(pool, viewer, stipend_id, "stipend.decline") as (connection, stipend, staff_id):
        if stipend.state == "declined" and stipend.declined_because == reason:
            return stipend
        check_follows(stipend.state, "declined")
        await store.decline(connection, stipend_id, reason=reason)
        if stipend.state == "approved":
            await _book(connection, viewer, stipend, "released", by=staff_id, now=now)
    return await _found(pool, viewer, stipend_id)


async def put_source(pool: Pool, viewer: Viewer, source: Source) -> None:
    """Write a funding source; NotFoundError for another organization's id, SourceTakenError for a name in use."""
    async with transaction(pool) as connection:
        try:
            if not await store.put_source(connection, viewer.organization_id, source):
                raise NotFoundError
        except asyncpg.UniqueViolationError as error:
            raise SourceTakenError from error
        await _note(connection, viewer, "budget.write", "funding source", source.id)


async def put_budget(
    pool: Pool, viewer: Viewer, budget_id: UUID, *, program_id: UUID, source_id: UUID, year: int, cents: int
) -> Budget:
    """Write a budget, or its new amount: never less than is approved of it.

    NotFoundError for a program or source that is not there, BudgetTakenError, BudgetExceededError.
    """
    async with transaction(pool) as connection:
        try:
            if not await store.put_budget(
                connection,
                viewer.organization_id,
                budget_id,
                program_id=program_id,
                source_id=source_id,
                year=year,
                cents=cents,
            ):
                raise BudgetTakenError
        except asyncpg.CheckViolationError as error:
            if error.constraint_name != _NEVER_EXCEEDED:
                raise
            raise BudgetExceededError(budget_id) from error
        except asyncpg.UniqueViolationError as error:
            raise BudgetTakenError from error
        except asyncpg.ForeignKeyViolationError as error:
            raise NotFoundError from error
        await _note(connection, viewer, "budget.write", "stipend budget", budget_id)
        found = await store.budget(connection, viewer.organization_id, budget_id)
        assert found is not None
        return found


@asynccontextmanager
async def _changing(
    pool: Pool, viewer: Viewer, stipend_id: UUID, action: str
) -> AsyncIterator[tuple[Connection, Stipend, UUID]]:
    """The stipend, locked, and who of the staff changes it; what is done is noted in the journal."""
    async with transaction(pool) as connection:
        stipend = await store.hold(connection, viewer.organization_id, stipend_id)
        if stipend is None or viewer.person_id is None:
            raise NotFoundError
        if stipend.person_id == viewer.person_id:
            raise OwnStipendError
        yield connection, stipend, viewer.person_id
        await _note(connection, viewer, action, "stipend", stipend_id)


async def _book(
    connection: Connection,
    viewer: Viewer,
    stipend: Stipend,
    kind: Literal["committed", "released", "paid"],
    *,
    by: UUID,
    now: datetime,
    reference: str | None = None,
) -> None:
    """Write the ledger's line, and what it takes out of the budget or gives back to it."""
    if stipend.budget_id is None or stipend.amount_cents is None:
        raise StipendStateError(stipend.state)
    taken = {"committed": stipend.amount_cents, "released": -stipend.amount_cents, "paid": 0}[kind]
    try:
        await store.commit(connection, stipend.budget_id, taken)
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != _NEVER_EXCEEDED:
            raise
        raise BudgetExceededError(stipend.budget_id) from error
    entry = Entry(
        id=uuid4(),
        budget_id=stipend.budget_id,
        stipend_id=stipend.id,
        kind=kind,
        cents=stipend.amount_cents,
        at=now,
        by_person=by,
        reference=reference,
    )
    await store.insert_entry(connection, viewer.organization_id, entry)


async def _note(connection: Connection, viewer: Viewer, action: str, kind: str, object_id: UUID) -> None:
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind=kind,
        object_id=object_id,
    )


async def _found(pool: Pool, viewer: Viewer, stipend_id: UUID) -> Stipend:
    found = await store.stipend(pool, viewer.organization_id, stipend_id)
    assert found is not None
    return found
