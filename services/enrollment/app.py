"""The enrollment service's HTTP application: the rooms' routes, and what every handler is given."""

from litestar import get
from litestar.types import ControllerRouterHandler

from services.enrollment.attendance import api as attendance_api
from services.enrollment.attendance import pages as attendance_pages
from services.enrollment.audits import api as audits_api
from services.enrollment.audits import pages as audits_pages
from services.enrollment.cohorts import api as cohorts_api
from services.enrollment.cohorts import pages as cohorts_pages
from services.enrollment.completions import api as completions_api
from services.enrollment.completions import pages as completions_pages
from services.enrollment.completions.badges import pages as badges_pages
from services.enrollment.directory import api as directory_api
from services.enrollment.directory import pages as directory_pages
from services.enrollment.enrollments import api as enrollments_api
from services.enrollment.enrollments import pages as enrollments_pages
from services.enrollment.evaluations import api as evaluations_api
from services.enrollment.evaluations import pages as evaluations_pages
from services.enrollment.events import api as events_api
from services.enrollment.evidence import api as evidence_api
from services.enrollment.evidence import pages as evidence_pages
from services.enrollment.forms import api as forms_api
from services.enrollment.forms import pages as forms_pages
from services.enrollment.house import House, open_house
from services.enrollment.learning import api as learning_api
from services.enrollment.learning import pages as learning_pages
from services.enrollment.merges import api as merges_api
from services.enrollment.merges import pages as merges_pages
from services.enrollment.messages import api as messages_api
from services.enrollment.messages import pages as messages_pages
from services.enrollment.notices import api as notices_api
from services.enrollment.notices import pages as notices_pages
from services.enrollment.notices.delivery import smtp_server
from services.enrollment.organizations import api as organizations_api
from services.enrollment.overview import api as overview_api
from services.enrollment.overview import pages as overview_pages
from services.enrollment.pages import problem_page
from services.enrollment.people import api as people_api
from services.enrollment.people.access import guarded
from services.enrollment.people.addresses import pages as addresses_pages
from services.enrollment.people.roles import pages as roles_pages
from services.enrollment.people.sign_in import pages as sign_in_pages
from services.enrollment.problems import PROBLEMS
from services.enrollment.programs import api as programs_api
from services.enrollment.programs import pages as programs_pages
from services.enrollment.records import api as records_api
from services.enrollment.records import pages as records_pages
from services.enrollment.retention import api as retention_api
from services.enrollment.retention import pages as retention_pages
from services.enrollment.rosters import api as rosters_api
from services.enrollment.rosters import pages as rosters_pages
from services.enrollment.settings import EnrollmentSettings
from services.enrollment.stipends import api as stipends_api
from services.enrollment.stipends import pages as stipends_pages
from shared.pages.rendering import static
from shared.web import OPEN, Observation, Web, application

#: Every room adds its routes here.
ROUTES: list[ControllerRouterHandler] = [
    *organizations_api.ROUTES,
    *people_api.ROUTES,
    *sign_in_pages.ROUTES,
    *addresses_pages.ROUTES,
    *roles_pages.ROUTES,
    *notices_api.ROUTES,
    *notices_pages.ROUTES,
    *programs_api.ROUTES,
    *programs_pages.ROUTES,
    *cohorts_api.ROUTES,
    *cohorts_pages.ROUTES,
    *forms_api.ROUTES,
    *forms_pages.ROUTES,
    *enrollments_api.ROUTES,
    *enrollments_pages.ROUTES,
    *rosters_api.ROUTES,
    *rosters_pages.ROUTES,
    *messages_api.ROUTES,
    *messages_pages.ROUTES,
    *attendance_api.ROUTES,
    *attendance_pages.ROUTES,
    *evidence_api.ROUTES,
    *evidence_pages.ROUTES,
    *evaluations_api.ROUTES,
    *evaluations_pages.ROUTES,
    *completions_api.ROUTES,
    *completions_pages.ROUTES,
    *badges_pages.ROUTES,
    *audits_api.ROUTES,
    *audits_pages.ROUTES,
    *stipends_api.ROUTES,
    *stipends_pages.ROUTES,
    *directory_api.ROUTES,
    *directory_pages.ROUTES,
    *records_api.ROUTES,
    *records_pages.ROUTES,
    *learning_api.ROUTES,
    *learning_pages.ROUTES,
    *overview_api.ROUTES,
    *overview_pages.ROUTES,
    *merges_api.ROUTES,
    *merges_pages.ROUTES,
    *retention_api.ROUTES,
    *retention_pages.ROUTES,
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
