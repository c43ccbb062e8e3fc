"""Completion of a cohort for staff: who is eligible, who lacks what, what was decided, what became of the badges."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.attendance.model import CohortCancelledError
from services.enrollment.completions import actions, refusals, store, store_records
from services.enrollment.completions.model import (
    AlreadyAwardedError,
    AlreadyDecidedError,
    CohortFrame,
    Finding,
    NoAchievementError,
    NoSessionsError,
    NotCompletedError,
    NotEligibleError,
    NotRefusedError,
    SelfApprovalError,
    Standing,
    findings,
)
from services.enrollment.completions.statements import download
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import chosen, page
from services.enrollment.people.model import Viewer
from shared.contracts import Line
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_, said

_NONE_CHOSEN = N_("Choose at least one person.")
_NO_REASON = N_("Give a reason of at most 300 characters.")
#: What keeps everybody from being decided, as one sentence; those with names are told by `_refused`.
_REFUSALS: dict[type[Exception], str] = {
    SelfApprovalError: N_("You are one of them, and nobody decides about their own completion."),
    NoAchievementError: N_("The level of this cohort awards no badge yet. Give it one on its program's page."),
    NoSessionsError: N_("The cohort has no dates yet. Write them first: a badge says when they were."),
    CohortCancelledError: N_("The cohort was cancelled."),
}
_REFUSED: tuple[type[Exception], ...] = (*_REFUSALS, NotEligibleError, AlreadyDecidedError, AlreadyAwardedError)
Done = Literal["awarded", "not completed", "reversed", "asked again"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One person on the page."""

    standing: Standing
    findings: tuple[Finding, ...]
    #: The viewer themselves, about whom somebody else decides.
    is_own: bool
    #: In the cohort's time zone.
    decided_on: date | None
    reversed_on: date | None

    @property
    def refusals(self) -> list[str]:
        """Why the issuer refuses their badge, each once."""
        standing = self.standing
        found = standing.refusal if standing.is_refused and standing.refusal else ()
        return list(dict.fromkeys(refusals.sentence(one) for one in found))

    @property
    def short(self) -> list[Finding]:
        """What is missing."""
        return [one for one in self.findings if not one.is_met]


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody with a seat, by what staff can do next."""

    #: Eligible, and not awarded yet.
    ready: list[Row]
    #: Something is missing, and nothing was decided.
    lacking: list[Row]
    completed: list[Row]
    #: Decided not to have completed, or taken back.
    ended: list[Row]

    @property
    def waiting(self) -> int:
        """How many badges are on their way."""
        return sum(
            (one.standing.award_state == "requested" and not one.standing.is_refused) or one.standing.is_being_revoked
            for one in [*self.completed, *self.ended]
        )


def row_of(standing: Standing, cohort: CohortFrame, viewer_id: UUID | None) -> Row:
    """One person as the viewer sees them."""
    zone = ZoneInfo(cohort.time_zone)
    days = [
        None if moment is None else moment.astimezone(zone).date()
        for moment in (standing.decided_at, standing.reversed_at)
    ]
    return Row(
        standing=standing,
        findings=findings(standing, cohort),
        is_own=standing.person_id == viewer_id,
        decided_on=days[0],
        reversed_on=days[1],
    )


def grouped(standings: Sequence[Standing], cohort: CohortFrame, viewer_id: UUID | None) -> Groups:
    """The people by what can be done next."""
    groups = Groups(ready=[], lacking=[], completed=[], ended=[])
    for standing in standings:
        row = row_of(standing, cohort, viewer_id)
        if standing.outcome == "completed":
            groups.completed.append(row)
        elif not row.short and standing.award_id is None:
            groups.ready.append(row)
        elif standing.outcome == "none":
            groups.lacking.append(row)
        else:
            groups.ended.append(row)
    return groups


@get(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/completion",
    opt={"policy": "completion.read"},
    include_in_schema=False,
)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, done: Done | None = None,
    number: int = 0,
) -> Response[str]:  # fmt: skip
    """Everybody with a seat, by what can be done next."""
    return await _page(house, organization, viewer, cohort_id, done=done, number=number)


@post(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/completion",
    opt={"policy": "completion.decide"},
    include_in_schema=False,
)
async def decide(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Response[Any]:
    """Show once what will happen to whom; said to be sure, do it."""
    form = await request.form()
    is_award = form.get("decision") != "not completed"
    reason = _text(form.get("reason"))
    try:
        people = frozenset(await chosen(request, "chosen"))
        if not people:
            raise InvalidInputError(("chosen", _NONE_CHOSEN))
        if form.get("sure") != "yes":
            return await _ask(house, organization, viewer, cohort_id, people, is_award=is_award)
        if reason and not _is_line(reason):
            return await _ask(
                house, organization, viewer, cohort_id, people, is_award=is_award, reason=reason,
                errors={"reason": _NO_REASON},
            )  # fmt: skip
        choice = (
            actions.Choice(completed=people)
            if is_award
            else actions.Choice(not_completed=people, reason=reason or None)
        )
        await actions.decide(house.pool, viewer, cohort_id, choice, now=house.clock())
    except InvalidInputError as error:
        return await _page(house, organization, viewer, cohort_id, status=422, errors=dict(error.errors))
    except _REFUSED as error:
        return await _page(house, organization, viewer, cohort_id, status=409, refusal=error)
    done: Done = "awarded" if is_award else "not completed"
    return Redirect(f"{_path(organization, cohort_id)}?done={done}&number={len(people)}", status_code=303)


@get(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}",
    opt={"policy": "completion.read"},
    include_in_schema=False,
)
async def read_person(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, enrollment_id: UUID
) -> Response[str]:
    """One person: what the policy finds, every decision, the badge, and the form that takes a completion back."""
    found = await _person_page(house, organization, viewer, cohort_id, enrollment_id)
    await journal.note(
        house.pool,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action="enrollment.read",
        object_kind="enrollment",
        object_id=enrollment_id,
        fields=("name", "attendance", "evidence", "decisions"),
    )
    return found


@post(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}",
    opt={"policy": "completion.reverse"},
    include_in_schema=False,
)
async def reverse(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    enrollment_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Take one completion back."""
    cohort = await store.frame(house.pool, viewer.organization_id, cohort_id)
    if cohort is None or not await store.standings(house.pool, cohort, only=[enrollment_id]):
        raise NotFoundError
    reason = _text((await request.form()).get("reason"))
    if not _is_line(reason):
        return await _person_page(
            house, organization, viewer, cohort_id, enrollment_id, status=422, errors={"reason": _NO_REASON},
            reason=reason,
        )  # fmt: skip
    try:
        await actions.reverse(house, viewer, enrollment_id, reason=reason)
    except (SelfApprovalError, NotCompletedError):
        return await _person_page(house, organization, viewer, cohort_id, enrollment_id, status=409)
    return Redirect(f"{_path(organization, cohort_id)}?done=reversed&number=1", status_code=303)


@post(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/again",
    opt={"policy": "completion.decide"},
    include_in_schema=False,
)
async def ask_again(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, enrollment_id: UUID
) -> Response[Any]:
    """Ask for a refused badge with what is known now."""
    cohort = await store.frame(house.pool, viewer.organization_id, cohort_id)
    if cohort is None or not await store.standings(house.pool, cohort, only=[enrollment_id]):
        raise NotFoundError
    try:
        await refusals.ask_again(house.pool, viewer, enrollment_id)
    except NotRefusedError:
        return Redirect(f"{_path(organization, cohort_id)}/{enrollment_id}", status_code=303)
    return Redirect(f"{_path(organization, cohort_id)}?done=asked+again&number=1", status_code=303)


def _path(organization: Organization, cohort_id: UUID) -> str:
    return f"/{organization.slug}/staff/cohorts/{cohort_id}/completion"


def _text(field: Any) -> str:
    return " ".join(field.split()) if isinstance(field, str) else ""


def _is_line(text: str) -> bool:
    try:
        msgspec.convert(text, Line)
    except msgspec.ValidationError:
        return False
    return True


async def _standings(
    house: House, viewer: Viewer, cohort_id: UUID, only: list[UUID] | None = None
) -> tuple[CohortFrame, list[Standing]]:
    cohort = await store.frame(house.pool, viewer.organization_id, cohort_id)
    if cohort is None:
        raise NotFoundError
    return cohort, await store.standings(house.pool, cohort, only=only)


async def _ask(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    people: frozenset[UUID],
    *,
    is_award: bool,
    reason: str = "",
    errors: dict[str, str] | None = None,
) -> Response[str]:
    """Asks once: what will happen to whom."""
    cohort, standings = await _standings(house, viewer, cohort_id, list(people))
    if {one.enrollment_id for one in standings} != people:
        raise NotFoundError
    return page(
        house,
        "completion_sure.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        people=standings,
        is_award=is_award,
        reason=reason,
        errors=errors or {},
    )


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    refusal: Exception | None = None,
    done: Done | None = None,
    number: int = 0,
) -> Response[str]:
    cohort, standings = await _standings(house, viewer, cohort_id)
    return page(
        house,
        "completion.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        groups=grouped(standings, cohort, viewer.person_id),
        errors=errors or {},
        refusal=None if refusal is None else _refused(refusal, standings),
        done=done,
        number=number,
    )


def _refused(error: Exception, standings: Sequence[Standing]) -> str:
    """The sentence that says why nothing was decided, with the names of those whom it is about."""
    if (sentence := _REFUSALS.get(type(error))) is not None:
        return sentence
    about = set(getattr(error, "enrollment_ids", ()))
    names = ", ".join(one.person_name for one in standings if one.enrollment_id in about)
    if isinstance(error, NotEligibleError):
        return said("Something is still missing for: %(names)s.", names=names)
    if isinstance(error, AlreadyAwardedError):
        return said("This badge was revoked before, for good, for: %(names)s.", names=names)
    return said("These have completed already; take that back first: %(names)s.", names=names)


async def _person_page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    enrollment_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    reason: str = "",
) -> Response[str]:
    cohort, standings = await _standings(house, viewer, cohort_id, [enrollment_id])
    if not standings:
        raise NotFoundError
    return page(
        house,
        "completion_person.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        row=row_of(standings[0], cohort, viewer.person_id),
        past=await store_records.past(house.pool, viewer.organization_id, enrollment_id),
        errors=errors or {},
        reason=reason,
        is_refused=status == 409,
    )


ROUTES: list[ControllerRouterHandler] = [read, decide, read_person, reverse, ask_again, *download.ROUTES]
