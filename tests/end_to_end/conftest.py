"""Both services served at once with something on every page, and a Chromium to look with."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, async_playwright

from shared.postgres import Pool
from tests.conftest import require
from tests.credentials.callers import Caller
from tests.credentials.conftest import enrollment_key, issuer, pictures, public, public_port
from tests.end_to_end.pages.browsers import ARGUMENTS, CHROMIUM, Watched, opened
from tests.end_to_end.pages.scenes import plan_scenes
from tests.end_to_end.pages.scenes.scene import Scenes
from tests.enrollment.conftest import served
from tests.enrollment.visitors import Served

__all__ = ["enrollment_key", "issuer", "pictures", "public", "public_port", "served"]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    require(CHROMIUM.exists(), "Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def watched(chromium: Browser) -> AsyncIterator[Watched]:
    """An empty page."""
    async with opened(chromium) as page:
        yield page


@pytest.fixture
async def unscripted(chromium: Browser) -> AsyncIterator[Watched]:
    """An empty page in a browser that runs no JavaScript."""
    async with opened(chromium, java_script_enabled=False) as page:
        yield page


@pytest.fixture(scope="session")
async def scenes(served: Served, enrollment_pool: Pool, issuer: Caller, public: str) -> Scenes:
    """What there is to look at; no test changes it but by enrolling."""
    organization = uuid4()
    await enrollment_pool.execute(
        "INSERT INTO organization (id, slug, name, url, time_zone) VALUES ($1, $2, $3, $4, $5)",
        organization, f"o-{organization.hex}", "Example Association", "https://association.example", "America/Chicago",
    )  # fmt: skip
    return await plan_scenes(served, enrollment_pool, organization, issuer, public)
