"""The enrollment service's HTTP application: the rooms' routes, and what every handler is given."""

from litestar import get
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


def make(settings: EnrollmentSettings) -> Observation:
    """The application. SettingsError where it could not send e-mail."""
    smtp_server(settings)
    return application(
        Web(
            name="enrollment",
            house=lambda: open_house(settings, process="enrollment"),
            routes=[jwks, static, guarded(ROUTES)],
            problems=PROBLEMS,
            problem_page=problem_page,
            openapi_title="Laurel enrollment",
        )
    )
