"""What the machine of places stands on: a loop and a clock of its own, a house, two cohorts, and random rules."""

import asyncio
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from hypothesis import strategies as st

from services.enrollment.admission.model import Admission, Rules
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Cohort
from services.enrollment.enrollments import actions
from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from tests.builders import build

BEGIN = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

_Answer = TypeVar("_Answer")


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now


class Loop:
    """An event loop of its own, for a machine whose steps are no coroutines."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """The answer of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        """Stop it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Ground(msgspec.Struct, frozen=True):
    """The service's verbs over a database that nobody else uses."""

    loop: Loop
    house: House
    clock: MovedClock


async def prepared(house: House) -> tuple[Organization, list[Cohort]]:
    """A fresh organization with two open cohorts of one program and no seats."""
    async with house.pool.acquire() as connection:
        built = await build(connection, people=0, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
        red = await cohorts.cohort(connection, built.organization_id, built.cohort_id)
        organization = await organizations.by_id(connection, built.organization_id)
    assert red is not None
    assert organization is not None
    red = msgspec.structs.replace(red, name="Red", state="open")
    blue = msgspec.structs.replace(
        red, id=uuid4(), name="Blue", sessions=tuple(msgspec.structs.replace(one, id=uuid4()) for one in red.sessions)
    )
    for one in (red, blue):
        await actions.write_cohort(house, one)
    return organization, [red, blue]


@st.composite
def rules_of(draw: st.DrawFn) -> Rules:
    """Rules of admission, of which each part is there now and then."""
    hours = draw(st.sampled_from([24, None, 72]))
    return Rules(
        admission=Admission(
            members_until=draw(st.sampled_from([None] * 4 + [BEGIN + timedelta(hours=30), BEGIN + timedelta(days=5)])),
            needs_code=draw(st.sampled_from([False, False, False, False, True])),
            selects=draw(st.sampled_from([False, False, False, False, True])),
            quotas=draw(st.sampled_from([{}, {}, {"North": 1}, {"North": 2, "South": 1}])),
        ),
        vacancy="at once" if hours is None else "offer",
        offer_hours=hours,
    )
