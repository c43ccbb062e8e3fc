"""Staff's page of one badge: correct what it says, renew it, revoke it; each is shown or asked before it is done."""

from datetime import UTC, datetime, time
from typing import Any, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.completions import actions, refusals
from services.enrollment.completions.badges import changing, store
from services.enrollment.completions.badges.model import (
    CATEGORIES,
    Badge,
    BadgeChangingError,
    BadgeNotInForceError,
    NothingChangedError,
    Wish,
    claimable,
    differences,
)
from services.enrollment.completions.model import CohortFrame, SelfApprovalError, Standing, Taken, months_after
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import chosen, page
from services.enrollment.people.model import Viewer
from shared.pages.sheets import Sheet
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_HERE = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/completion/{enrollment_id:uuid}/badge"
_MOST_HOURS = 10_000
_REFUSALS: dict[type[Exception], str] = {
    SelfApprovalError: N_("This is you, and nobody changes their own badge. Ask a colleague."),
    BadgeNotInForceError: N_("The badge is not in force, so it cannot be changed. An expired one is renewed first."),
    BadgeChangingError: N_("Another change of the badge is being signed. Load the page again in a moment."),
    NothingChangedError: N_("The badge says all of it already, so nothing was changed."),
}
_REFUSED = tuple(_REFUSALS)
Done = Literal["corrected", "renewed", "revoked"]


class _Seen(msgspec.Struct, frozen=True):
    """What the page shows, and to whom."""

    house: House
    organization: Organization
    viewer: Viewer
    badge: Badge
    cohort: CohortFrame
    standing: Standing

    @property
    def path(self) -> str:
        """The page's own."""
        return f"/{self.organization.slug}/staff/cohorts/{self.cohort.id}/completion/{self.badge.enrollment_id}/badge"

    @property
    def zone(self) -> ZoneInfo:
        """The cohort's."""
        return ZoneInfo(self.cohort.time_zone)


async def _look(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, enrollment_id: UUID
) -> _Seen:
    badge = await store.badge_of(house.pool, organization.id, enrollment_id)
    if badge is None or badge.cohort_id != cohort_id or badge.says is None:
        raise NotFoundError
    async with house.pool.acquire() as connection:
        cohort, standing = await changing.records(connection, badge)
    return _Seen(house, organization, viewer, badge, cohort, standing)


@get(_HERE, opt={"policy": "award.read"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, enrollment_id: UUID,
    done: Done | None = None,
) -> Response[str]:  # fmt: skip
    """What the badge says, every change of it, and the forms that change it."""
    return await _page(await _look(house, organization, viewer, cohort_id, enrollment_id), done=done)


@post(f"{_HERE}/correction", opt={"policy": "award.change"}, include_in_schema=False)
async def correct(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    enrollment_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Show once what changes; said to be sure, ask for it."""
    seen = await _look(house, organization, viewer, cohort_id, enrollment_id)
    form = await request.form()
    sheet = Sheet(dict(form))
    try:
        wish = _wish(sheet, await chosen(request, "modules"))
        if form.get("sure") != "yes":
            return await _ask(seen, wish, sheet)
        await changing.correct(house, viewer, seen.badge.award_id, _id(form.get("change_id")), wish)
    except InvalidInputError as error:
        return await _page(seen, status=422, sheet=sheet, errors=dict(error.errors))
    except _REFUSED as error:
        return await _page(seen, status=409, sheet=sheet, refusal=_REFUSALS[type(error)])
    return Redirect(f"{seen.path}?done=corrected", status_code=303)


@post(f"{_HERE}/renewal", opt={"policy": "award.change"}, include_in_schema=False)
async def renew(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    enrollment_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Ask for another end."""
    seen = await _look(house, organization, viewer, cohort_id, enrollment_id)
    form = await request.form()
    sheet = Sheet(dict(form))
    try:
        day = sheet.day("valid_until", missing=None)
        sheet.check()
        # The whole of the last day counts.
        until = None if day is None else datetime.combine(day, time(23, 59, 59), seen.zone).astimezone(UTC)
        await changing.renew(house, viewer, seen.badge.award_id, _id(form.get("change_id")), valid_until=until)
    except InvalidInputError as error:
        return await _page(seen, status=422, sheet=sheet, errors=dict(error.errors))
    except _REFUSED as error:
        return await _page(seen, status=409, sheet=sheet, refusal=_REFUSALS[type(error)])
    return Redirect(f"{seen.path}?done=renewed", status_code=303)


@post(f"{_HERE}/revocation", opt={"policy": "award.revoke"}, include_in_schema=False)
async def revoke(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    enrollment_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Revoke the badge for good; the completion stays as it was decided."""
    seen = await _look(house, organization, viewer, cohort_id, enrollment_id)
    sheet = Sheet(dict(await request.form()))
    if seen.badge.person_id == viewer.person_id:
        return await _page(seen, status=409, sheet=sheet, refusal=_REFUSALS[SelfApprovalError])
    try:
        taken = Taken(
            reason=sheet.line("reason", most=300),
            category=sheet.choice("category", CATEGORIES),
            note=sheet.text("note", missing=None, most=2_000) or None,
        )
        sheet.check()
    except InvalidInputError as error:
        return await _page(seen, status=422, sheet=sheet, errors=dict(error.errors))
    await actions.revoke(house, viewer, seen.badge.award_id, taken)
    return Redirect(f"{seen.path}?done=revoked", status_code=303)


def _wish(sheet: Sheet, modules: list[UUID]) -> Wish:
    """What the form asks for. InvalidInputError."""
    name = sheet.line("holder_name", missing=None, most=300)
    minutes = round(_hours(sheet) * 60)
    sheet.check()
    return Wish(holder_name=name or None, credit_minutes=minutes, modules=frozenset(modules))


def _hours(sheet: Sheet) -> float:
    text = sheet.raw("hours").replace(",", ".")
    try:
        found = float(text) if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit() else -1.0
    except ValueError:
        found = -1.0
    if not 0 <= found <= _MOST_HOURS or len(text) > 12:
        sheet.wrong("hours", N_("Give the hours as a number, such as 9.5."))
        return 0.0
    return found


def _id(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidInputError(("form", N_("Load the page again, and choose once more."))) from None


async def _ask(seen: _Seen, wish: Wish, sheet: Sheet) -> Response[str]:
    found = await changing.preview(seen.house, seen.viewer, seen.badge.award_id, wish)
    assert found.badge.says is not None
    return page(
        seen.house,
        "completion_correction.html",
        organization=seen.organization,
        viewer=seen.viewer,
        cohort=seen.cohort,
        badge=found.badge,
        path=seen.path,
        differences=differences(found.badge.says, found.wanted),
        values=sheet.values,
        names_anew=bool(wish.holder_name) and found.badge.says.holder_name is None and not seen.standing.shows_name,
        modules=sorted(map(str, wish.modules)) if wish.modules else [],
        change_id=uuid4(),
    )


async def _page(
    seen: _Seen,
    *,
    status: int = 200,
    sheet: Sheet | None = None,
    errors: dict[str, str] | None = None,
    refusal: str | None = None,
    done: Done | None = None,
) -> Response[str]:
    badge, cohort, now = seen.badge, seen.cohort, seen.house.clock()
    assert badge.says is not None
    past = await store.past(seen.house.pool, seen.organization.id, badge.award_id)
    is_refused = bool(past) and past[-1].is_refused
    return page(
        seen.house,
        "completion_badge.html",
        status=status,
        organization=seen.organization,
        viewer=seen.viewer,
        cohort=cohort,
        standing=seen.standing,
        badge=badge,
        says=badge.says,
        path=seen.path,
        is_own=badge.person_id == seen.viewer.person_id,
        may_correct=badge.may_change(now=now, kind="correction") and badge.pending is None,
        may_renew=badge.may_change(now=now, kind="renewal") and badge.pending is None,
        may_revoke=badge.revocation_reason is None,
        past=past,
        is_refused=is_refused,
        reasons=list(dict.fromkeys(map(refusals.sentence, past[-1].refusal))) if is_refused else [],
        claimable=claimable(badge.says, seen.standing, cohort),
        values=sheet.values if sheet is not None else _values(seen, now=now),
        categories=CATEGORIES,
        errors=errors or {},
        refusal=refusal,
        done=done,
        change_id=uuid4(),
    )


def _values(seen: _Seen, *, now: datetime) -> dict[str, str]:
    """The forms as they begin: what the badge says, and a term of the program from its end on."""
    badge, months = seen.badge, seen.cohort.badge_months
    assert badge.says is not None
    begin = max(now, badge.valid_until or now).astimezone(seen.zone)
    return {
        "holder_name": badge.says.holder_name or "",
        "hours": f"{badge.says.credit_minutes / 60:g}",
        "valid_until": "" if months is None else months_after(begin, months).date().isoformat(),
        "reason": "",
        "category": "",
        "note": "",
    }


ROUTES: list[ControllerRouterHandler] = [read, correct, renew, revoke]
