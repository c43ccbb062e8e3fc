"""People and signing in as JSON."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.people import actions, store
from services.enrollment.people.limits import AddressLimit, address_of
from services.enrollment.people.model import Person, Role, Viewer, normalized_email
from services.enrollment.people.roles import actions as roles
from services.enrollment.people.sign_in import actions as sign_in
from services.enrollment.people.sign_in import cookies
from shared.contracts import Language
from shared.paths import local_path
from shared.problems import NotFoundError

Line = Annotated[str, Meta(min_length=1, max_length=300)]


class SignInBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to send a sign-in link, and the page of this site to go to afterwards."""

    email: Line
    return_path: Annotated[str, Meta(max_length=500)] | None = None


class SignInAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The same for every address."""

    detail: str = "If this address is known here, a link and a code are on their way to it."


class CodeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code in the e-mail; needed unless the link was asked for in this browser."""

    code: Annotated[str, Meta(max_length=40)] = ""


class PersonBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person as staff add them."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    email: Line
    language: Language = "en"


class RolesBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All roles that a person is to have in the whole organization."""

    roles: frozenset[Role]


class PersonAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A person, with their roles in the whole organization."""

    id: UUID
    organization_id: UUID
    name: str
    email: str
    language: str
    roles: Sequence[str]


class PeoplePage(msgspec.Struct, frozen=True, kw_only=True):
    """The organization's people; `next` is the cursor of the next page, None on the last."""

    items: list[PersonAnswer]
    next: UUID | None


@post("/api/{slug:str}/sign-in", opt={"policy": "sign_in"}, status_code=202, summary="Ask for a sign-in link")
async def ask(
    house: House, request: Request[Any, Any, Any], organization: Organization, sign_in_limit: AddressLimit,
    data: SignInBody,
) -> Response[SignInAnswer]:  # fmt: skip
    """Have a link e-mailed to an address. The cookie that comes back lets this browser use it without a code."""
    sign_in_limit.take(address_of(request), now=house.clock())
    token = await sign_in.ask(
        house,
        organization_id=organization.id,
        asker=address_of(request),
        email=normalized_email(data.email),
        return_path=local_path(data.return_path or "", otherwise=f"/{organization.slug}"),
    )
    return Response(SignInAnswer(), cookies=[cookies.browser(house, token)])


@post("/api/sign-in/code", opt={"policy": "sign_in"}, status_code=200, summary="Sign in with the code alone")
async def use_code(house: House, request: Request[Any, Any, Any], data: CodeBody) -> Response[PersonAnswer]:
    """Sign in, in the browser that asked for the link, with the code in the e-mail."""
    return await _signed_in(
        house, request, await sign_in.by_code(house, data.code, browser=cookies.browser_of(house, request))
    )


@post("/api/sign-in/{token:str}", opt={"policy": "sign_in"}, status_code=200, summary="Sign in with a link's token")
async def use_link(house: House, request: Request[Any, Any, Any], token: str, data: CodeBody) -> Response[PersonAnswer]:
    """Sign in with the token of a link; with the code too, unless this browser asked for the link."""
    session = await sign_in.by_link(house, token, browser=cookies.browser_of(house, request), code=data.code)
    return await _signed_in(house, request, session)


@get("/api/me", opt={"policy": "session.read"}, summary="See who is signed in")
async def me(house: House, viewer: Viewer) -> PersonAnswer:
    """The person whose session this is."""
    found = await store.person(house.pool, viewer.organization_id, viewer.person_id) if viewer.person_id else None
    if found is None:
        raise NotFoundError
    return answer(found)


@delete("/api/session", opt={"policy": "session.end"}, summary="Sign out here")
async def sign_out(house: House, request: Request[Any, Any, Any]) -> Response[None]:
    """End this session."""
    await cookies.end_session(house, request)
    return Response(None, status_code=204, cookies=[cookies.no_session(house)])


@delete("/api/sessions", opt={"policy": "session.read"}, summary="Sign out everywhere")
async def sign_out_everywhere(house: House, viewer: Viewer) -> Response[None]:
    """End all sessions of the person who is signed in."""
    if viewer.person_id is not None:
        await store.delete_sessions(house.pool, viewer.organization_id, viewer.person_id)
    return Response(None, status_code=204, cookies=[cookies.no_session(house)])


@get("/api/people", opt={"policy": "person.read"}, summary="List people")
async def read_all(
    house: House, viewer: Viewer, after: UUID | None = None, limit: Annotated[int, Parameter(ge=1, le=100)] = 50
) -> PeoplePage:
    """The organization's people, by id."""
    found = await store.people(house.pool, viewer.organization_id, after=after, most=limit + 1)
    items = [answer(one) for one in found[:limit]]
    return PeoplePage(items=items, next=items[-1].id if len(found) > limit else None)


@get("/api/people/{person_id:uuid}", opt={"policy": "person.read"}, summary="See a person")
async def read(house: House, viewer: Viewer, person_id: UUID) -> PersonAnswer:
    """One person of the organization."""
    found = await store.person(house.pool, viewer.organization_id, person_id)
    if found is None:
        raise NotFoundError
    await journal.note(
        house.pool,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action="person.read",
        object_kind="person",
        object_id=person_id,
        fields=("name", "email", "language", "roles"),
    )
    return answer(found)


@put(
    "/api/people/{person_id:uuid}",
    opt={"policy": "person.write", "statuses": {201: "The person is new"}},
    summary="Add a person",
)
async def add(house: House, viewer: Viewer, person_id: UUID, data: PersonBody) -> Response[PersonAnswer]:
    """Add a person: 201, the same again 200. An address is never changed here: whoever has it can sign in."""
    person = Person(
        id=person_id, organization_id=viewer.organization_id, name=data.name, email=data.email, language=data.language
    )
    found, was_added = await actions.add_person(house.pool, person, by=viewer.person_id)
    return Response(answer(found), status_code=201 if was_added else 200)


@put("/api/people/{person_id:uuid}/roles", opt={"policy": "role.write"}, summary="Set a person's roles")
async def set_roles(house: House, viewer: Viewer, person_id: UUID, data: RolesBody) -> PersonAnswer:
    """Give a person exactly these roles; an organization keeps at least one administrator."""
    return answer(await roles.set_roles(house, viewer, person_id=person_id, roles=data.roles))


def answer(person: Person) -> PersonAnswer:
    """A person as JSON."""
    return PersonAnswer(
        id=person.id,
        organization_id=person.organization_id,
        name=person.name,
        email=person.email,
        language=person.language,
        roles=sorted(person.roles),
    )


async def _signed_in(
    house: House, request: Request[Any, Any, Any], session: sign_in.NewSession
) -> Response[PersonAnswer]:
    found = await store.person(house.pool, session.organization_id, session.person_id)
    if found is None:
        raise NotFoundError
    return Response(answer(found), cookies=await cookies.begin(house, request, session))


ROUTES = [ask, use_code, use_link, me, sign_out, sign_out_everywhere, read_all, read, add, set_roles]
