"""Verbs of awards: put one (reserve, sign, store), revoke, show and erase one. Sent again, each answers what is."""

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET

from services.credentials.achievements import store as achievements
from services.credentials.achievements.model import UnknownAchievementError
from services.credentials.awards import issuing, life, marks, store, store_endings
from services.credentials.awards.issuing import Desk, Wanted, publish, tell
from services.credentials.awards.model import (
    AwardChangedError,
    AwardExistsError,
    AwardRow,
    Order,
    PutResult,
    answer_of,
)
from services.credentials.awards.results import problems_of_claims
from services.credentials.keys import store as keys
from services.credentials.keys.model import UnknownIssuerError
from shared.contracts import AwardAnswer, AwardRequest, Erasure, Revocation, Visibility, canonical, sha256
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError

_YEARS = (1900, 2200)


async def put(desk: Desk, issuer_id: UUID, award_id: UUID, request: AwardRequest) -> PutResult:
    """The award with its signed credential; the same request again answers the same.

    AwardChangedError for another request under this id, AwardExistsError for another id for the same thing,
    AwardErasedError, AwardInProgressError while somebody signs it, UnknownIssuerError, UnknownAchievementError;
    RulesRefusedError where the badge must not be signed: a new award is not kept then, and may be sent otherwise.
    """
    check_dates(request.awarded_at.date(), request.activity_start, request.activity_end)
    check_end(request.valid_until or None, after=request.awarded_at)
    async with transaction(desk.pool) as connection:
        reserved = await _reserve(desk, connection, issuer_id, award_id, request)
    if isinstance(reserved, AwardRow):
        return PutResult(answer=answer_of(reserved, public_url=desk.public_url), is_new=False)
    is_ours, row = await issuing.finish(desk, reserved)
    return PutResult(answer=answer_of(row, public_url=desk.public_url), is_new=is_ours)


def check_dates(*days: date) -> None:
    """InvalidInputError for a day that no program can have had: it would be signed for good."""
    if any(not _YEARS[0] <= day.year <= _YEARS[1] for day in days):
        raise InvalidInputError(("dates", f"Give dates between {_YEARS[0]} and {_YEARS[1]}."))


def check_end(valid_until: datetime | None, *, after: datetime) -> None:
    """InvalidInputError for a badge that would end before it begins."""
    if valid_until is not None:
        check_dates(valid_until.date())
        if valid_until <= after:
            raise InvalidInputError(("valid_until", "Give an end that is not over yet."))


async def _reserve(
    desk: Desk, connection: Connection, issuer_id: UUID, award_id: UUID, request: AwardRequest
) -> Order | AwardRow:
    """A reservation to sign for, or the award as it is where there is nothing left to sign."""
    await keys.hold(connection, issuer_id)
    now = desk.clock()
    if await keys.issuer(connection, issuer_id) is None:
        raise UnknownIssuerError
    version = await achievements.version(connection, request.achievement_id, request.achievement_version)
    if version is None or version.issuer_id != issuer_id:
        raise UnknownAchievementError
    if found := problems_of_claims(request, version.content):
        raise InvalidInputError(*found)
    digest = sha256(canonical(request))
    if await store.insert(connection, award_id, issuer_id, request, at=now):
        until = None if request.valid_until is UNSET else request.valid_until
        check_end(until, after=now)
        wanted = Wanted(reason="first", ask_id=award_id, ask_sha256=digest, request=request, valid_until=until)
        return await issuing.reserve(desk, connection, issuer_id, award_id, wanted, now=now)
    row = await store.lock(connection, award_id)
    if row is None:
        other = await store.id_of(connection, issuer_id, request)
        raise NotFoundError if other is None else AwardExistsError(other)
    if row.issuer_id != issuer_id:
        raise NotFoundError
    life.after(life.state_of(row, now=now), "award")
    # A tombstone has no request: the revocation came first, and stands.
    if row.request_sha256 is not None and row.request_sha256 != digest:
        raise AwardChangedError(row.request_sha256)
    return row if row.state != "pending" else await issuing.take_over(connection, issuer_id, award_id, now=now)


async def revoke(desk: Desk, issuer_id: UUID, award_id: UUID, revocation: Revocation) -> AwardAnswer:
    """Revoke an award for good, also one that has not come yet; again it answers the first revocation."""
    check_dates(revocation.revoked_at.date())
    async with transaction(desk.pool) as connection:
        if await keys.issuer(connection, issuer_id) is None:
            raise UnknownIssuerError
        stale: list[UUID] = []
        is_tombstone = await store_endings.insert_revoked(connection, award_id, issuer_id, revocation, at=desk.clock())
        row = await store.lock(connection, award_id)
        assert row is not None
        if row.issuer_id != issuer_id:
            raise NotFoundError
        # Before it is answered, and before the database could forget it in a restore.
        if row.state != "revoked" or is_tombstone:
            await marks.keep_revocation(desk.published, row, revocation)
        if row.state != "revoked":
            stale = await store_endings.revoke(connection, row, revocation)
            row = await tell(connection, award_id, public_url=desk.public_url)
        elif is_tombstone:
            row = await tell(connection, award_id, public_url=desk.public_url)
        else:
            # Somebody revoked it before us, perhaps a moment ago: the answer waits until the list says so.
            stale = await store_endings.lists_of(connection, award_id)
    for list_id in stale:
        await publish(desk, list_id)
    return answer_of(row, public_url=desk.public_url)


async def show(desk: Desk, issuer_id: UUID, award_id: UUID, wanted: Visibility) -> AwardAnswer:
    """Set who comes upon the badge; a revision not above the last changes nothing.

    NotFoundError for an award that has not come, AwardErasedError for one that is no more.
    """
    check_dates(wanted.changed_at.date())
    async with transaction(desk.pool) as connection:
        row = await store.lock(connection, award_id)
        if row is None or row.issuer_id != issuer_id:
            raise NotFoundError
        life.after(life.state_of(row, now=desk.clock()), "show")
        if await store_endings.set_visibility(connection, award_id, wanted):
            row = await tell(connection, award_id, public_url=desk.public_url)
    return answer_of(row, public_url=desk.public_url)


async def erase(desk: Desk, issuer_id: UUID, award_id: UUID, erasure: Erasure) -> AwardAnswer:
    """Erase an award for good, also one that has not come yet; whether it is revoked stays as it is."""
    check_dates(erasure.erased_at.date())
    async with transaction(desk.pool) as connection:
        if await keys.issuer(connection, issuer_id) is None:
            raise UnknownIssuerError
        is_tombstone = await store_endings.insert_erased(connection, award_id, issuer_id, erasure, at=desk.clock())
        row = await store.lock(connection, award_id)
        assert row is not None
        if row.issuer_id != issuer_id:
            raise NotFoundError
        await marks.keep_erasure(desk.published, row, erasure)
        if is_tombstone or await store_endings.erase(connection, award_id, erasure):
            row = await tell(connection, award_id, public_url=desk.public_url)
    return answer_of(row, public_url=desk.public_url)
