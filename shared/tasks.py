"""The tasks that a worker process lives for: when one of them ends, the process ends, loudly, to be started again."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager

import asyncpg

from shared.postgres import UNAVAILABLE

logger = logging.getLogger(__name__)


class Tasks:
    """Tasks under way, by name."""

    def __init__(self) -> None:
        self._running: list[asyncio.Task[None]] = []
        self._is_stopping = False

    @asynccontextmanager
    async def running(self, work: Mapping[str, Coroutine[None, None, None]]) -> AsyncIterator[None]:
        """Run the work until the block ends; if any of it ends before, the process is told to stop."""
        for name, coroutine in work.items():
            task = asyncio.create_task(coroutine, name=name)
            task.add_done_callback(self._ended)
            self._running.append(task)
        try:
            yield
        finally:
            self._is_stopping = True
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def are_alive(self) -> bool:
        """Whether all of them run: a readiness check."""
        return bool(self._running) and not any(task.done() for task in self._running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._is_stopping or task.cancelled():
            return
        # A worker that serves health while it does no work is worse than one that is gone.
        logger.critical("a task ended, so the process ends", exc_info=task.exception(), extra={"task": task.get_name()})
        os.kill(os.getpid(), signal.SIGTERM)


async def run_every(seconds: float, verb: Callable[[], Awaitable[object]], *, name: str) -> None:
    """Do `verb` again and again, `seconds` after it was done, for as long as the worker runs.

    A database that is away, or refuses, costs this round only. Any other error ends the task, and so the process.
    """
    while True:
        try:
            await verb()
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            logger.warning("a clock misses a round", extra={"clock": name, "error": type(error).__name__})
        await asyncio.sleep(seconds)
