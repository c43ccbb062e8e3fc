"""Every page on a phone and on a desk, light, dark, from right to left: accessible, fitting, quick, self-contained."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.pages.browsers import DESKTOP, PHONE, Watched
from tests.end_to_end.pages.scenes import PAGES
from tests.end_to_end.pages.scenes.scene import Scenes

_MOST_BYTES = 150_000
_MOST_REQUESTS = 20
#: What axe-core judges by colors and by where things lie; all else of a page is as it was when the page is turned.
_OF_LAYOUT = ("color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size")


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_accessible_light_and_fits_its_window(name: str, scenes: Scenes, watched: Watched) -> None:
    await PAGES[name](watched.page, scenes)
    await asks_little_and_nobody_else(watched)
    for width in (PHONE, DESKTOP):
        for dark in (False, True):
            await watched.show(width=width, dark=dark)
            await picture(watched, f"{name}-{width}-{'dark' if dark else 'light'}")
            # Of a page that is laid out alike only the colors are others.
            assert await watched.violations(*(() if dark == (width == DESKTOP) else ("color-contrast",))) == []
            assert await watched.overflowing() == []
        assert await watched.small_targets() == []
        if width == PHONE:
            assert await watched.sideways() == []
    await watched.turn()
    for width in (DESKTOP, PHONE):
        await watched.show(width=width, dark=False)
        await picture(watched, f"{name}-{width}-rtl")
        assert await watched.overflowing() == []
    assert await watched.violations(*_OF_LAYOUT) == []
    assert watched.complaints == []


async def test_the_frame_that_other_sites_show_is_accessible_and_fits(scenes: Scenes, watched: Watched) -> None:
    """It is a page without the frame of ours, and without a choice of language."""
    await watched.page.goto(f"{scenes.badge_page(scenes.badge)}/embed")
    await asks_little_and_nobody_else(watched)
    for dark in (False, True):
        await watched.show(width=PHONE, dark=dark)
        assert await watched.violations() == []
        assert await watched.overflowing() == []
    assert watched.complaints == []


async def asks_little_and_nobody_else(watched: Watched) -> None:
    """A page is quick on a slow line, and no third party hears of its visitor."""
    await watched.page.wait_for_load_state("load")
    origins = {urlsplit(one.url)[:2] for one in watched.requests if not one.url.startswith("data:")}
    assert origins == {urlsplit(watched.page.url)[:2]}
    assert len(watched.requests) < _MOST_REQUESTS
    assert await watched.weight() < _MOST_BYTES


async def picture(watched: Watched, name: str) -> None:
    """A picture to look at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        await watched.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
