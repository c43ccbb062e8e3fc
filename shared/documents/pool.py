"""The pool of children that draw documents, as a process of the service sees it."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import msgspec

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
from shared.limited.children import Children
from shared.limited.process import Child, start

_MODULE = "shared.documents.child"
#: What a child inherits beside PATH: where libraries and fonts are. Never a LAUREL_ setting.
_INHERITED = frozenset(
    {
        *("HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE"),
        *("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "FONTCONFIG_FILE", "FONTCONFIG_PATH"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    }
)
#: Equal inputs give equal bytes in every child.
_FIXED = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"}
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
        self._children = Children(
            workers,
            queue=queue,
            jobs=self._limits.documents,
            start=lambda: _started(self._limits),
            busy=DocumentPoolBusyError,
        )

    async def __aenter__(self) -> Self:
        # The first alone: the others take as long to load, and come when two documents are wanted at once.
        self.warm(1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def warm(self, most: int | None = None) -> None:
        """Start the children, or `most`, in the background, so that the first document waits for no library to load."""
        self._children.warm(most)

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
        await self._children.close()

    async def _make(self, job: Job) -> bytes:
        async with self._children.lent() as child:
            answer = await _ask(child, job, seconds=self._limits.seconds)
        match answer:
            case Made():
                return answer.content
            case Overflowed():
                raise PageOverflowError(answer.pages)
            case Failed():
                raise DrawingFailedError(answer.reason)
            case Ready():
                raise DrawingFailedError("protocol")


async def _started(limits: Limits) -> Child:
    """A warm child; DocumentsUnavailableError, DrawingFailedError."""
    inherited = {name: value for name, value in os.environ.items() if name in _INHERITED}
    child = await start(
        _MODULE, [str(limits.memory_bytes)], answer_bytes=_MAX_ANSWER_BYTES, environment=inherited | _FIXED
    )
    try:
        async with asyncio.timeout(limits.warming_seconds):
            greeting = msgspec.msgpack.decode(await child.answer(), type=Ready)
        if greeting.missing is not None:
            raise DocumentsUnavailableError(greeting.missing)
    except BaseException as error:
        await child.end()
        if isinstance(error, OSError | EOFError):  # TimeoutError is an OSError
            raise DrawingFailedError("start") from None
        raise
    return child


async def _ask(child: Child, job: Job, *, seconds: float) -> Answer:
    """A child's answer to a job; DrawingFailedError where the child is of no use any more."""
    try:
        async with asyncio.timeout(seconds):
            content = await child.ask(msgspec.msgpack.encode(job))
    except TimeoutError:
        raise DrawingFailedError("time") from None
    except (OSError, EOFError):
        raise DrawingFailedError("crash") from None
    answer: Answer = msgspec.msgpack.decode(content, type=Answer)
    return answer
