"""The pool of children that draw documents, as a process of the service sees it."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from shared.documents.child import LENGTH
from shared.documents.model import (
    Answer,
    Attachment,
    DocumentPoolBusyError,
    DocumentsUnavailableError,
    DrawingFailedError,
    Failed,
    Job,
    Made,
    Overflowed,
    PageOverflowError,
    PdfJob,
    Picture,
    PngJob,
    Ready,
)

_ROOT = Path(__file__).parents[2]
#: What a child inherits: where programs, libraries and fonts are. Never a LAUREL_ setting.
_INHERITED = frozenset(
    {
        *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE"),
        *("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "FONTCONFIG_FILE", "FONTCONFIG_PATH"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    }
)
#: Equal inputs give equal bytes in every child.
_FIXED = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0", "PYTHONDONTWRITEBYTECODE": "1"}
_MAX_ANSWER_BYTES = 64 << 20


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one child may use; a child that exceeds it is ended, and the next job gets a fresh one."""

    #: Wall time of one document.
    seconds: float = 20.0
    #: Wall time from start to warm: importing, finding fonts.
    warming_seconds: float = 60.0
    #: Address space, where the system has such a limit.
    memory_bytes: int = 2 << 30
    #: Documents after which a child is replaced, because libraries keep caches for good.
    documents: int = 500


class DocumentPool:
    """Renders in up to `workers` warm children; further callers wait, at most `queue` of them."""

    def __init__(self, workers: int = 1, *, queue: int = 64, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._free = asyncio.Semaphore(workers)
        self._workers = workers
        self._places = workers + queue
        self._taken = 0
        self._idle: list[_Child] = []
        self._warming: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def __aenter__(self) -> Self:
        self.warm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def warm(self) -> None:
        """Start the children in the background, so that the first document need not wait for libraries to load."""
        for _ in range(self._workers):
            task = asyncio.create_task(self._warm_one(), name="warm a document child")
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def render(
        self,
        html: str,
        *,
        created: datetime,
        attachments: Sequence[Attachment] = (),
        pictures: Sequence[Picture] = (),
        max_pages: int = 50,
    ) -> bytes:
        """HTML as a tagged PDF/A-3a; equal inputs give equal bytes.

        DocumentsUnavailableError, DocumentPoolBusyError, DrawingFailedError, or PageOverflowError beyond `max_pages`.
        """
        job = PdfJob(
            html=html,
            created=created,
            attachments=tuple(attachments),
            pictures=tuple(pictures),
            max_pages=max_pages,
        )
        return await self._make(job)

    async def png(self, svg: bytes, *, size: int) -> bytes:
        """An SVG of our own as a PNG of `size` x `size` pixels, transparent where nothing is drawn; errors as above."""
        return await self._make(PngJob(svg=svg.decode(), size=size))

    async def close(self) -> None:
        """End the children."""
        self._is_closed = True
        for task in tuple(self._warming):
            task.cancel()
        await asyncio.gather(*self._warming, return_exceptions=True)
        while self._idle:
            await self._idle.pop().end()

    async def _warm_one(self) -> None:
        async with self._free:
            with suppress(DocumentsUnavailableError, DrawingFailedError):  # said again to whoever asks for a document
                self._keep(await self._child())

    async def _make(self, job: Job) -> bytes:
        if self._taken >= self._places:
            raise DocumentPoolBusyError
        self._taken += 1
        try:
            async with self._free:
                answer = await self._answer(job)
        finally:
            self._taken -= 1
        match answer:
            case Made():
                return answer.content
            case Overflowed():
                raise PageOverflowError(answer.pages)
            case Failed():
                raise DrawingFailedError(answer.reason)
            case Ready():
                raise DrawingFailedError("protocol")

    async def _answer(self, job: Job) -> Answer:
        child = await self._child()
        try:
            async with asyncio.timeout(self._limits.seconds):
                answer = await child.ask(job)
        except BaseException as error:  # a cancelled caller, too, leaves an answer in the pipe that nobody wants
            await child.end()
            if isinstance(error, TimeoutError):
                raise DrawingFailedError("time") from None
            if isinstance(error, OSError | EOFError):
                raise DrawingFailedError("crash") from None
            raise
        if child.documents >= self._limits.documents or self._is_closed:
            await child.end()
        else:
            self._keep(child)
        return answer

    async def _child(self) -> "_Child":
        """An idle child that lives, or a new one when it is warm."""
        while self._idle:
            if (child := self._idle.pop()).is_alive:
                return child
            await child.end()
        child = await _start(self._limits.memory_bytes)
        try:
            async with asyncio.timeout(self._limits.warming_seconds):
                greeting = await child.answer()
            if isinstance(greeting, Ready) and greeting.missing is not None:
                raise DocumentsUnavailableError(greeting.missing)
        except BaseException as error:
            await child.end()
            if isinstance(error, OSError | EOFError):  # TimeoutError is an OSError
                raise DrawingFailedError("start") from None
            raise
        return child

    def _keep(self, child: "_Child") -> None:
        self._idle.append(child)


async def _start(memory_bytes: int) -> "_Child":
    environment = {name: value for name, value in os.environ.items() if name in _INHERITED} | _FIXED
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.documents.child",
        str(memory_bytes),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # tracebacks quote content
        cwd=_ROOT,
        env=environment,
        start_new_session=True,  # an interrupt at the terminal is for the service, which then ends its children
    )
    return _Child(process)


class _Child:
    """One child and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a child without pipes")
        self._process = process
        self._jobs = process.stdin
        self._answers = process.stdout
        self.documents = 0

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not self._answers.at_eof()

    async def ask(self, job: Job) -> Answer:
        """Its answer to a job; OSError or EOFError where the child is gone."""
        self.documents += 1
        frame = msgspec.msgpack.encode(job)
        self._jobs.write(LENGTH.pack(len(frame)) + frame)
        await self._jobs.drain()
        return await self.answer()

    async def answer(self) -> Answer:
        (length,) = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))
        if length > _MAX_ANSWER_BYTES:
            raise EOFError
        answer: Answer = msgspec.msgpack.decode(await self._answers.readexactly(length), type=Answer)
        return answer

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.shield(self._process.wait())
        self._jobs.close()
