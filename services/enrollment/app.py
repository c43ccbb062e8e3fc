"""The enrollment service's HTTP application: the rooms' routes, and what every handler is given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from services.enrollment.attendance import api as attendance_api
from services.enrollment.cohorts import api as cohorts_api
from services.enrollment.cohorts import pages as cohorts_pages
from services.enrollment.completions import api as completions_api
from services.enrollment.enrollments import api as enrollments_api
from services.enrollment.enrollments import pages as enrollments_pages
from services.enrollment.events import api as events_api
from services.enrollment.evidence import api as evidence_api
from services.enrollment.house import House, open_house
from services.enrollment.notices import api as notices_api
from services.enrollment.notices import pages as notices_pages
from services.enrollment.notices.delivery import smtp_server
from services.enrollment.organizations import api as organizations_api
from services.enrollment.pages import problem_page
from services.enrollment.people import api as people_api
from services.enrollment.people import pages as people_pages
from services.enrollment.people.access import guarded
from services.enrollment.problems import PROBLEMS
from services.enrollment.programs import api as programs_api
from services.enrollment.settings import EnrollmentSettings
from shared import postgres
from shared.pages.rendering import static
from shared.web import OPEN, Observation, Web, application

#: Every room adds its routes here.
ROUTES: list[ControllerRouterHandler] = [
    *organizations_api.ROUTES,
    *people_api.ROUTES,
    *people_pages.ROUTES,
    *notices_api.ROUTES,
    *notices_pages.ROUTES,
    *programs_api.ROUTES,
    *cohorts_api.ROUTES,
    *cohorts_pages.ROUTES,
    *enrollments_api.ROUTES,
    *enrollments_pages.ROUTES,
    *attendance_api.ROUTES,
    *evidence_api.ROUTES,
    *completions_api.ROUTES,
    *events_api.ROUTES,
]


@get("/.well-known/jwks.json", include_in_schema=False, opt=OPEN)
async def jwks(house: House) -> dict[str, list[dict[str, str]]]:
    """The public key that proves this service's tokens."""
    return house.token_key.jwks()


def provide_house(state: State) -> House:
    """The house of this process, for a handler's argument `house`."""
    house: House = state.house
    return house


def make(settings: EnrollmentSettings) -> Observation:
    """The application. SettingsError where it could not send e-mail."""
    smtp_server(settings)
    houses: list[House] = []

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_house(settings, process="enrollment") as house:
            app.state.house = house
            houses.append(house)
            yield

    async def database() -> bool:
        return bool(houses) and await postgres.is_ready(houses[0].pool)

    return application(
        Web(
            name="enrollment",
            routes=[jwks, static, guarded(ROUTES)],
            checks={"database": database},
            problems=PROBLEMS,
            lifespan=[lifespan],
            dependencies={"house": Provide(provide_house, sync_to_thread=False)},
            problem_page=problem_page,
            openapi_title="Laurel enrollment",
        )
    )
