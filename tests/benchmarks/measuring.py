"""How fast something is beside the least that it could be.

Both are timed in turns, and the ratio is taken within each turn: what else the machine does in that second meets both.
The least and the greatest of these ratios are told too. Where they are far apart, the machine was busy, and the median
says little; a rate by itself says even less.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import msgspec

ROUNDS = 5
ROUND_SECONDS = 0.6
#: What goes through processes, and is slower.
LONG_ROUND_SECONDS = 2.0

Work = Callable[[], object]
AsyncWork = Callable[[], Awaitable[object]]


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Something, how often a second it was done (the median of the rounds), and the slowest and fastest round."""

    name: str
    per_second: float
    slowest: float
    fastest: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, and the bare work that it is held against."""

    title: str
    measured: Rate
    bare: Rate
    #: How many of the bare take as long as one of the measured: the median of the turns, the least, the greatest.
    ratio: float
    least_ratio: float
    greatest_ratio: float


def compare(title: str, measured: tuple[str, Work], bare: tuple[str, Work]) -> Comparison:
    """Both in turns, in this thread."""
    rounds = [(_count(measured[1]), _count(bare[1])) for _ in range(ROUNDS)]
    return _comparison(title, (measured[0], bare[0]), rounds)


async def compare_at_once(
    title: str,
    measured: tuple[str, AsyncWork],
    bare: tuple[str, AsyncWork],
    *,
    clients: int,
    settle: AsyncWork | None = None,
) -> Comparison:
    """Both in turns, each by this many clients at once; `settle` waits for what a turn left to do in the background."""
    rounds = []
    for _ in range(ROUNDS):
        own = await _count_at_once(measured[1], clients)
        if settle is not None:
            await settle()
        rounds.append((own, await _count_at_once(bare[1], clients)))
    return _comparison(title, (measured[0], bare[0]), rounds)


def _comparison(title: str, names: tuple[str, str], rounds: list[tuple[float, float]]) -> Comparison:
    measured, bare = (_rate(name, list(rates)) for name, rates in zip(names, zip(*rounds, strict=True), strict=True))
    ratios = [least / own for own, least in rounds]
    return Comparison(
        title=title,
        measured=measured,
        bare=bare,
        ratio=statistics.median(ratios),
        least_ratio=min(ratios),
        greatest_ratio=max(ratios),
    )


def _rate(name: str, rates: list[float]) -> Rate:
    return Rate(name=name, per_second=statistics.median(rates), slowest=min(rates), fastest=max(rates))


def _count(work: Work) -> float:
    """How often a second; the first time does not count."""
    work()
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < ROUND_SECONDS:
        work()
        done += 1
    return done / took


async def _count_at_once(work: AsyncWork, clients: int) -> float:
    await work()
    began = time.perf_counter()

    async def go_on() -> int:
        done = 0
        while time.perf_counter() - began < LONG_ROUND_SECONDS:
            await work()
            done += 1
        return done

    done = sum(await asyncio.gather(*(go_on() for _ in range(clients))))
    return done / (time.perf_counter() - began)
