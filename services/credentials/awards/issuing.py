"""The one way of a signature: what goes in is reserved, signed, verified, and stored where it still may be."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import msgspec

from services.credentials.achievements import store as achievements
from services.credentials.achievements.model import StoredVersion
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
from services.credentials.awards.signing import draft, sign, sign_statement
from services.credentials.issuance_log import store as issuance_log
from services.credentials.keys import store as keys
from services.credentials.keys.model import Issuer, KeyChangedError, Keys, SigningKey, current
from services.credentials.keys.signer import Signer
from services.credentials.rules import book
from services.credentials.rules.model import Draft, RulesRefusedError, StatusPlace
from services.credentials.status_lists import actions as status_lists
from services.credentials.status_lists import store as lists
from services.credentials.status_lists.model import LENGTH
from services.credentials.status_lists.model import address as list_address
from shared import outbox
from shared.clock import Clock
from shared.coalescing import Coalescer
from shared.contracts import AwardRequest, CredentialReason, canonical
from shared.postgres import Connection, Pool, transaction
from shared.published import Published

#: The outbox topic of what became of awards; the payload is a canonical AwardAnswer, the key the award's id.
OUTCOME = "outcome"
#: Signing takes some 20 ms; whoever has not stored by then is dead, and the next request takes over.
_LEASE_SECONDS = 10.0
#: So often may keys change, and copies come, while one credential is signed.
_MOST_TRIES = 5


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What issuing needs: the database, the signer, the address in every link, and the clock."""

    pool: Pool
    signer: Signer
    public_url: str
    clock: Clock
    #: Where what was published is kept outside the database; None keeps it nowhere.
    published: Published | None = None
    #: Lets revocations that come together share one signature of their list.
    coalescer: Coalescer = msgspec.field(default_factory=Coalescer)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that is asked for. `subject_id` None is a new one; `after` is what it must be younger than."""

    reason: CredentialReason
    ask_id: UUID
    ask_sha256: str
    request: AwardRequest
    subject_id: str | None = None
    valid_until: datetime | None = None
    after: datetime | None = None


async def reserve(
    desk: Desk, connection: Connection, issuer_id: UUID, award_id: UUID, wanted: Wanted, *, now: datetime
) -> Order:
    """Freeze what goes into the award's next credential; the award and the issuer's keys are held.

    RulesRefusedError before anything is kept: what is refused may be mended and sent again under its id.
    """
    number = await store.next_number(connection, award_id)
    valid_from = now.replace(microsecond=0)
    if wanted.after is not None:
        # Of two credentials of one award the younger counts (Open Badges 3.0, section 8.7), and dates have seconds.
        valid_from = max(valid_from, wanted.after + timedelta(seconds=1))
    signing = current(await keys.keys(connection, issuer_id))
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
            book.examine(await _draft(desk, connection, reserved, (signing.proof, signing.jwt), is_free=True))
            return reserved


async def take_over(connection: Connection, issuer_id: UUID, ask_id: UUID, *, now: datetime) -> Order:
    """What somebody reserved and did not sign, under our lease; AwardInProgressError while theirs runs."""
    taken = await store.take_over(connection, issuer_id, ask_id, uuid4(), lease_seconds=_LEASE_SECONDS)
    if taken is None:
        raise AwardInProgressError
    return await _with_keys_that_sign(connection, taken, now=now)


async def _with_keys_that_sign(connection: Connection, reserved: Order, *, now: datetime) -> Order:
    """The reservation as it is; with other keys, date and place where its keys were given up before it was signed."""
    known = await keys.keys(connection, reserved.issuer_id)
    if _sign_still(known, reserved):
        return reserved
    signing = current(known)
    found = await status_lists.open_list(connection, reserved.issuer_id, now=now)
    while True:
        changed = msgspec.structs.replace(
            reserved,
            status_list_id=found.id,
            status_index=secrets.randbelow(found.length),
            key_id=signing.proof.id,
            jwt_key_id=signing.jwt.id,
            # Never before the date of what it replaces.
            valid_from=max(now.replace(microsecond=0), reserved.valid_from),
        )
        if await store.freeze_anew(connection, changed):
            await lists.take(connection, found.id)
            return changed
        if not await store.is_leased(connection, reserved):
            raise AwardInProgressError


def _sign_still(known: Sequence[SigningKey], reserved: Order) -> bool:
    return {reserved.key_id, reserved.jwt_key_id} <= {one.id for one in known if one.signs}


async def finish(desk: Desk, reserved: Order) -> tuple[bool, AwardRow]:
    """Sign and store what was reserved: whether this call did, and the award as it is now.

    What it replaces is revoked with it, and the lists say so before this returns. AwardErasedError, RulesRefusedError,
    AwardInProgressError where somebody else took over.
    """
    try:
        is_ours, row, stale = await _sign_and_keep(desk, reserved)
    except RulesRefusedError:
        # Asking again does not mend it: another change of the award may go ahead.
        if reserved.reason not in ("first", "copy"):
            await asyncio.shield(store.abandon(desk.pool, reserved, at=desk.clock()))
        await asyncio.shield(store.release(desk.pool, reserved))
        raise
    except BaseException:
        # The next try need not wait for the lease to lapse. A killed process cannot do this, and need not.
        await asyncio.shield(store.release(desk.pool, reserved))
        raise
    for list_id in stale:
        await publish(desk, list_id)
    return is_ours, row


async def _sign_and_keep(desk: Desk, reserved: Order) -> tuple[bool, AwardRow, list[UUID]]:
    """Sign and store; again where the issuer's keys changed in between, or another copy came that it replaces."""
    for _ in range(_MOST_TRIES):
        try:
            signed = await _sign(desk, reserved)
            statements = await _statements(desk, reserved, signed)
            kept = await _keep(desk, reserved, signed, statements)
            if kept is not None:
                return kept
        except KeyChangedError:
            async with transaction(desk.pool) as connection:
                await keys.hold(connection, reserved.issuer_id)
                reserved = await _with_keys_that_sign(connection, reserved, now=desk.clock())
    raise KeyChangedError


async def _draft(
    desk: Desk,
    connection: Connection | Pool,
    reserved: Order,
    signing: tuple[SigningKey, SigningKey],
    *,
    is_free: bool,
    length: int = LENGTH,
) -> Draft:
    issuer, version = await _issuer(connection, reserved), await _version(connection, reserved.request)
    inputs = Inputs(
        reservation=reserved,
        request=reserved.request,
        achievement=version.content,
        issuer=issuer,
        public_url=desk.public_url,
    )
    place = StatusPlace(
        list_url=list_address(reserved.status_list_id, public_url=desk.public_url),
        length=length,
        index=reserved.status_index,
        is_free=is_free,
    )
    return draft(inputs, *signing, now=desk.clock(), place=place, achievement_since=version.created_at)


async def _sign(desk: Desk, reserved: Order) -> SignedCredential:
    place = await lists.place(desk.pool, reserved.status_list_id, reserved.status_index)
    # A badge that names a list which cannot be had would be undecided: the list is published first.
    if not place.is_published:
        await publish(desk, reserved.status_list_id)
    held = await _keys(desk, reserved)
    assert held.jwt is not None
    is_free = place.holders == (reserved.credential_id,)
    found = await _draft(
        desk, desk.pool, reserved, (held.proof.key, held.jwt.key), is_free=is_free, length=place.length
    )
    return await asyncio.to_thread(sign, found, held, desk.signer)


async def _statements(desk: Desk, reserved: Order, signed: SignedCredential) -> dict[UUID, Replacement]:
    """A signed statement for everything that the reserved credential replaces."""
    found: dict[UUID, Replacement] = {}
    for old in await _replaced(desk.pool, reserved):
        issuer, held = await _issuer(desk.pool, reserved), await _keys(desk, reserved)
        document = changes.statement(
            old, reserved, signed, did=issuer.did, issuer_name=issuer.name, public_url=desk.public_url
        )
        text = await asyncio.to_thread(
            sign_statement,
            document,
            held.proof,
            desk.signer,
            did=issuer.did,
            now=desk.clock(),
            signed_at=reserved.valid_from,
            public_url=desk.public_url,
        )
        found[old.credential_id] = Replacement(
            credential_id=old.credential_id, changes=changes.changes(old, reserved), key_id=reserved.key_id, json=text
        )
    return found


async def _replaced(connection: Connection | Pool, reserved: Order) -> list[Standing]:
    """What a reserved credential replaces: everything in force of its award, unless it only stands beside."""
    return [] if reserved.reason in ("first", "copy") else await store.standing(connection, reserved)


async def _issuer(connection: Connection | Pool, reserved: Order) -> Issuer:
    found = await keys.issuer(connection, reserved.issuer_id)
    assert found is not None
    return found


async def _version(connection: Connection | Pool, request: AwardRequest) -> StoredVersion:
    found = await achievements.version(connection, request.achievement_id, request.achievement_version)
    assert found is not None
    return found


async def _keys(desk: Desk, reserved: Order) -> Keys:
    """The keys that were reserved; KeyChangedError where they sign no more."""
    proof, jwt = (
        await keys.sealed_key(desk.pool, reserved.key_id),
        await keys.sealed_key(desk.pool, reserved.jwt_key_id),
    )
    assert proof is not None
    assert jwt is not None
    if not _sign_still((proof.key, jwt.key), reserved):
        raise KeyChangedError
    return Keys(proof=proof, jwt=jwt)


async def _keep(
    desk: Desk, reserved: Order, signed: SignedCredential, statements: dict[UUID, Replacement]
) -> tuple[bool, AwardRow, list[UUID]] | None:
    """Store where the reservation still stands, with the lists that this revokes in; the loser gets what there is.

    None where a credential came meanwhile whose replacement no statement tells yet.
    """
    async with transaction(desk.pool) as connection:
        # In the order of whoever reserves, or the two could wait for each other.
        await keys.hold(connection, reserved.issuer_id)
        row = await store.lock(connection, reserved.award_id)
        state = life.state_of(row, now=desk.clock())
        stays = life.after(state, "sign") == state and reserved.reason != "copy"
        assert row is not None
        if stays or row.state == "revoked":
            return False, row, []
        if not _sign_still(await keys.keys(connection, reserved.issuer_id), reserved):
            raise KeyChangedError
        now = desk.clock().replace(microsecond=0)
        replaced = [one.credential_id for one in await _replaced(connection, reserved)]
        if any(one not in statements for one in replaced):
            return None
        stale = await store.replace(connection, reserved, [statements[one] for one in replaced], at=now)
        if not await store.keep_signed(connection, reserved, signed, at=now):
            raise AwardInProgressError
        await issuance_log.enqueue(
            connection, reserved.issuer_id, reserved.credential_id, bytes.fromhex(signed.sha256), at=now
        )
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


async def publish(desk: Desk, list_id: UUID) -> None:
    """Sign and publish a status list that is out of date; who asks meanwhile shares the next signature.

    DatabaseBehindError.
    """
    await desk.coalescer.run(list_id, partial(_publish, desk, list_id))


async def _publish(desk: Desk, list_id: UUID) -> None:
    await status_lists.publish(
        desk.pool, desk.signer, list_id, public_url=desk.public_url, clock=desk.clock, published=desk.published
    )
