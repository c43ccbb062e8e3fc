"""Choosing the language of the public pages."""

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.types import ControllerRouterHandler

from services.credentials.public.house import House
from shared.pages.languages import LanguageForm, choose
from shared.web import OPEN


@post("/language", opt=OPEN, include_in_schema=False)
async def language(
    house: House,
    request: Request[Any, Any, Any],
    data: Annotated[LanguageForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Read the pages in another language from now on."""
    return choose(request, data, own_url=house.settings.public_url)


ROUTES: list[ControllerRouterHandler] = [language]
