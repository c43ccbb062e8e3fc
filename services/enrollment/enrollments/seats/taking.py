"""The verb that puts many people into a cohort at once, in the caller's transaction: as many statements for all."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.enrollment.enrollments import letters, store
from services.enrollment.enrollments.letters import Letterhead
from services.enrollment.enrollments.model import Frame, Newcomer, Told
from services.enrollment.enrollments.seats.settling import Desk, settle
from services.enrollment.events import actions as events
from services.enrollment.events.model import EventType
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.notices.model import Mail
from shared.postgres import Connection


async def take_people(
    house: House,
    connection: Connection,
    frame: Frame,
    newcomers: Sequence[Newcomer],
    *,
    selects: bool,
    writes: bool,
    now: datetime,
) -> dict[UUID, int]:
    """Put people who never were in the cohort, which is held, at the end of its line; the seats that they got.

    Who may sit down at once does, as the cohort's rules say; `selects` lets all of them past members and codes.
    """
    if not newcomers:
        return {}
    await store.insert_many(connection, frame, newcomers, selected_at=now if selects else None, now=now)
    seated = await settle(house, connection, frame, now=now, newcomers=[one.id for one in newcomers])
    desk = Desk(house, connection, frame, now=now)
    await _record(desk, newcomers, seated)
    if writes:
        await _write(desk, newcomers, seated)
    return seated


async def _record(desk: Desk, newcomers: Sequence[Newcomer], seated: dict[UUID, int]) -> None:
    kinds: tuple[tuple[EventType, bool], ...] = (("enrollment.seated", True), ("enrollment.in_line", False))
    for kind, is_seated in kinds:
        await events.record_many(
            desk.connection,
            organization_id=desk.frame.organization_id,
            type=kind,
            told=[
                (one.person.id, {"enrollment_id": one.id, "cohort_id": desk.frame.id})
                for one in newcomers
                if (one.id in seated) is is_seated
            ],
            occurred_at=desk.now,
        )


async def _write(desk: Desk, newcomers: Sequence[Newcomer], seated: dict[UUID, int]) -> None:
    head, waiting = await desk.head(), len(newcomers) - len(seated)
    before = await store.in_line(desk.connection, desk.frame.id) - waiting if waiting else 0
    is_silent = desk.frame.admission.keeps_silent(now=desk.now)
    # Thousands of letters take seconds to word: meanwhile others are answered.
    mails = await asyncio.to_thread(_mails, head, newcomers, seated, before, is_silent=is_silent)
    await notices.post_many(
        desk.connection, mails, organization_id=desk.frame.organization_id, sealing_key=desk.house.sealing_key
    )


def _mails(
    head: Letterhead, newcomers: Sequence[Newcomer], seated: dict[UUID, int], before: int, *, is_silent: bool
) -> list[Mail]:
    found = []
    for one in newcomers:
        number = seated.get(one.id)
        if number is not None:
            told = Told(place="seated", seat_number=number, in_line_before=None)
        elif is_silent:
            found.append(letters.noted(head, one.person))
            continue
        else:
            told = Told(place="in line", seat_number=None, in_line_before=before)
            before += 1
        found.append(letters.enrolled(head, one.person, told))
    return found
