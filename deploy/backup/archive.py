"""The file of a backup: a ZIP whose manifest holds every member to its size and SHA-256."""

import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from deploy.backup.model import FORMAT, MANIFEST, BackupError, Manifest, Member, is_safe

_CHUNK = 1 << 20
_MOST_MANIFEST_BYTES = 256 << 20


class Writer:
    """Writes members one after the other and remembers what the manifest says of them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add(self, name: str, content: bytes) -> None:
        """A member from memory."""
        with self._archive.open(name, "w") as target:
            target.write(content)
        self.members[name] = Member(len(content), hashlib.sha256(content).hexdigest())

    def add_file(self, name: str, path: Path) -> None:
        """A member from a file; nothing where that was destroyed meanwhile, as evidence may be."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return
        with source, self._archive.open(name, "w", force_zip64=True) as target:
            self.members[name] = _copied(source, target)

    def finish(self, manifest: Manifest) -> None:
        """The manifest, which ends the backup: a file without one is none."""
        whole = msgspec.structs.replace(manifest, members=self.members)
        self._archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(whole), indent=1))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new file that only its owner may read: whole at the end, or not there at all; BackupError where one is."""
    if path.exists():
        raise BackupError(f"{path} is there already. Nothing was written; choose another name.")
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            # Stored: dumps and pictures are compressed already.
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup with its manifest; BackupError where it is none, or one that this program cannot read."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _manifest(archive)
    except FileNotFoundError:
        raise BackupError(f"There is no file {path}.") from None
    except zipfile.BadZipFile:
        raise BackupError(f"{path} is not a whole backup: it is damaged, or was not copied completely.") from None


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
            raise BackupError("The backup's manifest is too large to be one.")
        found = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (KeyError, msgspec.DecodeError):
        raise BackupError("This file is no backup of Laurel: it has no manifest that can be read.") from None
    if found.format != FORMAT:
        raise BackupError(
            f"The backup has format {found.format}; this program reads {FORMAT}. Use the one that made it."
        )
    inside = {one.filename: one.file_size for one in archive.infolist() if one.filename != MANIFEST}
    if inside != {name: member.size for name, member in found.members.items()} or not all(map(is_safe, inside)):
        raise BackupError("The backup is damaged: its parts are not those that its manifest names.")
    return found


def extract(archive: zipfile.ZipFile, name: str, member: Member, target: Path) -> None:
    """Write one member to a new file that only its owner may read; BackupError where its bytes were changed."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with archive.open(name) as source, os.fdopen(os.open(target, _NEW, 0o600), "wb") as file:
        if _copied(source, file) != member:
            raise BackupError(f"The backup is damaged: {name} is not what the manifest says.")


def content(archive: zipfile.ZipFile, name: str, member: Member) -> bytes:
    """One member in memory; BackupError where its bytes were changed."""
    found = archive.read(name)
    if Member(len(found), hashlib.sha256(found).hexdigest()) != member:
        raise BackupError(f"The backup is damaged: {name} is not what the manifest says.")
    return found


def require_room(folder: Path, manifest: Manifest) -> None:
    """BackupError where the disk has less room than the backup needs, databases counted three times."""
    needed = sum(one.size for one in manifest.members.values()) * 3
    if shutil.disk_usage(folder).free < needed:
        raise BackupError(f"The disk has less than {needed >> 20} megabytes free, which restoring may need.")


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def _copied(source: IO[bytes], target: IO[bytes]) -> Member:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return Member(size, digest.hexdigest())
