"""The pool of limited children, as a process of the service sees it; and one child for a command line."""

import asyncio
import signal
from collections.abc import Awaitable, Sequence
from types import TracebackType
from typing import Self

import msgspec

from shared.limited.child import FAILED, OUT_OF_MEMORY, RESULT, TOO_LONG
from shared.limited.children import Children
from shared.limited.model import Kind, LimitedPoolBusyError, LimitExceededError, Limits
from shared.limited.process import Child, start

_MODULE = "shared.limited.child"
#: How a child died: by a signal of its own timers, or for want of memory; anything else is a crash.
_DEATHS: dict[int, Kind] = {-signal.SIGPROF: "cpu", -signal.SIGALRM: "time", OUT_OF_MEMORY: "memory"}
_MOST_FUNCTIONS = 256
#: A child whose pipe has ended is about to end itself, and then its exit code says why.
_ENDING_SECONDS = 1.0


class LimitedPool:
    """Runs pure `bytes -> bytes` functions on strangers' bytes in up to `workers` children; at most `queue` more wait.

    `functions` are all that may be called, as `package.module:name`; the children import them when they start.
    """

    def __init__(
        self, workers: int, *, functions: Sequence[str], limits: Limits | None = None, queue: int = 64
    ) -> None:
        if not 0 < len(functions) <= _MOST_FUNCTIONS:
            raise ValueError("between 1 and 256 functions are needed")
        self._functions = tuple(functions)
        self._limits = limits or Limits()
        self._children = Children(
            workers,
            queue=queue,
            jobs=self._limits.jobs,
            start=lambda: _started(self._functions, self._limits),
            busy=LimitedPoolBusyError,
        )

    async def __aenter__(self) -> Self:
        self.warm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def warm(self) -> Awaitable[object]:
        """Start what children are missing, in the background; who awaits it waits until they are warm."""
        return self._children.warm()

    async def call(self, function: str, payload: bytes) -> bytes:
        """What `function` makes of `payload`.

        LimitedPoolBusyError, LimitExceededError; ValueError where the pool was not told of the function.
        """
        place = self._functions.index(function)
        async with self._children.lent() as child:
            answer = await _ask(child, place, payload, self._limits)
        return _result(answer)

    async def close(self) -> None:
        """End the children."""
        await self._children.close()


class LimitedPools:
    """A LimitedPool of one child for each function, so that a child imports no more than its own; cold until called."""

    def __init__(self, functions: Sequence[str], *, limits: Limits | None = None, queue: int = 64) -> None:
        self._pools = {one: LimitedPool(1, functions=(one,), limits=limits, queue=queue) for one in functions}

    async def call(self, function: str, payload: bytes) -> bytes:
        """What `function` makes of `payload`; errors as of LimitedPool, KeyError for a function that was not named."""
        return await self._pools[function].call(function, payload)

    async def close(self) -> None:
        """End the children."""
        for pool in self._pools.values():
            await pool.close()


def run_limited(function: str, payload: bytes, limits: Limits | None = None) -> bytes:
    """What `package.module:name` makes of `payload`, in one fresh child: for a command line, not inside a loop.

    LimitExceededError.
    """
    return asyncio.run(_run(function, payload, limits or Limits()))


async def _run(function: str, payload: bytes, limits: Limits) -> bytes:
    child = await _started((function,), limits)
    try:
        return _result(await _ask(child, 0, payload, limits))
    finally:
        await child.end()


async def _started(functions: Sequence[str], limits: Limits) -> Child:
    """A warm child."""
    given = msgspec.json.encode(limits).decode()
    child = await start(_MODULE, [given, *functions], answer_bytes=limits.answer_bytes + 1)
    try:
        async with asyncio.timeout(limits.start_seconds):
            await child.answer()
    except BaseException as error:
        await child.end()
        if isinstance(error, OSError | EOFError):  # TimeoutError is an OSError
            raise LimitExceededError("crash", reason="start") from None
        raise
    return child


async def _ask(child: Child, place: int, payload: bytes, limits: Limits) -> bytes:
    """A child's answer with its first byte; LimitExceededError where the child is of no use any more."""
    try:
        async with asyncio.timeout(limits.wall_seconds):
            return await child.ask(bytes((place,)) + payload)
    except TimeoutError:
        raise LimitExceededError("time") from None
    except (OSError, EOFError):
        raise _death(await child.end(grace_seconds=_ENDING_SECONDS)) from None


def _death(code: int) -> LimitExceededError:
    reason = signal.Signals(-code).name if code < 0 else f"exit {code}"
    return LimitExceededError(_DEATHS.get(code, "crash"), reason=reason)


def _result(answer: bytes) -> bytes:
    match answer[:1]:
        case kind if kind == RESULT:
            return answer[1:]
        case kind if kind == TOO_LONG:
            raise LimitExceededError("answer")
        case kind if kind == FAILED:
            raise LimitExceededError("crash", reason=answer[1:].decode("ascii", "replace")[:80])
        case _:
            raise LimitExceededError("crash", reason="protocol")
