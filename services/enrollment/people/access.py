"""Lets a request in or refuses it: the guard of every route, whom it is answered for, and the question about an object.

A request that changes something and comes from another site is refused before anything is read: by `Sec-Fetch-Site`
where the browser sends it, by `Origin` where not. (Our pages send no referrer, so a browser's own form posts carry
`Origin: null`.) A client that is no browser sends neither, and carries no cookie that another site could abuse.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people import store
from services.enrollment.people.limits import ENROLL_BURST, ENROLLS_PER_SECOND, AddressLimit
from services.enrollment.people.model import ANONYMOUS, Viewer, cookie_name, token_sha256
from services.enrollment.people.policy import TABLE, allows, may_depend_on_object
from shared.pages.rendering import LANGUAGE, LANGUAGE_COOKIE, wished
from shared.problems import ForbiddenError, NotFoundError, UnauthorizedError
from shared.tokens import Caller

Connection = ASGIConnection[Any, Any, Any, Any]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_VIEWER, _CALLER = "laurel_viewer", "laurel_caller"


def guarded(routes: list[ControllerRouterHandler]) -> Router:
    """The rooms' routes behind the guard.

    Its handlers may take `viewer`, `organization` (of the path's `slug`) or, with a scope, `caller`.
    """
    sign_in_limit = AddressLimit()
    enroll_limit = AddressLimit(burst=ENROLL_BURST, per_second=ENROLLS_PER_SECOND)
    return Router(
        path="/",
        route_handlers=routes,
        guards=[guard],
        dependencies={
            "viewer": Provide(provide_viewer, sync_to_thread=False),
            "caller": Provide(provide_caller, sync_to_thread=False),
            "organization": Provide(provide_organization),
            "sign_in_limit": Provide(lambda: sign_in_limit, sync_to_thread=False),
            "enroll_limit": Provide(lambda: enroll_limit, sync_to_thread=False),
        },
    )


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse who may not use the route at all: 401 without a sign-in, 403 without the role, scope or origin."""
    house: House = connection.app.state.house
    if (scope := handler.opt.get("scope")) is not None:
        caller = await house.tokens.verify(_bearer(connection), scope=scope, now=house.clock())
        connection.scope["state"][_CALLER] = caller
        return
    action = handler.opt.get("policy")
    if action not in TABLE:
        raise ForbiddenError("no_policy")
    _refuse_foreign(connection, own=house.settings.enrollment_url)
    viewer = await _viewer(connection, house)
    connection.scope["state"][_VIEWER] = viewer
    LANGUAGE.set(
        wished(viewer.language, connection.cookies.get(LANGUAGE_COOKIE), connection.headers.get("accept-language"))
    )
    is_signed_in = viewer.person_id is not None
    if allows(action, roles=viewer.roles, is_signed_in=is_signed_in):
        return
    if not is_signed_in:
        raise UnauthorizedError("not_signed_in")
    if not may_depend_on_object(action):
        raise ForbiddenError("role")


def require(viewer: Viewer, action: str, *, teaches: bool = False, owns: bool = False) -> None:
    """NotFoundError unless the viewer may do `action` to an object that they teach or own as said.

    Ask it with what the database says of this object, after it was found in the viewer's organization.
    """
    is_signed_in = viewer.person_id is not None
    if not allows(action, roles=viewer.roles, is_signed_in=is_signed_in, teaches=teaches, owns=owns):
        raise NotFoundError


def provide_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """Whom the request is answered for, as the guard found."""
    found: Viewer = request.scope["state"][_VIEWER]
    return found


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """The service whose token the guard verified."""
    found: Caller = request.scope["state"][_CALLER]
    return found


async def provide_organization(house: House, slug: str) -> Organization:
    """The organization whose pages the path is of; NotFoundError where there is none."""
    found = await organizations.by_slug(house.pool, slug)
    if found is None:
        raise NotFoundError
    return found


async def _viewer(connection: Connection, house: House) -> Viewer:
    token = connection.cookies.get(cookie_name(house.settings.enrollment_url))
    if token is None:
        return ANONYMOUS
    found = await store.signed_in(house.pool, token_sha256(token), now=house.clock())
    # On the pages of another organization one is a stranger.
    if found is None or connection.path_params.get("slug", found.organization_slug) != found.organization_slug:
        return ANONYMOUS
    return found.viewer


def _bearer(connection: Connection) -> str:
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise UnauthorizedError("no_token")
    return token.strip()


def _refuse_foreign(connection: Connection, *, own: str) -> None:
    if connection.scope.get("method") in _SAFE:
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForbiddenError("foreign_origin")
    elif origin is not None and urlsplit(origin).netloc not in (
        urlsplit(own).netloc,
        connection.headers.get("host"),
    ):
        raise ForbiddenError("foreign_origin")
