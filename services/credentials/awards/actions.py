"""Verbs of awards: put one (reserve, sign, store), revoke, show and erase one. Sent again, each answers what is."""

import asyncio
import secrets
from datetime import date, datetime
from uuid import UUID, uuid4

import msgspec

from services.credentials.achievements import store as achievements
from services.credentials.achievements.model import StoredVersion, UnknownAchievementError
from services.credentials.awards import store
from services.credentials.awards.document import Inputs
from services.credentials.awards.model import (
    AwardChangedError,
    AwardErasedError,
    AwardExistsError,
    AwardInProgressError,
    AwardRow,
    PutResult,
    Reservation,
    SignedCredential,
    answer_of,
)
from services.credentials.awards.results import problems_of_claims
from services.credentials.awards.signing import draft, sign
from services.credentials.keys import store as keys
from services.credentials.keys.model import Issuer, Keys, UnknownIssuerError, current
from services.credentials.keys.signer import Signer
from services.credentials.rules import book
from services.credentials.rules.model import StatusPlace
from services.credentials.status_lists import actions as status_lists
from services.credentials.status_lists import store as lists
from services.credentials.status_lists.model import LENGTH, address
from shared import outbox
from shared.clock import Clock
from shared.contracts import AwardAnswer, AwardRequest, Erasure, Revocation, Visibility, canonical, sha256
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError

#: The outbox topic of what became of awards; the payload is a canonical AwardAnswer, the key the award's id.
OUTCOME = "outcome"
#: Signing takes some 20 ms; whoever has not stored by then is dead, and the next request takes over.
_LEASE_SECONDS = 10.0
_YEARS = (1900, 2200)


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What issuing needs: the database, the signer, the address in every link, and the clock."""

    pool: Pool
    signer: Signer
    public_url: str
    clock: Clock


async def put(desk: Desk, issuer_id: UUID, award_id: UUID, request: AwardRequest) -> PutResult:
    """The award with its signed credential; the same request again answers the same.

    AwardChangedError for another request under this id, AwardExistsError for another id for the same thing,
    AwardErasedError, AwardInProgressError while somebody signs it, UnknownIssuerError, UnknownAchievementError;
    RulesRefusedError where the badge must not be signed: a new award is not kept then, and may be sent otherwise.
    """
    _check_dates(request.awarded_at.date(), request.activity_start, request.activity_end)
    async with transaction(desk.pool) as connection:
        reserved = await _reserve(desk, connection, issuer_id, award_id, request)
    if isinstance(reserved, AwardRow):
        return PutResult(answer=answer_of(reserved, public_url=desk.public_url), is_new=False)
    try:
        signed = await _sign(desk, reserved, request)
        is_ours, row = await _keep(desk, reserved, signed)
    except BaseException:
        # The next try need not wait for the lease to lapse. A killed process cannot do this, and need not.
        await asyncio.shield(store.release(desk.pool, reserved))
        raise
    return PutResult(answer=answer_of(row, public_url=desk.public_url), is_new=is_ours)


def _check_dates(*days: date) -> None:
    """InvalidInputError for a day that no program can have had: it would be signed for good."""
    if any(not _YEARS[0] <= day.year <= _YEARS[1] for day in days):
        raise InvalidInputError(("dates", f"Give dates between {_YEARS[0]} and {_YEARS[1]}."))


async def _reserve(
    desk: Desk, connection: Connection, issuer_id: UUID, award_id: UUID, request: AwardRequest
) -> Reservation | AwardRow:
    """A reservation to sign for, or the award as it is where there is nothing left to sign."""
    now = desk.clock()
    issuer = await keys.issuer(connection, issuer_id)
    if issuer is None:
        raise UnknownIssuerError
    version = await achievements.version(connection, request.achievement_id, request.achievement_version)
    if version is None or version.issuer_id != issuer_id:
        raise UnknownAchievementError
    if found := problems_of_claims(request, version.content):
        raise InvalidInputError(*found)
    if await store.insert(connection, award_id, issuer_id, request, at=now):
        reserved = await _reserve_new(connection, issuer_id, award_id, now=now)
        await _examine(desk, connection, reserved, request, issuer, version)
        return reserved
    row = await store.lock(connection, award_id)
    if row is None:
        other = await store.id_of(connection, issuer_id, request)
        raise NotFoundError if other is None else AwardExistsError(other)
    if row.issuer_id != issuer_id:
        raise NotFoundError
    if row.is_erased:
        raise AwardErasedError
    # A tombstone has no request: the revocation came first, and stands.
    if row.request_sha256 is not None and row.request_sha256 != sha256(canonical(request)):
        raise AwardChangedError(row.request_sha256)
    if row.state != "pending":
        return row
    taken = await store.take_over(connection, award_id, uuid4(), lease_seconds=_LEASE_SECONDS)
    if taken is None:
        raise AwardInProgressError
    return taken


async def _reserve_new(connection: Connection, issuer_id: UUID, award_id: UUID, *, now: datetime) -> Reservation:
    signing = current(await keys.keys(connection, issuer_id))
    found = await status_lists.open_list(connection, issuer_id, now=now)
    while True:
        reserved = Reservation(
            credential_id=uuid4(),
            award_id=award_id,
            issuer_id=issuer_id,
            # An id of this credential alone: two badges of one person cannot be joined by it.
            subject_id=f"urn:uuid:{uuid4()}",
            status_list_id=found.id,
            status_index=secrets.randbelow(found.length),
            key_id=signing.proof.id,
            jwt_key_id=signing.jwt.id,
            valid_from=now.replace(microsecond=0),
            lease=uuid4(),
        )
        if await store.reserve(connection, reserved, lease_seconds=_LEASE_SECONDS):
            await lists.take(connection, found.id)
            return reserved


async def _examine(
    desk: Desk,
    connection: Connection,
    reserved: Reservation,
    request: AwardRequest,
    issuer: Issuer,
    version: StoredVersion,
) -> None:
    """RulesRefusedError before anything is kept: what is refused may be mended and sent again under its id."""
    known = {one.id: one for one in await keys.keys(connection, issuer.id)}
    inputs = Inputs(
        reservation=reserved,
        request=request,
        achievement=version.content,
        issuer=issuer,
        public_url=desk.public_url,
    )
    book.examine(
        draft(
            inputs,
            known[reserved.key_id],
            known[reserved.jwt_key_id],
            now=desk.clock(),
            place=_place(desk, reserved, length=LENGTH, is_free=True),
            achievement_since=version.created_at,
        )
    )


def _place(desk: Desk, reserved: Reservation, *, length: int, is_free: bool) -> StatusPlace:
    return StatusPlace(
        list_url=address(reserved.status_list_id, public_url=desk.public_url),
        length=length,
        index=reserved.status_index,
        is_free=is_free,
    )


async def _sign(desk: Desk, reserved: Reservation, request: AwardRequest) -> SignedCredential:
    place = await lists.place(desk.pool, reserved.status_list_id, reserved.status_index)
    # A badge that names a list which cannot be had would be undecided: the list is published first.
    if not place.is_published:
        await publish(desk, reserved.status_list_id)
    issuer = await keys.issuer(desk.pool, reserved.issuer_id)
    version = await achievements.version(desk.pool, request.achievement_id, request.achievement_version)
    proof, jwt = (
        await keys.sealed_key(desk.pool, reserved.key_id),
        await keys.sealed_key(desk.pool, reserved.jwt_key_id),
    )
    assert issuer is not None
    assert version is not None
    assert proof is not None
    assert jwt is not None
    inputs = Inputs(
        reservation=reserved,
        request=request,
        achievement=version.content,
        issuer=issuer,
        public_url=desk.public_url,
    )
    found = draft(
        inputs,
        proof.key,
        jwt.key,
        now=desk.clock(),
        place=_place(desk, reserved, length=place.length, is_free=place.holders == (reserved.credential_id,)),
        achievement_since=version.created_at,
    )
    return await asyncio.to_thread(sign, found, Keys(proof=proof, jwt=jwt), desk.signer)


async def _keep(desk: Desk, reserved: Reservation, signed: SignedCredential) -> tuple[bool, AwardRow]:
    """Store where the reservation still stands; the loser of a race gets what the winner stored."""
    async with transaction(desk.pool) as connection:
        row = await store.lock(connection, reserved.award_id)
        assert row is not None
        if row.is_erased:
            raise AwardErasedError
        is_ours = row.state == "pending" and await store.keep_signed(
            connection, reserved, signed, at=desk.clock().replace(microsecond=0)
        )
        if is_ours:
            row = await _tell(connection, reserved.award_id, public_url=desk.public_url)
    if row.state == "pending":
        raise AwardInProgressError
    return is_ours, row


async def revoke(desk: Desk, issuer_id: UUID, award_id: UUID, revocation: Revocation) -> AwardAnswer:
    """Revoke an award for good, also one that has not come yet; again it answers the first revocation."""
    _check_dates(revocation.revoked_at.date())
    async with transaction(desk.pool) as connection:
        if await keys.issuer(connection, issuer_id) is None:
            raise UnknownIssuerError
        stale: list[UUID] = []
        is_tombstone = await store.insert_tombstone(connection, award_id, issuer_id, revocation, at=desk.clock())
        row = await store.lock(connection, award_id)
        assert row is not None
        if row.issuer_id != issuer_id:
            raise NotFoundError
        if row.state != "revoked":
            stale = await store.revoke(connection, award_id, revocation)
            for list_id in stale:
                await lists.want(connection, list_id)
            row = await _tell(connection, award_id, public_url=desk.public_url)
        elif is_tombstone:
            row = await _tell(connection, award_id, public_url=desk.public_url)
        else:
            # Somebody revoked it before us, perhaps a moment ago: the answer waits until the list says so.
            stale = await store.lists_of(connection, award_id)
    for list_id in stale:
        await publish(desk, list_id)
    return answer_of(row, public_url=desk.public_url)


async def show(desk: Desk, issuer_id: UUID, award_id: UUID, wanted: Visibility) -> AwardAnswer:
    """Set who comes upon the badge; a revision not above the last changes nothing.

    NotFoundError for an award that has not come, AwardErasedError for one that is no more.
    """
    _check_dates(wanted.changed_at.date())
    async with transaction(desk.pool) as connection:
        row = await store.lock(connection, award_id)
        if row is None or row.issuer_id != issuer_id:
            raise NotFoundError
        if row.is_erased:
            raise AwardErasedError
        if await store.set_visibility(connection, award_id, wanted):
            row = await _tell(connection, award_id, public_url=desk.public_url)
    return answer_of(row, public_url=desk.public_url)


async def erase(desk: Desk, issuer_id: UUID, award_id: UUID, erasure: Erasure) -> AwardAnswer:
    """Erase an award for good, also one that has not come yet; whether it is revoked stays as it is."""
    _check_dates(erasure.erased_at.date())
    async with transaction(desk.pool) as connection:
        if await keys.issuer(connection, issuer_id) is None:
            raise UnknownIssuerError
        is_tombstone = await store.insert_erased(connection, award_id, issuer_id, erasure, at=desk.clock())
        row = await store.lock(connection, award_id)
        assert row is not None
        if row.issuer_id != issuer_id:
            raise NotFoundError
        if is_tombstone or await store.erase(connection, award_id, erasure):
            row = await _tell(connection, award_id, public_url=desk.public_url)
    return answer_of(row, public_url=desk.public_url)


async def _tell(connection: Connection, award_id: UUID, *, public_url: str) -> AwardRow:
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
    return await status_lists.publish(desk.pool, desk.signer, list_id, public_url=desk.public_url, clock=desk.clock)
