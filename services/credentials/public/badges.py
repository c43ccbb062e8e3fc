"""The addresses of a badge: its page, and its files in every form."""

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.types import ControllerRouterHandler

from services.credentials.awards import changes
from services.credentials.public import bundles, store
from services.credentials.public.drawing import files
from services.credentials.public.house import House
from services.credentials.public.model import Badge
from services.credentials.public.negotiation import MEDIA_TYPES, Form, form_of
from services.credentials.public.rendering import PAGES, verdict_page
from services.credentials.verification.actions import verify
from shared.pages.rendering import language_of
from shared.problems import NotFoundError
from shared.web import OPEN

#: Signed bytes never change; whether they are revoked is not said by them.
_KEEP = "public, max-age=300"
_IN_ANY_FORM = {**OPEN, "media_types": [one.partition(";")[0] for one in MEDIA_TYPES.values()]}
_STATEMENT = {**OPEN, "media_types": ["application/vc"]}
_REFRESHED = {**OPEN, "media_types": ["application/vc", "application/vc+jwt"]}
_LINKEDIN = "https://www.linkedin.com/profile/add"


@get("/badges/{name:str}", opt=_IN_ANY_FORM, summary="Read a badge")
async def badge(house: House, request: Request[Any, Any, Any], name: str) -> Response[Any]:
    """An award's current badge: its page, or the form that the ending or the Accept header asks for."""
    identifier, form = form_of(name, request.headers.get("accept"))
    found = await store.badge_of_award(house.pool, identifier)
    if found is None:
        raise NotFoundError
    return await _in_form(house, request, found, form)


@get("/credentials/{name:str}", opt=_IN_ANY_FORM, summary="Read one credential")
async def credential(house: House, request: Request[Any, Any, Any], name: str) -> Response[Any]:
    """One credential by its own id, the current one of its award or not."""
    identifier, form = form_of(name, request.headers.get("accept"))
    found = await store.badge_of_credential(house.pool, identifier)
    if found is None:
        raise NotFoundError
    return await _in_form(house, request, found, form)


@get("/credentials/{credential_id:uuid}/replacement", opt=_STATEMENT, summary="Read what replaced a credential")
async def replacement(house: House, credential_id: UUID) -> Response[bytes]:
    """The issuer's signed statement that a newer badge of the same award replaced this one, and what changed."""
    found = await store.replacement(house.pool, credential_id)
    if found is None:
        raise NotFoundError
    headers = {"Cache-Control": _KEEP, "X-Robots-Tag": "noindex", "Access-Control-Allow-Origin": "*"}
    return Response(found.encode(), media_type="application/vc", headers=headers)


@get("/credentials/{credential_id:uuid}/refresh", opt=_REFRESHED, summary="Read the current credential")
async def refresh(house: House, request: Request[Any, Any, Any], credential_id: UUID) -> Response[bytes]:
    """The credential of the same award that is current (1EdTech Credential Refresh): this one, or what replaced it."""
    found = await store.current_of_credential(house.pool, credential_id)
    if found is None:
        raise NotFoundError
    form: Form = "jwt" if "jwt" in request.headers.get("accept", "") else "json"
    answer: Response[bytes] = await _in_form(house, request, found, form)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@post("/badges/{award_id:uuid}/verify", opt=OPEN, status_code=200, include_in_schema=False)
async def verify_badge(house: House, request: Request[Any, Any, Any], award_id: UUID) -> Response[Any]:
    """The verdict of this badge as a page, reached as a stranger would reach it."""
    found = await store.badge_of_award(house.pool, award_id)
    if found is None:
        raise NotFoundError
    language = language_of(request)
    return verdict_page(await verify(found.signed_json.encode(), house.means), language=language)


async def _in_form(house: House, request: Request[Any, Any, Any], found: Badge, form: Form) -> Response[Any]:
    link = f"{house.settings.public_url}/badges/{found.award_id}"
    if form == "html":
        return _page(request, found, link=link, now=house.clock())
    content: bytes
    match form:
        case "json":
            content = found.signed_json.encode()
        case "jwt":
            content = found.signed_jwt.encode()
        case "png":
            content = await files.baked_png(house, found)
        case "svg":
            content = await files.baked_svg(house, found)
        case "pdf":
            content = await files.pdf(house, found, link=link)
        case "zip":
            content = await bundles.bundle_of(house, found, link=link)
    headers = {
        "Cache-Control": _KEEP,
        "Vary": "Accept",
        "X-Robots-Tag": "noindex",
        "Content-Disposition": f'inline; filename="badge-{found.award_id}.{form}"',
        # A wallet in a browser may read a badge from any origin; nothing here depends on who asks.
        "Access-Control-Allow-Origin": "*",
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }
    if form == "zip":
        # What it says of the badge's state is of this moment.
        headers["Cache-Control"] = "no-cache"
        headers["Content-Disposition"] = f'attachment; filename="badge-{found.award_id}.zip"'
    if form == "pdf":
        # Chromium shows no PDF in a sandbox; the file is ours and holds no script.
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def _page(request: Request[Any, Any, Any], found: Badge, *, link: str, now: datetime) -> Response[str]:
    page = PAGES.page(
        "badge.html",
        language=language_of(request),
        badge=found,
        link=link,
        linkedin=_linkedin(found, link),
        changed=[changes.WORDS[one] for one in found.changes],
        state=_state(found, now=now),
        log=f"/issuers/{found.issuer.id}/log?sha256={hashlib.sha256(found.signed_json.encode()).hexdigest()}",
        now=now,
    )
    if not found.is_published:
        page.headers["X-Robots-Tag"] = "noindex"
    page.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return page


def _state(found: Badge, *, now: datetime) -> str:
    """What the page says of it first."""
    if found.replaced_by is not None:
        return "replaced"
    if found.revoked_at is not None:
        return "revoked"
    return "expired" if found.valid_until is not None and found.valid_until <= now else "in force"


def _linkedin(found: Badge, link: str) -> str:
    """LinkedIn's form for a certification, filled in; nothing is sent before the holder follows the link."""
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": found.achievement.name,
        "organizationName": found.issuer.name,
        "issueYear": str(found.request.awarded_at.year),
        "issueMonth": str(found.request.awarded_at.month),
        "certUrl": link,
        "certId": str(found.award_id),
    }
    return f"{_LINKEDIN}?{urlencode(fields)}"


ROUTES: list[ControllerRouterHandler] = [badge, credential, replacement, refresh, verify_badge]
