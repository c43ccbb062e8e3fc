"""A cohort's rules of admission, and how staff move people, as JSON; and a participant's answer to an offer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, put
from msgspec import Meta

from services.enrollment.admission import store as admission
from services.enrollment.admission.model import MOST_USES, Invitation, Rules
from services.enrollment.enrollments import moving, ruling, store
from services.enrollment.enrollments.model import Enrollment
from services.enrollment.enrollments.seats import offers
from services.enrollment.house import House
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer, normalized_email
from shared.problems import NotFoundError

_MOST_MEMBERS = 20_000


class InvitationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code by which people may enroll, how many of them, and until when."""

    code: Annotated[str, Meta(min_length=4, max_length=60)]
    most_uses: Annotated[int, Meta(ge=1, le=MOST_USES)]
    expires_at: datetime | None = None


class InvitationsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort's invitations, the oldest first."""

    items: list[Invitation]


class MembersBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The e-mail addresses of all members."""

    emails: Annotated[list[Annotated[str, Meta(max_length=254)]], Meta(max_length=_MOST_MEMBERS)]


class MembersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How many members the program has now."""

    members: int


class OfferBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the offered seat is taken."""

    answer: Literal["accept", "decline"]


class TransferBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To which cohort somebody moves."""

    to: UUID


@get("/api/cohorts/{cohort_id:uuid}/admission", opt={"policy": "place.change"}, summary="See how seats are given")
async def read_rules(house: House, viewer: Viewer, cohort_id: UUID) -> Rules:
    """By which rules a cohort gives its seats."""
    found = await admission.rules(house.pool, viewer.organization_id, cohort_id)
    if found is None:
        raise NotFoundError
    return found


@put("/api/cohorts/{cohort_id:uuid}/admission", opt={"policy": "place.change"}, summary="Set how seats are given")
async def set_rules(house: House, viewer: Viewer, cohort_id: UUID, data: Rules) -> Rules:
    """Set the rules of admission; whom they admit to a free seat is given it. Offers that stand keep standing."""
    return await ruling.set_rules(house, viewer.organization_id, cohort_id, data, by=viewer.person_id)


@get("/api/cohorts/{cohort_id:uuid}/invitations", opt={"policy": "place.change"}, summary="List invitation codes")
async def read_invitations(house: House, viewer: Viewer, cohort_id: UUID) -> InvitationsAnswer:
    """The cohort's invitation codes and how many enrolled by each."""
    if not await store.has_cohort(house.pool, viewer.organization_id, cohort_id):
        raise NotFoundError
    return InvitationsAnswer(items=await admission.invitations(house.pool, viewer.organization_id, cohort_id))


@put(
    "/api/cohorts/{cohort_id:uuid}/invitations/{invitation_id:uuid}",
    opt={"policy": "place.change"},
    summary="Write an invitation code",
)
async def put_invitation(
    house: House, viewer: Viewer, cohort_id: UUID, invitation_id: UUID, data: InvitationBody
) -> Invitation:
    """Add an invitation code, or change how many may use it and until when; its letters stay."""
    wanted = Invitation(
        id=invitation_id,
        cohort_id=cohort_id,
        code=data.code,
        uses=0,
        most_uses=data.most_uses,
        expires_at=data.expires_at,
    )
    return await ruling.put_invitation(house, viewer.organization_id, wanted, by=viewer.person_id)


@put("/api/programs/{program_id:uuid}/members", opt={"policy": "place.change"}, summary="Write who is a member")
async def set_members(house: House, viewer: Viewer, program_id: UUID, data: MembersBody) -> MembersAnswer:
    """Make exactly these addresses the program's members, who come first where a cohort says so."""
    emails = [normalized_email(one) for one in data.emails]
    number = await ruling.set_members(house, viewer.organization_id, program_id, emails, by=viewer.person_id)
    return MembersAnswer(members=number)


@put("/api/enrollments/{enrollment_id:uuid}/offer", opt={"policy": "offer.decide"}, summary="Answer an offered seat")
async def answer_offer(house: House, viewer: Viewer, enrollment_id: UUID, data: OfferBody) -> Enrollment:
    """Take the seat that is held for one, or leave it to the next in line. The same answer again changes nothing."""
    found = await _found(house, viewer, enrollment_id)
    require(viewer, "offer.decide", owns=found.person_id == viewer.person_id)
    verb = offers.accept if data.answer == "accept" else offers.decline
    return await verb(house, viewer.organization_id, enrollment_id)


@put("/api/enrollments/{enrollment_id:uuid}/no-show", opt={"policy": "place.change"}, summary="Release a no-show")
async def release_no_show(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    """Give the seat of somebody who did not come to the line."""
    found = await _found(house, viewer, enrollment_id)
    await moving.release_no_shows(house, viewer.organization_id, found.cohort_id, [enrollment_id], by=viewer.person_id)
    return await _found(house, viewer, enrollment_id)


@put("/api/enrollments/{enrollment_id:uuid}/selection", opt={"policy": "place.change"}, summary="Select somebody")
async def select(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    """Choose somebody in line, who is given a seat as soon as one is free."""
    found = await _found(house, viewer, enrollment_id)
    await moving.select(house, viewer.organization_id, found.cohort_id, [enrollment_id], by=viewer.person_id)
    return await _found(house, viewer, enrollment_id)


@put("/api/enrollments/{enrollment_id:uuid}/transfer", opt={"policy": "place.change"}, summary="Move to another cohort")
async def transfer(house: House, viewer: Viewer, enrollment_id: UUID, data: TransferBody) -> Enrollment:
    """Move somebody to another cohort of the program: from a seat to a seat, from the line to its line's end."""
    found = await _found(house, viewer, enrollment_id)
    await moving.transfer(
        house, viewer.organization_id, found.cohort_id, [enrollment_id], to=data.to, by=viewer.person_id
    )
    return await _found(house, viewer, enrollment_id)


async def _found(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    found = await store.enrollment(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    return found


ROUTES = [
    read_rules,
    set_rules,
    read_invitations,
    put_invitation,
    set_members,
    answer_offer,
    release_no_show,
    select,
    transfer,
]
