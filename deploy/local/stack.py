"""The whole of Laurel on one machine: PostgreSQL, both databases migrated, five processes.

Everything here blocks: from asyncio, call it with `asyncio.to_thread`. When the process that holds a started Stack
ends, however it ends, all that it started ends too.
"""

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deploy.local import locks
from deploy.local.environment import HOST, MIGRATIONS, ROLES, Addresses, Environment
from deploy.local.installation import kept_port_base
from deploy.local.postgres import Cluster
from deploy.local.processes import ROOT, Process, keep_previous
from deploy.local.terminal import StackError, explain
from shared.migrate import MigrationError, migrate

#: The name under which `kill` and `restart` know the database.
POSTGRESQL = "postgresql"
#: All processes have this long to end in order.
STOP_SECONDS = 10.0
READY_SECONDS = 60.0
#: Below the ports that a kernel gives to outgoing connections: a client that retries could take such a one.
_FREE_PORTS = range(20000, 32000, 10)


class Stack:
    """The stack in `folder`, on five ports from `port_base` (free ones where that is None).

    `cluster_folder` is PostgreSQL's, if not below `folder`; `extra` is added to every process's environment.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port_base: int | None = None,
        cluster_folder: Path | None = None,
        durable: bool = True,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.addresses = Addresses(port_base or free_port_base())
        self._logs = self.folder / "logs"
        self.cluster = Cluster(
            cluster_folder or self.folder / "postgresql", durable=durable, log=self._logs / "postgresql.log"
        )
        self.environment = Environment(self.folder, self.addresses, self.cluster, extra or {})
        self.processes = {
            role.name: Process(
                role.name, role.command, port=self.addresses.port(role.name), log=self._logs / f"{role.name}.log"
            )
            for role in ROLES
        }
        self._lifeline: tuple[int, int] | None = None
        self._lock: int | None = None
        self._changing = threading.RLock()

    @classmethod
    @contextmanager
    def temporary(cls, *, durable: bool = False, extra: Mapping[str, str] | None = None) -> Iterator["Stack"]:
        """A started stack in a folder and on ports of its own, gone at the end."""
        folder = Path(tempfile.mkdtemp(prefix="laurel-"))
        folder.chmod(0o711)
        stack = cls(folder, durable=durable, extra=extra)
        try:
            stack.start()
            yield stack
        finally:
            stack.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, role: str) -> str:
        """The address of a role's process, without a final slash: `enrollment`, `issuer`, `public`, or a worker."""
        return self.addresses.url(role)

    def dsn(self, database: str, user: str) -> str:
        """The address of a database for a test's or a tool's own connection."""
        return self.cluster.dsn(database, user)

    def start(self, *, on_progress: Callable[[str], None] = lambda line: None) -> None:
        """Start everything and return when every process is ready; on any error all is stopped again."""
        with self._changing:
            try:
                self._prepare(on_progress)
                on_progress("Starting PostgreSQL")
                self.cluster.start()
                on_progress("Migrating the databases")
                self._migrate()
                on_progress("Starting " + ", ".join(self.processes))
                for name in self.processes:
                    self._start_process(name)
                for process in self.processes.values():
                    process.await_ready(timeout=READY_SECONDS)
            except OSError as error:
                self.stop()
                raise StackError(explain(error)) from error
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Stop the processes in order, then PostgreSQL; what does not end within ten seconds is killed."""
        with self._changing:
            for process in self.processes.values():
                process.terminate()
            deadline = time.monotonic() + STOP_SECONDS
            for process in self.processes.values():
                process.finish(timeout=deadline - time.monotonic())
            self.cluster.stop()
            if self._lifeline is not None:
                for end in self._lifeline:
                    os.close(end)
                self._lifeline = None
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def kill(self, name: str) -> None:
        """SIGKILL one process, or `postgresql` (its postmaster, whose other processes then end); gone on return."""
        with self._changing:
            if name == POSTGRESQL:
                self.cluster.kill()
            else:
                self.processes[name].kill()

    def restart(self, name: str, *, wait: bool = True) -> None:
        """Start what was killed or has ended, and stop it first if it runs; ready on return unless `wait` is False."""
        with self._changing:
            if name == POSTGRESQL:
                self.cluster.stop()
                self.cluster.start()
                return
            process = self.processes[name]
            process.terminate()
            process.finish(timeout=STOP_SECONDS)
            self._start_process(name)
        if wait:
            process.await_ready(timeout=READY_SECONDS)

    def ended(self) -> list[str]:
        """The names of what has ended without having been stopped or killed by this object."""
        with self._changing:
            gone = [name for name, process in self.processes.items() if process.ended_unexpectedly]
            return ([POSTGRESQL] if self.cluster.ended_unexpectedly else []) + gone

    def run(self, *command: str, role: str) -> "subprocess.CompletedProcess[str]":
        """Run `python -m COMMAND` to its end with the settings of `role`, its output captured as text."""
        (settings,) = (self.environment.for_role(one) for one in ROLES if one.name == role)
        return subprocess.run(
            [sys.executable, "-P", "-m", *command],
            env={**settings, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def _prepare(self, on_progress: Callable[[str], None]) -> None:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._logs.mkdir(mode=0o700, exist_ok=True)
        held = self.folder / "processes.lock"
        self._lock = locks.acquire(held)
        if self._lock is None:
            on_progress("Waiting for the processes of the run before to end")
            self._lock = locks.acquire(held, timeout=STOP_SECONDS + 5)
        if self._lock is None:
            raise StackError(f"Processes of another run still use {self.folder}. End them and start again.")
        for name in self.processes:
            require_free(
                self.addresses.port(name), kept_by=None if kept_port_base(self.folder) is None else self.folder
            )
        for log in (self.cluster.log, *(process.log for process in self.processes.values())):
            keep_previous(log)
        self.environment.prepare()
        self._lifeline = os.pipe()

    def _start_process(self, name: str) -> None:
        if self._lifeline is None or self._lock is None:
            raise StackError("The stack is not started.")
        (role,) = (one for one in ROLES if one.name == name)
        self.processes[name].start(self.environment.for_role(role), lifeline=self._lifeline[0], lock=self._lock)

    def _migrate(self) -> None:
        """What the services' `migrate` commands do, without the second that starting each of them takes."""
        wanted = [(self.dsn(database, owner), ROOT / folder) for folder, database, owner in MIGRATIONS]

        async def migrate_all() -> None:
            await asyncio.gather(*(migrate(url, folder) for url, folder in wanted))

        # In a thread of its own, since the caller's may have an event loop running.
        with ThreadPoolExecutor(1) as thread:
            try:
                thread.submit(asyncio.run, migrate_all()).result()
            except MigrationError as error:
                raise StackError(f"A database could not be migrated: {error}") from error


def require_free(port: int, *, kept_by: Path | None = None) -> None:
    """StackError if another program listens on the port; `kept_by` is the folder whose stack can use no other."""
    if not _is_free(port):
        if kept_by is not None:
            raise StackError(
                f"Port {port} is in use by another program. What is stored in {kept_by} has its address there: "
                "end that program, or start anew in another folder: `./run --folder OTHER --port-base 8100`."
            )
        raise StackError(
            f"Port {port} is in use by another program. "
            f"Choose other ports: `./run --port-base 8100` takes 8100 to {8100 + len(ROLES) - 1}."
        )


def free_port_base() -> int:
    """The first of five ports in a row that nobody listens on now."""
    for base in random.sample(_FREE_PORTS, len(_FREE_PORTS)):
        if all(_is_free(base + offset) for offset in range(len(ROLES))):
            return base
    raise StackError("No five free ports in a row were found between 20000 and 32000.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do; without it, connections that have just ended would make the port look used.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
