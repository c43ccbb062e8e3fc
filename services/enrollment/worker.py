"""The enrollment worker: sends what waits in the outbox, gives events their positions, does what time asks for.

It serves health and metrics beside.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial

import msgspec

from services.enrollment.completions.badges import ending
from services.enrollment.completions.issuance import issuing
from services.enrollment.enrollments.seats import offers
from services.enrollment.events import actions as events
from services.enrollment.events import delivery
from services.enrollment.evidence import reviewing
from services.enrollment.house import House, open_house
from services.enrollment.messages import reminding
from services.enrollment.notices import actions as notices
from services.enrollment.notices.delivery import deliver, smtp_server
from services.enrollment.people.sign_in import actions as sign_in
from services.enrollment.problems import PROBLEMS
from services.enrollment.records import actions as records
from services.enrollment.records import issuing as record_issuing
from services.enrollment.retention import clock as retention
from services.enrollment.rosters import actions as rosters
from services.enrollment.settings import EnrollmentSettings
from services.enrollment.witness import actions as witness
from shared.outbox import Dispatcher, Handler
from shared.tasks import run_every
from shared.web import Observation, Web, application


class Round(msgspec.Struct, frozen=True):
    """What is done again and again: a verb that several workers may do at once, `seconds` after it was done."""

    seconds: float
    verb: Callable[[House], Awaitable[object]]


#: Every room adds here what time alone asks for.
CLOCKS: dict[str, Round] = {
    "places": Round(5, offers.run_clock),
    "reminders": Round(60, reminding.remind),
    "badges": Round(600, ending.tell),
    "retention": Round(60, retention.run),
    "rosters": Round(600, rosters.drop_old),
    "records": Round(600, records.drop_old),
    "witness": Round(1, witness.check),
}


def handlers(house: House) -> dict[str, Handler]:
    """The handler of each outbox topic."""
    return {
        sign_in.TOPIC: sign_in.send_links(house),
        notices.TOPIC: deliver(house),
        delivery.TOPIC: delivery.deliverer(house),
        reviewing.REMOVAL: reviewing.remover(house),
        **issuing.handlers(house),
        **record_issuing.handlers(house),
    }


def clocks(house: House) -> dict[str, Coroutine[None, None, None]]:
    """The clocks' tasks, by name."""
    return {name: run_every(one.seconds, partial(one.verb, house), name=name) for name, one in CLOCKS.items()}


def make(settings: EnrollmentSettings) -> Observation:
    """The worker as an application: its tasks run while it is up. SettingsError where it could not send anything."""
    smtp_server(settings)
    return application(
        Web(
            name="enrollment-worker",
            house=lambda: open_house(settings, process="enrollment-worker"),
            work=lambda house: {
                "outbox": Dispatcher(house.pool, handlers(house), wider={delivery.TOPIC: delivery.CONCURRENCY}).run(),
                "sequencer": events.run_sequencer(house.pool),
                **clocks(house),
            },
            routes=[],
            problems=PROBLEMS,
        )
    )
