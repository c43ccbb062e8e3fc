"""The HTML pages of the public role."""

from pathlib import Path
from typing import Any

from litestar import Request, Response

from services.credentials.public import markdown, wording
from services.credentials.verification.model import Verdict
from shared.pages.rendering import Pages, language_of
from shared.problems import ProblemType, headers_of

PAGES = Pages(
    [Path(__file__).parent / "templates"],
    names={"markdown": markdown.html, "of_finding": wording.of_finding, "of_verdict": wording.of_verdict},
)


def verdict_page(
    verdict: Verdict | None, *, language: str, error: tuple[str, str] | None = None, status: int = 200
) -> Response[str]:
    """The verify page: the form without a verdict, else the verdict in its place."""
    return PAGES.page("verify.html", status=status, language=language, verdict=verdict, error=error)


def wants_html(request: Request[Any, Any, Any]) -> bool:
    """Whether the request comes from a browser's address bar or form."""
    return "text/html" in request.headers.get("accept", "")


def problem_page(request: Request[Any, Any, Any], kind: ProblemType, error: Exception) -> Response[Any] | None:
    """A problem as a page for a browser; at the verify form, above the form."""
    # Where something broke, a page might break too.
    if not wants_html(request) or (kind.status >= 500 and kind.retry_after is None):
        return None
    language = language_of(request)
    if request.scope["path"] == "/verify":
        page = verdict_page(None, language=language, error=(kind.title, kind.advice), status=kind.status)
    else:
        page = PAGES.page(
            "problem.html",
            status=kind.status,
            language=language,
            title=kind.title,
            advice=kind.advice,
            request_id=request.scope.get("state", {}).get("request_id"),
        )
    page.headers.update(headers_of(kind))
    return page
