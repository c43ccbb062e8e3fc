"""The JSON of stipends, their budgets and their ledger; amounts in cents of US dollars."""

from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, put
from litestar.params import Parameter, QueryParameter
from msgspec import Meta

from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import actions, store
from services.enrollment.stipends.model import (
    MOST_BUDGET_CENTS,
    MOST_CENTS,
    MOST_LINE_LETTERS,
    MOST_PLAN_LETTERS,
    MOST_REASON_LETTERS,
    Application,
    Budget,
    BudgetPlan,
    Entry,
    Offer,
    Source,
    State,
    Stipend,
    Total,
)
from shared.problems import NotFoundError

_Cents = Annotated[int, Meta(ge=1, le=MOST_CENTS)]
_Line = Annotated[str, Meta(min_length=1, max_length=MOST_LINE_LETTERS)]
_Year = Annotated[int, Meta(ge=2000, le=2200)]
# A handler's argument named `state` would be the application's.
_StateWanted = Annotated[State | None, QueryParameter(name="state")]
_YearWanted = Annotated[int | None, Parameter(ge=2000, le=2200)]
_Limit = Annotated[int, Parameter(ge=1, le=100)]


class ApplicationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the person plans, and how much they ask for; never a tax number."""

    plan: Annotated[str, Meta(min_length=1, max_length=MOST_PLAN_LETTERS)]
    asked_cents: _Cents


class OfferBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Out of which budget, and how much."""

    budget_id: UUID
    amount_cents: _Cents


class PaymentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reference under which it was paid, such as a check's or a transfer's number."""

    reference: _Line


class DeclineBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is declined; the person reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=MOST_REASON_LETTERS)]


class SourceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of who gives the money."""

    name: _Line


class BudgetBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a program may give out of one source in a year; only the amount can be changed later."""

    program_id: UUID
    funding_source_id: UUID
    year: _Year
    amount_cents: Annotated[int, Meta(ge=0, le=MOST_BUDGET_CENTS)]


class OwnStipend(msgspec.Struct, frozen=True, kw_only=True):
    """A stipend as its person sees it: how much once it is approved."""

    id: UUID
    enrollment_id: UUID
    cohort_name: str
    state: State
    plan: str
    asked_cents: int
    applied_at: datetime
    amount_cents: int | None
    approved_at: datetime | None
    paid_reference: str | None
    paid_at: datetime | None
    declined_because: str | None


class StipendPage(msgspec.Struct, frozen=True, kw_only=True):
    """Stipends, who applied first first; `next` is the cursor of the next page, None on the last."""

    items: list[Stipend]
    next: UUID | None


class SourceList(msgspec.Struct, frozen=True, kw_only=True):
    """Every funding source, by name."""

    items: list[Source]


class BudgetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A budget, what is approved of it, and what is left."""

    id: UUID
    program_id: UUID
    program_name: str
    funding_source_id: UUID
    source_name: str
    year: int
    amount_cents: int
    committed_cents: int
    left_cents: int


class BudgetList(msgspec.Struct, frozen=True, kw_only=True):
    """Every budget, newest year first."""

    items: list[BudgetAnswer]


class TotalPage(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid to each person in a year, by name; `next` is the cursor of the next page, None on the last."""

    year: int
    items: list[Total]
    next: UUID | None


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger in the order written; `next` is the cursor of the next page, None on the last."""

    items: list[Entry]
    next: UUID | None


@put(
    "/api/enrollments/{enrollment_id:uuid}/stipend",
    opt={"policy": "stipend.apply"},
    summary="Apply for a stipend",
)
async def apply(house: House, viewer: Viewer, enrollment_id: UUID, data: ApplicationBody) -> OwnStipend:
    """Apply for what one completed, or write the application anew until staff have prepared it."""
    wish = Application(data.plan, data.asked_cents)
    return _own(await actions.apply(house.pool, viewer, enrollment_id, wish, now=house.clock()))


@get(
    "/api/enrollments/{enrollment_id:uuid}/stipend",
    opt={"policy": "stipend.see"},
    summary="See what became of an application",
)
async def read_own(house: House, viewer: Viewer, enrollment_id: UUID) -> OwnStipend:
    """The stipend of an enrollment, as its person sees it; there is none before somebody applied."""
    place = await store.place(house.pool, viewer.organization_id, enrollment_id)
    if place is None:
        raise NotFoundError
    require(viewer, "stipend.see", owns=place.person_id == viewer.person_id)
    found = await store.of_enrollment(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    return _own(found)


@get("/api/stipends", opt={"policy": "stipend.read"}, summary="List stipends")
async def read_all(
    house: House, viewer: Viewer, state_wanted: _StateWanted = None, after: UUID | None = None, limit: _Limit = 50
) -> StipendPage:
    """The organization's stipends in one state or all, who applied first first."""
    found = await store.page(house.pool, viewer.organization_id, state=state_wanted, after=after, most=limit + 1)
    items = found[:limit]
    return StipendPage(items=items, next=items[-1].id if len(found) > limit else None)


@get("/api/stipends/{stipend_id:uuid}", opt={"policy": "stipend.read"}, summary="See a stipend")
async def read(house: House, viewer: Viewer, stipend_id: UUID) -> Stipend:
    """One stipend."""
    found = await store.stipend(house.pool, viewer.organization_id, stipend_id)
    if found is None:
        raise NotFoundError
    return found


@put("/api/stipends/{stipend_id:uuid}/preparation", opt={"policy": "stipend.prepare"}, summary="Prepare a stipend")
async def prepare(house: House, viewer: Viewer, stipend_id: UUID, data: OfferBody) -> Stipend:
    """Say out of which budget, and how much; another person approves it."""
    return await actions.prepare(house.pool, viewer, stipend_id, _offer(data))


@put("/api/stipends/{stipend_id:uuid}/approval", opt={"policy": "stipend.approve"}, summary="Approve a stipend")
async def approve(house: House, viewer: Viewer, stipend_id: UUID, data: OfferBody) -> Stipend:
    """Approve what another person prepared, naming what one has seen; the same again changes nothing."""
    return await actions.approve(house, viewer, stipend_id, _offer(data), now=house.clock())


@put("/api/stipends/{stipend_id:uuid}/payment", opt={"policy": "stipend.pay"}, summary="Note that a stipend was paid")
async def pay(house: House, viewer: Viewer, stipend_id: UUID, data: PaymentBody) -> Stipend:
    """Note the payment of an approved stipend; the same again changes nothing."""
    return await actions.pay(house, viewer, stipend_id, reference=data.reference, now=house.clock())


@put("/api/stipends/{stipend_id:uuid}/decline", opt={"policy": "stipend.decline"}, summary="Decline a stipend")
async def decline(house: House, viewer: Viewer, stipend_id: UUID, data: DeclineBody) -> Stipend:
    """Decline what is not paid; what was approved goes back to its budget."""
    return await actions.decline(house, viewer, stipend_id, reason=data.reason, now=house.clock())


@get("/api/funding-sources", opt={"policy": "budget.read"}, summary="List funding sources")
async def read_sources(house: House, viewer: Viewer) -> SourceList:
    """The organization's funding sources."""
    return SourceList(items=await store.sources(house.pool, viewer.organization_id))


@put("/api/funding-sources/{source_id:uuid}", opt={"policy": "budget.write"}, summary="Write a funding source")
async def put_source(house: House, viewer: Viewer, source_id: UUID, data: SourceBody) -> Source:
    """Write a funding source, or its new name, under an id that the client makes."""
    return await actions.put_source(house.pool, viewer, Source(source_id, data.name))


@get("/api/stipend-budgets", opt={"policy": "budget.read"}, summary="List the budgets of stipends")
async def read_budgets(house: House, viewer: Viewer) -> BudgetList:
    """The organization's budgets with what is left of each."""
    return BudgetList(items=[_budget(one) for one in await store.budgets(house.pool, viewer.organization_id)])


@put("/api/stipend-budgets/{budget_id:uuid}", opt={"policy": "budget.write"}, summary="Write a budget of stipends")
async def put_budget(house: House, viewer: Viewer, budget_id: UUID, data: BudgetBody) -> BudgetAnswer:
    """Write a budget, or its new amount, under an id that the client makes; never less than is approved of it."""
    plan = BudgetPlan(
        id=budget_id,
        program_id=data.program_id,
        funding_source_id=data.funding_source_id,
        year=data.year,
        amount_cents=data.amount_cents,
    )
    return _budget(await actions.put_budget(house.pool, viewer, plan))


@get("/api/stipend-totals", opt={"policy": "stipend.read"}, summary="See what was paid to each person in a year")
async def read_totals(
    house: House, viewer: Viewer, year: _YearWanted = None, after: UUID | None = None, limit: _Limit = 50
) -> TotalPage:
    """Totals of a calendar year of the organization, without `year` of this one."""
    if year is None:
        organization = await organizations.by_id(house.pool, viewer.organization_id)
        assert organization is not None, "the viewer is in it"
        year = house.clock().astimezone(ZoneInfo(organization.time_zone)).year
    found = await store.totals(house.pool, viewer.organization_id, year=year, after=after, most=limit + 1)
    items = found[:limit]
    return TotalPage(year=year, items=items, next=items[-1].person_id if len(found) > limit else None)


@get("/api/stipend-entries", opt={"policy": "stipend.read"}, summary="Read the ledger of stipends")
async def read_entries(
    house: House, viewer: Viewer, budget_id: UUID | None = None, after: UUID | None = None, limit: _Limit = 50
) -> EntryPage:
    """What was committed, released and paid, of one budget or of all: lines that are added and never changed."""
    found = await store.entries(house.pool, viewer.organization_id, budget_id=budget_id, after=after, most=limit + 1)
    items = found[:limit]
    return EntryPage(items=items, next=items[-1].id if len(found) > limit else None)


def _offer(data: OfferBody) -> Offer:
    return Offer(data.budget_id, data.amount_cents)


def _own(stipend: Stipend) -> OwnStipend:
    is_approved = stipend.approved_at is not None
    return OwnStipend(
        id=stipend.id,
        enrollment_id=stipend.enrollment_id,
        cohort_name=stipend.cohort_name,
        state=stipend.state,
        plan=stipend.plan,
        asked_cents=stipend.asked_cents,
        applied_at=stipend.applied_at,
        amount_cents=stipend.amount_cents if is_approved else None,
        approved_at=stipend.approved_at,
        paid_reference=stipend.paid_reference,
        paid_at=stipend.paid_at,
        declined_because=stipend.declined_because,
    )


def _budget(budget: Budget) -> BudgetAnswer:
    return BudgetAnswer(**msgspec.structs.asdict(budget), left_cents=budget.left_cents)


ROUTES = [
    apply,
    read_own,
    read_all,
    read,
    prepare,
    approve,
    pay,
    decline,
    read_sources,
    put_source,
    read_budgets,
    put_budget,
    read_totals,
    read_entries,
]
