"""Copies of a log outside the database: written before a head is shown, read to make a restored log whole. Pure."""

import re
from collections.abc import Iterable
from uuid import UUID

import msgspec

from services.credentials.issuance_log.model import LogForkedError
from shared.transparency import checkpoint

_NAME = re.compile(r"logs/([0-9a-f-]{36})/\d{18}-\d{18}\.json")


class _Copy(msgspec.Struct, frozen=True, kw_only=True):
    """Leaves from a position on, as hex, up to the last one that the head counts."""

    start: int
    leaves: list[str]
    checkpoint: str


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What all copies of one log have together: its name, and leaves by position."""

    origin: str
    leaves: dict[int, bytes]


def copy(issuer_id: UUID, start: int, leaves: list[bytes], note: str) -> tuple[str, bytes]:
    """The name and content of a copy; the same leaves under the same head are the same bytes under the same name."""
    content = _Copy(start=start, leaves=[one.hex() for one in leaves], checkpoint=note)
    return f"logs/{issuer_id}/{start:018}-{start + len(leaves):018}.json", msgspec.json.encode(content)


def issuer_of(name: str) -> UUID | None:
    """Whose log a copy of this name is of; None for another thing."""
    found = _NAME.fullmatch(name)
    return None if found is None else UUID(found[1])


def together(copies: Iterable[bytes]) -> Copied | None:
    """The log that the copies are of; None for none. LogForkedError where two contradict each other."""
    origin, leaves = None, dict[int, bytes]()
    for content in copies:
        one = msgspec.json.decode(content, type=_Copy)
        origin = checkpoint.read(one.checkpoint).head.origin
        for position, sha256 in enumerate(one.leaves, one.start):
            if leaves.setdefault(position, bytes.fromhex(sha256)) != bytes.fromhex(sha256):
                raise LogForkedError(position)
    return None if origin is None else Copied(origin=origin, leaves=leaves)
