"""A house of the enrollment service for tests that call its verbs themselves, with a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from services.enrollment.house import House, open_house
from tests.enrollment.conftest import settings_for
from tests.servers import free_port


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@asynccontextmanager
async def house_at(database_url: str, clock: MovedClock, folder: Path) -> AsyncIterator[House]:
    """The service's own house over a database, with the test's clock."""
    settings = settings_for(folder, database_url, free_port())
    async with open_house(settings, process="tests") as house:
        yield msgspec.structs.replace(house, clock=clock)
