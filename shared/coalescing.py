"""Lets many who want the same work done wait for one run of it that began after they asked."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from uuid import UUID


class Coalescer:
    """Runs the work of a key one at a time, with a pause between two runs; whoever comes meanwhile shares the next."""

    def __init__(self, *, pause_seconds: float = 0.2) -> None:
        self._pause = pause_seconds
        self._next: dict[UUID, asyncio.Task[None]] = {}
        self._turns: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ended: dict[UUID, float] = {}

    async def run(self, key: UUID, work: Callable[[], Awaitable[object]]) -> None:
        """Return when a run that began after this call has ended; its error is everybody's who shared it."""
        if (task := self._next.get(key)) is None:
            task = self._next[key] = asyncio.create_task(self._run(key, work))
        # One who goes away must not take the work from the others.
        await asyncio.shield(task)

    async def _run(self, key: UUID, work: Callable[[], Awaitable[object]]) -> None:
        loop = asyncio.get_running_loop()
        async with self._turns[key]:
            if (rest := self._ended.get(key, 0.0) + self._pause - loop.time()) > 0:
                await asyncio.sleep(rest)
            del self._next[key]
            try:
                await work()
            finally:
                self._ended[key] = loop.time()
