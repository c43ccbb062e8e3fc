"""One PostgreSQL in one folder: made, started, stopped and killed; the `enrollment` and `credentials` databases in it.

It listens on a Unix socket only. As root it runs under another user (`binaries.account`). A guard process stops it
when the process that started it is gone. Everything here blocks: from asyncio, call it with `asyncio.to_thread`.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from deploy.local import locks
from deploy.local.postgres import binaries, schema
from deploy.local.terminal import StackError, explain

_GUARD = Path(__file__).with_name("guard.py")
#: sockaddr_un holds 104 bytes on macOS and 108 on Linux.
_LONGEST_SOCKET_PATH = 100
_STOP_SECONDS = 14.0
_READY_SECONDS = 120.0
_POLL_SECONDS = 0.02

_CONFIGURATION = """\
listen_addresses = ''
port = 5432
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
# A message's DETAIL quotes rows: names and addresses do not belong into a log.
log_error_verbosity = 'terse'
shared_buffers = '64MB'
"""
# The kernel still holds what was written, so a killed PostgreSQL loses nothing. That needs `synchronous_commit`.
_NOT_DURABLE = """\
fsync = off
full_page_writes = off
"""


class Cluster:
    """A PostgreSQL below `folder`; `durable=False` gives up its promises on a power cut, for tests."""

    def __init__(self, folder: Path, *, durable: bool = True, log: Path | None = None) -> None:
        self.folder = folder
        self.log = log or folder / "postgresql.log"
        self._durable = durable
        self._data = folder / "data"
        self._account = binaries.account()
        self._guard: subprocess.Popen[str] | None = None
        self._pid = 0
        self._passwords: dict[str, str] = {}
        self._programs = Path()
        self._socket = folder / "socket"

    @classmethod
    @contextmanager
    def temporary(cls, *, durable: bool = False) -> Iterator["Cluster"]:
        """A started cluster in a folder of its own, gone at the end."""
        folder = Path(tempfile.mkdtemp(prefix="laurel-"))
        cluster = cls(folder / "pg", durable=durable)
        try:
            folder.chmod(0o711)
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        """Whether the PostgreSQL that this object started still runs."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def ended_unexpectedly(self) -> bool:
        """Whether PostgreSQL was started, neither stopped nor killed by this object, and has ended."""
        return self._guard is not None and self._guard.poll() is not None

    @property
    def pid(self) -> int:
        """The process id of the postmaster started last."""
        return self._pid

    def start(self) -> None:
        """Start, after making it on first use and after stopping what an earlier run left; ready on return."""
        if self.is_running:
            return
        try:
            self._prepare_folder()
            lock = self._stop_leftovers()
            try:
                if not self._data.exists():
                    self._initialize(lock)
                self._configure()
                self._launch(lock)
            finally:
                os.close(lock)
            self._await_ready()
            self._sql("postgres", schema.provision(self._passwords))
        except OSError as error:
            self.stop()
            raise StackError(explain(error)) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in order; what is under way is rolled back."""
        if (guard := self._guard) is None:
            return
        if guard.stdin is not None:
            with suppress(BrokenPipeError):
                guard.stdin.close()
        guard.terminate()
        guard.wait()
        self._guard = None
        locks.is_free(self._lock, timeout=_STOP_SECONDS)

    def kill(self) -> None:
        """SIGKILL the postmaster, as a crash would; on return all of its processes are gone."""
        if (guard := self._guard) is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        guard.wait()
        self._guard = None
        if not locks.is_free(self._lock, timeout=_STOP_SECONDS):
            raise StackError("Processes of a killed PostgreSQL still run; see `ps` for `postgres`.")

    def dsn(self, database: str, user: str) -> str:
        """The address of `database` as `user`, with the password; one of `schema.ROLES`, or `postgres`."""
        self._read_passwords()
        return (
            f"postgresql://{user}:{self._passwords[user]}@/{database}?host={quote(str(self._socket_folder()), safe='')}"
        )

    def create_database(self, name: str, *, owner: str) -> None:
        """Another, empty database, owned by `owner`, which every role may connect to; for tests."""
        self._sql("postgres", f'CREATE DATABASE "{name}" OWNER "{owner}";')

    def copy_database(self, name: str, *, of: str, owner: str) -> None:
        """Another database as that one is now, while nobody is connected to it; for tests."""
        self._sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{of}" OWNER "{owner}";')

    def drop_database(self, name: str) -> None:
        """Drop a database, also while somebody is connected to it."""
        self._sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')

    @property
    def _lock(self) -> Path:
        return self.folder / "cluster.lock"

    def _prepare_folder(self) -> None:
        self._programs = binaries.programs()
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._socket = self._socket_folder()
        if self._account is None:
            self._socket.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            binaries.require_reachable(self._data, self._account)
            self._socket.mkdir(mode=0o700, exist_ok=True)
            os.chown(self._socket, self._account.uid, self._account.gid)
        owner = os.geteuid() if self._account is None else self._account.uid
        if self._socket.stat().st_uid != owner or self._socket.is_symlink():
            raise StackError(f"{self._socket} belongs to another user. Remove it and start again.")
        self._read_passwords()

    def _socket_folder(self) -> Path:
        """Below the cluster's folder, or where that is too long for a socket, a private folder in /tmp."""
        inside = self.folder.resolve() / "socket"
        if len(os.fsencode(inside)) + len("/.s.PGSQL.5432.lock") <= _LONGEST_SOCKET_PATH:
            return inside
        return Path("/tmp", f"laurel-{os.geteuid()}-{sha256(os.fsencode(inside)).hexdigest()[:16]}")  # noqa: S108

    def _read_passwords(self) -> None:
        if self._passwords:
            return
        path = self.folder / "passwords.json"
        if not path.exists():
            made = {role: secrets.token_urlsafe(24) for role in ("postgres", *schema.ROLES)}
            partial = path.with_suffix(f".{secrets.token_hex(4)}")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(made), encoding="utf-8")
            partial.rename(path)
        self._passwords = json.loads(path.read_text(encoding="utf-8"))

    def _stop_leftovers(self) -> int:
        """The cluster's lock: held means that processes of an earlier run live, which are stopped first."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            # A guard may be stopping it already, so the first wait comes before the first signal.
            if (lock := locks.acquire(self._lock, timeout=1.0)) is not None:
                break
            if (left := self._postmaster()) is not None:
                with suppress(ProcessLookupError):
                    os.kill(left[0], number)
            if (lock := locks.acquire(self._lock, timeout=_STOP_SECONDS)) is not None:
                break
        else:
            raise StackError(f"Another PostgreSQL runs in {self.folder} and does not stop. End it and start again.")
        # Nothing of this cluster runs, so whatever process the file names now is a stranger.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        return lock

    def _postmaster(self) -> tuple[int, str] | None:
        """Process id and status that PostgreSQL wrote into its pid file."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (OSError, ValueError, IndexError):
            return None

    def _initialize(self, lock: int) -> None:
        """Make the data folder under another name first, so that a half-made one is never started."""
        for half_made in self.folder.glob("making-*"):
            shutil.rmtree(half_made) if half_made.is_dir() else half_made.unlink()
        making = Path(tempfile.mkdtemp(prefix="making-", dir=self.folder))
        password = making.with_name(making.name + ".password")
        password.touch(mode=0o600)
        password.write_text(self._passwords["postgres"], encoding="utf-8")
        if self._account is not None:
            os.chown(making, self._account.uid, self._account.gid)
            os.chown(password, self._account.uid, self._account.gid)
        command = [
            *(str(self._programs / "initdb"), f"--pgdata={making}", "--username=postgres", f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            *(() if self._durable else ("--no-sync",)),
        ]
        done = self._as_account(command, lock=lock)
        password.unlink()
        if done.returncode != 0:
            shutil.rmtree(making, ignore_errors=True)
            full = "no space left" in done.stderr.lower()
            raise StackError(
                "The disk is full: PostgreSQL needs about 100 megabytes. Free some space and start again."
                if full
                else f"PostgreSQL could not be set up: {_last_line(done.stderr)}"
            )
        making.rename(self._data)

    def _configure(self) -> None:
        """Write what this program decides, at each start, so that a new version of it takes effect."""
        if (version := (self._data / "PG_VERSION").read_text().strip()) != schema.POSTGRESQL_VERSION:
            raise StackError(
                f"{self._data} was made by PostgreSQL {version}, and this program brings {schema.POSTGRESQL_VERSION}. "
                "Export from the old program, move that folder away and start again."
            )
        # Two quotings: of the path in the list, of the list in the file.
        socket = str(self._socket).replace('"', '""').replace("'", "''")
        target = self._data / "postgresql.auto.conf"
        text = _CONFIGURATION + f"unix_socket_directories = '\"{socket}\"'\n" + ("" if self._durable else _NOT_DURABLE)
        target.write_text(text, encoding="utf-8")

    def _launch(self, lock: int) -> None:
        user = self._account or binaries.Account(-1, -1)
        command = [sys.executable, "-I", "-S", str(_GUARD), str(lock), str(user.uid), str(user.gid)]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(
                [*command, str(self._programs / "postgres"), "-D", str(self._data)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,
                env=_ENVIRONMENT,
                cwd="/",
                text=True,
            )
        if self._guard.stdout is None:
            raise AssertionError("stdout is a pipe")
        with self._guard.stdout as first_line:
            self._pid = int(first_line.readline() or 0)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while self._postmaster() != (self._pid, "ready"):
            if not self.is_running:
                raise StackError(f"PostgreSQL did not start: {_last_line(_tail(self.log))} (see {self.log})")
            if time.monotonic() > deadline:
                raise StackError(f"PostgreSQL is not ready after {_READY_SECONDS:.0f} seconds (see {self.log}).")
            time.sleep(_POLL_SECONDS)

    def _sql(self, database: str, text: str) -> None:
        """Run statements as the superuser; StackError with PostgreSQL's words if one fails."""
        done = subprocess.run(
            [str(self._programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            # Not as arguments: those are seen by every user of the machine.
            env=_ENVIRONMENT
            | {
                "PGHOST": str(self._socket),
                "PGDATABASE": database,
                "PGUSER": "postgres",
                "PGPASSWORD": self._passwords["postgres"],
            },
            cwd="/",
        )
        if done.returncode != 0:
            raise StackError(f"PostgreSQL refused: {_last_line(done.stderr)}")

    def _as_account(self, command: list[str], *, lock: int) -> "subprocess.CompletedProcess[str]":
        user = self._account
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=(lock,),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            env=_ENVIRONMENT,
            cwd="/",
        )


_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _tail(path: Path) -> str:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 4096))
        return log.read().decode(errors="replace")


def _last_line(text: str) -> str:
    """The last line that tells a cause."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it gave no reason"]
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error:"))]
    return (telling or lines)[-1]
