"""Proofs out of the log, for whoever asks: a few rows each, and no key."""

from uuid import UUID

from services.credentials.issuance_log import store
from services.credentials.issuance_log.model import (
    LogHead,
    LogProof,
    LogTooSmallError,
    NothingLoggedError,
    NotLoggedError,
)
from services.credentials.proofs import multikey
from shared.postgres import Pool
from shared.transparency import checkpoint, tree


async def newest_head(pool: Pool, issuer_id: UUID) -> LogHead:
    """The newest head that is shown; NothingLoggedError where there is none."""
    found = await store.head(pool, issuer_id)
    if found is None:
        raise NothingLoggedError
    return found


async def inclusion(pool: Pool, issuer_id: UUID, sha256: bytes, *, size: int | None = None) -> LogProof:
    """That the tree of `size` leaves, or without one that of the newest head, has a document.

    NothingLoggedError, NotLoggedError, LogTooSmallError.
    """
    head = await newest_head(pool, issuer_id)
    wanted = head.size if size is None else size
    if wanted > head.size:
        raise LogTooSmallError(head.size)
    position = await store.position(pool, issuer_id, sha256)
    if position is None or position >= wanted:
        raise NotLoggedError
    hashes = await store.nodes(pool, issuer_id, tree.inclusion_nodes(position, wanted))
    return LogProof(position=position, size=wanted, head=head, hashes=tree.prove_inclusion(position, wanted, hashes))


async def consistency(pool: Pool, issuer_id: UUID, first: int, second: int) -> list[bytes]:
    """That the tree of `second` leaves begins with that of `first`, neither beyond the newest head.

    NothingLoggedError, LogTooSmallError.
    """
    head = await newest_head(pool, issuer_id)
    if second > head.size:
        raise LogTooSmallError(head.size)
    hashes = await store.nodes(pool, issuer_id, tree.consistency_nodes(first, second))
    return tree.prove_consistency(first, second, hashes)


async def leaves(pool: Pool, issuer_id: UUID, start: int, *, most: int) -> list[bytes]:
    """The SHA-256 of documents from a position on, none beyond the newest head; NothingLoggedError."""
    head = await newest_head(pool, issuer_id)
    return await store.leaves(pool, issuer_id, start, min(start + most, head.size))


def key_of(head: LogHead) -> checkpoint.VerifierKey:
    """The key that signed a head, under the log's name."""
    return checkpoint.verifier_key(head.origin, multikey.decode(head.key_id))
