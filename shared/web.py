"""How each process answers HTTP: request ids, metrics, health, problems, security headers, limits, one way for all."""

import logging
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import quote

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import SerializationException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler, HTTPScope, LifeSpanScope, Message, Scope
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from shared import problems
from shared.logs import request_id as current_request_id
from shared.openapi import complete
from shared.paths import HERE
from shared.postgres import Pool, is_ready
from shared.problems import ProblemType, Table
from shared.tasks import Tasks

logger = logging.getLogger(__name__)

Check = Callable[[Pool], Awaitable[bool]]
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

#: A route's `opt` that says nobody needs to sign in to it.
OPEN = {"policy": "open"}

REQUESTS = Counter("laurel_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("laurel_http_request_seconds", "Seconds until the answer's last byte", ["method", "route"])

#: One MiB unless a route says otherwise.
MAX_BODY_BYTES = 1024 * 1024
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Observation:
    """Around the application: gives each request its id, counts, times and logs it, and adds the security headers."""

    def __init__(self, inner: Litestar) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Any, send: Any) -> None:
        """Serve one request; anything else is passed on."""
        if scope["type"] == "lifespan" or scope["type"] == ScopeType.WEBSOCKET:
            await self.inner(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":
            # Answered as GET is, by every route; the server drops the body, as it must for any answer to HEAD.
            scope = cast("HTTPScope", {**scope, "method": "GET"})
        request: Request[Any, Any, Any] = Request(scope)
        given = request.headers.get("x-request-id", "")
        identifier = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = identifier
        token = current_request_id.set(identifier)
        HERE.set(_path_of(scope))
        started = time.perf_counter()
        status = 500

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableScopeHeaders(message)
                headers["X-Request-ID"] = identifier
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.inner(scope, receive, observe)
        finally:
            self._record(scope, method, status, time.perf_counter() - started)
            current_request_id.reset(token)

    def _record(self, scope: HTTPScope, method: str, status: int, seconds: float) -> None:
        # The template, not the path: a path holds unguessable ids, and each would be a series of its own.
        route = scope.get("path_template") or "unknown"
        REQUESTS.labels(method, route, str(status)).inc()
        SECONDS.labels(method, route).observe(seconds)
        if not route.startswith("/health") and route != "/metrics":
            fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            logger.info("answered", extra=fields)


def _path_of(scope: HTTPScope) -> str:
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


class BoundedRequest(Request[Any, Any, Any]):
    """A request whose JSON may be anything: what no reader can take is malformed, and no error of ours."""

    async def json(self) -> Any:
        """The body's JSON; SerializationException (400) also where it is too deep, or a text is not UTF-8."""
        try:
            return await super().json()
        except (RecursionError, UnicodeDecodeError) as error:
            raise SerializationException(type(error).__name__) from None


class HasPool(Protocol):
    """A house: what the handlers of a process are given. Each service has its own."""

    @property
    def pool(self) -> Pool:
        """The database that the process cannot be ready without."""


H = TypeVar("H", bound=HasPool)


class Web(msgspec.Struct, Generic[H], frozen=True, kw_only=True):
    """What a process serves: its house, routes and problem table, and the work it does beside answering."""

    name: str
    routes: Sequence[ControllerRouterHandler]
    problems: Table
    #: Opened at start and closed at the end; handlers get it as `house`. None for a process that needs nothing.
    house: Callable[[], AbstractAsyncContextManager[H]] | None = None
    #: What a worker does, by name, for as long as it lives.
    work: Callable[[H], Mapping[str, Coroutine[None, None, None]]] | None = None
    #: May answer a problem with an HTML page instead; None leaves it to the problem response.
    problem_page: Callable[[Request[Any, Any, Any], ProblemType, Exception], Response[Any] | None] | None = None
    #: With a title, `/schema/openapi.json` is served.
    openapi_title: str | None = None


def application(web: Web[H]) -> Observation:
    """The ASGI application of a process; the Litestar application inside it is `.inner`."""

    def on_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        kind = problems.type_of(error, web.problems)
        problems.log(request, error, kind)
        if web.problem_page is not None and (page := web.problem_page(request, kind, error)) is not None:
            return page
        return problems.respond(request, error, web.problems)

    openapi = None
    if web.openapi_title is not None:
        openapi = OpenAPIConfig(
            title=web.openapi_title,
            version="1.0.0",
            path="/schema",
            render_plugins=[JsonRenderPlugin()],
            use_handler_docstrings=True,
        )
    tasks = Tasks()
    inner = Litestar(
        route_handlers=[*web.routes, *_plumbing(web, tasks)],
        exception_handlers={Exception: on_error},
        lifespan=[_lifespan(web, tasks)],
        dependencies={"house": Provide(_provide_house, sync_to_thread=False)},
        request_class=BoundedRequest,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=openapi,
        logging_config=None,
        debug=False,
    )
    if openapi is not None:
        complete(inner)
    return Observation(inner)


def _provide_house(state: State) -> Any:
    return state.house


def _lifespan(web: Web[H], tasks: Tasks) -> Lifespan:
    @asynccontextmanager
    async def live(app: Litestar) -> AsyncIterator[None]:
        if web.house is None:
            yield
            return
        async with web.house() as house:
            app.state.house = house
            async with tasks.running(web.work(house) if web.work is not None else {}):
                yield

    return live


def _checks(web: Web[H], tasks: Tasks) -> Mapping[str, Check]:
    """What must hold for the process to be ready, by the name under which it is reported."""
    found: dict[str, Check] = {}
    if web.house is not None:
        found["database"] = is_ready
    if web.work is not None:
        found["tasks"] = lambda _: tasks.are_alive()
    return found


def _plumbing(web: Web[H], tasks: Tasks) -> list[ControllerRouterHandler]:
    @get("/health/live", include_in_schema=False, opt=OPEN)
    async def live() -> dict[str, str]:
        """The process runs."""
        return {"status": "live", "process": web.name}

    @get("/health/ready", include_in_schema=False, opt=OPEN)
    async def ready(state: State) -> Response[dict[str, object]]:
        """The process can do its work now; otherwise 503, naming what is away."""
        found = {name: await check(state.house.pool) for name, check in _checks(web, tasks).items()}
        good = all(found.values())
        body: dict[str, object] = {"status": "ready" if good else "not ready", "process": web.name, "checks": found}
        return Response(body, status_code=200 if good else 503, headers={"Cache-Control": "no-store"})

    @get("/metrics", include_in_schema=False, media_type="text/plain", opt=OPEN)
    async def metrics() -> Response[bytes]:
        """Prometheus metrics of this process."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @get("/problems/{code:str}", include_in_schema=False, media_type="text/plain", opt=OPEN)
    async def problem(code: str) -> str:
        """What a problem type means."""
        kind = problems.all_types(web.problems).get(code)
        if kind is None:
            raise problems.NotFoundError
        return f"{kind.title} ({kind.status})\n\n{kind.advice}\n"

    return [live, ready, metrics, problem]
