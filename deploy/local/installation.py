"""What an installation keeps on its machine beside its data: where PostgreSQL is, and where the stack listens.

The ports of a folder are for good: the badges made in it name the addresses under which they are found.
"""

import os
import secrets
from pathlib import Path

import msgspec

from deploy.local.postgres.binaries import SYSTEM_FOLDER
from deploy.local.terminal import StackError

#: Tells other commands where the stack of a folder is, for as long as `run.lock` is held.
STATE = "running.json"
#: Holds the first port of the folder's stack, from its first start on.
_PORT_BASE = "port-base"
DEFAULT_PORT_BASE = 8000


class State(msgspec.Struct, frozen=True):
    """What other commands need to find the stack."""

    port_base: int

    def write(self, folder: Path) -> None:
        """Leave it in the folder of the stack."""
        (folder / STATE).write_bytes(msgspec.json.encode(self))


def cluster_folder(folder: Path) -> Path:
    """PostgreSQL's folder: below `folder`, or for root, whose PostgreSQL is another user, where every user can reach.

    A random id in `folder` ties the two together, so that a new checkout at an old path never finds foreign data.
    """
    if os.geteuid() != 0:
        return folder / "postgresql"
    path = folder / "installation"
    if not path.exists():
        partial = path.with_name(f"installation.{secrets.token_hex(4)}")
        partial.write_text(secrets.token_hex(8), encoding="ascii")
        partial.rename(path)
    outside = SYSTEM_FOLDER / path.read_text(encoding="ascii").strip()
    outside.mkdir(mode=0o711, parents=True, exist_ok=True)
    (outside / "belongs-to").write_text(f"{folder}\n", encoding="utf-8")
    return outside / "postgresql"


def kept_port_base(folder: Path) -> int | None:
    """The first port that the stack of `folder` has had since its first start; None before."""
    try:
        return int((folder / _PORT_BASE).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def port_base(folder: Path, wanted: int | None) -> int:
    """The first port for the stack of `folder`; StackError where another than it had is wanted."""
    kept = kept_port_base(folder)
    if kept is not None and wanted not in (None, kept):
        raise StackError(
            f"What is stored in {folder} has its addresses from port {kept} on, and its badges name them. "
            f"Start it without --port-base, or choose another folder: `./run --folder OTHER --port-base {wanted}`."
        )
    return wanted or kept or DEFAULT_PORT_BASE


def keep_port_base(folder: Path, base: int) -> None:
    """Have the stack of `folder` keep its ports."""
    if kept_port_base(folder) is None:
        (folder / _PORT_BASE).write_text(f"{base}\n", encoding="ascii")
