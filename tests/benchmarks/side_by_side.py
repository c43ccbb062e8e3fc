"""One process against two on two cores: what a second signing or verifying process adds."""

import multiprocessing
import statistics
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import msgspec

from tests.benchmarks import contenders

_ROUNDS = 5
_SECONDS = 1.0


class SideBySide(msgspec.Struct, frozen=True, kw_only=True):
    """Calls a second by one process and by two at once, and their ratio: medians over rounds that take turns."""

    name: str
    by_one: float
    by_two: float
    ratio: float


def measure(names: tuple[str, ...]) -> list[SideBySide]:
    """Each contender of these names, by one process and by two, in turn."""
    found = []
    for name in names:
        rounds = [(_rate(name, 1), _rate(name, 2)) for _ in range(_ROUNDS)]
        one, two = (statistics.median(rates) for rates in zip(*rounds, strict=True))
        ratio = statistics.median(both / alone for alone, both in rounds)
        found.append(SideBySide(name=name, by_one=round(one, 1), by_two=round(two, 1), ratio=round(ratio, 2)))
    return found


def _rate(name: str, processes: int) -> float:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(processes)
    counts: Queue[float] = context.Queue()
    running = [context.Process(target=_work, args=(name, together, counts)) for _ in range(processes)]
    for one in running:
        one.start()
    rates = [counts.get(timeout=60) for _ in running]
    for one in running:
        one.join()
    return sum(rates)


def _work(name: str, together: Barrier, counts: "Queue[float]") -> None:
    """In a process of its own: warm up, wait for the others, then work for a while."""
    (contender,) = (one for one in contenders.contenders(None) if one.name == name)
    contender.run(contender.count)
    together.wait(timeout=60)
    done, start = 0, time.perf_counter()
    while (took := time.perf_counter() - start) < _SECONDS:
        contender.run(20)
        done += 20
    counts.put(done / took)
