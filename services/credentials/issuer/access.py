"""The guard of the issuer role: every route names the one scope that its callers' tokens must have."""

from typing import Any

from litestar import Request, Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.types import ControllerRouterHandler

from services.credentials.issuer.house import House
from shared.problems import ForbiddenError, UnauthorizedError
from shared.tokens import Caller

_CALLER = "laurel_caller"


def guarded(routes: list[ControllerRouterHandler]) -> Router:
    """Routes behind the guard; their handlers may take `caller`."""
    return Router(
        path="/",
        route_handlers=routes,
        guards=[guard],
        dependencies={"caller": Provide(provide_caller, sync_to_thread=False)},
    )


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """UnauthorizedError without a valid token, ForbiddenError for another scope or a route that names none."""
    scope = handler.opt.get("scope")
    if scope is None:
        raise ForbiddenError("no_policy")
    house: House = connection.app.state.house
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise UnauthorizedError("no_token")
    connection.scope["state"][_CALLER] = await house.tokens.verify(token.strip(), scope=scope, now=house.clock())


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """The service whose token the guard verified."""
    found: Caller = request.scope["state"][_CALLER]
    return found
