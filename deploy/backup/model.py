"""What a backup holds: its manifest, and the names inside the file. Pure."""

from datetime import datetime
from typing import Annotated

import msgspec

from deploy.local.terminal import StackError

#: Grows when an older program could not read the file any more.
FORMAT = 1
MANIFEST = "manifest.json"
SECRETS = "secrets.sealed"
#: Database -> its dump, in the custom format of pg_dump.
DUMPS = {"enrollment": "enrollment.dump", "credentials": "credentials.dump"}
#: Folders below that of the installation that go in whole: evidence, pictures, what was published, the anchors.
FOLDERS = ("files", "pictures", "published", "anchors")

_Size = Annotated[int, msgspec.Meta(ge=0)]


class BackupError(StackError):
    """A backup cannot be made or restored; `sentence` says why and what to do."""


class Member(msgspec.Struct, frozen=True):
    """A part of the backup: its size in bytes and its SHA-256 as hex."""

    size: _Size
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was kept, as of when, and from which program."""

    format: int
    taken_at: datetime
    port_base: int
    postgresql: str
    #: Database -> the migrations that were applied, each with the SHA-256 of its file.
    migrations: dict[str, dict[str, str]]
    members: dict[str, Member]


def is_safe(name: str) -> bool:
    """Whether a member's name stays inside the folder that it is written to."""
    parts = name.split("/")
    return bool(name) and all(part not in ("", ".", "..") and "\\" not in part and "\0" not in part for part in parts)
