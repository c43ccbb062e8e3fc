"""Completion and awards as JSON, for staff; and the address at which the issuer says what became of an award."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.exceptions import HTTPException
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType

from services.enrollment.completions import actions, store
from services.enrollment.completions.badges import changing
from services.enrollment.completions.badges.model import Wish
from services.enrollment.completions.model import (
    Award,
    CohortFrame,
    Finding,
    Standing,
    Taken,
    findings,
    is_eligible,
)
from services.enrollment.house import House
from services.enrollment.people.model import Viewer
from shared import contracts
from shared.problems import NotFoundError
from shared.tokens import Caller

_MOST_PEOPLE = 1_000


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How one person stands, with what the policy finds and what became of the award."""

    enrollment_id: UUID
    person_id: UUID
    person_name: str
    outcome: Literal["none", "completed", "not completed"]
    is_eligible: bool
    credit_minutes: int
    findings: tuple[Finding, ...]
    award_id: UUID | None
    award_state: str | None
    badge_url: str | None


class CohortStandings(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody with a seat in a cohort."""

    cohort_id: UUID
    standings: list[StandingAnswer]


class Decisions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to decide about, by enrollment id; all or none are written."""

    completed: Annotated[frozenset[UUID], Meta(max_length=_MOST_PEOPLE)] = frozenset()
    not_completed: Annotated[frozenset[UUID], Meta(max_length=_MOST_PEOPLE)] = frozenset()
    #: Why somebody did not complete it, for staff only.
    reason: contracts.Line | None = None


class RevocationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an award is revoked; reason and category are public, the note is for colleagues."""

    reason: contracts.Line
    category: contracts.RevocationCategory | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=2_000)] | UnsetType = UNSET


class ReversalBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a completion is taken back; the reason is public, for the badge is revoked with it."""

    reason: contracts.Line


class AwardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An award as enrollment knows it."""

    id: UUID
    enrollment_id: UUID
    state: Literal["requested", "issued", "revoked"]
    revision: int
    badge_url: str | None
    revocation_reason: str | None


@get(
    "/api/cohorts/{cohort_id:uuid}/completions",
    opt={"policy": "completion.read"},
    summary="See who has what, and who is eligible",
)
async def read(house: House, viewer: Viewer, cohort_id: UUID) -> CohortStandings:
    """Everybody with a seat, judged by the cohort's policy."""
    cohort = await store.frame(house.pool, viewer.organization_id, cohort_id)
    if cohort is None:
        raise NotFoundError
    return _answer(cohort, await store.standings(house.pool, cohort))


@put(
    "/api/cohorts/{cohort_id:uuid}/completions",
    opt={"policy": "completion.decide"},
    summary="Decide completion for one person or a whole cohort",
)
async def decide(house: House, viewer: Viewer, cohort_id: UUID, data: Decisions) -> CohortStandings:
    """Decide for the people named, all or none; who completed is awarded. The same again changes nothing."""
    if data.completed & data.not_completed or not data.completed | data.not_completed:
        raise HTTPException(status_code=400, detail="name each person once")
    choice = actions.Choice(completed=data.completed, not_completed=data.not_completed, reason=data.reason)
    return _answer(*await actions.decide(house.pool, viewer, cohort_id, choice, now=house.clock()))


@put(
    "/api/enrollments/{enrollment_id:uuid}/completion/reversal",
    opt={"policy": "completion.reverse"},
    summary="Take a completion back, and revoke its badge",
)
async def reverse(house: House, viewer: Viewer, enrollment_id: UUID, data: ReversalBody) -> StandingAnswer:
    """Take one completion back, for good; the same again changes nothing."""
    cohort_id = await actions.reverse(house, viewer, enrollment_id, reason=data.reason)
    cohort = await store.frame(house.pool, viewer.organization_id, cohort_id)
    assert cohort is not None
    return _answer(cohort, await store.standings(house.pool, cohort, only=[enrollment_id])).standings[0]


@get("/api/awards/{award_id:uuid}", opt={"policy": "award.read"}, summary="See what became of an award")
async def read_award(house: House, viewer: Viewer, award_id: UUID) -> AwardAnswer:
    """One award."""
    return await _found(house, viewer, award_id)


async def _found(house: House, viewer: Viewer, award_id: UUID) -> AwardAnswer:
    award = await store.award(house.pool, viewer.organization_id, award_id)
    if award is None:
        raise NotFoundError
    return _award_answer(award)


@put("/api/awards/{award_id:uuid}/revocation", opt={"policy": "award.revoke"}, summary="Revoke a badge for good")
async def revoke(house: House, viewer: Viewer, award_id: UUID, data: RevocationBody) -> AwardAnswer:
    """Revoke an award; the issuer is told, and from then on the badge verifies as revoked."""
    award = await actions.revoke(house, viewer, award_id, _taken(data))
    return _award_answer(award)


class CorrectionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a badge should say; what is left out stays. `modules` are those whose accepted evidence it names."""

    #: null withholds the name
    holder_name: contracts.Line | UnsetType | None = UNSET
    credit_minutes: contracts.Minutes | UnsetType = UNSET
    modules: Annotated[frozenset[UUID], Meta(max_length=60)] | UnsetType = UNSET


class RenewalBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when a badge is valid from now on; null is without an end."""

    valid_until: contracts.Moment | None


@put(
    "/api/awards/{award_id:uuid}/corrections/{correction_id:uuid}",
    opt={"policy": "award.change"},
    summary="Correct what a badge says",
)
async def correct(
    house: House, viewer: Viewer, award_id: UUID, correction_id: UUID, data: CorrectionBody
) -> AwardAnswer:
    """Ask the issuer for the corrected badge, at the same link; the same id again changes nothing."""
    wish = Wish(holder_name=data.holder_name, credit_minutes=data.credit_minutes, modules=data.modules)
    await changing.correct(house, viewer, award_id, correction_id, wish)
    return await _found(house, viewer, award_id)


@put(
    "/api/awards/{award_id:uuid}/renewals/{renewal_id:uuid}",
    opt={"policy": "award.change"},
    summary="Renew a badge",
)
async def renew(house: House, viewer: Viewer, award_id: UUID, renewal_id: UUID, data: RenewalBody) -> AwardAnswer:
    """Ask the issuer for the badge with another end; the same id again changes nothing."""
    await changing.renew(house, viewer, award_id, renewal_id, valid_until=data.valid_until)
    return await _found(house, viewer, award_id)


@put(
    "/awards/{award_id:uuid}/outcome",
    opt={"scope": contracts.OUTCOMES_WRITE},
    summary="Say what became of an award (the issuer role only)",
)
async def take_outcome(
    house: House, caller: Caller, award_id: Annotated[UUID, Parameter()], data: contracts.AwardAnswer
) -> AwardAnswer:
    """Take over an award's state; a revision not above the known one is ignored."""
    if data.award_id != award_id:
        raise HTTPException(status_code=400, detail="the body is about another award")
    if data.state == "issued" and data.credential_id is None:
        raise HTTPException(status_code=400, detail="an issued award names its credential")
    award = await actions.take_outcome(house, caller.organization, data)
    return _award_answer(award)


def _answer(cohort: CohortFrame, standings: list[Standing]) -> CohortStandings:
    return CohortStandings(
        cohort_id=cohort.cohort_id,
        standings=[
            StandingAnswer(
                enrollment_id=one.enrollment_id,
                person_id=one.person_id,
                person_name=one.person_name,
                outcome=one.outcome,
                is_eligible=is_eligible(one, cohort),
                credit_minutes=one.credit_minutes,
                findings=findings(one, cohort),
                award_id=one.award_id,
                award_state=one.award_state,
                badge_url=one.badge_url,
            )
            for one in standings
        ],
    )


def _taken(data: RevocationBody) -> Taken:
    return Taken(reason=data.reason, category=data.category or None, note=data.note or None)


def _award_answer(award: Award) -> AwardAnswer:
    return AwardAnswer(
        id=award.id,
        enrollment_id=award.enrollment_id,
        state=award.state,
        revision=award.revision,
        badge_url=award.badge_url,
        revocation_reason=award.revocation_reason,
    )


ROUTES = [read, decide, reverse, read_award, revoke, correct, renew, take_outcome]
