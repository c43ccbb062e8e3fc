"""The link of a record: `/records/{token}`, for its one recipient.

Asking for it shows a cover and notes nothing, for mail scanners and previews of links ask too; the button opens it.
"""

import hashlib
import re
from typing import Any

from litestar import Request, Response, get, post
from litestar.types import ControllerRouterHandler

from services.credentials.public.drawing import transcript
from services.credentials.public.drawing.papers import Paper, paper_of
from services.credentials.public.drawing.transcript import TranscriptContent
from services.credentials.public.house import House
from services.credentials.public.negotiation import Language
from services.credentials.public.records import store
from services.credentials.public.records.store import Record
from services.credentials.public.rendering import PAGES, verdict_page
from services.credentials.verification.actions import verify
from shared.pages.rendering import LANGUAGES, language_of, translations, wished
from shared.problems import NotFoundError
from shared.web import OPEN

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
#: No cache keeps it, no search engine lists it, no other site hears of its address.
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
_FILES = {**OPEN, "media_types": ["text/html", "application/pdf", "application/vc"]}


@get("/records/{name:str}", opt=_FILES, summary="Read a record by its link")
async def read(
    house: House,
    request: Request[Any, Any, Any],
    name: str,
    lang: Language | None = None,
    paper: Paper | None = None,
) -> Response[Any]:
    """The cover, which tells nothing of the holder; behind the endings `.pdf` and `.json` the record's files.

    410 once it is withdrawn or has expired.
    """
    token, _, ending = name.partition(".")
    found = await _find(house, token)
    if ending == "json":
        await store.note(house.pool, found, "json", now=house.clock())
        return _file(found.signed_json.encode(), "application/vc", "record.json")
    if ending == "pdf":
        document = await _transcript(house, found, paper or paper_of(request.headers.get("accept-language")), lang)
        await store.note(house.pool, found, "pdf", now=house.clock())
        return _file(document, "application/pdf", "record.pdf")
    if ending or name.endswith("."):
        raise NotFoundError
    return _page(request, "record_cover.html", found, token)


@post("/records/{token:str}", opt=OPEN, status_code=200, include_in_schema=False)
async def open_record(house: House, request: Request[Any, Any, Any], token: str) -> Response[str]:
    """The record, and a note of it for its holder."""
    found = await _find(house, token)
    await store.note(house.pool, found, "page", now=house.clock())
    return _page(request, "record.html", found, token)


@post("/records/{token:str}/verify", opt=OPEN, status_code=200, include_in_schema=False)
async def verify_record(house: House, request: Request[Any, Any, Any], token: str) -> Response[Any]:
    """The verdict on its signed form, reached as a stranger would reach it."""
    found = await _find(house, token)
    verdict = await verify(found.signed_json.encode(), house.means)
    page = verdict_page(verdict, language=language_of(request))
    page.headers.update(_HEADERS)
    return page


async def _find(house: House, token: str) -> Record:
    if not _TOKEN.fullmatch(token):
        raise NotFoundError
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = await store.by_token(house.pool, digest, now=house.clock())
    if found is None:
        raise NotFoundError
    return found


async def _transcript(house: House, found: Record, paper: Paper, language: str | None) -> bytes:
    """Not kept: what is withdrawn must be gone."""
    language = wished(language, found.request.language) or LANGUAGES[0]
    content = TranscriptContent(
        record=found.request,
        issuer_name=found.issuer.name,
        is_demonstration=found.issuer.is_demonstration,
        verify_url=f"{house.settings.public_url}/verify",
        issued_at=found.issued_at,
        language=language,
        paper=paper,
    )
    translate = translations(language).gettext
    return await transcript.render(house.documents, content, found.signed_json, translate=translate)


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {
        **_HEADERS,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    }
    return Response(content, media_type=media_type, headers=headers)


def _page(request: Request[Any, Any, Any], template: str, found: Record, token: str) -> Response[str]:
    page = PAGES.page(
        template, language=language_of(request), record=found.request, issuer=found.issuer, found=found, token=token
    )
    page.headers.update(_HEADERS)
    return page


ROUTES: list[ControllerRouterHandler] = [read, open_record, verify_record]
