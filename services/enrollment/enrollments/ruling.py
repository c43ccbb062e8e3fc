"""Verbs of a cohort's rules of admission, its invitations, and the members of its program; seats follow at once."""

from collections.abc import Iterable
from uuid import UUID

from services.enrollment.admission import store as admission
from services.enrollment.admission.model import (
    Invitation,
    InvitationUsedError,
    Rules,
    problems_of,
    typed_code,
)
from services.enrollment.enrollments import store
from services.enrollment.enrollments.seats.settling import settle
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from shared.postgres import transaction
from shared.problems import InvalidInputError, NotFoundError


async def set_rules(
    house: House, organization_id: UUID, cohort_id: UUID, rules: Rules, *, by: UUID | None = None
) -> Rules:
    """Write by which rules a cohort gives its seats; whom they admit to a free one is given it. Offers stand.

    NotFoundError, InvalidInputError.
    """
    if errors := problems_of(rules):
        raise InvalidInputError(*errors)
    async with transaction(house.pool) as connection:
        if await store.lock_any_cohort(connection, organization_id, cohort_id) is None:
            raise NotFoundError
        await admission.set_rules(connection, cohort_id, rules)
        # read again: the frame says by which rules
        frame = await store.lock_any_cohort(connection, organization_id, cohort_id)
        if frame is None:
            raise NotFoundError
        await settle(house, connection, frame, now=house.clock())
        await journal.note_change(connection, organization_id, by, "admission.rules", "cohort", cohort_id)
    return rules


async def put_invitation(
    house: House, organization_id: UUID, wanted: Invitation, *, by: UUID | None = None
) -> Invitation:
    """Add an invitation to a cohort, or write how often and how long it may be used.

    NotFoundError, InvalidInputError, InvitationExistsError; InvitationUsedError where more enrolled by it already.
    """
    code = typed_code(wanted.code)
    if code is None:
        raise InvalidInputError(("code", "A code has 4 to 40 letters from A to Z and digits."))
    async with transaction(house.pool) as connection:
        if await store.lock_any_cohort(connection, organization_id, wanted.cohort_id) is None:
            raise NotFoundError
        before = await admission.invitation(connection, wanted.cohort_id, wanted.id)
        if before is not None and before.uses > wanted.most_uses:
            raise InvitationUsedError(before.uses)
        whole = Invitation(
            id=wanted.id,
            cohort_id=wanted.cohort_id,
            code=code,
            uses=0 if before is None else before.uses,
            most_uses=wanted.most_uses,
            expires_at=wanted.expires_at,
        )
        await admission.put_invitation(connection, organization_id, whole, now=house.clock())
        await journal.note_change(
            connection, organization_id, by, "admission.code", "cohort", wanted.cohort_id, invitation_id=str(wanted.id)
        )
    return whole


async def set_members(
    house: House, organization_id: UUID, program_id: UUID, emails: Iterable[str], *, by: UUID | None = None
) -> int:
    """Make exactly these normalized addresses the program's members; how many. NotFoundError.

    Cohorts where members come first are settled by the clock, within seconds.
    """
    wanted = set(emails)
    async with transaction(house.pool) as connection:
        if not await admission.has_program(connection, organization_id, program_id):
            raise NotFoundError
        await admission.set_members(connection, organization_id, program_id, wanted, now=house.clock())
        await journal.note_change(
            connection, organization_id, by, "program.members", "program", program_id, members=str(len(wanted))
        )
    return len(wanted)
