"""Verbs of stipends: apply, prepare, approve, pay, decline; and the budgets they come out of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

import asyncpg

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.organizations import store as organizations
from services.enrollment.people import actions as people_actions
from services.enrollment.people import store as people
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import letters, store
from services.enrollment.stipends.model import (
    MOST_LINE_LETTERS,
    MOST_REASON_LETTERS,
    Application,
    Budget,
    BudgetExceededError,
    BudgetPlan,
    BudgetTakenError,
    Entry,
    NotCompletedError,
    Offer,
    OwnStipendError,
    SecondPersonError,
    Source,
    SourceTakenError,
    Stipend,
    StipendChangedError,
    StipendStateError,
    WrongBudgetError,
    check_follows,
    problems_of,
    problems_of_text,
)
from shared.names import one_line
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError

_NEVER_EXCEEDED = "stipend_budget_never_exceeded"


async def apply(pool: Pool, viewer: Viewer, enrollment_id: UUID, wish: Application, *, now: datetime) -> Stipend:
    """Apply for an enrollment of one's own that was completed, or write the application anew.

    NotFoundError for somebody else's, InvalidInputError, NotCompletedError, StipendStateError once it was prepared or
    declined.
    """
    async with transaction(pool) as connection:
        place = await store.hold_place(connection, viewer.organization_id, enrollment_id)
        if place is None:
            raise NotFoundError
        require(viewer, "stipend.apply", owns=place.person_id == viewer.person_id)
        if found := problems_of(wish):
            raise InvalidInputError(*found)
        if place.outcome != "completed":
            raise NotCompletedError
        held = await store.hold_of_enrollment(connection, viewer.organization_id, enrollment_id)
        if held is not None:
            check_follows(held.state, "applied")
        await store.apply(connection, viewer.organization_id, enrollment_id, wish, now=now)
        return _present(await store.of_enrollment(connection, viewer.organization_id, enrollment_id))


async def prepare(pool: Pool, viewer: Viewer, stipend_id: UUID, offer: Offer) -> Stipend:
    """Say out of which budget, and how much.

    NotFoundError, OwnStipendError, StipendStateError, WrongBudgetError.
    """
    async with _changing(pool, viewer, stipend_id) as (connection, stipend, staff_id):
        check_follows(stipend.state, "prepared")
        budget = await store.budget(connection, viewer.organization_id, offer.budget_id)
        if budget is None or budget.program_id != stipend.program_id:
            raise WrongBudgetError
        await store.prepare(connection, stipend_id, offer, by=staff_id)
        await _note(connection, viewer, "stipend.prepare", "stipend", stipend_id)
        return await _now_found(connection, viewer, stipend_id)


async def approve(house: House, viewer: Viewer, stipend_id: UUID, seen: Offer, *, now: datetime) -> Stipend:
    """Approve what another person prepared, as it was seen; approving again changes nothing.

    NotFoundError, OwnStipendError, SecondPersonError, StipendChangedError, NotCompletedError, StipendStateError,
    BudgetExceededError.
    """
    async with _changing(house.pool, viewer, stipend_id) as (connection, stipend, staff_id):
        is_as_seen = (stipend.budget_id, stipend.amount_cents) == (seen.budget_id, seen.cents)
        if stipend.state == "approved" and stipend.approved_by == staff_id and is_as_seen:
            return stipend
        check_follows(stipend.state, "approved")
        if stipend.prepared_by == staff_id:
            raise SecondPersonError
        if not is_as_seen:
            raise StipendChangedError
        if stipend.outcome != "completed":
            raise NotCompletedError
        await store.approve(connection, stipend_id, by=staff_id, now=now)
        await _book(connection, viewer, stipend, "committed", by=staff_id, now=now)
        await _note(connection, viewer, "stipend.approve", "stipend", stipend_id)
        return await _tell(house, connection, viewer, await _now_found(connection, viewer, stipend_id))


async def pay(house: House, viewer: Viewer, stipend_id: UUID, *, reference: str, now: datetime) -> Stipend:
    """Note that an approved stipend was paid, with the payment's reference; the same again changes nothing.

    NotFoundError, InvalidInputError, OwnStipendError, StipendStateError. What was paid is noted even where the
    completion was taken back meanwhile: the books say what happened.
    """
    reference = reference.strip()
    if found := problems_of_text(
        "reference", reference, most=MOST_LINE_LETTERS, empty="Enter the reference of the payment."
    ):
        raise InvalidInputError(*found)
    async with _changing(house.pool, viewer, stipend_id) as (connection, stipend, staff_id):
        if stipend.state == "paid" and stipend.paid_reference == reference:
            return stipend
        check_follows(stipend.state, "paid")
        await store.pay(connection, stipend_id, reference=reference, now=now)
        await _book(connection, viewer, stipend, "paid", by=staff_id, now=now, reference=reference)
        await _note(connection, viewer, "stipend.pay", "stipend", stipend_id)
        return await _tell(house, connection, viewer, await _now_found(connection, viewer, stipend_id))


async def decline(house: House, viewer: Viewer, stipend_id: UUID, *, reason: str, now: datetime) -> Stipend:
    """Decline a stipend that is not paid; what was approved goes back to its budget.

    NotFoundError, InvalidInputError, OwnStipendError, StipendStateError.
    """
    reason = reason.strip()
    if found := problems_of_text("reason", reason, most=MOST_REASON_LETTERS, empty="Say why, for the person."):
        raise InvalidInputError(*found)
    async with _changing(house.pool, viewer, stipend_id) as (connection, stipend, staff_id):
        if stipend.state == "declined" and stipend.declined_because == reason:
            return stipend
        check_follows(stipend.state, "declined")
        await store.decline(connection, stipend_id, reason=reason)
        if stipend.state == "approved":
            await _book(connection, viewer, stipend, "released", by=staff_id, now=now)
        await _note(connection, viewer, "stipend.decline", "stipend", stipend_id)
        return await _tell(house, connection, viewer, await _now_found(connection, viewer, stipend_id))


async def put_source(pool: Pool, viewer: Viewer, source: Source) -> Source:
    """Write a funding source; InvalidInputError, SourceTakenError for a name or an id in use."""
    source = Source(source.id, one_line(source.name))
    if found := problems_of_text(
        "name", source.name, most=MOST_LINE_LETTERS, empty="Enter the name of who gives the money."
    ):
        raise InvalidInputError(*found)
    async with transaction(pool) as connection:
        try:
            if not await store.put_source(connection, viewer.organization_id, source):
                raise SourceTakenError
        except asyncpg.UniqueViolationError as error:
            raise SourceTakenError from error
        await _note(connection, viewer, "budget.write", "funding source", source.id)
        return source


async def put_budget(pool: Pool, viewer: Viewer, plan: BudgetPlan) -> Budget:
    """Write a budget, or its new amount: never less than is approved of it.

    NotFoundError for a program or source that is not there, BudgetTakenError, BudgetExceededError.
    """
    async with transaction(pool) as connection:
        try:
            if not await store.put_budget(connection, viewer.organization_id, plan):
                raise BudgetTakenError
        except asyncpg.CheckViolationError as error:
            if error.constraint_name != _NEVER_EXCEEDED:
                raise
            raise BudgetExceededError(plan.id) from error
        except asyncpg.UniqueViolationError as error:
            raise BudgetTakenError from error
        except asyncpg.ForeignKeyViolationError as error:
            raise NotFoundError from error
        await _note(connection, viewer, "budget.write", "stipend budget", plan.id)
        found = await store.budget(connection, viewer.organization_id, plan.id)
        assert found is not None
        return found


@asynccontextmanager
async def _changing(pool: Pool, viewer: Viewer, stipend_id: UUID) -> AsyncIterator[tuple[Connection, Stipend, UUID]]:
    """The stipend, locked, and who of the staff changes it: NotFoundError, OwnStipendError."""
    async with transaction(pool) as connection:
        staff_id = await people_actions.acting(connection, viewer)
        stipend = await store.hold(connection, viewer.organization_id, stipend_id)
        if stipend is None:
            raise NotFoundError
        if stipend.person_id == staff_id:
            raise OwnStipendError
        yield connection, stipend, staff_id


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
    try:
        if kind != "paid":
            cents = stipend.amount_cents if kind == "committed" else -stipend.amount_cents
            await store.commit(connection, stipend.budget_id, cents)
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


async def _tell(house: House, connection: Connection, viewer: Viewer, stipend: Stipend) -> Stipend:
    """Write to whom it is for what was decided."""
    organization = await organizations.by_id(connection, viewer.organization_id)
    person = await people.person(connection, viewer.organization_id, stipend.person_id)
    if organization is not None and person is not None:
        mail = letters.decided(organization, person, stipend, own_url=house.settings.enrollment_url)
        await notices.post(connection, mail, organization_id=organization.id, sealing_key=house.sealing_key)
    return stipend


async def _now_found(connection: Connection, viewer: Viewer, stipend_id: UUID) -> Stipend:
    return _present(await store.stipend(connection, viewer.organization_id, stipend_id))


def _present(stipend: Stipend | None) -> Stipend:
    assert stipend is not None, "its row is locked"
    return stipend
