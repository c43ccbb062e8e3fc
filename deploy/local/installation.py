"""What an installation keeps on its machine beside its data: where PostgreSQL is, and where the stack listens."""

import os
import secrets
from pathlib import Path

import msgspec

from deploy.local.postgres.binaries import SYSTEM_FOLDER

#: Tells other commands where the stack of a folder is, for as long as `run.lock` is held.
STATE = "running.json"


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
