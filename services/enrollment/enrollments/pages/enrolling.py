"""A cohort's page with its form, and the page that says which place one has.

That page's address carries what to say, sealed: somebody who is enrolled already and a stranger who types their address
see the same, so the page cannot look up an enrollment.
"""

from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.admission.typos import suggestion
from services.enrollment.cohorts import letters as cohort_letters
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Listing
from services.enrollment.enrollments import actions, store
from services.enrollment.enrollments.model import (
    Application,
    Closed,
    LevelRequiredError,
    RegistrationClosedError,
    Told,
    closed_reason,
)
from services.enrollment.enrollments.seats.tokens import opened, sealed
from services.enrollment.forms import store as forms
from services.enrollment.forms.model import Filled, Form, checked
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page, typed
from services.enrollment.people.actions import trimmed_name
from services.enrollment.people.limits import AddressLimit, address_of
from services.enrollment.people.model import Viewer, normalized_email
from services.enrollment.programs import store as programs
from shared.pages.rendering import LANGUAGE, LANGUAGES
from shared.problems import InvalidInputError, NotFoundError
from shared.words import said

_LONGEST_CODE = 60
_Short = Annotated[str, Meta(max_length=500)]
_CLOSED: dict[Closed, str] = {
    "not yet": "Registration has not opened yet.",
    "over": "Registration is closed.",
    "cancelled": "This cohort was cancelled.",
}


class EnrollForm(msgspec.Struct, frozen=True):
    """The form that takes a seat; a box that is not ticked is not sent."""

    name: _Short = ""
    email: _Short = ""
    shows_name: _Short = ""
    region: _Short = ""
    code: _Short = ""
    #: The address that was asked about before, and is meant as it is.
    is_sure: _Short = ""
    form_version: _Short = ""


@get("/{slug:str}/cohorts/{cohort_id:uuid}", opt={"policy": "catalog.read"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, code: str = ""
) -> Response[str]:
    """A cohort with its dates, and the form to enroll."""
    listing = await _listing(house, organization, cohort_id)
    form = await _form(house, organization, cohort_id)
    return await _page(house, organization, viewer, listing, EnrollForm(code=code[:_LONGEST_CODE]), form=form)


@post("/{slug:str}/cohorts/{cohort_id:uuid}", opt={"policy": "enrollment.create"}, include_in_schema=False)
async def enroll(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer,
    enroll_limit: AddressLimit, cohort_id: UUID,
    data: Annotated[EnrollForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Take a seat or a place in line."""
    listing = await _listing(house, organization, cohort_id)
    enroll_limit.take(address_of(request), now=house.clock(), about=listing.id)
    form = await _form(house, organization, cohort_id)
    filled = await _filled(request, data) if form is not None else None
    show = partial(_page, house, organization, viewer, values=data, form=form, filled=filled)
    try:
        wish = _wish(data, form, filled)
        if (typo := suggestion(wish.email)) is not None and data.is_sure.strip().lower() != wish.email:
            return await show(listing, status=422, typo=typo)
        told = await actions.enroll(house, organization, listing, wish, asker=viewer)
    except InvalidInputError as error:
        return await show(listing, status=422, errors=dict(error.errors))
    except LevelRequiredError:
        return await show(listing, status=409, lacks_level=True)
    except RegistrationClosedError:
        listing = await _listing(house, organization, cohort_id)
        return await show(listing, status=409)
    token = sealed(told, sealing_key=house.sealing_key, belongs_to=f"enrolled {cohort_id}")
    return Redirect(f"/{organization.slug}/cohorts/{cohort_id}/enrolled/{token}", status_code=303)


@get(
    "/{slug:str}/cohorts/{cohort_id:uuid}/enrolled/{token:str}",
    opt={"policy": "catalog.read"},
    include_in_schema=False,
)
async def enrolled(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, token: str
) -> Response[str]:
    """Which place one got when the form was sent."""
    listing = await _listing(house, organization, cohort_id)
    told = opened(token, Told, sealing_key=house.sealing_key, belongs_to=f"enrolled {cohort_id}")
    return page(
        house,
        "enrolled.html",
        organization=organization,
        viewer=viewer,
        cohort=listing,
        required=await programs.required_level(house.pool, listing.id),
        place=told.place,
        seat_number=told.seat_number,
        in_line_before=told.in_line_before,
    )


async def _listing(house: House, organization: Organization, cohort_id: UUID) -> Listing:
    found = await cohorts.listing(house.pool, organization.id, cohort_id)
    if found is None:
        raise NotFoundError
    return found


async def _form(house: House, organization: Organization, cohort_id: UUID) -> Form | None:
    found = await forms.form_of_cohort(house.pool, organization.id, cohort_id)
    return found if found is not None and found.asks_anything else None


async def _filled(request: Request[Any, Any, Any], data: EnrollForm) -> Filled:
    values = await typed(request)
    version = int(data.form_version[:9]) if data.form_version[:9].isdecimal() else None
    return Filled(version=version, values=values, language=LANGUAGE.get() or LANGUAGES[0])


def _wish(data: EnrollForm, form: Form | None, filled: Filled | None) -> Application:
    """The form's content as it is stored; InvalidInputError names every field that does not fit."""
    errors: list[tuple[str, str]] = []
    name = email = ""
    try:
        name = trimmed_name(data.name)
    except InvalidInputError as error:
        errors += error.errors if data.name.strip() else (("name", "Enter your name."),)
    try:
        email = normalized_email(data.email)
    except InvalidInputError as error:
        errors += error.errors
    if form is not None and filled is not None:
        try:
            checked(form, filled)
        except InvalidInputError as error:
            errors += error.errors
    if errors:
        raise InvalidInputError(*errors)
    return Application(
        id=uuid4(),
        name=name,
        email=email,
        shows_name=bool(data.shows_name),
        region=data.region or None,
        code=data.code or None,
        filled=filled,
    )


def _closed(house: House, listing: Listing) -> str | None:
    opens_at = listing.registration_opens_at
    reason = closed_reason(listing.state, opens_at, listing.registration_closes_at, now=house.clock())
    if reason == "not yet" and opens_at is not None:
        return said(
            "Registration opens on %(moment)s.", moment=cohort_letters.moment(opens_at, listing.time_zone, LANGUAGES[0])
        )
    return None if reason is None else _CLOSED[reason]


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    listing: Listing,
    values: EnrollForm,
    *,
    form: Form | None,
    filled: Filled | None = None,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typo: str | None = None,
    lacks_level: bool = False,
) -> Response[str]:
    terms = await store.terms(house.pool, organization.id, listing.id)
    if terms is None:
        raise NotFoundError
    until = terms.admission.members_until
    return page(
        house,
        "cohort.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=listing,
        closed=_closed(house, listing),
        values=values,
        errors=errors or {},
        typo=typo,
        required=terms.required,
        lacks_level=lacks_level,
        form=form,
        filled_in={} if filled is None else filled.values,
        rules=terms.admission,
        members_first=until is not None and house.clock() < until,
    )


ROUTES = [read, enroll, enrolled]
