"""Both services served at once with something on every page, and a Chromium to look with."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, async_playwright

from services.credentials.issuance_log.actions import LogKeeper
from services.credentials.keys.anchor import Place
from services.credentials.keys.changes import give_anchor
from shared.postgres import Pool
from tests.conftest import require
from tests.credentials.callers import Caller
from tests.credentials.conftest import enrollment_key, issuer, pictures, public, public_port
from tests.credentials.issuance_log.conftest import keeper, settle
from tests.end_to_end.pages.browsers import ARGUMENTS, CHROMIUM, Profile, Watched, profile_of, watch
from tests.end_to_end.pages.scenes import plan_scenes
from tests.end_to_end.pages.scenes.scene import Scenes
from tests.enrollment.conftest import served
from tests.enrollment.visitors import Served

__all__ = ["enrollment_key", "issuer", "keeper", "pictures", "public", "public_port", "served"]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    require(CHROMIUM.exists(), "Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def profile(chromium: Browser) -> AsyncIterator[Profile]:
    """The profile in which the tests open their pages, one after the other."""
    async with profile_of(chromium) as made:
        yield made


@pytest.fixture(scope="session")
async def unscripted_profile(chromium: Browser) -> AsyncIterator[Profile]:
    """Another, which runs no JavaScript."""
    async with profile_of(chromium, java_script_enabled=False) as made:
        yield made


@pytest.fixture
async def watched(profile: Profile) -> Watched:
    """An empty page in a browser that knows nothing of the tests before."""
    await profile.empty()
    return await watch(profile.context)


@pytest.fixture
async def unscripted(unscripted_profile: Profile) -> Watched:
    """The same in a browser that runs no JavaScript."""
    await unscripted_profile.empty()
    return await watch(unscripted_profile.context)


@pytest.fixture(scope="session")
async def scenes(
    served: Served,
    enrollment_pool: Pool,
    issuer: Caller,
    public: str,
    keeper: LogKeeper,
    tmp_path_factory: pytest.TempPathFactory,
) -> Scenes:
    """What there is to look at; no test changes it but by enrolling."""
    organization = uuid4()
    await enrollment_pool.execute(
        "INSERT INTO organization (id, slug, name, url, time_zone) VALUES ($1, $2, $3, $4, $5)",
        organization, f"o-{organization.hex}", "Example Association", "https://association.example", "America/Chicago",
    )  # fmt: skip
    planned = await plan_scenes(served, enrollment_pool, organization, issuer, public)
    await settle(keeper, planned.badge.organization)
    place = Place(folder=tmp_path_factory.mktemp("anchors"), passphrase=uuid4().hex)
    issuer_id = planned.badge.organization
    await give_anchor(keeper.pool, place, issuer_id, public_url=public, clock=keeper.clock)
    return planned
