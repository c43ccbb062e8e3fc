"""Runs PostgreSQL and stops it when whoever started this guard is gone. Run as a file; standard library only.

usage: guard.py LOCK_FD UID GID COMMAND...   (UID and GID are -1 to stay the same user)

Standard input is the lifeline: its end, or SIGTERM, stops PostgreSQL in order. The first line of standard output is
PostgreSQL's process id. The lock is handed on, so it is free again when the last process of PostgreSQL has ended.
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType

#: PostgreSQL gets this long to write its checkpoint; then it ends at once and recovers at the next start.
GRACE_SECONDS = 8.0


def main(arguments: list[str]) -> int:
    """PostgreSQL's exit status."""
    lock, uid, gid = (int(argument) for argument in arguments[:3])
    other_user = uid >= 0
    process = subprocess.Popen(
        arguments[3:],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        pass_fds=(lock,),
        start_new_session=True,
        user=uid if other_user else None,
        group=gid if other_user else None,
        extra_groups=[] if other_user else None,
    )
    os.close(lock)
    told_to_stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        told_to_stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_await_end_of_input, args=(told_to_stop,), daemon=True).start()
    sys.stdout.write(f"{process.pid}\n")
    sys.stdout.flush()
    while process.poll() is None:
        if told_to_stop.wait(0.05):
            return _stop(process)
    return process.returncode


def _await_end_of_input(told_to_stop: threading.Event) -> None:
    while os.read(0, 1):
        pass
    told_to_stop.set()


def _stop(process: "subprocess.Popen[bytes]") -> int:
    process.send_signal(signal.SIGINT)  # "fast": roll back what is under way, write a checkpoint
    try:
        return process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)  # "immediate": recovery at the next start
    try:
        return process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
