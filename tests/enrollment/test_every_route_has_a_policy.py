"""Every route says who may use it, in words that the table knows; one that says nothing is refused to everybody."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from litestar import get
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute

import services.enrollment
from deploy.local.postgres import Cluster
from services.credentials.issuer import api as issuer_api
from services.credentials.issuer import app as issuer_app
from services.credentials.public import app as public_app
from services.credentials.settings import PublicSettings
from services.enrollment import app
from services.enrollment.people.policy import SCOPES, TABLE
from shared import contracts
from shared.postgres import Pool
from shared.records import RECORDS_WRITE
from shared.web import OPEN, Observation
from tests.credentials.conftest import issuer_settings
from tests.enrollment.conftest import settings_for
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once
from tests.servers import free_port, running

NOBODY = "postgresql://nobody@127.0.0.1:9/none"
#: What the credential service's routes may ask for; the issuer role answers services only.
ISSUER_SCOPES = {
    contracts.ISSUERS_WRITE,
    contracts.ACHIEVEMENTS_WRITE,
    contracts.AWARDS_WRITE,
    contracts.AWARDS_READ,
    contracts.AWARDS_REVOKE,
    contracts.AWARDS_CORRECT,
    contracts.AWARDS_RENEW,
    contracts.AWARDS_COPY,
    contracts.AWARDS_SHOW,
    contracts.AWARDS_ERASE,
    RECORDS_WRITE,
}


def routes(application: Observation) -> Iterator[tuple[str, HTTPRouteHandler]]:
    """Each of our own routes as (method and path, handler): without OPTIONS, and the framework's page of the schema."""
    for route in application.inner.routes:
        assert isinstance(route, HTTPRoute), f"{route.path} is answered without HTTP"
        for handler in route.route_handlers:
            is_own = not route.path.startswith("/schema") and handler.http_methods != {"OPTIONS"}
            if is_own:
                yield f"{'/'.join(sorted(handler.http_methods))} {route.path}", handler


def unspoken(application: Observation, *, actions: set[str], scopes: set[str]) -> list[str]:
    """The routes that name neither an action nor a scope that is known."""

    def is_known(handler: BaseRouteHandler) -> bool:
        named = {key: handler.opt[key] for key in ("policy", "scope") if key in handler.opt}
        return len(named) == 1 and (named.get("policy") in actions or named.get("scope") in scopes)

    return [name for name, handler in routes(application) if not is_known(handler)]


@get("/stray/{anything:str}")
async def stray(anything: str) -> str:
    """A route whose author forgot to say who may use it."""
    return anything


@get("/misspelt/{anything:str}", opt={"policy": "cohort.raed"})
async def misspelt(anything: str) -> str:
    """A route whose action nobody knows."""
    return anything


@pytest.fixture
def enrollment(tmp_path: Path) -> Observation:
    return app.make(settings_for(tmp_path, NOBODY, 9))


def issuer(folder: Path) -> Observation:
    return issuer_app.make(issuer_settings(folder, NOBODY, enrollment_url="http://127.0.0.1:9"))


def public(folder: Path) -> Observation:
    return public_app.make(
        PublicSettings(
            environment="development",
            port=9,
            database_url=NOBODY,
            enrollment_url="http://127.0.0.1:9",
            issuer_url="http://127.0.0.1:9",
            public_url="http://127.0.0.1:9",
            pictures_folder=str(folder),
        )
    )


def test_every_route_of_enrollment_names_an_action_or_a_scope(enrollment: Observation) -> None:
    assert unspoken(enrollment, actions=set(TABLE), scopes=set(SCOPES)) == []


def test_every_route_of_the_issuer_names_a_scope_or_is_open(tmp_path: Path) -> None:
    assert unspoken(issuer(tmp_path), actions={OPEN["policy"]}, scopes=ISSUER_SCOPES) == []


def test_every_route_of_the_public_role_is_open(tmp_path: Path) -> None:
    assert unspoken(public(tmp_path), actions={OPEN["policy"]}, scopes=set()) == []


@pytest.mark.parametrize("forgotten", [stray, misspelt])
def test_a_route_without_a_policy_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgotten: HTTPRouteHandler
) -> None:
    """The control of the tests above."""
    monkeypatch.setattr(app, "ROUTES", [*app.ROUTES, forgotten])
    enrollment = app.make(settings_for(tmp_path, NOBODY, 9))
    assert len(unspoken(enrollment, actions=set(TABLE), scopes=set(SCOPES))) == 1


def test_every_rooms_routes_are_in_the_application() -> None:
    found = pkgutil.walk_packages(services.enrollment.__path__, "services.enrollment.")
    names = [one.name for one in found if one.name.endswith((".api", ".pages"))]
    rooms = {name: getattr(importlib.import_module(name), "ROUTES", []) for name in names}
    assert sum(len(own) for own in rooms.values()) == len(app.ROUTES) > 50
    assert [name for name, own in rooms.items() for one in own if one not in app.ROUTES] == []


def test_every_action_of_the_table_is_some_routes(enrollment: Observation) -> None:
    used = {handler.opt.get("policy") for _, handler in routes(enrollment)}
    assert set(TABLE) - used == set()


def test_every_scope_is_some_routes(enrollment: Observation, tmp_path: Path) -> None:
    assert SCOPES - {handler.opt.get("scope") for _, handler in routes(enrollment)} == set()
    assert ISSUER_SCOPES - {handler.opt.get("scope") for _, handler in routes(issuer(tmp_path))} == set()


@pytest.fixture
async def forgetful(
    migrated: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Served, str]]:
    """The enrollment service with both forgotten routes, and the issuer role with one."""
    monkeypatch.setattr(app, "ROUTES", [*app.ROUTES, stray, misspelt])
    monkeypatch.setattr(issuer_app, "ROUTES", [*issuer_api.ROUTES, stray])
    settings = settings_for(tmp_path, migrated.dsn("enrollment", "enrollment"), free_port())
    dsn = migrated.dsn("credentials", "issuer")
    credentials = issuer_settings(tmp_path, dsn, enrollment_url=settings.enrollment_url)
    async with AsyncExitStack() as both:
        url = await both.enter_async_context(running(app.make(settings), settings.port))
        issuer_url = await both.enter_async_context(running(issuer_app.make(credentials), credentials.port))
        yield Served(url=url, settings=settings), issuer_url


async def test_a_route_without_a_policy_is_refused_to_everybody(
    forgetful: tuple[Served, str], enrollment_pool: Pool, organization: UUID
) -> None:
    served, issuer_url = forgetful
    person = await add_person(enrollment_pool, organization, fresh_email(), "administrator", "coordinator")
    async with browser(served) as session:
        await sign_in_at_once(session, enrollment_pool, organization, person)
        for path in ("/stray/one", "/misspelt/one"):
            async with session.get(path) as answer:
                assert answer.status == 403
        async with session.get("/api/me") as answer:
            assert answer.status == 200, "signed in, or the refusal shows nothing"
    async with aiohttp.ClientSession() as http, http.get(f"{issuer_url}/stray/one") as answer:
        assert answer.status == 403
