"""A house of the enrollment service for tests that call its actions themselves, with a clock of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from services.enrollment.house import House, open_house
from shared.clock import Clock
from shared.postgres import Pool
from tests.enrollment.conftest import settings_for


@asynccontextmanager
async def house_at(pool: Pool, clock: Clock) -> AsyncIterator[House]:
    """A house over `pool` whose time is `clock`'s; its files go with it, and it can open what `served` has sealed."""
    with TemporaryDirectory() as folder:
        # The house's own pool connects to nothing: it makes a connection when one is asked for.
        settings = settings_for(Path(folder), "postgresql://nobody@127.0.0.1:9/none", 9)
        async with open_house(settings, process="tests") as house:
            yield msgspec.structs.replace(house, pool=pool, clock=clock)
