"""The administrator's pages of roles: who has which, what giving or taking one means, and the buttons that do it."""

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
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people import store as people
from services.enrollment.people.actions import trimmed_name
from services.enrollment.people.model import Person, Viewer
from services.enrollment.people.roles import actions, store
from services.enrollment.people.roles.model import MEANINGS, NAMES, ROLES, Wish, role_of, wish_of
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_ROLES = "/{slug:str}/staff/roles"
_OF_PERSON = "/{slug:str}/staff/people/{person_id:uuid}/roles"
_UrlEncoded = Body(media_type=RequestEncodingType.URL_ENCODED)
_Short = Annotated[str, Meta(max_length=500)]
_MOST = 500


class RoleForm(msgspec.Struct, frozen=True):
    """A role for whoever has an address; `confirmed` once its consequences were read."""

    email: _Short = ""
    role: _Short = ""
    name: _Short = ""
    language: _Short = ""
    confirmed: _Short = ""


@get(_ROLES, opt={"policy": "role.write"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, done: str = "") -> Response[str]:
    """Who works here in which role, and the form to give one."""
    await journal.note_seen(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="people.read",
        object_kind="organization",
        object_id=organization.id,
        fields=("name", "email"),
    )
    return await _page(house, organization, viewer, done=done)


@post(_ROLES, opt={"policy": "role.write"}, include_in_schema=False, status_code=200)
async def give(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[RoleForm, _UrlEncoded]
) -> Response[Any]:
    """What giving the role means; once that is confirmed, give it."""
    try:
        wish = wish_of(
            email=data.email, role=data.role, name=data.name, language=data.language or organization.language
        )
        found = await _whom(house, viewer, wish)
        if data.confirmed == "yes":
            await actions.give_role(house, viewer, wish)
            return Redirect(f"/{organization.slug}/staff/roles?done=given", status_code=303)
    except InvalidInputError as error:
        return await _page(house, organization, viewer, status=422, values=data, errors=dict(error.errors))
    return page(
        house,
        "roles_give.html",
        organization=organization,
        viewer=viewer,
        wish=wish,
        person=found,
        name=found.name if found else trimmed_name(wish.name),
        role_names=NAMES,
        meanings=MEANINGS,
    )


@get(_OF_PERSON, opt={"policy": "role.write"}, include_in_schema=False)
async def read_person(house: House, organization: Organization, viewer: Viewer, person_id: UUID) -> Response[str]:
    """The roles of somebody, and what taking each back means."""
    found = await store.standing(house.pool, organization.id, person_id)
    if found is None:
        raise NotFoundError
    await journal.note(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="person.read",
        object_kind="person",
        object_id=person_id,
        fields=("name", "email", "roles"),
    )
    return page(
        house,
        "roles_person.html",
        organization=organization,
        viewer=viewer,
        person=found,
        role_names=NAMES,
        meanings=MEANINGS,
        lacking=[role for role in ROLES if role not in found.roles],
    )


@post(_OF_PERSON, opt={"policy": "role.write"}, include_in_schema=False)
async def take(
    house: House, organization: Organization, viewer: Viewer, person_id: UUID, data: Annotated[RoleForm, _UrlEncoded]
) -> Redirect:
    """Take a role back."""
    person = await actions.take_role(house, viewer, person_id=person_id, role=role_of(data.role))
    path = f"/{organization.slug}"
    if person.id != viewer.person_id or "administrator" in person.roles:
        path += "/staff/roles?done=taken"
    elif person.roles:
        path += "/staff"
    return Redirect(path, status_code=303)


async def _whom(house: House, viewer: Viewer, wish: Wish) -> Person | None:
    """Who has the address; InvalidInputError where they cannot be given the role, or are new and have no name."""
    found = await people.person_by_email(house.pool, viewer.organization_id, wish.email)
    if found is None:
        if not wish.name.strip():
            raise InvalidInputError(("name", N_("Nobody here has this address yet. Enter the name of whose it is.")))
        trimmed_name(wish.name)
    elif wish.role in found.roles:
        raise InvalidInputError(("role", N_("This person has this role already.")))
    elif found.id == viewer.person_id:
        raise InvalidInputError(("email", N_("Nobody gives a role to themselves. Ask another administrator.")))
    return found


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    *,
    status: int = 200,
    values: RoleForm | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response[str]:
    return page(
        house,
        "roles.html",
        status=status,
        organization=organization,
        viewer=viewer,
        workers=await store.workers(house.pool, organization.id, most=_MOST),
        teachers=await store.teachers(house.pool, organization.id, most=_MOST),
        most=_MOST,
        values=values or RoleForm(language=organization.language),
        errors=errors or {},
        done=done if done in ("given", "taken") else "",
        role_names=NAMES,
        meanings=MEANINGS,
    )


ROUTES: list[ControllerRouterHandler] = [read, give, read_person, take]
