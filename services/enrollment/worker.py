"""The enrollment worker: sends what waits in the outbox and gives events their positions; serves health and metrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from services.enrollment.completions import issuing
from services.enrollment.events import actions as events
from services.enrollment.events import delivery
from services.enrollment.house import House, open_house
from services.enrollment.notices import actions as notices
from services.enrollment.notices.delivery import deliver, smtp_server
from services.enrollment.people import sign_in
from services.enrollment.problems import PROBLEMS
from services.enrollment.settings import EnrollmentSettings
from shared import postgres
from shared.fetch import Fetcher, TargetPolicy
from shared.outbox import Dispatcher, Handler
from shared.settings import SettingsError
from shared.tasks import Tasks
from shared.web import Observation, Web, application


def handlers(house: House, fetcher: Fetcher) -> dict[str, Handler]:
    """The handler of each outbox topic."""
    return {
        sign_in.TOPIC: sign_in.send_links(house),
        notices.TOPIC: deliver(house),
        delivery.TOPIC: delivery.deliverer(house, fetcher),
        **issuing.handlers(house),
    }


def webhook_policy(settings: EnrollmentSettings) -> TargetPolicy:
    """Where webhooks may go. SettingsError for origins that cannot be read."""
    try:
        return TargetPolicy.from_origins(settings.webhook_origins)
    except ValueError as error:
        raise SettingsError(f"LAUREL_WEBHOOK_ORIGINS: {error}") from None


def make(settings: EnrollmentSettings) -> Observation:
    """The worker as an application: its tasks run while it is up. SettingsError where it could not send anything."""
    smtp_server(settings)
    webhook_policy(settings)
    houses: list[House] = []
    tasks = Tasks()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with (
            open_house(settings, process="enrollment-worker") as house,
            Fetcher(webhook_policy(settings)) as fetcher,
        ):
            houses.append(house)
            work = {
                "outbox": Dispatcher(house.pool, handlers(house, fetcher)).run(),
                "sequencer": events.run_sequencer(house.pool),
            }
            async with tasks.running(work):
                yield

    async def database() -> bool:
        return bool(houses) and await postgres.is_ready(houses[0].pool)

    return application(
        Web(
            name="enrollment-worker",
            routes=[],
            checks={"database": database, "tasks": tasks.are_alive},
            problems=PROBLEMS,
            lifespan=[lifespan],
        )
    )
