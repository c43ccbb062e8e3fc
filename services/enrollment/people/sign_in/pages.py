"""The pages of signing in and out; they work without JavaScript."""

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post, route
from litestar.enums import HttpMethod, RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people import store
from services.enrollment.people.limits import AddressLimit, address_of
from services.enrollment.people.model import (
    ANONYMOUS,
    CodeNeededError,
    LinkNotOpenError,
    SignInLink,
    Viewer,
    WrongCodeError,
    normalized_email,
)
from services.enrollment.people.sign_in import actions as sign_in
from services.enrollment.people.sign_in import cookies
from shared.pages.languages import LanguageForm, choose
from shared.paths import local_path
from shared.problems import InvalidInputError

WRONG_CODE = "That code is not right, or no longer. Look at the newest e-mail, or ask for a new link."
CODE_NEEDED = "Enter the 8-character code from the e-mail."
_Short = Annotated[str, Meta(max_length=500)]


class EmailForm(msgspec.Struct, frozen=True):
    """The form that asks for a link."""

    email: _Short = ""
    return_path: _Short = ""


class CodeForm(msgspec.Struct, frozen=True):
    """The forms that sign in; `slug` says whose pages to go back to."""

    code: _Short = ""
    slug: _Short = ""


class SignOutForm(msgspec.Struct, frozen=True):
    """Ends this session, or all of them."""

    everywhere: _Short = ""


UrlEncoded = Body(media_type=RequestEncodingType.URL_ENCODED)


@get("/{slug:str}/sign-in", opt={"policy": "sign_in"}, include_in_schema=False)
async def form(house: House, organization: Organization, viewer: Viewer, return_path: str = "") -> Response[str]:
    """The form that asks for an e-mail address."""
    wanted = local_path(return_path, otherwise="")
    return _form(house, organization, viewer, EmailForm(return_path=wanted))


@post("/{slug:str}/sign-in", opt={"policy": "sign_in"}, include_in_schema=False)
async def ask(
    house: House, request: Request[Any, Any, Any], organization: Organization, sign_in_limit: AddressLimit,
    data: Annotated[EmailForm, UrlEncoded],
) -> Response[Any]:  # fmt: skip
    """Send a link, whether or not the address is known; then ask for the code."""
    sign_in_limit.take(address_of(request), now=house.clock())
    home = f"/{organization.slug}"
    try:
        email = normalized_email(data.email)
    except InvalidInputError as error:
        return _form(house, organization, ANONYMOUS, data, errors=dict(error.errors))
    token = await sign_in.ask(
        house,
        organization_id=organization.id,
        asker=address_of(request),
        email=email,
        return_path=local_path(data.return_path, otherwise=home),
    )
    return Redirect(f"{home}/sign-in/sent", status_code=303, cookies=[cookies.browser(house, token)])


@get("/{slug:str}/sign-in/sent", opt={"policy": "sign_in"}, include_in_schema=False)
async def sent(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """Where to look for the e-mail, and a field for its code."""
    return page(house, "sign_in_sent.html", organization=organization, viewer=viewer, errors={})


@post("/{slug:str}/sign-in/sent", opt={"policy": "sign_in"}, include_in_schema=False)
async def use_code(
    house: House, request: Request[Any, Any, Any], organization: Organization, data: Annotated[CodeForm, UrlEncoded]
) -> Response[Any]:
    """Sign in with the code, in the browser that asked."""
    try:
        begun = await sign_in.by_code(house, data.code, browser=cookies.browser_of(house, request))
    except WrongCodeError:
        errors = {"code": WRONG_CODE if data.code.strip() else CODE_NEEDED}
        return page(house, "sign_in_sent.html", status=422, organization=organization, viewer=ANONYMOUS, errors=errors)
    return await _begun(house, request, begun)


@route(
    "/sign-in/{token:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"policy": "sign_in"},
    include_in_schema=False,
)
async def open_link(house: House, request: Request[Any, Any, Any], token: str) -> Response[str]:
    """A link's page: a button, and in another browser a field for the code. Opening it changes nothing."""
    try:
        link = await sign_in.open_link(house.pool, token, now=house.clock())
    except LinkNotOpenError:
        return _not_open(house)
    return await _link(house, request, link, token)


@post("/sign-in/{token:str}", opt={"policy": "sign_in"}, include_in_schema=False)
async def use_link(
    house: House, request: Request[Any, Any, Any], token: str, data: Annotated[CodeForm, UrlEncoded]
) -> Response[Any]:
    """Press the link's button."""
    browser = cookies.browser_of(house, request)
    try:
        begun = await sign_in.by_link(house, token, browser=browser, code=data.code)
    except LinkNotOpenError:
        return _not_open(house)
    except (CodeNeededError, WrongCodeError) as error:
        sentence = CODE_NEEDED if isinstance(error, CodeNeededError) else WRONG_CODE
        link = await sign_in.open_link(house.pool, token, now=house.clock())
        return await _link(house, request, link, token, errors={"code": sentence})
    return await _begun(house, request, begun)


@post("/language", opt={"policy": "language.choose"}, include_in_schema=False)
async def language(
    house: House, request: Request[Any, Any, Any], viewer: Viewer, data: Annotated[LanguageForm, UrlEncoded]
) -> Response[Any]:
    """Read pages, and letters too, in another language from now on."""
    answer = choose(request, data, own_url=house.settings.enrollment_url)
    if viewer.person_id is not None:
        await store.set_language(house.pool, viewer.organization_id, viewer.person_id, data.language)
    return answer


@post("/sign-out", opt={"policy": "session.end"}, include_in_schema=False)
async def sign_out(
    house: House, request: Request[Any, Any, Any], viewer: Viewer, data: Annotated[SignOutForm, UrlEncoded]
) -> Response[Any]:
    """End this session, or all of this person's, and go to the organization's first page."""
    if data.everywhere and viewer.person_id is not None:
        await store.delete_sessions(house.pool, viewer.organization_id, viewer.person_id)
    await cookies.end_session(house, request)
    organization = await organizations.by_id(house.pool, viewer.organization_id)
    target = "/" if organization is None else f"/{organization.slug}"
    return Redirect(target, status_code=303, cookies=[cookies.no_session(house)])


def _form(
    house: House,
    organization: Organization,
    viewer: Viewer,
    values: EmailForm,
    *,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        house,
        "sign_in.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        values=values,
        errors=errors or {},
    )


async def _link(
    house: House,
    request: Request[Any, Any, Any],
    link: SignInLink,
    token: str,
    *,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        house,
        "sign_in_link.html",
        status=422 if errors else 200,
        organization=await organizations.by_id(house.pool, link.organization_id),
        viewer=ANONYMOUS,
        action=f"/sign-in/{quote(token, safe='')}",
        needs_code=link.needs_code(cookies.browser_of(house, request)),
        errors=errors or {},
    )


def _not_open(house: House) -> Response[str]:
    return page(house, "sign_in_over.html", status=410)


async def _begun(house: House, request: Request[Any, Any, Any], begun: sign_in.NewSession) -> Response[Any]:
    return Redirect(begun.return_path, status_code=303, cookies=await cookies.begin(house, request, begun))


ROUTES = [form, ask, sent, use_code, open_link, use_link, sign_out, language]
