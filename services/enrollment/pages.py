"""The HTML pages of the enrollment service: one set of templates from all rooms, and problems as pages."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Redirect

from services.enrollment.house import House
from shared.pages.rendering import Pages
from shared.problems import ProblemType, headers_of

PAGES = Pages(sorted(Path(__file__).parent.glob("*/templates")))


def page(house: House, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """A page in the organization's frame; `context` holds `organization`, `viewer` and what the template asks for."""
    return PAGES.page(template, status=status, verify_url=f"{house.settings.public_url}/verify", **context)


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
        "problem.html", status=kind.status, title=kind.title, advice=kind.advice, request_id=request_id
    )
    response.headers.update(headers_of(kind))
    return response
