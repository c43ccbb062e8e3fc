"""The page that a letter about an offered seat leads to: it shows the offer, and answers it by a button.

Its address carries the offer, sealed. Opening it answers nothing, and declining asks once more: mail scanners open
links.
"""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.cohorts import store as cohorts
from services.enrollment.enrollments import store
from services.enrollment.enrollments.model import Enrollment, OfferOverError
from services.enrollment.enrollments.seats import offers
from services.enrollment.enrollments.seats.tokens import Offer, opened_offer
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError


class AnswerForm(msgspec.Struct, frozen=True):
    """Which button was pressed."""

    answer: Annotated[str, Meta(max_length=20)] = ""


@get("/{slug:str}/offers/{token:str}", opt={"policy": "offer.answer"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, token: str, answer: str | None = None
) -> Response[str]:
    """The offered seat and its deadline, or what became of it."""
    offer = opened_offer(token, sealing_key=house.sealing_key)
    return await _page(house, organization, viewer, offer, asks_again=answer == "decline")


@post("/{slug:str}/offers/{token:str}", opt={"policy": "offer.answer"}, include_in_schema=False)
async def answer_offer(
    house: House, organization: Organization, viewer: Viewer, token: str,
    data: Annotated[AnswerForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Take the seat, or leave it to the next in line."""
    offer = opened_offer(token, sealing_key=house.sealing_key)
    verbs = {"accept": offers.accept, "decline": offers.decline}
    if data.answer not in verbs:
        return await _page(house, organization, viewer, offer, status=422)
    try:
        await verbs[data.answer](house, organization.id, offer.enrollment_id, of=offer.expires_at)
    except OfferOverError:
        return await _page(house, organization, viewer, offer, status=409)
    return Redirect(f"/{organization.slug}/offers/{token}", status_code=303)


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    offer: Offer,
    *,
    asks_again: bool = False,
    status: int = 200,
) -> Response[str]:
    found = await store.enrollment(house.pool, organization.id, offer.enrollment_id)
    cohort = None if found is None else await cohorts.listing(house.pool, organization.id, found.cohort_id)
    if found is None or cohort is None:
        raise NotFoundError
    stands = found.offer_expires_at == offer.expires_at and house.clock() < offer.expires_at
    return page(
        house,
        "enrollments_offer.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        enrollment=found,
        state=_state(found, stands=stands),
        asks_again=asks_again,
    )


def _state(found: Enrollment, *, stands: bool) -> str:
    if found.place == "seated":
        return "seated"
    if stands:
        return "offered"
    return "declined" if found.left_because == "declined" else "over"


ROUTES = [read, answer_offer]
