"""The issuer role's HTTP application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, get
from litestar.datastructures import State
from litestar.di import Provide

from services.credentials.issuer.access import guarded
from services.credentials.issuer.api import ROUTES
from services.credentials.issuer.house import House, open_house
from services.credentials.issuer.problems import PROBLEMS
from services.credentials.settings import IssuerSettings
from shared import postgres
from shared.web import OPEN, Observation, Web, application


@get("/.well-known/jwks.json", include_in_schema=False, opt=OPEN)
async def jwks(house: House) -> dict[str, list[dict[str, str]]]:
    """The public key that proves this service's tokens; it signs no badge."""
    return house.token_key.jwks()


def provide_house(state: State) -> House:
    """The house of this process, for a handler's argument `house`."""
    house: House = state.house
    return house


def make(settings: IssuerSettings) -> Observation:
    """The application."""
    houses: list[House] = []

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_house(settings, process="issuer") as house:
            app.state.house = house
            houses.append(house)
            yield

    async def database() -> bool:
        return bool(houses) and await postgres.is_ready(houses[0].pool)

    return application(
        Web(
            name="issuer",
            routes=[jwks, guarded(list(ROUTES))],
            checks={"database": database},
            problems=PROBLEMS,
            lifespan=[lifespan],
            dependencies={"house": Provide(provide_house, sync_to_thread=False)},
            openapi_title="Laurel issuer",
        )
    )
