"""The people of the story at their browsers: each has a session of its own and signs in by the e-mail that comes."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from deploy.demo import story
from deploy.local.terminal import StackError

_CODE = re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})$", re.MULTILINE)
_TIMEOUT = aiohttp.ClientTimeout(total=60)
_POLL_SECONDS = 0.1
_MOST_POLLS = 600


class Browser:
    """One person's session with the enrollment service."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def get(self, path: str, **query: str) -> Any:
        """The JSON at a path; StackError where there is none."""
        return await self._call("GET", path, query=query)

    async def find(self, path: str) -> Any:
        """The JSON at a path, or None where nothing is there."""
        return await self._call("GET", path, is_optional=True)

    async def put(self, path: str, body: object) -> Any:
        """PUT JSON; the answer's JSON."""
        return await self._call("PUT", path, json=body)

    async def put_file(self, path: str, content: bytes, media_type: str, **query: str) -> Any:
        """PUT a file's bytes; the answer's JSON."""
        return await self._call("PUT", path, query=query, data=content, headers={"Content-Type": media_type})

    async def post(self, path: str, body: object) -> Any:
        """POST JSON; the answer's JSON."""
        return await self._call("POST", path, json=body)

    async def send_form(self, path: str, **fields: str) -> None:
        """Send a page's form, which leads to another page."""
        await self._call("POST", path, data=fields, is_form=True)

    async def sign_in(self, email: str) -> None:
        """Ask for a link, read the e-mail in the development mailbox, type its code."""
        known = await self._codes(email)
        await self.post(f"/api/{story.SLUG}/sign-in", {"email": email})
        for _ in range(_MOST_POLLS):
            if new := await self._codes(email) - known:
                await self.post("/api/sign-in/code", {"code": new.pop()})
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise StackError("A sign-in e-mail did not come within a minute. Five an hour are sent to one address.")

    async def _codes(self, email: str) -> set[str]:
        found = await self.get("/api/mailbox", recipient=email)
        return {code[1] for item in found["items"] if (code := _CODE.search(item["body"])) is not None}

    async def _call(
        self, method: str, path: str, *, query: dict[str, str] | None = None, is_optional: bool = False,
        is_form: bool = False, **sent: Any,
    ) -> Any:  # fmt: skip
        async with self._http.request(method, path, params=query, allow_redirects=False, **sent) as answer:
            if is_form and answer.status == 303:
                return None
            if not is_form and answer.status in (200, 201, 202):
                return await answer.json()
            if is_optional and answer.status == 404:
                return None
            text = (await answer.text())[:300]
            raise StackError(f"The demonstration cannot go on: {method} {path} answered {answer.status}. {text}")


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[Browser]:
    """A browser with cookies of its own at the enrollment service."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address are "unsafe" to aiohttp
    async with aiohttp.ClientSession(url, cookie_jar=jar, timeout=_TIMEOUT, trust_env=False) as http:
        yield Browser(http)
