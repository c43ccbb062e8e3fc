"""A log, its leaves and its heads as they are stored and told. Pure."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import msgspec


class NothingLoggedError(Exception):
    """The issuer's log has no head yet: nothing was signed, or it has no place yet."""


class NotLoggedError(Exception):
    """The log does not have this SHA-256 (yet)."""


class LogTooSmallError(Exception):
    """The log has only `size` leaves."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class LogForkedError(Exception):
    """The log in the database and its copies outside differ at `position`: one of them was tampered with."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """An issuer's log: its name for good, how many leaves it has, and how many the head counts that is shown."""

    issuer_id: UUID
    origin: str
    size: int
    shown_size: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed and waits for its place; `is_known` if it has one already."""

    document_id: UUID
    sha256: bytes
    signed_at: datetime
    is_known: bool


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """What gets a place: the SHA-256 of what was signed, and its document where that is known."""

    sha256: bytes
    document_id: UUID | None


class LogHead(msgspec.Struct, frozen=True, kw_only=True):
    """The head that is shown, as it was signed, and the id of the key that signed it."""

    origin: str
    size: int
    key_id: str
    checkpoint: str
    signed_at: datetime


class LogProof(msgspec.Struct, frozen=True, kw_only=True):
    """That the log has a document: its position, and the hashes that lead from it to the root of `size` leaves."""

    position: int
    size: int
    head: LogHead
    hashes: list[bytes]


def origin_of(public_url: str, issuer_id: UUID) -> str:
    """The name of a new log: its address without the scheme (tlog-checkpoint, Note text)."""
    parts = urlsplit(public_url)
    return f"{parts.netloc}{parts.path}/issuers/{issuer_id}/log"
