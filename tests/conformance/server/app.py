"""The application, for one seed and one public address."""

from shared.clock import Clock
from shared.web import HasPool, Observation, Web, application
from tests.conformance.server.api import Desk, router
from tests.conformance.server.signer import Signer
from tests.conformance.server.statuses import StatusList


def make(signer: Signer, *, public_url: str, clock: Clock) -> Observation:
    """The application; `public_url` is where others reach it, without a slash at its end."""
    desk = Desk(signer, StatusList(public_url), clock)
    return application(Web[HasPool](name="conformance", routes=[router(desk)], problems={}))
