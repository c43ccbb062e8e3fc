"""The lifeline: a pipe from the supervisor, so that no process outlives it, not even after `kill -9`.

The supervisor holds the only writing end. When it is gone, however it went, the kernel closes that end and every
reader sees the end of the file. This works alike on Linux and macOS.
"""

import os
import threading
import time
from collections.abc import Callable

VARIABLE = "LAUREL_LIFELINE_FD"
#: A process that has not ended this long after the lifeline was cut ends at once.
GRACE_SECONDS = 10.0


def start(on_eof: Callable[[], None]) -> threading.Thread | None:
    """Watch the lifeline that the environment names; None where the process was started by hand and has none."""
    if (given := os.environ.get(VARIABLE)) is None:
        return None
    return watch(int(given), on_eof)


def watch(fd: int, on_eof: Callable[[], None], *, grace_seconds: float = GRACE_SECONDS) -> threading.Thread:
    """Call `on_eof` in a thread when the other end of `fd` is gone; end the process when it outstays the grace."""
    os.set_inheritable(fd, False)
    thread = threading.Thread(target=_wait, args=(fd, on_eof, grace_seconds), name="lifeline", daemon=True)
    thread.start()
    return thread


def _wait(fd: int, on_eof: Callable[[], None], grace_seconds: float) -> None:
    while os.read(fd, 1):
        pass
    on_eof()
    time.sleep(grace_seconds)
    os._exit(70)  # EX_SOFTWARE: nobody is left to report to, and the ports must become free
