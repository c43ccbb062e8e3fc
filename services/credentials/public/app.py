"""The public role's HTTP application: badge pages, what badges point at, and verification."""

from services.credentials.public import badges, issuers, languages, log, verifying
from services.credentials.public.house import open_house, trust_list
from services.credentials.public.open_badges_2 import api as open_badges_2
from services.credentials.public.problems import PROBLEMS
from services.credentials.public.records import pages as records
from services.credentials.public.rendering import problem_page
from services.credentials.public.showing import frames
from services.credentials.settings import PublicSettings
from shared.pages.rendering import static
from shared.web import Observation, Web, application


def make(settings: PublicSettings) -> Observation:
    """The application. SettingsError for a trust list that cannot be read."""
    trust_list(settings)
    return application(
        Web(
            name="public",
            house=lambda: open_house(settings, process="public"),
            routes=[
                static,
                *badges.ROUTES,
                *frames.ROUTES,
                *open_badges_2.ROUTES,
                *issuers.ROUTES,
                *log.ROUTES,
                *records.ROUTES,
                *verifying.ROUTES,
                *languages.ROUTES,
            ],
            problems=PROBLEMS,
            problem_page=problem_page,
            openapi_title="Laurel public",
        )
    )
