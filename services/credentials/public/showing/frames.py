"""The badge as other sites show it in a frame, and the mark of its issuer."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.types import ControllerRouterHandler

from services.credentials.public import store
from services.credentials.public.drawing import artwork
from services.credentials.public.house import House
from services.credentials.public.negotiation import Language
from services.credentials.public.rendering import PAGES
from shared.pages.rendering import language_of
from shared.problems import NotFoundError
from shared.web import OPEN

#: Nothing but our picture and style comes into the frame, and nothing goes out of it; who frames it is not ours to say.
_FRAMED = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
_MARK = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
#: Of the issuers' marks, for they have no color of their own.
_ACCENT = "#1f5c4d"


@get("/badges/{award_id:uuid}/embed", opt=OPEN, include_in_schema=False)
async def embed(
    house: House, request: Request[Any, Any, Any], award_id: UUID, lang: Language | None = None
) -> Response[str]:
    """The badge in a few lines, for a frame of another site; of what its page shows, and while that is shown."""
    found = await store.badge_of_award(house.pool, award_id)
    if found is None:
        raise NotFoundError
    page = PAGES.page(
        "embed.html",
        language=lang or language_of(request),
        badge=found,
        link=f"{house.settings.public_url}/badges/{award_id}",
        now=house.clock(),
    )
    page.headers["Content-Security-Policy"] = _FRAMED
    page.headers["X-Robots-Tag"] = "noindex"
    return page


@get("/issuers/{issuer_id:uuid}/mark.svg", opt=OPEN, include_in_schema=False)
async def mark(house: House, issuer_id: UUID) -> Response[bytes]:
    """The mark that stands for an issuer on its badges' pages."""
    if await store.issuer(house.pool, issuer_id) is None:
        raise NotFoundError
    return Response(artwork.mark(_ACCENT), media_type="image/svg+xml", headers=_MARK)


ROUTES: list[ControllerRouterHandler] = [embed, mark]
