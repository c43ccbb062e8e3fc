"""The issuer role's HTTP application."""

from litestar import get

from services.credentials.issuer import pictures
from services.credentials.issuer.access import guarded
from services.credentials.issuer.api import ROUTES
from services.credentials.issuer.house import House, open_house
from services.credentials.issuer.problems import PROBLEMS
from services.credentials.issuer.records import ROUTES as RECORD_ROUTES
from services.credentials.settings import IssuerSettings
from shared.web import OPEN, Observation, Web, application


@get("/.well-known/jwks.json", include_in_schema=False, opt=OPEN)
async def jwks(house: House) -> dict[str, list[dict[str, str]]]:
    """The public key that proves this service's tokens; it signs no badge."""
    return house.token_key.jwks()


def make(settings: IssuerSettings) -> Observation:
    """The application."""
    return application(
        Web(
            name="issuer",
            house=lambda: open_house(settings, process="issuer"),
            routes=[jwks, guarded([*ROUTES, *pictures.ROUTES, *RECORD_ROUTES])],
            problems=PROBLEMS,
            openapi_title="Laurel issuer",
        )
    )
