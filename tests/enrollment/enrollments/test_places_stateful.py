"""Whatever staff and people do in whatever order, places are what `hall.py` says: over PostgreSQL, with a moved clock.

Hypothesis tries orders of enrolling, answering offers, leaving, moving, growing, cancelling and new rules in two
cohorts of a program. The controls take one rule out of the service each, and the same machine must notice.
"""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from deploy.local.postgres import Cluster
from services.enrollment.admission.model import Waiting, admissible
from services.enrollment.enrollments import store_places
from services.enrollment.enrollments.seats import offers, settling
from services.enrollment.house import House
from shared.migrate import migrate
from shared.postgres import create_pool
from tests.conftest import MIGRATIONS
from tests.enrollment.enrollments.ground import BEGIN, Ground, Loop, MovedClock
from tests.enrollment.enrollments.places_machine import Places
from tests.enrollment.houses import house_at


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A house with a moved clock."""
    loop, clock, stack = Loop(), MovedClock(BEGIN), AsyncExitStack()
    with Cluster.temporary() as cluster:
        loop.run(migrate(cluster.dsn("enrollment", "enrollment_owner"), MIGRATIONS["enrollment"]))

        async def open_one() -> House:
            pool = await create_pool(cluster.dsn("enrollment", "enrollment"), connections=2, name="tests")
            stack.callback(pool.terminate)
            return await stack.enter_async_context(house_at(pool, clock))

        yield Ground(loop, loop.run(open_one()), clock)
        loop.run(stack.aclose())
    loop.close()


def run(ground: Ground, *, examples: int, steps: int, is_control: bool = False, shrinks: bool = False) -> None:
    """Let Hypothesis play; a control is played the same each time. To make a failure short takes minutes."""
    machine = type("PlacesOnGround", (Places,), {"ground": ground})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=is_control,
            database=None,
            print_blob=not is_control,
            phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(300)
def test_places_are_what_the_oracle_says_whatever_is_done(ground: Ground) -> None:
    run(ground, examples=50, steps=30)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_places_are_what_the_oracle_says_in_a_thousand_histories(ground: Ground) -> None:
    run(ground, examples=1000, steps=50, shrinks=True)


def naive(waiting: list[Waiting], *, free: int, **rest: Any) -> list[UUID]:
    """The head of the line, whatever the rules say."""
    return [one.id for one in waiting[:free]]


def from_behind(waiting: list[Waiting], *, free: int, **rest: Any) -> list[UUID]:
    """Whom the rules admit, but the last first."""
    return admissible(waiting[::-1], free=free, **rest)


async def none_ends(*what: Any, **how: Any) -> list[Any]:
    """Offers that last for ever."""
    return []


async def no_clock(*what: Any) -> None:
    """A cohort that is never looked at again by itself."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("where", "what", "instead"),
    [
        (settling, "admissible", naive),
        (settling, "admissible", from_behind),
        (settling, "_wind", no_clock),
        (store_places, "end_offers", none_ends),
        (offers, "_stands", lambda held, **rest: held.place == "offered"),
    ],
    ids=["no rules", "no order", "no clock", "no end", "no deadline"],
)
def test_the_machine_notices_when_the_service_forgets(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, where: Any, what: str, instead: Any
) -> None:
    monkeypatch.setattr(where, what, instead)
    # the second is what a refusal that does not come raises
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(ground, examples=60, steps=30, is_control=True)
