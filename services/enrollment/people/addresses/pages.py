"""The page of one's own addresses, and the one that a mailed link opens."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.addresses import actions, store
from services.enrollment.people.addresses.model import AddressTakenError, TooManyWishesError, WishOverError
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_ADDRESSES = "/{slug:str}/learning/addresses"
_UrlEncoded = Body(media_type=RequestEncodingType.URL_ENCODED)
_TOO_MANY = N_("We sent five letters within an hour. Wait an hour, then try again.")
_OVER = N_("This link was used already, has expired, or was sent for somebody else. Ask for a new one.")
_TAKEN = N_("This address belongs to another record of ours. Ask whoever runs your program to merge the two.")


class AddressForm(msgspec.Struct, frozen=True):
    """An address, as it was typed or chosen."""

    email: Annotated[str, Meta(max_length=500)] = ""


@get(_ADDRESSES, opt={"policy": "address.write"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, done: str = "") -> Response[str]:
    """One's addresses, and the form to add one."""
    return await _page(house, organization, viewer, done=done)


@post(_ADDRESSES, opt={"policy": "address.write"}, include_in_schema=False)
async def ask(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[AddressForm, _UrlEncoded]
) -> Response[Any]:
    """Have a link mailed to another address of one's own."""
    try:
        await actions.ask(house, organization, _own(viewer), data.email)
    except InvalidInputError as error:
        return await _page(house, organization, viewer, email=data.email, errors=dict(error.errors))
    except TooManyWishesError:
        return await _page(house, organization, viewer, email=data.email, errors={"email": _TOO_MANY}, status=429)
    return _back(organization, "sent")


@post(f"{_ADDRESSES}/first", opt={"policy": "address.write"}, include_in_schema=False)
async def choose(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[AddressForm, _UrlEncoded]
) -> Redirect:
    """Choose the address to be written to."""
    await actions.write_to(house, organization, _own(viewer), data.email)
    return _back(organization, "first")


@post(f"{_ADDRESSES}/remove", opt={"policy": "address.write"}, include_in_schema=False)
async def remove(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[AddressForm, _UrlEncoded]
) -> Redirect:
    """Take an address away."""
    await actions.remove(house, organization.id, _own(viewer), data.email)
    return _back(organization, "removed")


@get(f"{_ADDRESSES}/{{token:str}}", opt={"policy": "address.write"}, include_in_schema=False)
async def open_link(house: House, organization: Organization, viewer: Viewer, token: str) -> Response[str]:
    """What the mailed link opens: a button, so that opening it alone does nothing."""
    try:
        wish = await actions.wish_of(house, organization.id, _own(viewer), token)
    except WishOverError:
        return await _page(house, organization, viewer, errors={"email": _OVER}, status=410)
    return page(
        house,
        "people_address.html",
        organization=organization,
        viewer=viewer,
        email=wish.email,
        token=token,
    )


@post(f"{_ADDRESSES}/{{token:str}}", opt={"policy": "address.write"}, include_in_schema=False)
async def confirm(house: House, organization: Organization, viewer: Viewer, token: str) -> Response[Any]:
    """Add the address."""
    try:
        await actions.confirm(house, organization.id, _own(viewer), token)
    except WishOverError:
        return await _page(house, organization, viewer, errors={"email": _OVER}, status=410)
    except AddressTakenError:
        return await _page(house, organization, viewer, errors={"email": _TAKEN}, status=409)
    return _back(organization, "added")


def _own(viewer: Viewer) -> UUID:
    if viewer.person_id is None:
        raise NotFoundError
    return viewer.person_id


def _back(organization: Organization, done: str) -> Redirect:
    return Redirect(f"/{organization.slug}/learning/addresses?done={done}", status_code=303)


async def _page(
    house: House, organization: Organization, viewer: Viewer, *, email: str = "", done: str = "",
    errors: dict[str, str] | None = None, status: int = 422,
) -> Response[str]:  # fmt: skip
    return page(
        house,
        "people_addresses.html",
        status=status if errors else 200,
        organization=organization,
        viewer=viewer,
        addresses=await store.addresses(house.pool, organization.id, _own(viewer)),
        email=email,
        errors=errors or {},
        done=done,
    )


ROUTES: list[ControllerRouterHandler] = [read, ask, choose, remove, open_link, confirm]
