"""The child process: reads jobs from standard input, answers on standard output, ends when the input ends.

It is started with an environment of its own that holds no setting, key or address of the service.
"""

import os
import resource
import sys
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from shared.documents.model import Answer, Failed, Job, Made, Overflowed, PdfJob, Ready
from shared.limited.frames import read_frame, write_frame

MISSING = (
    "Documents cannot be made, because this machine lacks the Pango libraries or another part that WeasyPrint needs. "
    "`./run system-packages` names the packages to install."
)
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
        write_frame(answers, msgspec.msgpack.encode(Ready(missing=MISSING)))
        return 1
    drawer = Drawer()
    drawer.pdf(PdfJob(html=WARMING, created=datetime(2000, 1, 1, tzinfo=UTC)))
    write_frame(answers, msgspec.msgpack.encode(Ready()))
    while (frame := read_frame(jobs)) is not None:
        answer: Answer
        try:
            job = msgspec.msgpack.decode(frame, type=Job)
            answer = Made(content=drawer.pdf(job) if isinstance(job, PdfJob) else drawer.png(job))
        except TooManyPagesError as error:
            answer = Overflowed(pages=error.pages)
        except Exception as error:
            answer = Failed(reason=type(error).__name__)
        write_frame(answers, msgspec.msgpack.encode(answer))
    return 0


def _limit(memory_bytes: int) -> None:
    for kind, limit in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # macOS refuses a limit of the address space
            resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
