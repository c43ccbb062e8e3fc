"""Verbs of the witness: take a head that the issuer tells, and compare it with those before."""

import base64
import binascii
import logging
from typing import Literal
from uuid import UUID

import aiohttp
import msgspec

from services.enrollment.house import House
from services.enrollment.witness import store
from services.enrollment.witness.model import AlarmKind, TakenHead
from shared.answers import AnswerTooLargeError, body_of
from shared.contracts import LogState
from shared.postgres import transaction
from shared.transparency import checkpoint, tree

logger = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
_MOST_ANSWER_BYTES = 64 * 1024
_AT_ONCE = 200


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the log's door for consistency answers: a proof, or the problem that it has too few leaves."""

    hashes: list[str] | None = None
    type: str | None = None


async def take(house: House, organization_id: UUID, state: LogState) -> None:
    """Keep the head that came with an outcome; an alarm at once where another of its size is known.

    Which key signs the log is the key history's matter; here the signature makes the head evidence.
    """
    try:
        found, key = checkpoint.read(state.checkpoint), checkpoint.read_verifier_key(state.key)
    except checkpoint.CheckpointError as error:
        logger.error("a head of the log cannot be read", extra={"organization": organization_id, "code": error.code})
        return
    if not checkpoint.is_signed_by(found, key):
        logger.error("a head of the log is not signed by its key", extra={"organization": organization_id})
        return
    told = TakenHead(
        organization_id=organization_id,
        size=found.head.size,
        root=found.head.root,
        checkpoint=state.checkpoint,
        told_at=house.clock(),
    )
    known = await store.insert(house.pool, told)
    if known.root != told.root:
        await _raise(house, "rewritten", known, told)


async def check(house: House) -> None:
    """Compare every head that is new with the newest one before, by the log's own proof; what cannot be had waits."""
    away: set[UUID] = set()
    for head in await store.unchecked(house.pool, most=_AT_ONCE):
        if head.organization_id in away:
            continue
        known = await store.newest(house.pool, head.organization_id)
        older, newer = (head, head) if known is None else sorted((known, head), key=lambda one: one.size)
        kind = None if known is None else await _contradiction(house, older, newer)
        if kind == "undecided":
            away.add(head.organization_id)
            continue
        if kind is not None:
            await _raise(house, kind, older, newer)
            continue
        async with transaction(house.pool) as connection:
            await store.set_checked(connection, head, at=house.clock())


async def _contradiction(house: House, older: TakenHead, newer: TakenHead) -> AlarmKind | Literal["undecided"] | None:
    """None where the newer head goes with the older; `undecided` where the log gives no answer now."""
    url = f"{house.settings.public_url}/issuers/{older.organization_id}/log/consistency"
    asked = {"from": older.size, "to": newer.size}
    try:
        async with house.http.get(url, params=asked, timeout=_TIMEOUT, allow_redirects=False) as answer:
            body = await body_of(answer, most_bytes=_MOST_ANSWER_BYTES)
        told = msgspec.json.decode(body, type=_Answer)
    except (aiohttp.ClientError, AnswerTooLargeError, TimeoutError, msgspec.DecodeError) as error:
        logger.warning("the issuer's log cannot be asked now", extra={"error": type(error).__name__})
        return "undecided"
    if told.type == "/problems/log-too-small":
        return "cut"
    if told.hashes is None:
        logger.warning("the issuer's log gives no proof now", extra={"status": answer.status})
        return "undecided"
    try:
        proof = [base64.b64decode(one, validate=True) for one in told.hashes]
    except (binascii.Error, ValueError):
        return "rewritten"
    is_consistent = tree.verify_consistency(older.size, newer.size, older.root, newer.root, proof)
    return None if is_consistent else "rewritten"


async def _raise(house: House, kind: AlarmKind, older: TakenHead, newer: TakenHead) -> None:
    logger.critical(
        "the issuer's log contradicts what it signed before",
        extra={"organization": older.organization_id, "kind": kind, "older": older.size, "newer": newer.size},
    )
    async with transaction(house.pool) as connection:
        await store.raise_alarm(connection, kind, older, newer, at=house.clock())
