"""The child process: runs one allowed function on a stranger's bytes at a time, and ends when its input ends.

A job that takes too much CPU or time is ended by a timer of the kernel, whose signal nothing here handles: that works
in the middle of a C library's loop, too, and when the parent is gone.
"""

import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from shared.limited.frames import read_frame, write_frame
from shared.limited.model import Limits

Function = Callable[[bytes], bytes]

#: The first byte of an answer: what follows is the function's result, or the name of what went wrong.
RESULT, FAILED, TOO_LONG = b"R", b"F", b"L"
READY = b"ready"
#: The exit code of a child that ran out of memory, be it while it read the question.
OUT_OF_MEMORY = 71  # EX_OSERR
#: Enough for modules that a function imports late.
_MOST_FILES = 32
#: The parent's clock comes first; this one is for a child whose parent is gone.
_CLOCK_GRACE = 2.0


def main() -> int:
    """Import the functions, say so, then serve until the input ends; a job that ran out of memory is the last."""
    limits = msgspec.json.decode(sys.argv[1], type=Limits)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # A library that prints would break the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    functions = [_load(name) for name in sys.argv[2:]]
    _limit(limits)
    write_frame(answers, READY)
    try:
        while (question := read_frame(questions)) is not None:
            write_frame(answers, _answer(functions, question, limits))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _load(name: str) -> Function:
    module, _, attribute = name.partition(":")
    function: Function = getattr(importlib.import_module(module), attribute)
    return function


def _limit(limits: Limits) -> None:
    """For good: the functions are imported by now, and a job needs little more than memory."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    kinds = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, _MOST_FILES)]
    if (size := _address_space()) is not None:
        kinds.append((resource.RLIMIT_AS, size + limits.memory_bytes))
    for kind, limit in kinds:
        with suppress(ValueError, OSError):  # a system that lacks one of them still has the others
            resource.setrlimit(kind, (limit, limit))


def _address_space() -> int | None:
    """Bytes that the process has mapped; None where the system does not tell (macOS, which has no such limit)."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return None


def _answer(functions: Sequence[Function], question: bytes, limits: Limits) -> bytes:
    """The question's first byte is the function's place in the list; MemoryError is for the caller."""
    signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + _CLOCK_GRACE)
    try:
        result = functions[question[0]](question[1:])
        return TOO_LONG if len(result) > limits.answer_bytes else RESULT + result
    except MemoryError:
        raise
    except Exception as error:
        return FAILED + type(error).__name__.encode()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    sys.exit(main())
