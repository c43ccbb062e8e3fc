"""Verbs of a badge's changes: ask the issuer for one, and take over that it was made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from services.enrollment.completions import store as completions
from services.enrollment.completions.badges import letters, store
from services.enrollment.completions.badges.model import (
    Badge,
    BadgeChangingError,
    BadgeNotInForceError,
    ChangeExistsError,
    ChangeKind,
    NothingChangedError,
    Wish,
    correction,
    differences,
    members_of,
)
from services.enrollment.completions.model import Award, CohortFrame, SelfApprovalError, Standing
from services.enrollment.events import actions as events
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.people import actions as people
from services.enrollment.people.model import Viewer
from shared import outbox
from shared.contracts import AwardAnswer, AwardRequest, Correction, Renewal, RuleFinding, corrected
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

#: Topics of the outbox; the key is the award's id, the payload one of the messages below.
CORRECTION, RENEWAL = "correction", "renewal"


class CorrectionMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A correction that the issuer is asked for, and under which id."""

    change_id: UUID
    content: Correction
    #: What the badge says as long as the issuer has not made it.
    before: AwardRequest


class RenewalMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A renewal that the issuer is asked for, and under which id."""

    change_id: UUID
    content: Renewal


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a correction would make of a badge."""

    badge: Badge
    asked: Correction
    wanted: AwardRequest


async def preview(house: House, viewer: Viewer, award_id: UUID, wish: Wish) -> Preview:
    """What would change; nothing is asked for. The errors are those of `correct`."""
    async with transaction(house.pool) as connection:
        badge = await _badge(connection, viewer, award_id, "correction", now=house.clock())
        return await _preview(connection, badge, wish, now=house.clock())


async def _preview(connection: Connection, badge: Badge, wish: Wish, *, now: datetime) -> Preview:
    cohort, standing = await records(connection, badge)
    asked = correction(badge, wish, standing, cohort, at=now)
    assert badge.says is not None
    return Preview(badge=badge, asked=asked, wanted=corrected(badge.says, asked))


async def records(connection: Connection, badge: Badge) -> tuple[CohortFrame, Standing]:
    """The cohort, and how the badge's holder stands in it by our records."""
    cohort = await completions.frame(connection, badge.organization_id, badge.cohort_id)
    assert cohort is not None
    found = await completions.standings(connection, cohort, only=[badge.enrollment_id])
    if not found:
        raise BadgeNotInForceError
    return cohort, found[0]


async def correct(house: House, viewer: Viewer, award_id: UUID, correction_id: UUID, wish: Wish) -> Badge:
    """Ask the issuer to correct a badge; the same id again changes nothing.

    Once it is made, the record of the hours says what the badge says. NotFoundError, BadgeNotInForceError,
    BadgeChangingError, NothingChangedError, ChangeExistsError, SelfApprovalError.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        await people.acting(connection, viewer)
        if (known := await _known(connection, viewer, award_id, correction_id, "correction")) is not None:
            return known
        badge = await _badge(connection, viewer, award_id, "correction", now=now)
        found = await _preview(connection, badge, wish, now=now)
        assert badge.says is not None
        members = members_of(differences(badge.says, found.wanted))
        message = CorrectionMessage(change_id=correction_id, content=found.asked, before=badge.says)
        await _ask(connection, viewer, badge, message, members, now=now)
        await store.set_says(connection, award_id, found.wanted)
        return await _after(connection, viewer, award_id)


async def renew(
    house: House, viewer: Viewer, award_id: UUID, renewal_id: UUID, *, valid_until: datetime | None
) -> Badge:
    """Ask the issuer for the same badge with another end; None is without one. Errors as for `correct`."""
    now = house.clock()
    if valid_until is not None and valid_until <= now:
        raise InvalidInputError(("valid_until", N_("Choose a day that is not over.")))
    async with transaction(house.pool) as connection:
        await people.acting(connection, viewer)
        if (known := await _known(connection, viewer, award_id, renewal_id, "renewal")) is not None:
            return known
        badge = await _badge(connection, viewer, award_id, "renewal", now=now)
        if valid_until == badge.valid_until:
            raise NothingChangedError
        asked = Renewal(
            renewed_at=now.replace(microsecond=0), valid_until=UNSET if valid_until is None else valid_until
        )
        message = RenewalMessage(change_id=renewal_id, content=asked)
        await _ask(connection, viewer, badge, message, ("valid_until",), now=now)
        return await _after(connection, viewer, award_id)


async def _known(
    connection: Connection, viewer: Viewer, award_id: UUID, change_id: UUID, kind: ChangeKind
) -> Badge | None:
    """The badge where this very change was asked for before."""
    found = await store.change(connection, viewer.organization_id, change_id)
    if found is None:
        return None
    if (found.award_id, found.kind) != (award_id, kind):
        raise ChangeExistsError
    return await _after(connection, viewer, award_id)


async def _badge(connection: Connection, viewer: Viewer, award_id: UUID, kind: ChangeKind, *, now: datetime) -> Badge:
    """The badge, held, where it may be changed."""
    badge = await store.lock(connection, viewer.organization_id, award_id)
    if badge is None:
        raise NotFoundError
    if badge.person_id == viewer.person_id:
        raise SelfApprovalError
    if not badge.may_change(now=now, kind=kind):
        raise BadgeNotInForceError
    if badge.pending is not None:
        raise BadgeChangingError
    return badge


async def _after(connection: Connection, viewer: Viewer, award_id: UUID) -> Badge:
    found = await store.badge(connection, viewer.organization_id, award_id)
    assert found is not None
    return found


async def _ask(
    connection: Connection,
    viewer: Viewer,
    badge: Badge,
    message: CorrectionMessage | RenewalMessage,
    members: tuple[str, ...],
    *,
    now: datetime,
) -> None:
    if viewer.person_id is None:
        raise NotFoundError
    kind: ChangeKind = "correction" if isinstance(message, CorrectionMessage) else "renewal"
    await store.insert_change(connection, message.change_id, badge, kind, members, by=viewer.person_id, at=now)
    await journal.note(
        connection,
        organization_id=badge.organization_id,
        person_id=viewer.person_id,
        action="badge.correct" if kind == "correction" else "badge.renew",
        object_kind="award",
        object_id=badge.award_id,
        fields=members,
    )
    await outbox.put(
        connection,
        organization_id=badge.organization_id,
        topic=CORRECTION if kind == "correction" else RENEWAL,
        key=badge.award_id,
        payload=msgspec.json.encode(message),
    )


async def take(connection: Connection, house: House, before: Award, answer: AwardAnswer, told: dict[str, Any]) -> None:
    """Take over that the issuer has made a change, once: tell it as an event, and the holder by e-mail."""
    if answer.change_id is UNSET:
        return
    found = await store.done(connection, answer.change_id, before.id, at=house.clock())
    if found is None or answer.is_erased:
        return
    if "credit_minutes" in found.members:
        await _take_hours(connection, before.organization_id, before.id)
    await events.record(
        connection,
        organization_id=before.organization_id,
        type="badge.corrected" if found.kind == "correction" else "badge.renewed",
        person_id=before.person_id,
        data={**told, "change_id": answer.change_id, "members": found.members},
        occurred_at=answer.issued_at or house.clock(),
    )
    reader = await completions.reader(connection, before.enrollment_id) if answer.state == "issued" else None
    if reader is not None:
        until = None if answer.valid_until is UNSET else answer.valid_until
        mail = letters.changed(reader, found.kind, found.members, badge_url=answer.badge_url, until=until)
        await notices.post(connection, mail, organization_id=before.organization_id, sealing_key=house.sealing_key)


async def _take_hours(connection: Connection, organization_id: UUID, award_id: UUID) -> None:
    """Let the record of the completion say the hours of the badge; its sessions only where they come to as many."""
    badge = await store.badge(connection, organization_id, award_id)
    if badge is None or badge.says is None:
        return
    minutes = badge.says.credit_minutes
    try:
        _, standing = await records(connection, badge)
    except BadgeNotInForceError:
        attended = None  # no longer seated, so no sessions are counted
    else:
        attended = standing.presences if standing.credit_minutes == minutes else None
    await store.set_hours(connection, badge.enrollment_id, minutes, attended)


async def end_refused(
    house: House,
    organization_id: UUID,
    award_id: UUID,
    message: CorrectionMessage | RenewalMessage,
    findings: Sequence[RuleFinding] = (),
) -> None:
    """Take over that the issuer does not make a change: the badge says what it said. Nothing where it was made."""
    async with transaction(house.pool) as connection:
        badge = await store.lock(connection, organization_id, award_id)
        if badge is None:
            return
        found = await store.refuse(connection, message.change_id, award_id, findings, at=house.clock())
        # What was erased meanwhile is not written anew.
        if found is not None and badge.says is not None and isinstance(message, CorrectionMessage):
            await store.set_says(connection, award_id, message.before)
