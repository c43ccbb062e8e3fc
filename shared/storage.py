"""Where files live: a folder of blobs under server-minted names. Never in the database."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import msgspec

_CHUNK = 256 * 1024


class TooLargeError(Exception):
    """A file is larger than may be kept; `most_bytes` is the limit."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self.most_bytes = most_bytes


class FileLostError(Exception):
    """A file that was kept is no longer where it was kept; `file_id` is its id."""

    def __init__(self, file_id: UUID) -> None:
        super().__init__(file_id)
        self.file_id = file_id


class Stored(msgspec.Struct, frozen=True):
    """A file that was kept: its id, size in bytes and SHA-256 as hex."""

    id: UUID
    size: int
    sha256: str


class Storage:
    """Blobs in a local folder; whole or not at all, even when the process is killed while writing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def keep(self, chunks: AsyncIterator[bytes], *, most_bytes: int) -> Stored:
        """Write a stream to a new blob; TooLargeError as soon as it passes the limit, with nothing left behind."""
        identifier = uuid4()
        path = self._path(identifier)
        partial = path.with_suffix(".partial")
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        file = await asyncio.to_thread(partial.open, "xb")
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > most_bytes:
                    raise TooLargeError(most_bytes)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_settle, file)
            partial.rename(path)
        finally:
            file.close()
            partial.unlink(missing_ok=True)
        return Stored(identifier, size, digest.hexdigest())

    async def read(self, identifier: UUID) -> AsyncIterator[bytes]:
        """The blob's bytes in chunks; FileLostError where there is none."""
        try:
            file = await asyncio.to_thread(self._path(identifier).open, "rb")
        except FileNotFoundError:
            raise FileLostError(identifier) from None
        try:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
        finally:
            file.close()

    async def remove(self, identifier: UUID) -> None:
        """Destroy the blob; nothing where it is gone already."""
        await asyncio.to_thread(self._path(identifier).unlink, missing_ok=True)

    def _path(self, identifier: UUID) -> Path:
        return self._folder / identifier.hex[:2] / identifier.hex


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
