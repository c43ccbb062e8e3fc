"""The addresses of hosted Open Badges 2.0."""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.public import store
from services.credentials.public.house import House
from services.credentials.public.open_badges_2 import documents
from shared.problems import NotFoundError
from shared.web import OPEN

_MEDIA_TYPE = "application/ld+json"
_JSON_LD: dict[str, Any] = {**OPEN, "media_types": [_MEDIA_TYPE]}
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "X-Robots-Tag": "noindex",
    # As long as a status list is kept: here, too, a revocation is to be seen.
    "Cache-Control": "public, max-age=300",
}
#: PostgreSQL's integer; a larger number is no version.
_MOST = 2**31 - 1


@get("/ob2/assertions/{award_id:uuid}", opt=_JSON_LD, summary="Read a badge as Open Badges 2.0")
async def assertion(house: House, award_id: UUID) -> Response[JsonObject]:
    """The hosted assertion of an award's current badge; 410 with `revoked` once it is revoked."""
    found = await store.badge_of_award(house.pool, award_id)
    if found is None:
        raise NotFoundError
    document = documents.assertion(found, public_url=house.settings.public_url)
    status = 200 if found.revoked_at is None else 410
    return Response(document, status_code=status, media_type=_MEDIA_TYPE, headers=_HEADERS)


@get(
    "/ob2/badges/{achievement_id:uuid}/versions/{number:int}",
    opt=_JSON_LD,
    summary="Read an achievement as Open Badges 2.0",
)
async def badge_class(house: House, achievement_id: UUID, number: int) -> Response[JsonObject]:
    """What assertions name as their badge: one version of an achievement."""
    found = await store.achievement(house.pool, achievement_id, number) if 0 < number <= _MOST else None
    if found is None:
        raise NotFoundError
    document = documents.badge_class(found, public_url=house.settings.public_url)
    return Response(document, media_type=_MEDIA_TYPE, headers=_HEADERS)


@get("/ob2/issuers/{issuer_id:uuid}", opt=_JSON_LD, summary="Read an issuer as Open Badges 2.0")
async def issuer(house: House, issuer_id: UUID) -> Response[JsonObject]:
    """Who awards, as assertions' badges name it."""
    found = await store.issuer(house.pool, issuer_id)
    if found is None:
        raise NotFoundError
    document = documents.issuer_profile(found, public_url=house.settings.public_url)
    return Response(document, media_type=_MEDIA_TYPE, headers=_HEADERS)


ROUTES: list[ControllerRouterHandler] = [assertion, badge_class, issuer]
