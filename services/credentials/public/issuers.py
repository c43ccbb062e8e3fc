"""What a badge points at: its achievement, its issuer with the keys, its status list."""

import hashlib
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.types import ControllerRouterHandler
from msgspec import UnsetType

from services.credentials.awards.document import achievement as achievement_of
from services.credentials.keys import history
from services.credentials.keys.model import Issuer, SigningKey, history_address
from services.credentials.proofs import contexts, did, multikey
from services.credentials.proofs.did import Rs256Key, Service, Withdrawn
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.public import store
from services.credentials.public.drawing import files
from services.credentials.public.house import House
from services.credentials.public.model import Achievement
from services.credentials.public.negotiation import is_known
from services.credentials.public.rendering import PAGES, wants_html
from services.credentials.status_lists.model import TTL_SECONDS
from shared.pages.rendering import language_of
from shared.problems import NotFoundError
from shared.web import OPEN


def _as(*media_types: str) -> dict[str, Any]:
    return {**OPEN, "media_types": list(media_types)}


_DESCRIBED = _as("application/ld+json", "text/html")
_HISTORY = _as("application/json", "text/html")
_ANYBODY = {"Access-Control-Allow-Origin": "*"}
_KEEP = {"Cache-Control": "public, max-age=300", **_ANYBODY}
_PICTURE = {
    **_KEEP,
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


@get("/achievements/{achievement_id:uuid}", opt=_DESCRIBED, summary="Read an achievement")
async def achievement(house: House, request: Request[Any, Any, Any], achievement_id: UUID) -> Response[Any]:
    """The newest version."""
    return await _achievement(house, request, achievement_id, None)


@get("/achievements/{achievement_id:uuid}/versions/{number:int}", opt=_DESCRIBED, summary="Read one version of it")
async def achievement_version(
    house: House, request: Request[Any, Any, Any], achievement_id: UUID, number: int
) -> Response[Any]:
    """One version: the address that badges carry as the achievement's id."""
    return await _achievement(house, request, achievement_id, number)


@get("/achievements/{achievement_id:uuid}/versions/{number:int}/image.svg", opt=OPEN, include_in_schema=False)
async def image_svg(house: House, achievement_id: UUID, number: int) -> Response[bytes]:
    """The picture of a version."""
    found = await _find(house, achievement_id, number)
    return Response(await files.achievement_svg(house, found), media_type="image/svg+xml", headers=_PICTURE)


@get("/achievements/{achievement_id:uuid}/versions/{number:int}/image.png", opt=OPEN, include_in_schema=False)
async def image_png(house: House, achievement_id: UUID, number: int) -> Response[bytes]:
    """The picture that badges name."""
    found = await _find(house, achievement_id, number)
    return Response(await files.achievement_png(house, found), media_type="image/png", headers=_PICTURE)


@get("/issuers/{issuer_id:uuid}", opt=_as("application/ld+json"), summary="Read an issuer's profile")
async def issuer(house: House, issuer_id: UUID) -> Response[JsonObject]:
    """Who awards, as an Open Badges profile."""
    found = await store.issuer(house.pool, issuer_id)
    if found is None:
        raise NotFoundError
    profile = {"@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES], **_profile(found)}
    return Response(profile, media_type="application/ld+json", headers=_KEEP)


@get("/issuers/{issuer_id:uuid}/did.json", opt=_as("application/did+json"), summary="Read an issuer's DID document")
async def did_document(house: House, issuer_id: UUID) -> Response[JsonObject]:
    """The keys that the issuer signs badges with."""
    found = await store.issuer(house.pool, issuer_id)
    if found is None:
        raise NotFoundError
    document = await did_document_of(house, found)
    return Response(document, media_type="application/did+json", headers=_KEEP)


async def did_document_of(house: House, found: Issuer) -> JsonObject:
    """The issuer's DID document as it is now: its keys, and where the history of them is."""
    keys = await store.keys(house.pool, found.id)
    good = [one for one in keys if one.compromised_since is None]
    has_history = await store.history(house.pool, found.id, None) is not None
    address = history_address(found.id, public_url=house.settings.public_url)
    return did.document(
        found.did,
        [multikey.decode(one.id) for one in good if one.algorithm == "Ed25519"],
        [Rs256Key(one.id, one.public_jwk) for one in good if one.algorithm == "RS256"],
        withdrawn=[_withdrawn(one) for one in keys if one.compromised_since is not None],
        services=[Service("history", history.SERVICE, address)] if has_history else [],
        also_known_as=await store.aliases(house.pool, found.id),
    )


def _withdrawn(key: SigningKey) -> Withdrawn:
    assert key.compromised_since is not None
    public = multikey.decode(key.id) if key.algorithm == "Ed25519" else Rs256Key(key.id, key.public_jwk)
    return Withdrawn(public, key.compromised_since.strftime("%Y-%m-%dT%H:%M:%SZ"))


@get("/issuers/{issuer_id:uuid}/history", opt=_HISTORY, summary="Read what became of an issuer's keys")
async def key_history(house: House, request: Request[Any, Any, Any], issuer_id: UUID) -> Response[Any]:
    """Its keys and their lives, signed by its anchor: the newest version."""
    return await _history(house, request, issuer_id, None)


@get("/issuers/{issuer_id:uuid}/history/{number:int}", opt=_HISTORY, summary="Read one version of it")
async def key_history_version(
    house: House, request: Request[Any, Any, Any], issuer_id: UUID, number: int
) -> Response[Any]:
    """One version; each names the SHA-256 of the one before."""
    return await _history(house, request, issuer_id, number)


async def _history(house: House, request: Request[Any, Any, Any], issuer_id: UUID, number: int | None) -> Response[Any]:
    # PostgreSQL's integer; a larger number is no version.
    if number is not None and not 0 < number < 2**31:
        raise NotFoundError
    found = await store.issuer(house.pool, issuer_id)
    text = await store.history(house.pool, issuer_id, number)
    if found is None or text is None:
        raise NotFoundError
    if wants_html(request):
        said = history.read(text.encode(), now=house.clock())
        return PAGES.page("history.html", language=language_of(request), issuer=found, history=said)
    # A verifier must learn of a compromise at once, so nobody keeps it unasked.
    headers = {"Cache-Control": "no-cache", "Vary": "Accept", **_ANYBODY}
    return Response(text.encode(), media_type="application/json", headers=headers)


@get("/keys/{key_id:str}", opt=_as("application/jwk+json"), summary="Read one key")
async def key(house: House, key_id: str) -> Response[dict[str, str]]:
    """One bare JWK: what the `kid` of a badge's JWT names."""
    found = None if "\0" in key_id else await store.key(house.pool, key_id)
    if found is None:
        raise NotFoundError
    return Response(found.public_jwk, media_type="application/jwk+json", headers=_KEEP)


@get("/status-lists/{list_id:uuid}", opt=_as("application/vc"), summary="Read a list of revoked badges")
async def status_list(house: House, request: Request[Any, Any, Any], list_id: UUID) -> Response[bytes]:
    """The signed list, as badges name it; it may be kept as long as its `ttl` says, and asked for by its ETag."""
    found = await store.status_list(house.pool, list_id)
    if found is None:
        raise NotFoundError
    content = found.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"Cache-Control": f"public, max-age={TTL_SECONDS}", "ETag": tag, **_ANYBODY}
    if is_known(request.headers.get("if-none-match"), tag):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type="application/vc", headers=headers)


async def _find(house: House, achievement_id: UUID, number: int | None) -> Achievement:
    # PostgreSQL's integer; a larger number is no version.
    if number is not None and not 0 < number < 2**31:
        raise NotFoundError
    found = await store.achievement(house.pool, achievement_id, number)
    if found is None:
        raise NotFoundError
    return found


async def _achievement(
    house: House, request: Request[Any, Any, Any], achievement_id: UUID, number: int | None
) -> Response[Any]:
    found = await _find(house, achievement_id, number)
    if wants_html(request):
        language = language_of(request)
        wanted = () if isinstance(found.content.related, UnsetType) else found.content.related
        before = [await store.achievement(house.pool, one.achievement_id, one.version) for one in wanted]
        # Of another issuer, or not put yet: nothing to lead to.
        related = [one for one in before if one is not None and one.issuer.id == found.issuer.id]
        return PAGES.page("achievement.html", language=language, achievement=found, related=related)
    # Not for good: a version never changes, but what its issuer says of itself may.
    document = _achievement_document(found, public_url=house.settings.public_url)
    return Response(document, media_type="application/ld+json", headers={**_KEEP, "Vary": "Accept"})


def _achievement_document(found: Achievement, *, public_url: str) -> JsonObject:
    return {
        "@context": [contexts.CREDENTIALS_V2, contexts.OPEN_BADGES],
        **achievement_of(found.content, found.id, found.version, public_url=public_url),
        "creator": _profile(found.issuer),
    }


def _profile(found: Issuer) -> JsonObject:
    profile: JsonObject = {"id": found.did, "type": ["Profile"], "name": found.name, "url": found.url}
    if found.description:
        profile["description"] = found.description
    return profile


ROUTES: list[ControllerRouterHandler] = [
    achievement,
    achievement_version,
    image_svg,
    image_png,
    issuer,
    did_document,
    key_history,
    key_history_version,
    key,
    status_list,
]
