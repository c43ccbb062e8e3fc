"""The child process: reads jobs from standard input, answers on standard output, ends when the input ends.

It is started with an environment of its own that holds no setting, key or address of the service.
"""

import os
import resource
import struct
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

from shared.documents.model import Answer, Failed, Job, Made, Overflowed, PdfJob, Ready

MISSING = (
    "Documents cannot be made, because this machine lacks the Pango libraries or another part that WeasyPrint needs. "
    "`./run system-packages` names the packages to install."
)
LENGTH = struct.Struct(">I")
#: Drawn before the first job, so that fonts are found and loaded by then.
WARMING = "<html lang=en><title>Warm</title><h1>Warm Siân דוד فاطمة សុខា สมชาย अनन्या 王小明</h1>"


def main() -> int:
    """Warm up, say so, then serve until the input ends."""
    memory_bytes = int(sys.argv[1])
    _limit(memory_bytes)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # A library that prints would break the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        from shared.documents.drawing import Drawer, TooManyPagesError
    except (ImportError, OSError):
        _write(answers, Ready(missing=MISSING))
        return 1
    drawer = Drawer()
    drawer.pdf(PdfJob(html=WARMING, created=datetime(2000, 1, 1, tzinfo=UTC)))
    _write(answers, Ready())
    while (frame := _read(jobs)) is not None:
        answer: Answer
        try:
            job = msgspec.msgpack.decode(frame, type=Job)
            answer = Made(content=drawer.pdf(job) if isinstance(job, PdfJob) else drawer.png(job))
        except TooManyPagesError as error:
            answer = Overflowed(pages=error.pages)
        except Exception as error:
            answer = Failed(reason=type(error).__name__)
        _write(answers, answer)
    return 0


def _limit(memory_bytes: int) -> None:
    for kind, limit in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # macOS refuses a limit of the address space
            resource.setrlimit(kind, (limit, limit))


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    frame = source.read(length)
    return frame if len(frame) == length else None


def _write(target: BinaryIO, answer: Answer) -> None:
    frame = msgspec.msgpack.encode(answer)
    target.write(LENGTH.pack(len(frame)) + frame)
    target.flush()


if __name__ == "__main__":
    sys.exit(main())
