"""The enrollment worker: sends what waits in the outbox and gives events their positions; serves health and metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from services.enrollment.house import House, open_house
from services.enrollment.notices import actions as notices
from services.enrollment.notices.delivery import deliver, smtp_server
from services.enrollment.people import sign_in
from services.enrollment.problems import PROBLEMS
from services.enrollment.settings import EnrollmentSettings
from shared import postgres
from shared.outbox import Dispatcher, Handler
from shared.web import Observation, Web, application


def handlers(house: House) -> dict[str, Handler]:
    """The handler of each outbox topic."""
    return {
        sign_in.TOPIC: sign_in.send_links(house),
        notices.TOPIC: deliver(house),
    }


def make(settings: EnrollmentSettings) -> Observation:
    """The worker as an application: its tasks run while it is up. SettingsError where it could not send e-mail."""
    smtp_server(settings)
    houses: list[House] = []
    tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_house(settings, process="enrollment-worker") as house:
            houses.append(house)
            tasks.append(asyncio.create_task(Dispatcher(house.pool, handlers(house)).run(), name="outbox"))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def database() -> bool:
        return bool(houses) and await postgres.is_ready(houses[0].pool)

    async def working() -> bool:
        return bool(tasks) and not any(task.done() for task in tasks)

    return application(
        Web(
            name="enrollment-worker",
            routes=[],
            checks={"database": database, "tasks": working},
            problems=PROBLEMS,
            lifespan=[lifespan],
        )
    )
