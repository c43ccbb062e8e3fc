"""The issuer's worker: tells enrollment what became of awards, and signs status lists that are out of date."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from litestar import Litestar

from services.credentials.awards.actions import OUTCOME, publish
from services.credentials.issuer.house import House, open_house
from services.credentials.issuer.outcomes import teller
from services.credentials.issuer.problems import PROBLEMS
from services.credentials.settings import IssuerSettings
from services.credentials.status_lists import store as lists
from shared import postgres
from shared.outbox import Dispatcher
from shared.postgres import UNAVAILABLE
from shared.tasks import Tasks
from shared.web import Observation, Web, application

logger = logging.getLogger(__name__)

_POLL_SECONDS = 1.0


async def publish_lists(house: House) -> None:
    """Publish what a killed issuer left out of date, for as long as the worker runs."""
    while True:
        try:
            for list_id in await lists.waiting(house.pool):
                await publish(house.desk, list_id)
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            logger.warning("status lists cannot be signed now", extra={"error": type(error).__name__})
        await asyncio.sleep(_POLL_SECONDS)


def make(settings: IssuerSettings) -> Observation:
    """The worker as an application: its tasks run while it is up."""
    houses: list[House] = []
    tasks = Tasks()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_house(settings, process="issuer-worker") as house:
            houses.append(house)
            work = {
                "outbox": Dispatcher(house.pool, {OUTCOME: teller(house)}).run(),
                "status lists": publish_lists(house),
            }
            async with tasks.running(work):
                yield

    async def database() -> bool:
        return bool(houses) and await postgres.is_ready(houses[0].pool)

    return application(
        Web(
            name="issuer-worker",
            routes=[],
            checks={"database": database, "tasks": tasks.are_alive},
            problems=PROBLEMS,
            lifespan=[lifespan],
        )
    )
