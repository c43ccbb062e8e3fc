"""The administrator's page of who may open which private field of others."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.forms import store
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people import store as people
from services.enrollment.people.model import Viewer, normalized_email
from services.enrollment.people.secrets import actions
from services.enrollment.people.secrets import store as secrets
from shared.problems import InvalidInputError
from shared.words import N_

_Short = Annotated[str, Meta(max_length=300)]


class ReaderForm(msgspec.Struct, frozen=True):
    """Who may, or may no more, open which field."""

    verb: _Short = ""
    email: _Short = ""
    field: _Short = ""
    person_id: _Short = ""


@get("/{slug:str}/staff/readers", opt={"policy": "reader.grant"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, done: str = "") -> Response[str]:
    """Who may open what."""
    return await _page(house, organization, viewer, done=done)


@post("/{slug:str}/staff/readers", opt={"policy": "reader.grant"}, include_in_schema=False)
async def write(
    house: House, organization: Organization, viewer: Viewer,
    data: Annotated[ReaderForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Let somebody open a private field, or no more."""
    try:
        if data.verb == "revoke":
            await actions.revoke(house, viewer, _id(data.person_id), data.field)
        else:
            await actions.grant(house, viewer, await _chosen(house, viewer, data), data.field)
    except InvalidInputError as error:
        return await _page(house, organization, viewer, status=422, errors=dict(error.errors), values=data)
    done = "revoked" if data.verb == "revoke" else "granted"
    return Redirect(f"/{organization.slug}/staff/readers?done={done}", status_code=303)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInputError(("email", N_("Load the page again, and choose once more."))) from None


async def _chosen(house: House, viewer: Viewer, data: ReaderForm) -> UUID:
    errors: list[tuple[str, str]] = []
    found = None
    try:
        found = await people.person_by_email(house.pool, viewer.organization_id, normalized_email(data.email))
        if found is None:
            errors.append(("email", N_("Nobody here has this address. Give them a role first, on the page of roles.")))
        elif not found.roles:
            errors.append(
                ("email", N_("Only staff open private answers. Give this person a role first, on the page of roles."))
            )
    except InvalidInputError as error:
        errors += error.errors
    if data.field not in await store.private_fields(house.pool, viewer.organization_id):
        errors.append(("field", N_("Choose the private question that they may open.")))
    if errors or found is None:
        raise InvalidInputError(*errors)
    return found.id


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    values: ReaderForm | None = None,
    done: str = "",
) -> Response[str]:
    return page(
        house,
        "field_readers.html",
        status=status,
        organization=organization,
        viewer=viewer,
        readers=await secrets.readers(house.pool, viewer.organization_id),
        labels=await store.private_fields(house.pool, viewer.organization_id),
        values=values or ReaderForm(),
        errors=errors or {},
        done=done if done in ("granted", "revoked") else "",
    )


ROUTES = [read, write]
