"""A child process as its parent sees it: started without settings or descriptors of ours, asked, ended."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from shared.limited.frames import LENGTH

_ROOT = Path(__file__).parents[2]


class Child:
    """One child and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process, *, answer_bytes: int) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a child without pipes")
        self._process = process
        self._questions = process.stdin
        self._answers = process.stdout
        self._answer_bytes = answer_bytes
        #: Questions it was asked.
        self.asked = 0

    @property
    def is_alive(self) -> bool:
        """Whether it may still answer."""
        return self._process.returncode is None and not self._answers.at_eof()

    async def ask(self, question: bytes) -> bytes:
        """Its answer; OSError or EOFError where it is gone or says more than it may."""
        self.asked += 1
        self._questions.write(LENGTH.pack(len(question)))
        self._questions.write(question)
        await self._questions.drain()
        return await self.answer()

    async def answer(self) -> bytes:
        """What it says next; errors as above."""
        (length,) = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))
        if length > self._answer_bytes:
            raise EOFError
        return await self._answers.readexactly(length)

    async def end(self, *, grace_seconds: float = 0.0) -> int:
        """Kill it, after a moment to end by itself, and wait until it is gone: its exit code, negative a signal."""
        if grace_seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_seconds)
        with suppress(ProcessLookupError):
            self._process.kill()
        code = await asyncio.shield(self._process.wait())
        self._questions.close()
        return code


async def start(
    module: str, arguments: Sequence[str], *, answer_bytes: int, environment: Mapping[str, str] | None = None
) -> Child:
    """Start `python -m module`; beside PATH it has only the environment that it is given."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # tracebacks quote content
        cwd=_ROOT,
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        close_fds=True,
        start_new_session=True,  # an interrupt at the terminal is for the service, which then ends its children
    )
    return Child(process, answer_bytes=answer_bytes)
