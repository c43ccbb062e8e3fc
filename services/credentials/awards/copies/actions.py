"""Verbs of copies for wallets: make a challenge, and sign a copy for who answers it. A copy stands beside the badge."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from services.credentials.awards import issuing, life, store
from services.credentials.awards.changes import address
from services.credentials.awards.copies import store as copies
from services.credentials.awards.copies.holding import HolderNotProvenError, check_proof
from services.credentials.awards.issuing import Desk, Wanted
from services.credentials.awards.model import AwardChangedError, AwardRevokedError, CopyRow, Order
from services.credentials.keys import store as keys
from shared.contracts import WalletChallenge, WalletCopy, WalletCopyAnswer, canonical, sha256
from shared.postgres import Connection, transaction
from shared.problems import NotFoundError

_LIFE = timedelta(minutes=15)


async def challenge(desk: Desk, issuer_id: UUID, award_id: UUID, copy_id: UUID) -> WalletChallenge:
    """What the wallet has to sign for this copy; the same until it is over, then another.

    NotFoundError, HolderNotProvenError where it was answered already, and what a copy is refused for.
    """
    now = desk.clock()
    async with transaction(desk.pool) as connection:
        row = await store.lock(connection, award_id)
        if row is None or row.issuer_id != issuer_id:
            raise NotFoundError
        life.after(life.state_of(row, now=now), "copy")
        found = await copies.challenge(connection, copy_id)
        if found is not None and found.award_id != award_id:
            raise NotFoundError
        if found is not None and found.used_at is not None:
            raise HolderNotProvenError("challenge_used")
        if found is None or found.expires_at <= now:
            text = secrets.token_urlsafe(24)
            await copies.put_challenge(connection, copy_id, award_id, issuer_id, text, expires_at=now + _LIFE)
            found = await copies.challenge(connection, copy_id)
            assert found is not None
    return WalletChallenge(challenge=found.challenge, audience=_audience(desk, issuer_id), expires_at=found.expires_at)


async def put(
    desk: Desk, issuer_id: UUID, award_id: UUID, copy_id: UUID, copy: WalletCopy
) -> tuple[WalletCopyAnswer, bool]:
    """The copy whose subject is the wallet's DID, and whether it is new; the same request again answers the same.

    HolderNotProvenError, AwardChangedError for another request under this id, and what a copy is refused for.
    """
    async with transaction(desk.pool) as connection:
        await keys.hold(connection, issuer_id)
        reserved = await _reserve(desk, connection, (issuer_id, award_id, copy_id), copy, now=desk.clock())
    is_ours = False
    if reserved is not None:
        is_ours, _ = await issuing.finish(desk, reserved)
    found = await copies.copy(desk.pool, issuer_id, copy_id)
    # It was revoked while we signed.
    if found is None:
        raise AwardRevokedError
    return _answer(desk, found), is_ours


async def _reserve(
    desk: Desk, connection: Connection, ids: tuple[UUID, UUID, UUID], copy: WalletCopy, *, now: datetime
) -> Order | None:
    """A reservation to sign for; None where the copy is there."""
    issuer_id, award_id, copy_id = ids
    row = await store.lock(connection, award_id)
    if row is None or row.issuer_id != issuer_id:
        raise NotFoundError
    state = life.state_of(row, now=now)
    digest = sha256(canonical(copy))
    asked = await store.asked(connection, issuer_id, copy_id)
    if asked is not None and asked.ask_sha256 is not None:
        if (asked.award_id, asked.reason, asked.ask_sha256) != (award_id, "copy", digest):
            raise AwardChangedError(asked.ask_sha256)
        if asked.is_issued:
            return None
    life.after(state, "copy")
    if asked is not None:
        return await issuing.take_over(connection, issuer_id, copy_id, now=now)
    found = await copies.challenge(connection, copy_id)
    if found is None or found.award_id != award_id:
        raise HolderNotProvenError("challenge_unknown")
    if found.used_at is not None:
        raise HolderNotProvenError("challenge_used")
    if found.expires_at <= now:
        raise HolderNotProvenError("challenge_expired")
    audience = _audience(desk, issuer_id)
    check_proof(copy.proof, did=copy.did, challenge=found.challenge, audience=audience, now=now)
    await copies.use_challenge(connection, copy_id, at=now)
    request, _, valid_until = await store.current(connection, award_id)
    wanted = Wanted(
        reason="copy", ask_id=copy_id, ask_sha256=digest, request=request, subject_id=copy.did, valid_until=valid_until
    )
    return await issuing.reserve(desk, connection, issuer_id, award_id, wanted, now=now)


def _audience(desk: Desk, issuer_id: UUID) -> str:
    return f"{desk.public_url}/issuers/{issuer_id}"


def _answer(desk: Desk, found: CopyRow) -> WalletCopyAnswer:
    return WalletCopyAnswer(
        copy_id=found.copy_id,
        award_id=found.award_id,
        credential_id=found.credential_id,
        credential_url=address(found.credential_id, public_url=desk.public_url),
        did=found.did,
        valid_until=found.valid_until,
        signed_sha256=found.signed_sha256,
    )
