"""A page in Chromium that remembers what it asked for and what went wrong, and tells how it is laid out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Request

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    # Pages of one profile share a process, which has its scripts compiled already.
    "--renderer-process-limit=1",
)
PHONE, DESKTOP = 390, 1280
#: WCAG 2.2 A and AA with what came before them, and axe's own advice on headings and landmarks.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

#: What can be pressed and is less than 44 px high or wide: not links inside a sentence, which WCAG 2.5.8 leaves out,
#: nor what is off the screen until it has the focus.
_SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, input, textarea, select, summary")]
  .filter((one) => {
    if (one.type === "hidden" || !one.checkVisibility()) return false;
    const inline = one.tagName === "A" && getComputedStyle(one).display === "inline";
    if (inline && one.parentElement.textContent.trim() !== one.textContent.trim()) return false;
    const target = ["checkbox", "radio"].includes(one.type) ? one.closest(".choice, .box") : one;
    const box = target.getBoundingClientRect();
    return box.bottom > 0 && (box.height < 44 || box.width < 44);
  }).map((one) => one.outerHTML.slice(0, 120))"""

#: Whatever reaches over the edge of the window, unless it scrolls in a place of its own or is hidden from sight.
_OVERFLOWING = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
  .filter((one) => !one.closest(".scroll"))
  .filter((one) => ((box) => box.right > innerWidth + 1 || box.left < -1)(one.getBoundingClientRect()))
  .map((one) => one.outerHTML.slice(0, 120))"""

#: What can be scrolled sideways by itself, but grids, which are read across and down.
_SIDEWAYS = """() => [...document.querySelectorAll("main *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  .filter((one) => !one.closest(".grid") && !["TEXTAREA", "INPUT", "SELECT"].includes(one.tagName))
  .map((one) => one.outerHTML.slice(0, 120))"""

_AXE = """(options) => axe.run(options).then((found) => found.violations.flatMap((one) =>
  one.nodes.map((node) => ({id: one.id, html: node.html, summary: node.failureSummary}))))"""


# Playwright notes on the object of a bound method what it made of it: hence the dict.
class Watched(msgspec.Struct, dict=True):
    """A page with everything that it asked for, and every complaint of the browser, since it was opened."""

    page: Page
    requests: list[Request] = msgspec.field(default_factory=list)
    complaints: list[str] = msgspec.field(default_factory=list)
    dialogs: list[str] = msgspec.field(default_factory=list)

    def add(self, request: Request) -> None:
        """Keep a request that was answered."""
        self.requests.append(request)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console says of the page; that a page came with an error's status is none of it."""
        own_status = message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url
        if message.type in ("error", "warning") and not own_status:
            self.complaints.append(message.text)

    async def weight(self) -> int:
        """Bytes of all bodies that came."""
        return sum([(await one.sizes())["responseBodySize"] for one in self.requests if await one.response()])

    async def show(self, *, width: int, dark: bool) -> None:
        """Lay the page out anew for a window of this width, in this scheme."""
        await self.page.set_viewport_size({"width": width, "height": 844 if width == PHONE else 900})
        await self.page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")

    async def turn(self) -> None:
        """Let the page run from right to left, as one in Arabic does."""
        await self.page.evaluate("() => Object.assign(document.documentElement, {dir: 'rtl', lang: 'ar'})")

    async def small_targets(self) -> list[str]:
        """The beginnings of the elements that are too small for a finger."""
        found: list[str] = await self.page.evaluate(_SMALL_TARGETS)
        return found

    async def overflowing(self) -> list[str]:
        """The beginnings of the elements that make the page scroll sideways."""
        found: list[str] = await self.page.evaluate(_OVERFLOWING)
        return found

    async def sideways(self) -> list[str]:
        """The beginnings of the elements that must be pushed sideways to be read."""
        found: list[str] = await self.page.evaluate(_SIDEWAYS)
        return found

    async def violations(self, *rules: str) -> list[str]:
        """What axe-core finds, as rule and element; by these rules alone where some are named."""
        if not await self.page.evaluate("() => 'axe' in window"):
            await self.page.evaluate(Axe().axe_script)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _RULES}
        found = await self.page.evaluate(_AXE, {"runOnly": only, "resultTypes": ["violations"]})
        return [f"{one['id']}: {one['html'][:160]} {one['summary']}" for one in found]


class Profile(msgspec.Struct, frozen=True):
    """A browser profile that is used by one after the other: to make a new one takes longer than to empty it."""

    context: BrowserContext
    #: of a page that stays open, for with its last page the profile's window would close
    devtools: CDPSession

    async def empty(self) -> None:
        """Close the pages, and forget what they left behind: to the next page this is a profile just made."""
        for page in self.context.pages[1:]:
            await page.close()
        await self.context.set_offline(False)
        await self.context.clear_cookies()
        await self.devtools.send("Network.clearBrowserCache")
        await self.devtools.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})


@asynccontextmanager
async def profile_of(chromium: Browser, **context: Any) -> AsyncIterator[Profile]:
    """A new profile; `context` are Playwright's options of one."""
    async with await chromium.new_context(locale="en-US", timezone_id="UTC", **context) as made:
        yield Profile(made, await made.new_cdp_session(await made.new_page()))


@asynccontextmanager
async def opened(chromium: Browser) -> AsyncIterator[Watched]:
    """An empty page in a browser profile of its own."""
    async with await chromium.new_context(locale="en-US", timezone_id="UTC") as made:
        yield await watch(made)


async def watch(profile: BrowserContext) -> Watched:
    """An empty page of a profile."""
    watched = Watched(await profile.new_page())
    page = watched.page

    async def dismiss(dialog: Any) -> None:
        watched.dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("requestfinished", watched.add)
    page.on("requestfailed", lambda one: watched.complaints.append(f"failed: {one.url} {one.failure}"))
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("console", watched.hear)
    return watched
