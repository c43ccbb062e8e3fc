"""The verify page, and `POST /verify` for people and programs alike."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.openapi import ResponseSpec
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.credentials.public.house import House
from services.credentials.public.model import FileTooLargeError, NothingToVerifyError
from services.credentials.public.rendering import verdict_page, wants_html
from services.credentials.verification.actions import MAX_FILE_BYTES, verify
from services.credentials.verification.model import Verdict
from shared.pages.rendering import language_of
from shared.web import OPEN

#: The file, and what the form puts around it.
_MAX_BODY_BYTES = MAX_FILE_BYTES + 64 * 1024


@get("/", include_in_schema=False, opt=OPEN)
async def home() -> Redirect:
    """The first thing a visitor of this role wants."""
    return Redirect("/verify", status_code=303)


@get("/verify", include_in_schema=False, opt=OPEN)
async def form(request: Request[Any, Any, Any]) -> Response[str]:
    """The form with the drop zone."""
    return verdict_page(None, language=language_of(request))


@post(
    "/verify",
    opt={**OPEN, "body": ["application/octet-stream", "multipart/form-data", "application/x-www-form-urlencoded"]},
    responses={200: ResponseSpec(data_container=Verdict, description="The verdict")},
    status_code=200,
    request_max_body_size=_MAX_BODY_BYTES,
    summary="Verify a badge",
)
async def verify_file(house: House, request: Request[Any, Any, Any]) -> Response[Any]:
    """The verdict of a badge: the file as the body, or a form with `file` or `text`. Nothing is kept.

    A page for a browser, the verdict as JSON for anybody else; the status is 200 whatever the verdict.
    """
    verdict: Verdict = await verify(await _content(request), house.means)
    if wants_html(request):
        return verdict_page(verdict, language=language_of(request))
    return Response(verdict, headers={"Cache-Control": "no-store"})


async def _content(request: Request[Any, Any, Any]) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        content = await _from_form(request)
    else:
        content = await request.body()
    if not content.strip():
        raise NothingToVerifyError
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLargeError(MAX_FILE_BYTES)
    return content


async def _from_form(request: Request[Any, Any, Any]) -> bytes:
    fields = await request.form()
    file = fields.get("file")
    if isinstance(file, UploadFile):
        content = await file.read()
        if content:
            return content
    text = fields.get("text")
    return text.encode(errors="replace") if isinstance(text, str) else b""


ROUTES: list[ControllerRouterHandler] = [home, form, verify_file]
