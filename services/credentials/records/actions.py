"""Verbs of records: sign one, withdraw one, tell who read one. Sent again, each answers what is."""

import asyncio
import hashlib
from uuid import UUID, uuid4

import msgspec

from services.credentials.issuance_log import store as issuance_log
from services.credentials.keys import store as keys
from services.credentials.keys.model import KeyChangedError, Keys, SealedKey, UnknownIssuerError, current, fact_of
from services.credentials.keys.signer import Signer
from services.credentials.records import store
from services.credentials.records.document import Inputs, document
from services.credentials.records.model import RecordChangedError, RecordOverError, RecordRow, answer_of
from services.credentials.rules import book
from services.credentials.rules.model import Draft, Facts
from shared import outbox
from shared.clock import Clock
from shared.contracts import canonical, sha256
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.records import RecordAnswer, RecordRequest, RecordWithdrawal

#: The outbox topic of what became of records; the payload is a canonical RecordAnswer, the key the record's id.
OUTCOME = "record-outcome"


class RecordDesk(msgspec.Struct, frozen=True, kw_only=True):
    """What signing records needs: the database, the signer's door, the address in documents, the clock."""

    pool: Pool
    signer: Signer
    public_url: str
    clock: Clock


async def put(desk: RecordDesk, issuer_id: UUID, record_id: UUID, request: RecordRequest) -> tuple[RecordAnswer, bool]:
    """The record with its signed transcript, and whether it was signed now; the same request again answers the same.

    RecordChangedError for another request under this id, RecordOverError once it is withdrawn, UnknownIssuerError,
    and the refusals of the rules.
    """
    if request.expires_at <= request.made_at:
        raise InvalidInputError(("expires_at", "A link expires after it was made."))
    async with transaction(desk.pool) as connection:
        row = await _reserve(desk, connection, issuer_id, record_id, request)
    if row.is_signed:
        return await _answer(desk.pool, row), False
    # Two who sign the same sign the same bytes: all that goes in is frozen, and Ed25519 draws nothing at random.
    return await _keep(desk, row, await _sign(desk, row, request))


async def _reserve(
    desk: RecordDesk, connection: Connection, issuer_id: UUID, record_id: UUID, request: RecordRequest
) -> RecordRow:
    if await keys.issuer(connection, issuer_id) is None:
        raise UnknownIssuerError
    await keys.hold(connection, issuer_id)
    known = await keys.keys(connection, issuer_id)
    key, now = current(known).proof, desk.clock().replace(microsecond=0)
    # An id of this record alone: it is joined to no badge by what it carries.
    await store.insert(connection, (record_id, issuer_id), request, (f"urn:uuid:{uuid4()}", key.id), at=now)
    row = await store.lock(connection, record_id)
    if row is None or row.issuer_id != issuer_id:
        raise NotFoundError
    if row.withdrawn_at is not None:
        raise RecordOverError(is_withdrawn=True)
    if row.request_sha256 != sha256(canonical(request)):
        raise RecordChangedError
    if not row.is_signed and row.key_id not in {one.id for one in known if one.signs}:
        # Its key was given up before it was signed.
        await store.freeze_anew(connection, record_id, key.id, at=now)
        row = msgspec.structs.replace(row, key_id=key.id, created_at=now)
    return row


async def _keep(desk: RecordDesk, signed_for: RecordRow, signed: str) -> tuple[RecordAnswer, bool]:
    """Store what was signed, and ask for its place in the log; KeyChangedError where its key was given up meanwhile."""
    async with transaction(desk.pool) as connection:
        # In the order of whoever reserves, or the two could wait for each other.
        await keys.hold(connection, signed_for.issuer_id)
        row = await store.lock(connection, signed_for.id)
        assert row is not None
        if row.withdrawn_at is not None:
            raise RecordOverError(is_withdrawn=True)
        signing = {one.id for one in await keys.keys(connection, row.issuer_id) if one.signs}
        if not row.is_signed and (row.key_id, row.created_at) != (signed_for.key_id, signed_for.created_at):
            raise KeyChangedError
        if not row.is_signed and row.key_id not in signing:
            raise KeyChangedError
        digest, now = hashlib.sha256(signed.encode()), desk.clock()
        is_new = await store.keep_signed(connection, row.id, signed, digest.hexdigest(), at=now)
        if is_new:
            await issuance_log.enqueue(connection, row.issuer_id, row.id, digest.digest(), at=now)
        found = await store.record(connection, row.id)
        assert found is not None
        return await _answer(connection, found), is_new


async def _sign(desk: RecordDesk, row: RecordRow, request: RecordRequest) -> str:
    issuer = await keys.issuer(desk.pool, row.issuer_id)
    assert issuer is not None
    assert row.key_id is not None
    assert row.subject_id is not None
    held = await keys.sealed_key(desk.pool, row.key_id)
    assert held is not None
    inputs = Inputs(
        record_id=row.id,
        subject_id=row.subject_id,
        valid_from=row.created_at,
        issuer=issuer,
        request=request,
        public_url=desk.public_url,
    )
    facts = Facts(
        issuer=issuer.did,
        now=desk.clock(),
        signed_at=row.created_at,
        keys=(fact_of(held.key),),
        public_url=desk.public_url,
    )
    draft = Draft(kind="transcript", document=document(inputs), facts=facts)
    return await asyncio.to_thread(_signed, draft, held, desk.signer)


def _signed(draft: Draft, held: SealedKey, signer: Signer) -> str:
    return signer.sign(book.examine(draft), draft.document, Keys(proof=held)).content.decode()


async def withdraw(desk: RecordDesk, issuer_id: UUID, record_id: UUID, withdrawal: RecordWithdrawal) -> RecordAnswer:
    """Close a record's link for good, also of one that has not come yet; again it answers the same."""
    async with transaction(desk.pool) as connection:
        if await keys.issuer(connection, issuer_id) is None:
            raise UnknownIssuerError
        await store.insert_tombstone(connection, record_id, issuer_id, at=withdrawal.withdrawn_at)
        row = await store.lock(connection, record_id)
        if row is None or row.issuer_id != issuer_id:
            raise NotFoundError
        await store.withdraw(connection, record_id, at=withdrawal.withdrawn_at)
        found = await store.record(connection, record_id)
        assert found is not None
        return await _answer(connection, found)


async def tell_openings(pool: Pool) -> None:
    """Queue the outcome of each record that somebody read since the last time."""
    for record_id in await store.opened(pool):
        async with transaction(pool) as connection:
            row = await store.lock(connection, record_id)
            if row is None or not await store.mark_told(connection, record_id):
                continue
            found = await store.record(connection, record_id)
            assert found is not None
            payload = canonical(await _answer(connection, found))
            await outbox.put(connection, organization_id=row.issuer_id, topic=OUTCOME, key=record_id, payload=payload)


async def _answer(connection: store.Reader, row: RecordRow) -> RecordAnswer:
    return answer_of(row, await store.openings(connection, row.id))
