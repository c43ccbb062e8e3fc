"""Choosing the language of pages: the footer's form, the cookie that remembers it, the page to return to."""

from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect
from litestar.routes import HTTPRoute
from litestar.types.internal_types import PathParameterDefinition
from msgspec import Meta

from shared.pages.rendering import LANGUAGE_COOKIE, LANGUAGES
from shared.paths import local_path
from shared.problems import InvalidInputError

_Short = Annotated[str, Meta(max_length=500)]
_REMEMBERED = timedelta(days=365)


class LanguageForm(msgspec.Struct, frozen=True):
    """The footer's form."""

    language: _Short = ""
    return_path: _Short = ""


def choose(request: Request[Any, Any, Any], form: LanguageForm, *, own_url: str) -> Redirect:
    """Back to the page, in the chosen language from now on; InvalidInputError for a language that we do not have."""
    if form.language not in LANGUAGES:
        raise InvalidInputError(("language", "Choose one of these."))
    # Seen by no script, and no secret: it only says how to answer.
    cookie = Cookie(
        key=LANGUAGE_COOKIE,
        value=form.language,
        path="/",
        max_age=int(_REMEMBERED.total_seconds()),
        secure=own_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    target = _nearest_page(request, local_path(form.return_path, otherwise="/"))
    return Redirect(target, status_code=303, cookies=[cookie])


def _nearest_page(request: Request[Any, Any, Any], path: str) -> str:
    """The path itself; where it only takes what forms send, the nearest page above it."""
    parts = urlsplit(path).path.strip("/").split("/")
    routes = [one for one in request.app.routes if isinstance(one, HTTPRoute)]
    for length in range(len(parts), 0, -1):
        fitting = [one for one in routes if _fits(one.path_components, parts[:length])]
        # As the router does: a word of the path goes before a parameter.
        found = max(fitting, key=lambda one: [isinstance(part, str) for part in one.path_components], default=None)
        if found is not None and "GET" in found.methods:
            return path if length == len(parts) else "/" + "/".join(parts[:length])
    return "/"


def _fits(components: list[str | PathParameterDefinition], parts: list[str]) -> bool:
    if len(components) != len(parts):
        return False
    for component, part in zip(components, parts, strict=True):
        if isinstance(component, str):
            if component != part:
                return False
        elif component.parser is not None:
            try:
                component.parser(part)
            except ValueError:
                return False
    return True
