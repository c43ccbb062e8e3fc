"""What was ever published, kept outside the database: files that are written once and never over, nor taken away.

A restored database is older than what people have seen; from here it learns what it must not contradict.
"""

import asyncio
import os
import re
from pathlib import Path
from uuid import uuid4

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,120}(/[a-z0-9][a-z0-9._-]{0,120}){0,4}")
#: Where a file is until it is whole; no name begins so.
_UNDER_WAY = ".under-way"


class AlreadyPublishedError(Exception):
    """Something else was published under this name, and stays; `name` is the name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Published:
    """Published files in a local folder that a restore adds to and never overwrites."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / _UNDER_WAY).mkdir(parents=True, exist_ok=True, mode=0o700)

    async def put(self, name: str, content: bytes) -> None:
        """Keep it for good: on the disk when this returns. The same again changes nothing; AlreadyPublishedError."""
        await asyncio.to_thread(self._put, name, content)

    async def read(self, name: str) -> bytes | None:
        """What was published under a name; None where nothing was."""
        return await asyncio.to_thread(self._read, name)

    async def names(self, under: str) -> list[str]:
        """The names that begin with `under` and a slash, in order."""
        return await asyncio.to_thread(self._names, under)

    def _put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        if path.exists():
            self._compare(name, content)
            return
        _make(path.parent, up_to=self._folder)
        partial = self._folder / _UNDER_WAY / uuid4().hex
        try:
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never takes the place of what is there.
            os.link(partial, path)
        except FileExistsError:
            self._compare(name, content)
        finally:
            partial.unlink(missing_ok=True)
        _settle(path.parent)

    def _compare(self, name: str, content: bytes) -> None:
        if self._read(name) != content:
            raise AlreadyPublishedError(name)

    def _read(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _names(self, under: str) -> list[str]:
        start = self._path(under)
        return sorted(str(one.relative_to(self._folder)) for one in start.rglob("*") if one.is_file())

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None or ".." in name:
            raise ValueError(name)
        return self._folder / name


def _make(folder: Path, *, up_to: Path) -> None:
    """Make a folder with those above it, and let each outlive a power cut."""
    if folder.is_dir():
        return
    if folder != up_to:
        _make(folder.parent, up_to=up_to)
    folder.mkdir(exist_ok=True, mode=0o700)
    _settle(folder.parent)


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
