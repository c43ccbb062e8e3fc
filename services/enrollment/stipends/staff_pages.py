"""Staff's list of stipends, and the page where one is prepared, approved, paid or declined."""

from collections.abc import Awaitable
from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import actions, store
from services.enrollment.stipends.frames import REFUSED, Long, Short, dollars, id_of, stipend_page, told
from services.enrollment.stipends.model import Offer, State, Stipend, cents_of
from shared.problems import NotFoundError

_PER_PAGE = 50
_STATES: tuple[State, ...] = get_args(State)
# A handler's argument named `state` would be the application's; a word that is no state shows all.
_StateWanted = Annotated[str, QueryParameter(name="state")]


class PrepareForm(msgspec.Struct, frozen=True):
    """Out of which budget, and how much, in dollars."""

    budget_id: Short = ""
    amount: Short = ""


class ApproveForm(msgspec.Struct, frozen=True):
    """What was seen when the button was pressed."""

    budget_id: Short = ""
    amount_cents: Short = ""


class PayForm(msgspec.Struct, frozen=True):
    """Under which reference it was paid."""

    reference: Short = ""


class DeclineForm(msgspec.Struct, frozen=True):
    """Why it is declined."""

    reason: Long = ""


@get("/{slug:str}/staff/stipends", opt={"policy": "stipend.read"}, include_in_schema=False)
async def read_all(
    house: House, organization: Organization, viewer: Viewer, state_wanted: _StateWanted = "", after: UUID | None = None
) -> Response[str]:
    """The stipends in one state or all, who applied first first."""
    wanted = next((one for one in _STATES if one == state_wanted), None)
    found = await store.page(house.pool, viewer.organization_id, state=wanted, after=after, most=_PER_PAGE + 1)
    shown = found[:_PER_PAGE]
    return stipend_page(
        house,
        "stipends.html",
        organization,
        viewer,
        stipends=shown,
        counts=await store.counts(house.pool, viewer.organization_id),
        query={key: value for key, value in (("state", wanted), ("after", after)) if value is not None},
        next=shown[-1].id if len(found) > _PER_PAGE else None,
    )


@get("/{slug:str}/staff/stipends/{stipend_id:uuid}", opt={"policy": "stipend.read"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, stipend_id: UUID) -> Response[str]:
    """One stipend with what comes next."""
    return await _page(house, organization, viewer, stipend_id)


@post(
    "/{slug:str}/staff/stipends/{stipend_id:uuid}/preparation",
    opt={"policy": "stipend.prepare"},
    include_in_schema=False,
)
async def prepare(
    house: House, organization: Organization, viewer: Viewer, stipend_id: UUID,
    data: Annotated[PrepareForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Say out of which budget, and how much."""

    async def do() -> Stipend:
        offer = Offer(id_of("budget_id", data.budget_id), cents_of("amount", data.amount))
        return await actions.prepare(house.pool, viewer, stipend_id, offer)

    return await _done(house, organization, viewer, stipend_id, do(), prepared=data)


@post(
    "/{slug:str}/staff/stipends/{stipend_id:uuid}/approval", opt={"policy": "stipend.approve"}, include_in_schema=False
)
async def approve(
    house: House, organization: Organization, viewer: Viewer, stipend_id: UUID,
    data: Annotated[ApproveForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Approve what was seen."""

    async def do() -> Stipend:
        cents = int(data.amount_cents) if data.amount_cents.isdecimal() else 0
        seen = Offer(id_of("next", data.budget_id), cents)
        return await actions.approve(house, viewer, stipend_id, seen, now=house.clock())

    return await _done(house, organization, viewer, stipend_id, do())


@post("/{slug:str}/staff/stipends/{stipend_id:uuid}/payment", opt={"policy": "stipend.pay"}, include_in_schema=False)
async def pay(
    house: House, organization: Organization, viewer: Viewer, stipend_id: UUID,
    data: Annotated[PayForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Note that it was paid."""
    doing = actions.pay(house, viewer, stipend_id, reference=data.reference, now=house.clock())
    return await _done(house, organization, viewer, stipend_id, doing, reference=data.reference)


@post(
    "/{slug:str}/staff/stipends/{stipend_id:uuid}/decline", opt={"policy": "stipend.decline"}, include_in_schema=False
)
async def decline(
    house: House, organization: Organization, viewer: Viewer, stipend_id: UUID,
    data: Annotated[DeclineForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Decline it."""
    doing = actions.decline(house, viewer, stipend_id, reason=data.reason, now=house.clock())
    return await _done(house, organization, viewer, stipend_id, doing, reason=data.reason)


async def _done(
    house: House, organization: Organization, viewer: Viewer, stipend_id: UUID, doing: Awaitable[Stipend], **values: Any
) -> Response[Any]:
    """Back to the stipend, or its page with what was refused and what was typed."""
    try:
        await doing
    except REFUSED as error:
        status, errors = told(error, "next")
        return await _page(house, organization, viewer, stipend_id, status=status, errors=errors, **values)
    return Redirect(f"/{organization.slug}/staff/stipends/{stipend_id}", status_code=303)


async def _page(
    house: House, organization: Organization, viewer: Viewer, stipend_id: UUID, *, status: int = 200,
    errors: dict[str, str] | None = None, prepared: PrepareForm | None = None, reference: str = "", reason: str = "",
) -> Response[str]:  # fmt: skip
    stipend = await store.stipend(house.pool, viewer.organization_id, stipend_id)
    if stipend is None:
        raise NotFoundError
    budgets = await store.budgets(house.pool, viewer.organization_id, program_id=stipend.program_id)
    if prepared is None:
        cents = stipend.asked_cents if stipend.amount_cents is None else stipend.amount_cents
        prepared = PrepareForm(str(stipend.budget_id or ""), dollars(cents))
    return stipend_page(
        house,
        "stipend.html",
        organization,
        viewer,
        status=status,
        stipend=stipend,
        budgets=budgets,
        budget=next((one for one in budgets if one.id == stipend.budget_id), None),
        ledger=await store.entered_of(house.pool, viewer.organization_id, stipend_id),
        prepared=prepared,
        reference=reference,
        reason=reason,
        errors=errors or {},
    )


ROUTES: list[ControllerRouterHandler] = [read_all, read, prepare, approve, pay, decline]
