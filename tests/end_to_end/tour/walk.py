"""Walks the tour in two browser windows by its words, and takes its pictures where that is asked for."""

import io
import os
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect

from tests.end_to_end.pages.browsers import Watched, opened
from tests.end_to_end.tour.words import Doing, Picture, Scene

ROOT = Path(__file__).parents[3]
TOUR = ROOT / "docs" / "tour.md"
PICTURES = ROOT / "docs" / "tour"
#: With this in the environment the pictures of the tour are taken anew.
TAKE_PICTURES = "TOUR_PICTURES"
#: A busy machine takes its time.
_MS = 20_000
_PRINTED = {
    "sign-in link": re.compile(r"^Staff sign-in link: (\S+)$", re.MULTILINE),
    "first page": re.compile(r"^ +catalog, enrolling, staff: +(\S+)$", re.MULTILINE),
    "mailbox": re.compile(r"^ +all e-mail \(development\): +(\S+)$", re.MULTILINE),
}


class Walk(msgspec.Struct, dict=True):
    """Two windows that know nothing of each other, what `./run` printed, and the file that was kept."""

    said: str
    windows: dict[str, Watched]
    folder: Path
    kept: Path | None = None

    async def through(self, scene: Scene) -> None:
        """Do and see everything of a step, in its window."""
        watched = self.windows[scene.window]
        await watched.show(width=scene.width, dark=False)
        for one in scene.happenings:
            if isinstance(one, Doing):
                await HOW[one.what](self, watched.page, *one.words)
                await watched.page.wait_for_load_state()
            elif os.environ.get(TAKE_PICTURES):
                await _take(watched.page, one)

    def printed(self, what: str) -> str:
        """The address that `./run` printed for this."""
        found = _PRINTED[what].search(self.said)
        assert found is not None, self.said
        return found[1]

    async def letter(self, page: Page, subject: str, recipient: str) -> Locator:
        """The newest letter whose subject begins so, once it lies in the mailbox that the page shows."""
        found = (
            page.get_by_role("article")
            .filter(has=page.get_by_role("heading", name=re.compile(f"^{re.escape(subject)}")))
            .filter(has=page.get_by_role("definition").filter(has_text=re.compile(f"^{re.escape(recipient)}$")))
            .first
        )
        for _ in range(_MS // 250):
            if await found.count():
                return found
            await page.wait_for_timeout(250)
            await page.reload()
        raise AssertionError(f"no letter {subject!r} to {recipient}")


@asynccontextmanager
async def walking(chromium: Browser, said: str) -> AsyncIterator[Walk]:
    """Both windows, empty; `said` is what `./run` printed."""
    async with AsyncExitStack() as stack:
        windows = {name: await stack.enter_async_context(opened(chromium)) for name in ("own", "private")}
        for watched in windows.values():
            watched.page.set_default_timeout(_MS)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield Walk(said=said, windows=windows, folder=folder)


async def _take(page: Page, picture: Picture) -> None:
    if picture.begins is not None:
        top = page.get_by_role("heading", name=picture.begins, exact=True)
        await top.evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 24)")
    content = await page.screenshot(caret="hide")
    image = Image.open(io.BytesIO(content)).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    image.save(PICTURES / picture.name, optimize=True)


async def _one(page: Page, role: str, name: str) -> Locator:
    """What a reader takes for it: the first that begins so, in the page's own part before its head and foot."""
    named = re.compile(rf"^\s*{re.escape(name)}")
    everywhere = page.get_by_role(role, name=named)  # type: ignore[arg-type]  # a role, which it names one by one
    own = page.get_by_role("main").get_by_role(role, name=named)  # type: ignore[arg-type]
    await expect(everywhere.first).to_be_visible(timeout=_MS)
    return own.first if await own.count() else everywhere.first


async def _open_printed(walk: Walk, page: Page, what: str) -> None:
    await page.goto(walk.printed(what))


async def _press(walk: Walk, page: Page, name: str) -> None:
    await (await _one(page, "button", name)).click()


async def _follow(walk: Walk, page: Page, *names: str) -> None:
    for name in names:
        await (await _one(page, "link", name)).click()
        await page.wait_for_load_state()


async def _choose(walk: Walk, page: Page, option: str, label: str) -> None:
    await page.get_by_label(label).select_option(label=option)


async def _type(walk: Walk, page: Page, text: str, label: str) -> None:
    await page.get_by_label(label, exact=False).first.fill(text)


async def _empty(walk: Walk, page: Page, label: str) -> None:
    await page.get_by_label(label).fill("")


async def _tick(walk: Walk, page: Page, label: str) -> None:
    await page.get_by_label(label).check()


async def _tick_of(walk: Walk, page: Page, *words: str) -> None:
    for label, group in zip(words[::2], words[1::2], strict=True):
        await page.get_by_role("group", name=group).get_by_label(label).check()


async def _tap(walk: Walk, page: Page, state: str, person: str) -> None:
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=person, exact=True))
    await row.get_by_role("button", name=state, exact=True).click()


async def _find_letter(walk: Walk, page: Page, subject: str, recipient: str) -> None:
    await (await walk.letter(page, subject, recipient)).scroll_into_view_if_needed()


async def _follow_letter(walk: Walk, page: Page, subject: str, recipient: str) -> None:
    letter = await walk.letter(page, subject, recipient)
    await letter.get_by_role("link", name=re.compile("^http")).first.click()


async def _keep(walk: Walk, page: Page, name: str) -> None:
    address = await (await _one(page, "link", name)).evaluate("(link) => link.href")
    answer = await page.request.get(address)
    assert answer.ok
    walk.kept = walk.folder / address.rpartition("/")[2]
    walk.kept.write_bytes(await answer.body())


async def _give(walk: Walk, page: Page, label: str) -> None:
    assert walk.kept is not None
    await page.get_by_label(label).set_input_files(walk.kept)


async def _back(walk: Walk, page: Page) -> None:
    await page.go_back()


async def _see(walk: Walk, page: Page, *words: str) -> None:
    for text in words:
        await expect(page.get_by_text(text).filter(visible=True).first).to_be_visible(timeout=_MS)


HOW: dict[str, Callable[..., Awaitable[None]]] = {
    **{what: lambda walk, page, *_, what=what: _open_printed(walk, page, what) for what in _PRINTED},
    "press": _press,
    "follow": _follow,
    "choose": _choose,
    "type": _type,
    "empty": _empty,
    "tick": _tick,
    "tick of": _tick_of,
    "tap": _tap,
    "find letter": _find_letter,
    "follow letter": _follow_letter,
    "keep file": _keep,
    "give file": _give,
    "back": _back,
    "see": _see,
}
