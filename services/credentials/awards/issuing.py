"""The one way of a signature: what goes in is reserved, signed, verified, and stored where it still may be."""

import asyncio
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from services.credentials.achievements import store as achievements
from services.credentials.awards import changes, life, store
from services.credentials.awards.document import Inputs
from services.credentials.awards.model import (
    AwardInProgressError,
    AwardRow,
    Order,
    Replacement,
    SignedCredential,
    Standing,
    answer_of,
)
from services.credentials.awards.signing import Keys, sign, sign_statement
from services.credentials.keys import store as keys
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import Issuer, current
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.template import Templates
from services.credentials.status_lists import actions as status_lists
from services.credentials.status_lists import store as lists
from shared import outbox
from shared.clock import Clock
from shared.contracts import AwardRequest, CredentialReason, canonical
from shared.postgres import Connection, Pool, transaction

#: The outbox topic of what became of awards; the payload is a canonical AwardAnswer, the key the award's id.
OUTCOME = "outcome"
#: Signing takes some 20 ms; whoever has not stored by then is dead, and the next request takes over.
_LEASE_SECONDS = 10.0
#: What asking again does not mend: another change of the award may go ahead.
_UNSIGNABLE = (JsonLdError, UnknownContextError, TooComplexError)


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What issuing needs: the database, the keys, the address in every link, the clock, and what was compiled."""

    pool: Pool
    custody: Custody
    public_url: str
    clock: Clock
    templates: Templates


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that is asked for. `subject_id` None is a new one; `after` is what it must be younger than."""

    reason: CredentialReason
    ask_id: UUID
    ask_sha256: str
    request: AwardRequest
    subject_id: str | None = None
    valid_until: datetime | None = None
    after: datetime | None = None


async def reserve(connection: Connection, issuer_id: UUID, award_id: UUID, wanted: Wanted, *, now: datetime) -> Order:
    """Freeze what goes into the award's next credential; the award is locked."""
    signing = current(await keys.keys(connection, issuer_id))
    number = await store.next_number(connection, award_id)
    valid_from = now.replace(microsecond=0)
    if wanted.after is not None:
        # Of two credentials of one award the younger counts (Open Badges 3.0, section 8.7), and dates have seconds.
        valid_from = max(valid_from, wanted.after + timedelta(seconds=1))
    found = await status_lists.open_list(connection, issuer_id, now=now)
    while True:
        reserved = Order(
            credential_id=uuid4(),
            award_id=award_id,
            issuer_id=issuer_id,
            reason=wanted.reason,
            number=number,
            ask_id=wanted.ask_id,
            ask_sha256=wanted.ask_sha256,
            request=wanted.request,
            # An id of this award alone: two badges of one person cannot be joined by it.
            subject_id=wanted.subject_id or f"urn:uuid:{uuid4()}",
            status_list_id=found.id,
            status_index=secrets.randbelow(found.length),
            key_id=signing.proof.id,
            jwt_key_id=signing.jwt.id,
            valid_from=valid_from,
            valid_until=wanted.valid_until,
            lease=uuid4(),
        )
        if await store.reserve(connection, reserved, lease_seconds=_LEASE_SECONDS):
            await lists.take(connection, found.id)
            return reserved


async def take_over(connection: Connection, issuer_id: UUID, ask_id: UUID) -> Order:
    """What somebody reserved and did not sign, under our lease; AwardInProgressError while theirs runs."""
    taken = await store.take_over(connection, issuer_id, ask_id, uuid4(), lease_seconds=_LEASE_SECONDS)
    if taken is None:
        raise AwardInProgressError
    return taken


async def finish(desk: Desk, reserved: Order) -> tuple[bool, AwardRow]:
    """Sign and store what was reserved: whether this call did, and the award as it is now.

    What it replaces is revoked with it, and the lists say so before this returns. AwardErasedError,
    AwardInProgressError where somebody else took over.
    """
    try:
        signed = await _sign(desk, reserved)
        statements: dict[UUID, Replacement] = {}
        while True:
            for old in await _replaced(desk.pool, reserved):
                if old.credential_id not in statements:
                    statements[old.credential_id] = await _sign_statement(desk, old, reserved, signed)
            kept = await _keep(desk, reserved, signed, statements)
            if kept is not None:
                break
    except _UNSIGNABLE:
        if reserved.reason in ("first", "copy"):
            await asyncio.shield(store.release(desk.pool, reserved))
        else:
            await asyncio.shield(store.abandon(desk.pool, reserved, at=desk.clock()))
        raise
    except BaseException:
        # The next try need not wait for the lease to lapse. A killed process cannot do this, and need not.
        await asyncio.shield(store.release(desk.pool, reserved))
        raise
    is_ours, row, stale = kept
    for list_id in stale:
        await publish(desk, list_id)
    return is_ours, row


async def _replaced(connection: Connection | Pool, reserved: Order) -> list[Standing]:
    """What a reserved credential replaces: everything in force of its award, unless it only stands beside."""
    return [] if reserved.reason in ("first", "copy") else await store.standing(connection, reserved)


async def _sign(desk: Desk, reserved: Order) -> SignedCredential:
    # A badge that names a list which cannot be had would be undecided: the list is published first.
    if not await lists.is_published(desk.pool, reserved.status_list_id):
        await publish(desk, reserved.status_list_id)
    request = reserved.request
    version = await achievements.version(desk.pool, request.achievement_id, request.achievement_version)
    assert version is not None
    inputs = Inputs(
        reservation=reserved,
        request=request,
        achievement=version.content,
        issuer=await _issuer(desk, reserved),
        public_url=desk.public_url,
    )
    return await asyncio.to_thread(sign, inputs, await _keys(desk, reserved), desk.custody, desk.templates)


async def _sign_statement(desk: Desk, old: Standing, new: Order, signed: SignedCredential) -> Replacement:
    issuer = await _issuer(desk, new)
    document = changes.statement(old, new, signed, did=issuer.did, issuer_name=issuer.name, public_url=desk.public_url)
    text = await asyncio.to_thread(
        sign_statement, document, issuer.did, (await _keys(desk, new)).proof, desk.custody, new.valid_from
    )
    return Replacement(credential_id=old.credential_id, changes=changes.changes(old, new), key_id=new.key_id, json=text)


async def _issuer(desk: Desk, reserved: Order) -> Issuer:
    found = await keys.issuer(desk.pool, reserved.issuer_id)
    assert found is not None
    return found


async def _keys(desk: Desk, reserved: Order) -> Keys:
    proof, jwt = (
        await keys.sealed_key(desk.pool, reserved.key_id),
        await keys.sealed_key(desk.pool, reserved.jwt_key_id),
    )
    assert proof is not None
    assert jwt is not None
    return Keys(proof=proof, jwt=jwt)


async def _keep(
    desk: Desk, reserved: Order, signed: SignedCredential, statements: dict[UUID, Replacement]
) -> tuple[bool, AwardRow, list[UUID]] | None:
    """Store where the reservation still stands, with the lists that this revokes in; the loser gets what there is.

    None where a credential came meanwhile whose replacement no statement tells yet.
    """
    now = desk.clock().replace(microsecond=0)
    async with transaction(desk.pool) as connection:
        row = await store.lock(connection, reserved.award_id)
        state = life.state_of(row, now=now)
        stays = life.after(state, "sign") == state and reserved.reason != "copy"
        assert row is not None
        if stays or row.state == "revoked":
            return False, row, []
        replaced = [one.credential_id for one in await _replaced(connection, reserved)]
        if any(one not in statements for one in replaced):
            return None
        stale = await store.replace(connection, reserved, [statements[one] for one in replaced], at=now)
        if not await store.keep_signed(connection, reserved, signed, at=now):
            raise AwardInProgressError
        for list_id in stale:
            await lists.want(connection, list_id)
        if reserved.reason != "copy":
            row = await tell(connection, reserved.award_id, public_url=desk.public_url)
        return True, row, stale


async def tell(connection: Connection, award_id: UUID, *, public_url: str) -> AwardRow:
    """Queue the award's outcome in the transaction that changed it."""
    row = await store.award(connection, award_id)
    assert row is not None
    await outbox.put(
        connection,
        organization_id=row.issuer_id,
        topic=OUTCOME,
        key=award_id,
        payload=canonical(answer_of(row, public_url=public_url)),
    )
    return row


async def publish(desk: Desk, list_id: UUID) -> bool:
    """Sign and publish a status list that is out of date."""
    return await status_lists.publish(desk.pool, desk.custody, list_id, public_url=desk.public_url, clock=desk.clock)
