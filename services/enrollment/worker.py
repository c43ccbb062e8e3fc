"""The enrollment worker: sends what waits in the outbox and gives events their positions; serves health and metrics."""

from services.enrollment.completions import issuing
from services.enrollment.events import actions as events
from services.enrollment.events import delivery
from services.enrollment.house import House, open_house
from services.enrollment.notices import actions as notices
from services.enrollment.notices.delivery import deliver, smtp_server
from services.enrollment.people import sign_in
from services.enrollment.problems import PROBLEMS
from services.enrollment.settings import EnrollmentSettings
from shared.outbox import Dispatcher, Handler
from shared.web import Observation, Web, application


def handlers(house: House) -> dict[str, Handler]:
    """The handler of each outbox topic."""
    return {
        sign_in.TOPIC: sign_in.send_links(house),
        notices.TOPIC: deliver(house),
        delivery.TOPIC: delivery.deliverer(house),
        **issuing.handlers(house),
    }


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
            },
            routes=[],
            problems=PROBLEMS,
        )
    )
