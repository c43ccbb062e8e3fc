"""The issuer's worker: keeps the issuance log, tells enrollment what became of awards, signs status lists."""

import asyncio
import logging

import asyncpg

from services.credentials.awards.issuing import OUTCOME, publish
from services.credentials.issuance_log.actions import run_sequencer
from services.credentials.issuer.house import House, open_house
from services.credentials.issuer.outcomes import CONCURRENCY, teller
from services.credentials.issuer.problems import PROBLEMS
from services.credentials.issuer.restoring import restored
from services.credentials.keys import restoring as key_histories
from services.credentials.keys.model import CustodyError, SignatureRefusedError
from services.credentials.records import actions as records
from services.credentials.records import store as record_store
from services.credentials.settings import IssuerSettings
from services.credentials.status_lists import store as lists
from services.credentials.status_lists.model import DatabaseBehindError
from shared.outbox import Dispatcher
from shared.postgres import UNAVAILABLE
from shared.web import Observation, Web, application

logger = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
#: Keys change a few times a year, and whoever changes them copies the history at once.
_HISTORY_SECONDS = 10.0


async def publish_lists(house: House) -> None:
    """Publish what a killed issuer left out of date, for as long as the worker runs."""
    while True:
        try:
            for list_id in await lists.waiting(house.pool):
                await publish(house.desk, list_id)
        except DatabaseBehindError:
            await restored(house)
        except (*UNAVAILABLE, asyncpg.PostgresError, CustodyError, SignatureRefusedError) as error:
            logger.warning("status lists cannot be signed now", extra={"error": type(error).__name__})
        await asyncio.sleep(_POLL_SECONDS)


async def keep_histories(house: House) -> None:
    """Copy the key histories outside the database, for as long as the worker runs."""
    while house.published is not None:
        try:
            await key_histories.keep(house.pool, house.published)
        except (*UNAVAILABLE, asyncpg.PostgresError, OSError) as error:
            logger.warning("key histories cannot be copied now", extra={"error": type(error).__name__})
        await asyncio.sleep(_HISTORY_SECONDS)
    await asyncio.Event().wait()


async def keep_records(house: House) -> None:
    """Tell who read records, and empty those that have expired, for as long as the worker runs."""
    while True:
        try:
            await records.tell_openings(house.pool)
            await record_store.empty_expired(house.pool, now=house.clock())
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            logger.warning("records cannot be kept now", extra={"error": type(error).__name__})
        await asyncio.sleep(_POLL_SECONDS)


def make(settings: IssuerSettings) -> Observation:
    """The worker as an application: its tasks run while it is up."""
    return application(
        Web(
            name="issuer-worker",
            house=lambda: open_house(settings, process="issuer-worker"),
            work=lambda house: {
                "outbox": Dispatcher(
                    house.pool,
                    {OUTCOME: teller(house, "awards"), records.OUTCOME: teller(house, "records")},
                    concurrency=CONCURRENCY,
                ).run(),
                "issuance log": run_sequencer(house.log_keeper),
                "status lists": publish_lists(house),
                "key histories": keep_histories(house),
                "records": keep_records(house),
            },
            routes=[],
            problems=PROBLEMS,
        )
    )
