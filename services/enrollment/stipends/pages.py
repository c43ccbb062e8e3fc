"""The participant's page of a stipend; with those of staff, all pages of this room."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import actions, budget_pages, exports, staff_pages, store
from services.enrollment.stipends.frames import REFUSED, Long, Short, dollars, stipend_page, told
from services.enrollment.stipends.model import Application, cents_of, problems_of
from shared.problems import InvalidInputError, NotFoundError


class ApplyForm(msgspec.Struct, frozen=True):
    """What the person plans, and how much they ask for, in dollars."""

    plan: Long = ""
    amount: Short = ""


@get("/{slug:str}/learning/{enrollment_id:uuid}/stipend", opt={"policy": "stipend.apply"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID) -> Response[str]:
    """The application, or what became of it."""
    return await _page(house, organization, viewer, enrollment_id)


@post("/{slug:str}/learning/{enrollment_id:uuid}/stipend", opt={"policy": "stipend.apply"}, include_in_schema=False)
async def apply(
    house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID,
    data: Annotated[ApplyForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Apply, or write the application anew."""
    try:
        wish = _wish(data)
        await actions.apply(house.pool, viewer, enrollment_id, wish, now=house.clock())
    except REFUSED as error:
        status, errors = told(error, "stipend")
        return await _page(house, organization, viewer, enrollment_id, data, status=status, errors=errors)
    return Redirect(f"/{organization.slug}/learning/{enrollment_id}/stipend", status_code=303)


def _wish(data: ApplyForm) -> Application:
    """The form's content; InvalidInputError names every field that does not fit."""
    # The browser sends lines that end in CR LF.
    plan = data.plan.replace("\r\n", "\n").strip()
    try:
        wish = Application(plan, cents_of("amount", data.amount))
    except InvalidInputError as error:
        raise InvalidInputError(*problems_of(Application(plan, 1)), *error.errors) from None
    if found := problems_of(wish):
        raise InvalidInputError(*found)
    return wish


async def _page(
    house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID, values: ApplyForm | None = None, *,
    status: int = 200, errors: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    place = await store.place(house.pool, viewer.organization_id, enrollment_id)
    if place is None:
        raise NotFoundError
    require(viewer, "stipend.apply", owns=place.person_id == viewer.person_id)
    stipend = await store.of_enrollment(house.pool, viewer.organization_id, enrollment_id)
    if values is None:
        values = ApplyForm() if stipend is None else ApplyForm(stipend.plan, dollars(stipend.asked_cents))
    return stipend_page(
        house, "stipend_own.html", organization, viewer, status=status, place=place, stipend=stipend, values=values,
        errors=errors or {},
    )  # fmt: skip


ROUTES: list[ControllerRouterHandler] = [read, apply, *staff_pages.ROUTES, *budget_pages.ROUTES, *exports.ROUTES]
