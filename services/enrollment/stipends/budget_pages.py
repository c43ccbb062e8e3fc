"""Staff's pages of budgets with what is left, and of what was paid to each person in a year."""

from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import actions, store
from services.enrollment.stipends.frames import REFUSED, Short, dollars, id_of, stipend_page, told, year_now
from services.enrollment.stipends.model import MOST_BUDGET_CENTS, BudgetExceededError, BudgetPlan, Source, cents_of
from shared.problems import InvalidInputError, NotFoundError

_PER_PAGE = 100


class BudgetForm(msgspec.Struct, frozen=True):
    """A new budget; `amount` in dollars."""

    program_id: Short = ""
    funding_source_id: Short = ""
    year: Short = ""
    amount: Short = ""


class AmountForm(msgspec.Struct, frozen=True):
    """The new amount of a budget, in dollars."""

    amount: Short = ""


class SourceForm(msgspec.Struct, frozen=True):
    """The name of who gives the money."""

    name: Short = ""


@get("/{slug:str}/staff/stipends/budgets", opt={"policy": "budget.read"}, include_in_schema=False)
async def read_budgets(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """Every budget with what is left; administrators add and change them here."""
    return await _budgets(house, organization, viewer)


@post("/{slug:str}/staff/stipends/sources/{source_id:uuid}", opt={"policy": "budget.write"}, include_in_schema=False)
async def put_source(
    house: House, organization: Organization, viewer: Viewer, source_id: UUID,
    data: Annotated[SourceForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Add a funding source under the id that the page made."""
    doing = actions.put_source(house.pool, viewer, Source(source_id, data.name))
    return await _done(house, organization, viewer, doing, anchor="name", source=data)


@post("/{slug:str}/staff/stipends/budgets/{budget_id:uuid}", opt={"policy": "budget.write"}, include_in_schema=False)
async def put_budget(
    house: House, organization: Organization, viewer: Viewer, budget_id: UUID,
    data: Annotated[BudgetForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Add a budget under the id that the page made."""

    async def do() -> object:
        return await actions.put_budget(house.pool, viewer, _plan(budget_id, data))

    return await _done(house, organization, viewer, do(), anchor="program_id", budget=data)


@get(
    "/{slug:str}/staff/stipends/budgets/{budget_id:uuid}/amount",
    opt={"policy": "budget.write"},
    include_in_schema=False,
)
async def read_amount(house: House, organization: Organization, viewer: Viewer, budget_id: UUID) -> Response[str]:
    """A budget, to change its amount."""
    return await _amount(house, organization, viewer, budget_id)


@post(
    "/{slug:str}/staff/stipends/budgets/{budget_id:uuid}/amount",
    opt={"policy": "budget.write"},
    include_in_schema=False,
)
async def change_amount(
    house: House, organization: Organization, viewer: Viewer, budget_id: UUID,
    data: Annotated[AmountForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Change the amount of a budget."""
    held = await store.budget(house.pool, viewer.organization_id, budget_id)
    if held is None:
        raise NotFoundError
    try:
        plan = BudgetPlan(
            id=budget_id,
            program_id=held.program_id,
            funding_source_id=held.funding_source_id,
            year=held.year,
            amount_cents=cents_of("amount", data.amount, least=0, most=MOST_BUDGET_CENTS),
        )
        await actions.put_budget(house.pool, viewer, plan)
    except InvalidInputError as error:
        errors = dict(error.errors)
        return await _amount(house, organization, viewer, budget_id, data, status=422, errors=errors)
    except BudgetExceededError:
        errors = {"amount": "More than this is approved already. Enter at least what is approved."}
        return await _amount(house, organization, viewer, budget_id, data, status=409, errors=errors)
    return Redirect(f"/{organization.slug}/staff/stipends/budgets", status_code=303)


@get("/{slug:str}/staff/stipends/payments", opt={"policy": "stipend.read"}, include_in_schema=False)
async def read_payments(
    house: House, organization: Organization, viewer: Viewer,
    year: Annotated[int | None, Parameter(ge=2000, le=2200)] = None, after: UUID | None = None,
) -> Response[str]:  # fmt: skip
    """What was paid to each person in a year."""
    shown_year = year or year_now(organization, house.clock())
    found = await store.totals(house.pool, viewer.organization_id, year=shown_year, after=after, most=_PER_PAGE + 1)
    shown = found[:_PER_PAGE]
    return stipend_page(
        house,
        "stipend_payments.html",
        organization,
        viewer,
        year=shown_year,
        totals=shown,
        query={"year": shown_year} | ({} if after is None else {"after": after}),
        next=shown[-1].person_id if len(found) > _PER_PAGE else None,
    )


def _plan(budget_id: UUID, data: BudgetForm) -> BudgetPlan:
    """The form's content; InvalidInputError names every field that does not fit."""
    errors: list[tuple[str, str]] = []
    ids, cents = {}, 0
    for field in ("program_id", "funding_source_id"):
        try:
            ids[field] = id_of(field, getattr(data, field))
        except InvalidInputError as error:
            errors += error.errors
    year = int(data.year) if data.year.isascii() and data.year.isdecimal() else 0
    if not 2000 <= year <= 2200:
        errors.append(("year", "Enter a year, such as 2026."))
    try:
        cents = cents_of("amount", data.amount, least=0, most=MOST_BUDGET_CENTS)
    except InvalidInputError as error:
        errors += error.errors
    if errors:
        raise InvalidInputError(*errors)
    return BudgetPlan(id=budget_id, year=year, amount_cents=cents, **ids)


async def _done(
    house: House, organization: Organization, viewer: Viewer, doing: Awaitable[object], *, anchor: str, **values: Any
) -> Response[Any]:
    try:
        await doing
    except REFUSED as error:
        status, errors = told(error, anchor)
        return await _budgets(house, organization, viewer, status=status, errors=errors, **values)
    return Redirect(f"/{organization.slug}/staff/stipends/budgets", status_code=303)


async def _budgets(
    house: House, organization: Organization, viewer: Viewer, *, status: int = 200,
    errors: dict[str, str] | None = None, budget: BudgetForm | None = None, source: SourceForm | None = None,
) -> Response[str]:  # fmt: skip
    return stipend_page(
        house,
        "stipend_budgets.html",
        organization,
        viewer,
        status=status,
        budgets=await store.budgets(house.pool, viewer.organization_id),
        sources=await store.sources(house.pool, viewer.organization_id),
        programs=await store.programs(house.pool, viewer.organization_id),
        new_id=uuid4(),
        budget=budget or BudgetForm(year=str(year_now(organization, house.clock()))),
        source=source or SourceForm(),
        errors=errors or {},
    )


async def _amount(
    house: House, organization: Organization, viewer: Viewer, budget_id: UUID, values: AmountForm | None = None, *,
    status: int = 200, errors: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    budget = await store.budget(house.pool, viewer.organization_id, budget_id)
    if budget is None:
        raise NotFoundError
    return stipend_page(
        house,
        "stipend_budget.html",
        organization,
        viewer,
        status=status,
        budget=budget,
        amount=dollars(budget.amount_cents) if values is None else values.amount,
        errors=errors or {},
    )


ROUTES: list[ControllerRouterHandler] = [
    read_budgets,
    put_source,
    put_budget,
    read_amount,
    change_amount,
    read_payments,
]
