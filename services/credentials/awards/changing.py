"""Verbs that give an award its next credential, which replaces the one before: correct, renew, sign anew."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid5

import msgspec
from msgspec import UNSET

from services.credentials.achievements import store as achievements
from services.credentials.awards import issuing, life, store
from services.credentials.awards.actions import check_dates, check_end
from services.credentials.awards.issuing import Desk, Wanted
from services.credentials.awards.life import Event
from services.credentials.awards.model import (
    AwardChangedError,
    AwardErasedError,
    AwardExpiredError,
    AwardInProgressError,
    AwardRow,
    Order,
    PutResult,
    answer_of,
)
from services.credentials.awards.results import problems_of_claims
from services.credentials.keys import store as keys
from services.credentials.keys.model import SigningKey
from services.credentials.rules.model import RulesRefusedError
from shared.contracts import AwardRequest, Correction, CredentialReason, Renewal, canonical, corrected, sha256
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError

logger = logging.getLogger(__name__)

#: Badges that are signed anew at the same time.
_AT_ONCE = 8
#: What the next credential says and until when it is valid, of what the current one says.
_Next = Callable[[AwardRequest, datetime | None], tuple[AwardRequest, datetime | None]]


class _Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One change that is asked for under an id of its own."""

    id: UUID
    event: Event
    reason: CredentialReason
    sha256: str
    following: _Next


async def correct(
    desk: Desk, issuer_id: UUID, award_id: UUID, correction_id: UUID, correction: Correction
) -> PutResult:
    """The award with a badge that says what is right; the same correction again answers the same.

    A revoked award stays as it is, and so does a badge that says all of it already. NotFoundError, AwardChangedError
    for another correction under this id, AwardNotIssuedError, AwardInProgressError, AwardExpiredError,
    AwardErasedError; RulesRefusedError where the badge must not be signed, which is not kept then.
    """
    given = (correction.activity_start, correction.activity_end)
    check_dates(correction.corrected_at.date(), *(one for one in given if one is not UNSET))
    return await _change(
        desk,
        issuer_id,
        award_id,
        _Ask(
            id=correction_id,
            event="correct",
            reason="correction",
            sha256=sha256(canonical(correction)),
            following=lambda request, until: (corrected(request, correction), until),
        ),
    )


async def renew(desk: Desk, issuer_id: UUID, award_id: UUID, renewal_id: UUID, renewal: Renewal) -> PutResult:
    """The award with a badge for a further time, also an expired one's; errors as for `correct`."""
    until = None if renewal.valid_until is UNSET else renewal.valid_until
    check_dates(renewal.renewed_at.date())
    check_end(until, after=renewal.renewed_at)
    return await _change(
        desk,
        issuer_id,
        award_id,
        _Ask(
            id=renewal_id,
            event="renew",
            reason="renewal",
            sha256=sha256(canonical(renewal)),
            following=lambda request, _: (request, until),
        ),
    )


async def sign_anew(desk: Desk, issuer_id: UUID, award_id: UUID, ask_id: UUID) -> PutResult:
    """The same badge signed by the issuer's key of today, for one whose key is not to be relied on any more."""
    return await _change(
        desk,
        issuer_id,
        award_id,
        _Ask(
            id=ask_id,
            event="re-sign",
            reason="re-signed",
            sha256=sha256(award_id.bytes),
            following=lambda request, until: (request, until),
        ),
    )


async def sign_anew_for_lost_key(desk: Desk, issuer_id: UUID, key: SigningKey) -> tuple[int, int]:
    """Sign anew every good badge that counts no more since its key was lost: how many were, and how many are left.

    Again, it goes on where it was interrupted.
    """
    waiting = await store.of_lost_key(desk.pool, issuer_id, key.id, logged=key.log_size or 0)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(award_id: UUID) -> bool:
        async with gate:
            try:
                await sign_anew(desk, issuer_id, award_id, uuid5(award_id, f"re-signed {key.id}"))
            except (AwardInProgressError, AwardExpiredError, AwardErasedError, RulesRefusedError) as error:
                logger.warning("a badge was not signed anew", extra={"award": award_id, "error": type(error).__name__})
                return False
        return True

    done = await asyncio.gather(*(one(award_id) for award_id in waiting))
    return sum(done), len(done) - sum(done)


async def _change(desk: Desk, issuer_id: UUID, award_id: UUID, ask: _Ask) -> PutResult:
    async with transaction(desk.pool) as connection:
        await keys.hold(connection, issuer_id)
        reserved = await _reserve(desk, connection, (issuer_id, award_id), ask, now=desk.clock())
    if isinstance(reserved, AwardRow):
        return PutResult(answer=answer_of(reserved, public_url=desk.public_url), is_new=False)
    is_ours, row = await issuing.finish(desk, reserved)
    return PutResult(answer=answer_of(row, public_url=desk.public_url), is_new=is_ours)


async def _reserve(
    desk: Desk, connection: Connection, ids: tuple[UUID, UUID], ask: _Ask, *, now: datetime
) -> Order | AwardRow:
    """A reservation to sign for, or the award as it is where there is nothing to sign."""
    issuer_id, award_id = ids
    row = await store.lock(connection, award_id)
    if row is None or row.issuer_id != issuer_id:
        raise NotFoundError
    state = life.state_of(row, now=now)
    asked = await store.asked(connection, issuer_id, ask.id)
    if asked is not None and asked.ask_sha256 is not None:
        if (asked.award_id, asked.reason, asked.ask_sha256) != (award_id, ask.reason, ask.sha256):
            raise AwardChangedError(asked.ask_sha256)
        if asked.is_issued:
            return row
        if state == "changing" and not asked.is_abandoned:
            return await issuing.take_over(connection, issuer_id, ask.id, now=now)
    if life.after(state, ask.event) == state:
        return row
    if asked is not None:
        return await issuing.take_over(connection, issuer_id, ask.id, now=now)
    assert row.valid_from is not None
    before, subject_id, until = await store.current(connection, award_id)
    request, valid_until = ask.following(before, until)
    if ask.event == "correct" and request == before:
        return row
    await _check(connection, request, valid_until, now=now)
    wanted = Wanted(
        reason=ask.reason,
        ask_id=ask.id,
        ask_sha256=ask.sha256,
        request=request,
        subject_id=subject_id,
        valid_until=valid_until,
        after=row.valid_from,
    )
    return await issuing.reserve(desk, connection, issuer_id, award_id, wanted, now=now)


async def _check(connection: Connection, request: AwardRequest, valid_until: datetime | None, *, now: datetime) -> None:
    """InvalidInputError for what no badge of the achievement may say."""
    check_end(valid_until, after=now)
    if request.activity_end < request.activity_start:
        raise InvalidInputError(("activity_end", "Give an end that is not before the beginning."))
    version = await achievements.version(connection, request.achievement_id, request.achievement_version)
    assert version is not None
    if found := problems_of_claims(request, version.content):
        raise InvalidInputError(*found)
