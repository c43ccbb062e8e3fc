"""The HTML pages of the enrollment service: one set of templates from all rooms, and problems as pages."""

from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response
from litestar.response import Redirect

from services.enrollment.house import House
from shared.pages.rendering import LANGUAGE, Pages, language_of, negotiate
from shared.problems import InvalidInputError, ProblemType, headers_of
from shared.words import said

_HERE = Path(__file__).parent
#: The frames first, then each room's templates.
PAGES = Pages([_HERE / "templates", *sorted(_HERE.glob("*/templates"))])
_MOST_CHOSEN = 1000


def page(house: House, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """A page in the organization's frame; `context` holds `organization`, `viewer` and what the template asks for.

    Its language is what the reader wishes, else the organization's.
    """
    organization = context.get("organization")
    language = LANGUAGE.get() or negotiate(organization and organization.language)
    return PAGES.page(
        template, status=status, language=language, verify_url=f"{house.settings.public_url}/verify", **context
    )


async def typed(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What was typed into a form, whatever its fields are called; files are no part of it."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def headers_of_download(file_name: str) -> dict[str, str]:
    """The headers of a file that is kept from caches and taken for what it says it is."""
    return {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


async def chosen(request: Request[Any, Any, Any], name: str) -> list[UUID]:
    """The ids of the ticked boxes of a form, each once; InvalidInputError where one is no id.

    A list in a form's Struct would not do: with one box ticked Litestar takes it for a text.
    """
    form = await request.form()
    try:
        ids = [UUID(one) for one in form.getall(name, [])]
    except (ValueError, AttributeError, TypeError):
        raise InvalidInputError((name, said("Load the page again, and choose once more."))) from None
    if len(ids) > _MOST_CHOSEN:
        raise InvalidInputError((name, said("Choose at most %(most)s at once.", most=_MOST_CHOSEN)))
    return list(dict.fromkeys(ids))


def problem_page(request: Request[Any, Any, Any], kind: ProblemType, error: Exception) -> Response[Any] | None:
    """A problem as a page for a browser; somebody who has to sign in first is sent there and comes back."""
    path = request.scope["path"]
    if path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return None
    slug = request.path_params.get("slug")
    if kind.status == 401 and slug is not None and request.method == "GET":
        return Redirect(f"/{slug}/sign-in?return_path={quote(path, safe='')}", status_code=303)
    # Where something broke, a page might break too.
    if kind.status >= 500 and kind.retry_after is None:
        return None
    request_id = request.scope.get("state", {}).get("request_id")
    response = PAGES.page(
        "problem.html",
        status=kind.status,
        # The guard has not run where no route was found.
        language=LANGUAGE.get() or language_of(request),
        title=kind.title,
        advice=kind.advice,
        request_id=request_id,
    )
    response.headers.update(headers_of(kind))
    return response
