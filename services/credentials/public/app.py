"""The public role's HTTP application: badge pages, what badges point at, and verification."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from services.credentials.public import badges, issuers, verifying
from services.credentials.public.house import House, open_house, trust_list
from services.credentials.public.problems import PROBLEMS
from services.credentials.public.rendering import problem_page
from services.credentials.settings import PublicSettings
from shared import postgres
from shared.pages.rendering import static
from shared.web import Observation, Web, application


def provide_house(state: State) -> House:
    """The house of this process, for a handler's argument `house`."""
    house: House = state.house
    return house


def make(settings: PublicSettings) -> Observation:
    """The application. SettingsError for a trust list that cannot be read."""
    trust_list(settings)
    houses: list[House] = []

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_house(settings, process="public") as house:
            app.state.house = house
            houses.append(house)
            yield

    async def database() -> bool:
        return bool(houses) and await postgres.is_ready(houses[0].pool)

    return application(
        Web(
            name="public",
            routes=[static, *badges.ROUTES, *issuers.ROUTES, *verifying.ROUTES],
            checks={"database": database},
            problems=PROBLEMS,
            lifespan=[lifespan],
            dependencies={"house": Provide(provide_house, sync_to_thread=False)},
            problem_page=problem_page,
            openapi_title="Laurel public",
        )
    )
