"""Locks that end with the processes that hold them.

A `flock` belongs to the open file, which children inherit: it is free again exactly when the last process that was
handed it is gone, however it went. So a lock tells what a process id in a file cannot: whether anything still runs.
"""

import fcntl
import os
import time
from pathlib import Path

_POLL_SECONDS = 0.02


def acquire(path: Path, *, timeout: float = 0.0) -> int | None:
    """The file descriptor that holds the lock (close it to let go), or None if it is still held after `timeout`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(_POLL_SECONDS)
        else:
            return descriptor


def is_free(path: Path, *, timeout: float = 0.0) -> bool:
    """Whether nobody holds the lock, waiting up to `timeout` for it; also where it was never made."""
    if not path.exists():
        return True
    if (descriptor := acquire(path, timeout=timeout)) is None:
        return False
    os.close(descriptor)
    return True
