"""The two cookies: the session, and the browser that asked for a sign-in link. Neither is seen by scripts."""

from datetime import timedelta
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from services.enrollment.house import House
from services.enrollment.people import store
from services.enrollment.people.model import (
    LINK_LIFETIME,
    SESSION_LIFETIME,
    browser_cookie_name,
    cookie_name,
    token_sha256,
)
from services.enrollment.people.sign_in.actions import NewSession


def session(house: House, token: str) -> Cookie:
    """The cookie of a session that begins."""
    return _cookie(house, cookie_name(house.settings.enrollment_url), token, SESSION_LIFETIME)


def browser(house: House, token: str) -> Cookie:
    """The cookie of a browser that asks for a sign-in link."""
    return _cookie(house, browser_cookie_name(house.settings.enrollment_url), token, LINK_LIFETIME)


def no_session(house: House) -> Cookie:
    """Takes the session's cookie away."""
    return _cookie(house, cookie_name(house.settings.enrollment_url), "", timedelta())


def no_browser(house: House) -> Cookie:
    """Takes the cookie away that a used link needed."""
    return _cookie(house, browser_cookie_name(house.settings.enrollment_url), "", timedelta())


def browser_of(house: House, request: Request[Any, Any, Any]) -> str | None:
    """The token of the cookie that this browser got when it asked for a link."""
    return request.cookies.get(browser_cookie_name(house.settings.enrollment_url))


async def end_session(house: House, request: Request[Any, Any, Any]) -> None:
    """End the session of the request's cookie, if there is one."""
    token = request.cookies.get(cookie_name(house.settings.enrollment_url))
    if token is not None:
        await store.delete_session(house.pool, token_sha256(token))


async def begin(house: House, request: Request[Any, Any, Any], begun: NewSession) -> list[Cookie]:
    """The cookies of a session that begins; the one that this browser had before ends."""
    await end_session(house, request)
    return [session(house, begun.token), no_browser(house)]


def _cookie(house: House, name: str, value: str, lifetime: timedelta) -> Cookie:
    # Lax, not Strict: the link in a web mailer is a navigation from another site, and must find the browser's cookie.
    return Cookie(
        key=name,
        value=value,
        path="/",
        max_age=int(lifetime.total_seconds()),
        secure=house.settings.enrollment_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
