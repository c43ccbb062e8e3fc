"""One process of the stack: started with the lifeline, its log followed, its readiness asked for, stopped or killed."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local.environment import HOST
from deploy.local.terminal import StackError
from shared.lifeline import VARIABLE as LIFELINE

ROOT = Path(__file__).resolve().parents[2]
#: A log that outgrows this is emptied; the one of the run before is kept beside it.
_LARGEST_LOG = 64 * 1024 * 1024
_POLL_SECONDS = 0.05


class Process:
    """`python -m COMMAND` with its output in `log`; it ends when the stack's own process does."""

    def __init__(self, name: str, command: tuple[str, ...], *, port: int, log: Path) -> None:
        self.name = name
        self.port = port
        self.log = log
        self._command = [sys.executable, "-P", "-m", *command]
        self._process: subprocess.Popen[bytes] | None = None
        self._read_until = 0

    @property
    def pid(self) -> int:
        """Its process id; StackError if it was never started."""
        if self._process is None:
            raise StackError(f"{self.name} was not started.")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def ended_unexpectedly(self) -> bool:
        """Whether it was started, was not stopped by us, and has ended."""
        return self._process is not None and self._process.poll() is not None

    def start(self, environment: dict[str, str], *, lifeline: int, lock: int) -> None:
        """Start it; `lifeline` is a reading end that it watches, `lock` is held for as long as it lives."""
        with self.log.open("ab") as log:
            self._read_until = log.tell()
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment, LIFELINE: str(lifeline), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
                cwd=ROOT,
                pass_fds=(lifeline, lock),
                start_new_session=True,
            )

    def await_ready(self, *, timeout: float) -> None:
        """Return when `/health/ready` answers 200; StackError if the process ends or `timeout` passes before."""
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if not self.is_running:
                raise StackError(f"{self.name} ended while starting: {self.last_words()} (see {self.log})")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} is not ready after {timeout:.0f} seconds (see {self.log}).")
            time.sleep(_POLL_SECONDS)

    def is_ready(self) -> bool:
        """Whether it says that it can do its work."""
        try:
            with _opener.open(f"http://{HOST}:{self.port}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def terminate(self) -> None:
        """Ask it to end in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def finish(self, *, timeout: float) -> None:
        """Wait for its end, by force after `timeout` seconds; it may be started again then."""
        if self._process is None:
            return
        try:
            self._process.wait(max(timeout, 0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """SIGKILL it and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def new_warnings(self) -> list[str]:
        """Lines of level WARNING and above that the log has got since the last call."""
        size = self.log.stat().st_size
        if size > _LARGEST_LOG:
            os.truncate(self.log, 0)  # it is written in append mode, so the next line starts the file anew
            self._read_until = 0
            return []
        with self.log.open("rb") as log:
            log.seek(min(self._read_until, size))
            complete = log.read().rpartition(b"\n")[0]
        self._read_until += len(complete) + 1 if complete else 0
        lines = complete.decode(errors="replace").splitlines()
        return [line for line in lines if any(level in line for level in (" WARNING ", " ERROR ", " CRITICAL "))]

    def last_words(self) -> str:
        """The last line of its log."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


def keep_previous(log: Path) -> None:
    """Begin a log anew, keeping the one of the run before as `NAME.log.1`."""
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    log.touch(mode=0o600)


# Proxies of the environment are for the outside, never for this machine's own processes.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
