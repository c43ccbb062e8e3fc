"""The children of a pool: warm, lent to one caller at a time, and replaced when they have failed or served enough."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from shared.limited.process import Child


class Children:
    """Up to `workers` children; at most `queue` more callers wait, and who comes beyond them gets `busy`.

    `start` gives a warm child; `jobs` is how many questions one is asked before it is replaced.
    """

    def __init__(
        self,
        workers: int,
        *,
        queue: int,
        jobs: int,
        start: Callable[[], Awaitable[Child]],
        busy: type[Exception],
    ) -> None:
        self._workers = workers
        self._places = workers + queue
        self._jobs = jobs
        self._start = start
        self._busy = busy
        self._free = asyncio.Semaphore(workers)
        self._taken = 0
        self._idle: list[Child] = []
        #: Children that live or are being started, busy and idle ones: never more than `workers`.
        self._living = 0
        self._warming: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def warm(self, most: int | None = None) -> Awaitable[object]:
        """Start what children are missing, or `most` of them, in the background; who awaits it waits for the warm."""
        for _ in range(min(self._workers, most or self._workers) - self._living):
            self._warm_one()
        return asyncio.gather(*self._warming, return_exceptions=True)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Child]:
        """A warm child for the block, ended where the block raises; `busy`, or what `start` raises."""
        if self._taken >= self._places:
            raise self._busy
        self._taken += 1
        try:
            async with self._free:
                child = await self._child()
                try:
                    yield child
                except BaseException:  # a cancelled caller, too, leaves an answer in the pipe that nobody wants
                    await self._end(child)
                    raise
                if child.asked >= self._jobs or self._is_closed:
                    await self._end(child)
                else:
                    self._idle.append(child)
        finally:
            self._taken -= 1

    async def close(self) -> None:
        """End the children."""
        self._is_closed = True
        for task in tuple(self._warming):
            task.cancel()
        await asyncio.gather(*self._warming, return_exceptions=True)
        while self._idle:
            await self._end(self._idle.pop())

    async def _child(self) -> Child:
        while self._idle:
            if (child := self._idle.pop()).is_alive:
                return child
            await self._end(child)
        return await self._new()

    async def _new(self) -> Child:
        self._living += 1
        try:
            return await self._start()
        except BaseException:
            self._living -= 1
            raise

    async def _end(self, child: Child) -> None:
        """Also starts another, so that the next caller need not wait for imports."""
        try:
            await child.end()
        finally:
            self._living -= 1
            if not self._is_closed:
                self._warm_one()

    def _warm_one(self) -> None:
        task = asyncio.create_task(self._start_one(), name="warm a child")
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)

    async def _start_one(self) -> None:
        async with self._free:
            # A caller that waited ahead of us may have started the missing child by now.
            if self._living < self._workers:
                with suppress(Exception):  # said again to whoever asks
                    self._idle.append(await self._new())
