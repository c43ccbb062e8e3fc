"""The staff's page of a cohort's admission: who is given a seat and how, invitation codes, and members."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.admission import store as admission
from services.enrollment.admission.model import (
    MOST_USES,
    Admission,
    Invitation,
    InvitationExistsError,
    Rules,
    problems_of,
)
from services.enrollment.enrollments import ruling, store_lists
from services.enrollment.enrollments.store_lists import Head
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer, normalized_email
from shared.problems import InvalidInputError, NotFoundError
from shared.words import said

_Short = Annotated[str, Meta(max_length=500)]
_MOST_MEMBERS_TEXT = 900_000


class RulesForm(msgspec.Struct, frozen=True):
    """How seats are given; a box that is not ticked is not sent."""

    vacancy: _Short = "at once"
    offer_hours: _Short = ""
    members_until: _Short = ""
    needs_code: _Short = ""
    selects: _Short = ""
    quotas: Annotated[str, Meta(max_length=10_000)] = ""


class InvitationForm(msgspec.Struct, frozen=True):
    """A new code."""

    code: _Short = ""
    most_uses: _Short = ""
    days: _Short = ""


class MembersForm(msgspec.Struct, frozen=True):
    """The addresses of all members, in lines or with commas."""

    emails: Annotated[str, Meta(max_length=_MOST_MEMBERS_TEXT)] = ""


_Rules = Annotated[RulesForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
_Code = Annotated[InvitationForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
_Members = Annotated[MembersForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}/admission", opt={"policy": "place.change"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, done: str = ""
) -> Response[str]:
    """The rules as they are, the codes and how many enrolled by each, and how many members there are."""
    return await _page(house, organization, viewer, cohort_id, done=done)


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/admission", opt={"policy": "place.change"}, include_in_schema=False)
async def set_rules(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, data: _Rules
) -> Response[Any]:
    """Set the rules; whom they admit to a free seat is given it."""
    head = await _head(house, viewer, cohort_id)
    try:
        await ruling.set_rules(house, viewer.organization_id, cohort_id, _rules(data, head), by=viewer.person_id)
    except InvalidInputError as error:
        return await _page(house, organization, viewer, cohort_id, status=422, values=data, errors=dict(error.errors))
    return _back(organization, cohort_id, "rules")


@post(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/admission/codes",
    opt={"policy": "place.change"},
    include_in_schema=False,
)
async def add_invitation(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, data: _Code
) -> Response[Any]:
    """Add an invitation code."""
    head = await _head(house, viewer, cohort_id)
    try:
        wanted = _invitation(data, head, now=house.clock())
        await ruling.put_invitation(house, viewer.organization_id, wanted, by=viewer.person_id)
    except InvalidInputError as error:
        errors = dict(error.errors)
        return await _page(house, organization, viewer, cohort_id, status=422, code=data, errors=errors)
    except InvitationExistsError:
        errors = {"code": "This cohort has that code already."}
        return await _page(house, organization, viewer, cohort_id, status=409, code=data, errors=errors)
    return _back(organization, cohort_id, "code")


@post(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/admission/members",
    opt={"policy": "place.change"},
    include_in_schema=False,
)
async def set_members(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, data: _Members
) -> Response[Any]:
    """Write who is a member of the program: exactly these addresses."""
    head = await _head(house, viewer, cohort_id)
    try:
        emails = _emails(data.emails)
    except InvalidInputError as error:
        return await _page(
            house, organization, viewer, cohort_id, status=422, emails=data.emails, errors=dict(error.errors)
        )
    await ruling.set_members(house, viewer.organization_id, head.program_id, emails, by=viewer.person_id)
    return _back(organization, cohort_id, "members")


def _back(organization: Organization, cohort_id: UUID, done: str) -> Redirect:
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}/admission?done={done}", status_code=303)


async def _head(house: House, viewer: Viewer, cohort_id: UUID) -> Head:
    found = await store_lists.head(house.pool, viewer.organization_id, cohort_id, viewer.person_id)
    if found is None:
        raise NotFoundError
    return found


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    *,
    status: int = 200,
    values: RulesForm | None = None,
    code: InvitationForm | None = None,
    emails: str = "",
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response[str]:
    head = await _head(house, viewer, cohort_id)
    return page(
        house,
        "enrollments_admission.html",
        status=status,
        organization=organization,
        viewer=viewer,
        head=head,
        cohort=head,
        is_staff=True,
        values=values or _form(head),
        code=code or InvitationForm(),
        emails=emails,
        errors=errors or {},
        done=done,
        now=house.clock(),
        invitations=await admission.invitations(house.pool, viewer.organization_id, cohort_id),
        members=await admission.member_count(house.pool, head.program_id),
    )


def _form(head: Head) -> RulesForm:
    until, rules = head.admission.members_until, head.admission
    return RulesForm(
        vacancy=head.vacancy,
        offer_hours="" if head.offer_hours is None else str(head.offer_hours),
        members_until="" if until is None else f"{until.astimezone(ZoneInfo(head.time_zone)):%Y-%m-%dT%H:%M}",
        needs_code="yes" if rules.needs_code else "",
        selects="yes" if rules.selects else "",
        quotas="\n".join(f"{region}: {number}" for region, number in rules.quotas.items()),
    )


def _rules(data: RulesForm, head: Head) -> Rules:
    """What the form says. InvalidInputError names each field that does not fit."""
    errors: list[tuple[str, str]] = []
    hours = data.offer_hours.strip()
    is_offer = data.vacancy == "offer"
    if is_offer and not (hours.isdecimal() and len(hours) <= 4):
        errors.append(("offer_hours", "Say for how many hours an offer stands, from 1 to 720."))
    until = _moment(data.members_until, head.time_zone)
    if data.members_until and until is None:
        errors.append(("members_until", "Give a day and a time, or leave it empty."))
    quotas: dict[str, int] = {}
    for line in filter(None, (one.strip() for one in data.quotas.splitlines())):
        region, _, number = line.rpartition(":")
        if not region.strip() or not number.strip().isdecimal() or len(number.strip()) > 4:
            errors.append(("quotas", "Write each region on a line of its own, such as Midwest: 10."))
            break
        quotas[region.strip()] = int(number)
    if errors:
        raise InvalidInputError(*errors)
    rules = Rules(
        admission=Admission(
            members_until=until, needs_code=bool(data.needs_code), selects=bool(data.selects), quotas=quotas
        ),
        vacancy="offer" if is_offer else "at once",
        offer_hours=int(hours) if is_offer else None,
    )
    if found := problems_of(rules):
        raise InvalidInputError(*found)
    return rules


def _moment(text: str, zone: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(zone)) if 1970 < found.year < 2200 else None


def _invitation(data: InvitationForm, head: Head, *, now: datetime) -> Invitation:
    errors = []
    uses, days = data.most_uses.strip(), data.days.strip()
    if not uses.isdecimal() or not 1 <= int(uses[:6]) <= MOST_USES:
        errors.append(("most_uses", "Say how many people may use it, from 1 to 10,000."))
    if days and (not days.isdecimal() or not 1 <= int(days[:6]) <= 3650):
        errors.append(("days", "Say for how many days it works, or leave it empty."))
    if errors:
        raise InvalidInputError(*errors)
    return Invitation(
        id=uuid4(),
        cohort_id=head.id,
        code=data.code,
        uses=0,
        most_uses=int(uses),
        expires_at=now + timedelta(days=int(days)) if days else None,
    )


def _emails(text: str) -> list[str]:
    """The addresses of a text. InvalidInputError counts those that are none, without repeating them."""
    found, wrong = [], []
    typed = [one.strip().strip("<>") for one in text.replace(",", "\n").replace(";", "\n").splitlines()]
    for number, one in enumerate(typed, start=1):
        if not one:
            continue
        try:
            found.append(normalized_email(one))
        except InvalidInputError:
            wrong.append(str(number))
    if wrong:
        lines = ", ".join(wrong[:10])
        raise InvalidInputError(
            ("emails", said("These lines are no e-mail addresses: %(lines)s. Nothing was changed.", lines=lines))
        )
    if not found:
        raise InvalidInputError(("emails", "Enter the members' addresses. Nothing was changed."))
    return found


ROUTES = [read, set_rules, add_invitation, set_members]
