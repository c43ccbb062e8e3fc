"""Verbs of completion: decide for people, revoke an award, take over what became of one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import UNSET

from services.enrollment.attendance.model import CohortCancelledError
from services.enrollment.completions import letters, store
from services.enrollment.completions.badges import changing
from services.enrollment.completions.model import (
    AlreadyAwardedError,
    AlreadyDecidedError,
    Award,
    CohortFrame,
    Decision,
    NoAchievementError,
    NoSessionsError,
    NotCompletedError,
    NotEligibleError,
    Outcome,
    SelfApprovalError,
    Standing,
    Taken,
    award_request,
    findings,
    is_eligible,
)
from services.enrollment.events import actions as events
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.people import actions as people
from services.enrollment.people.model import Viewer
from services.enrollment.witness import actions as witness
from shared import outbox
from shared.contracts import AwardAnswer, Revocation, canonical
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError

#: Topics of the outbox: what the issuer is asked for.
AWARD, REVOCATION = "award", "revocation"
#: The key is the award's id, the payload a canonical Visibility or Erasure.
VISIBILITY, ERASURE = "visibility", "erasure"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Whom staff decide about, by enrollment."""

    completed: frozenset[UUID] = frozenset()
    not_completed: frozenset[UUID] = frozenset()
    #: Why somebody did not complete it, for staff only.
    reason: str | None = None


async def decide(
    pool: Pool, viewer: Viewer, cohort_id: UUID, choice: Choice, *, now: datetime
) -> tuple[CohortFrame, list[Standing]]:
    """Decide completion for the people chosen, all or none; deciding the same again changes nothing.

    Writes the decision, its event and the request for the award in one transaction. NotFoundError for a cohort or
    enrollment that is not there, NotEligibleError, AlreadyDecidedError, AlreadyAwardedError, SelfApprovalError,
    NoAchievementError, CohortCancelledError, NoSessionsError.
    """
    chosen = choice.completed | choice.not_completed
    async with transaction(pool) as connection:
        cohort = await store.frame(connection, viewer.organization_id, cohort_id)
        if cohort is None:
            raise NotFoundError
        if cohort.state == "cancelled":
            raise CohortCancelledError
        await people.acting(connection, viewer)
        await store.lock_seated(connection, cohort_id)
        standings = await store.standings(connection, cohort, only=list(chosen))
        if {one.enrollment_id for one in standings} != chosen:
            raise NotFoundError
        if any(one.person_id == viewer.person_id for one in standings):
            raise SelfApprovalError
        _check(standings, choice, cohort)
        if any(one.outcome != _wanted(one, choice) for one in standings):
            await _note_decision(connection, viewer, cohort_id, choice)
        for standing in standings:
            outcome = _wanted(standing, choice)
            if standing.outcome != outcome:
                reason = choice.reason if outcome == "not completed" else None
                await _decide_one(connection, viewer, cohort, standing, outcome=outcome, reason=reason, now=now)
        return cohort, await store.standings(connection, cohort, only=list(chosen))


def _wanted(standing: Standing, choice: Choice) -> Outcome:
    return "completed" if standing.enrollment_id in choice.completed else "not completed"


async def _note_decision(connection: Connection, viewer: Viewer, cohort_id: UUID, choice: Choice) -> None:
    """Of each person the log of decisions tells more."""
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action="completion.decide",
        object_kind="cohort",
        object_id=cohort_id,
        note={"completed": len(choice.completed), "not_completed": len(choice.not_completed)},
    )


def _check(standings: Iterable[Standing], choice: Choice, cohort: CohortFrame) -> None:
    if cohort.first_day is None:
        raise NoSessionsError
    completed = [one for one in standings if one.enrollment_id in choice.completed]
    if lost := [one.enrollment_id for one in standings if one.outcome == "completed" and one not in completed]:
        raise AlreadyDecidedError(lost)
    fresh = [one for one in completed if one.outcome != "completed"]
    if fresh and cohort.achievement_id is None:
        raise NoAchievementError
    if had := [one.enrollment_id for one in fresh if one.award_id is not None]:
        raise AlreadyAwardedError(had)
    if short := [one.enrollment_id for one in fresh if not is_eligible(one, cohort)]:
        raise NotEligibleError(short)


async def _decide_one(
    connection: Connection,
    viewer: Viewer,
    cohort: CohortFrame,
    standing: Standing,
    *,
    outcome: Outcome,
    reason: str | None,
    now: datetime,
) -> None:
    if viewer.person_id is None:
        raise NotFoundError
    decision = Decision(
        enrollment_id=standing.enrollment_id,
        organization_id=cohort.organization_id,
        outcome=outcome,
        decided_by=viewer.person_id,
        decided_at=now,
        credit_minutes=standing.credit_minutes,
        findings=findings(standing, cohort),
        attended=standing.presences,
        reason=reason,
    )
    await store.insert_decisions(connection, [decision])
    told: dict[str, Any] = {
        "enrollment_id": standing.enrollment_id,
        "cohort_id": cohort.cohort_id,
        "credit_minutes": standing.credit_minutes,
    }
    if outcome == "completed":
        told |= await _ask_award(connection, cohort, standing, now=now)
    await events.record(
        connection,
        organization_id=cohort.organization_id,
        type="completion.completed" if outcome == "completed" else "completion.not_completed",
        person_id=standing.person_id,
        data=told,
        occurred_at=now,
    )


async def _ask_award(
    connection: Connection, cohort: CohortFrame, standing: Standing, *, now: datetime
) -> dict[str, Any]:
    request = award_request(standing, cohort, decided_at=now)
    award_id = uuid4()
    payload = await store.insert_award(connection, award_id, cohort.organization_id, request, at=now)
    await outbox.put(connection, organization_id=cohort.organization_id, topic=AWARD, key=award_id, payload=payload)
    return {
        "award_id": award_id,
        "achievement_id": request.achievement_id,
        "achievement_version": request.achievement_version,
        "activity_start": request.activity_start,
        "activity_end": request.activity_end,
    }


async def revoke(house: House, viewer: Viewer, award_id: UUID, taken: Taken) -> Award:
    """Ask the issuer to revoke an award, for good; asking again changes nothing, the first reason stays.

    Whose badge it is, if they had it already, is told by e-mail.
    """
    organization_id, now = viewer.organization_id, house.clock()
    async with transaction(house.pool) as connection:
        await people.acting(connection, viewer)
        award = await store.lock_award(connection, organization_id, award_id)
        if award is None:
            raise NotFoundError
        if award.revocation_reason is None:
            await _note(connection, viewer, "award.revoke", "award", award_id)
            if award.state == "issued" and not award.is_erased:
                await _write_of_revocation(house, connection, award, reason=taken.reason)
        await _ask_revocation(connection, organization_id, award_id, taken, now=now)
        found = await store.award(connection, organization_id, award_id)
        assert found is not None
        return found


async def _write_of_revocation(house: House, connection: Connection, award: Award, *, reason: str) -> None:
    if (reader := await store.reader(connection, award.enrollment_id)) is not None:
        mail = letters.badge_revoked(reader, reason=reason)
        await notices.post(connection, mail, organization_id=award.organization_id, sealing_key=house.sealing_key)


async def _note(connection: Connection, viewer: Viewer, action: str, kind: str, object_id: UUID) -> None:
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind=kind,
        object_id=object_id,
    )


async def _ask_revocation(
    connection: Connection, organization_id: UUID, award_id: UUID, taken: Taken, *, now: datetime
) -> None:
    # What staff wrote for themselves stays here.
    if await store.ask_revocation(connection, award_id, taken, at=now):
        await outbox.put(
            connection,
            organization_id=organization_id,
            topic=REVOCATION,
            key=award_id,
            payload=canonical(
                Revocation(reason=taken.reason, revoked_at=now.replace(microsecond=0), category=taken.category or UNSET)
            ),
        )


async def reverse(house: House, viewer: Viewer, enrollment_id: UUID, *, reason: str) -> UUID:
    """Take a completion back: not completed after all, and the badge revoked with this public reason; their cohort.

    The person is told by e-mail. Reversing again changes nothing, the first reason stays. NotFoundError,
    NotCompletedError, SelfApprovalError.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        staff_id = await people.acting(connection, viewer)
        held = await store.hold(connection, viewer.organization_id, enrollment_id)
        if held is None:
            raise NotFoundError
        if held.person_id == staff_id:
            raise SelfApprovalError
        if held.reversed_at is not None:
            return held.cohort_id
        if held.outcome != "completed":
            raise NotCompletedError
        await _note(connection, viewer, "completion.reverse", "enrollment", enrollment_id)
        awards = await store.reverse(connection, enrollment_id, held, by=staff_id, reason=reason, at=now)
        for award_id in awards:
            await _ask_revocation(connection, held.organization_id, award_id, Taken(reason=reason), now=now)
        await events.record(
            connection,
            organization_id=held.organization_id,
            type="completion.reversed",
            person_id=held.person_id,
            data={"enrollment_id": enrollment_id, "cohort_id": held.cohort_id, "award_ids": awards},
            occurred_at=now,
        )
        if (reader := await store.reader(connection, enrollment_id)) is not None:
            mail = letters.reversed_(reader, reason=reason)
            await notices.post(connection, mail, organization_id=held.organization_id, sealing_key=house.sealing_key)
        return held.cohort_id


async def take_outcome(house: House, organization_id: UUID, answer: AwardAnswer) -> Award:
    """Take over what the issuer says became of an award, and tell it as an event; a lower revision is ignored.

    Whose badge is there now is told by e-mail. The head of the issuer's log that comes with it is kept and compared.
    """
    async with transaction(house.pool) as connection:
        award = await store.lock_award(connection, organization_id, answer.award_id)
        if award is None:
            raise NotFoundError
        if await store.set_outcome(connection, answer):
            await _tell(connection, house, award, answer)
        found = await store.award(connection, organization_id, answer.award_id)
        assert found is not None
    if answer.log is not UNSET:
        await witness.take(house, organization_id, answer.log)
    return found


async def _tell(connection: Connection, house: House, before: Award, answer: AwardAnswer) -> None:
    told = {
        "enrollment_id": before.enrollment_id,
        "cohort_id": before.cohort_id,
        "award_id": answer.award_id,
        "credential_id": answer.credential_id,
        "badge_url": answer.badge_url,
        "revision": answer.revision,
    }
    if answer.issued_at is not None and before.state == "requested" and answer.credential_id is not None:
        await events.record(
            connection,
            organization_id=before.organization_id,
            type="badge.issued",
            person_id=before.person_id,
            data=told,
            occurred_at=answer.issued_at,
        )
        # What was revoked meanwhile is no news to be glad of.
        reader = await store.reader(connection, before.enrollment_id) if answer.state == "issued" else None
        if reader is not None and before.revocation_reason is None and not answer.is_erased:
            own_url = house.settings.enrollment_url
            mail = letters.badge_issued(reader, badge_url=answer.badge_url, own_url=own_url)
            await notices.post(connection, mail, organization_id=before.organization_id, sealing_key=house.sealing_key)
    if answer.change_id is not UNSET:
        await changing.take(connection, house, before, answer, told)
    if answer.revocation is not None and before.state != "revoked":
        await events.record(
            connection,
            organization_id=before.organization_id,
            type="badge.revoked",
            person_id=before.person_id,
            data={**told, "reason": answer.revocation.reason},
            occurred_at=answer.revocation.revoked_at,
        )
