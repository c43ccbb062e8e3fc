"""`./run`: starts the stack, seeds the demonstration on first start, keeps everything running until told to stop."""

import argparse
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from deploy.local import locks
from deploy.local.installation import DEFAULT_PORT_BASE, STATE, State, cluster_folder, keep_port_base, port_base
from deploy.local.processes import ROOT
from deploy.local.stack import POSTGRESQL, Stack
from deploy.local.terminal import StackError, say, warn

_POLL_SECONDS = 0.2
#: A process that ends this often within the window has a cause that a restart does not mend.
_MOST_RESTARTS = 5
_WINDOW_SECONDS = 60.0
_LONGEST_WARNING = 400


def main(argv: list[str]) -> int:
    """Run until Ctrl-C or SIGTERM; 0 then, 1 where it could not start or could not go on."""
    parser = argparse.ArgumentParser(prog="./run", description=__doc__)
    parser.add_argument(
        "--port-base",
        type=_port_base,
        help=f"first of five ports in a row (default {DEFAULT_PORT_BASE}); a folder keeps those of its first start",
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".laurel", help="folder of everything that is stored")
    parser.add_argument("--without-demonstration", action="store_true", help="do not seed the demonstration")
    options = parser.parse_args(argv)
    began = time.monotonic()
    folder: Path = options.folder.resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    lock = locks.acquire(folder / "run.lock")
    if lock is None:
        raise StackError("It runs already, started by another `./run` in this folder. Stop that one first (Ctrl-C).")
    base = port_base(folder, options.port_base)
    stack = Stack(folder, port_base=base, cluster_folder=cluster_folder(folder))
    try:
        with _told_to_stop():
            stack.start(on_progress=say)
            keep_port_base(folder, base)
            State(base).write(folder)
            if not options.without_demonstration:
                _seed(stack)
            _announce(stack, time.monotonic() - began)
            Watch(stack).until_interrupted()
    except KeyboardInterrupt:
        say("Stopping")
    finally:
        (folder / STATE).unlink(missing_ok=True)
        with _told_to_stop_at_once(stack):
            stack.stop()
        os.close(lock)
    say("Stopped")
    return 0


class Watch:
    """Restarts what ends unexpectedly, a little later each time, and passes on the warnings of the logs."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ends: dict[str, deque[float]] = {}
        self._due: dict[str, float] = {}

    def until_interrupted(self) -> None:
        """Never returns; StackError when a process ends again and again."""
        while True:
            self.look()
            time.sleep(_POLL_SECONDS)

    def look(self) -> None:
        """One round: note what has ended, restart what is due, print warnings."""
        now = time.monotonic()
        for name in self._stack.ended():
            if name not in self._due:
                self._due[name] = now + self._delay(name, now)
        for name in [name for name, due in self._due.items() if due <= now]:
            del self._due[name]
            say(f"Restarting {name}")
            self._stack.restart(name, wait=False)
        for name, process in self._stack.processes.items():
            for line in process.new_warnings():
                warn(f"{name}: {line[:_LONGEST_WARNING]}")

    def _delay(self, name: str, now: float) -> float:
        """Seconds until the restart of `name`: 0.5, 1, 2, ... for each end within the window."""
        ends = self._ends.setdefault(name, deque(maxlen=_MOST_RESTARTS + 1))
        ends.append(now)
        recent = sum(1 for end in ends if now - end < _WINDOW_SECONDS)
        words = "" if name == POSTGRESQL else f": {self._stack.processes[name].last_words()[:_LONGEST_WARNING]}"
        log = self._stack.cluster.log if name == POSTGRESQL else self._stack.processes[name].log
        if recent > _MOST_RESTARTS:
            raise StackError(f"{name} ended {recent} times within a minute, so everything stops{words} (see {log})")
        delay = float(2 ** (recent - 2))
        warn(f"{name} ended unexpectedly{words}. It is started again in {delay:.1f} seconds.")
        return delay


def _seed(stack: Stack) -> None:
    from deploy import demo  # heavier than all the rest, and not wanted by every start

    demo.seed(stack)
    say(f"Staff sign-in link: {demo.staff_sign_in_link(stack)}")


def _announce(stack: Stack, seconds: float) -> None:
    say(f"Ready after {seconds:.1f} seconds")
    say(f"  catalog, enrolling, staff:  {stack.url('enrollment')}")
    say(f"  all e-mail (development):   {stack.url('enrollment')}/mailbox")
    say(f"  badges and verification:    {stack.url('public')}")
    say(f"  issuer (between services):  {stack.url('issuer')}")
    say(f"  logs:                       {stack.folder / 'logs'}")
    say(f"  database:                   {stack.cluster.folder}")
    if any(stack.environment.anchors.glob("anchor-*.json")):
        say(f"  anchors of the issuers:     {stack.environment.anchors}: take these files off this machine, and")
        say(f"                              {stack.folder / 'keys' / 'anchor.passphrase'} to another place")
    say("Ctrl-C stops everything.")


def _port_base(text: str) -> int:
    if not text.isdecimal() or not 1024 <= int(text) <= 65531:
        raise argparse.ArgumentTypeError("a number from 1024 to 65531 is wanted")
    return int(text)


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """SIGTERM and a closed terminal count as Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        _on_every(signal.SIG_IGN)  # a second one must not interrupt the way to stopping
        raise KeyboardInterrupt

    _on_every(interrupt)
    yield


@contextmanager
def _told_to_stop_at_once(stack: Stack) -> Iterator[None]:
    """While stopping, a second Ctrl-C kills the processes instead of waiting for them."""

    def kill(number: int, frame: FrameType | None) -> None:
        for name in stack.processes:
            with suppress(ProcessLookupError):
                stack.kill(name)

    _on_every(kill)
    yield


def _on_every(handler: signal.Handlers | Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, handler)
