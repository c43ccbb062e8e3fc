"""Bringing a cohort to rest: offers that ended are over, and no seat is free while somebody in line may have it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.enrollment.admission.model import admissible, next_clock
from services.enrollment.cohorts import calendars, store_sessions
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Entry
from services.enrollment.cohorts.telling import parties
from services.enrollment.enrollments import letters, store_places
from services.enrollment.enrollments.letters import Letterhead
from services.enrollment.enrollments.model import Ended, Frame, Told
from services.enrollment.enrollments.seats.tokens import offer_url
from services.enrollment.events import actions as events
from services.enrollment.events.model import EventType
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.notices.model import Mail
from services.enrollment.organizations import store as organizations
from services.enrollment.people.model import Person
from shared.postgres import Connection
from shared.problems import NotFoundError

_EVENTS: dict[str, EventType] = {
    "seated": "enrollment.seated",
    "offered": "enrollment.offered",
    "in line": "enrollment.in_line",
}


class Desk:
    """A cohort whose row is held, and the events and letters about its places, which leave with the transaction."""

    def __init__(self, house: House, connection: Connection, frame: Frame, *, now: datetime) -> None:
        self.house = house
        self.connection = connection
        self.frame = frame
        self.now = now
        self._head: Letterhead | None = None
        self._entries: tuple[Entry, ...] | None = None

    async def head(self) -> Letterhead:
        """What every letter about the cohort says."""
        if self._head is None:
            organization = await organizations.by_id(self.connection, self.frame.organization_id)
            cohort = await cohorts.cohort(self.connection, self.frame.organization_id, self.frame.id)
            if organization is None or cohort is None:
                raise NotFoundError
            self._head = Letterhead(
                organization=organization, cohort=cohort, own_url=self.house.settings.enrollment_url
            )
        return self._head

    async def record(self, kind: EventType, enrollment_id: UUID, person_id: UUID, **more: UUID) -> None:
        """Write the event of a place that changed; with ids only."""
        await events.record(
            self.connection,
            organization_id=self.frame.organization_id,
            type=kind,
            person_id=person_id,
            data={"enrollment_id": enrollment_id, "cohort_id": self.frame.id, **more},
            occurred_at=self.now,
        )

    async def record_place(self, told: Told, enrollment_id: UUID, person_id: UUID) -> None:
        """Write the event of a place that somebody has now."""
        await self.record(_EVENTS[told.place], enrollment_id, person_id)

    async def dates(self, person: Person, *, leaves: "Desk | None" = None) -> str | None:
        """The sessions that are now in somebody's calendar, and those of the cohort that they leave, as cancelled.

        None where nothing is to come. Whoever filled the form in is not known yet: no name, no address of a call.
        """
        head, found = await self.head(), []
        for desk in dict.fromkeys((self, leaves)):
            if desk is not None:
                coming = calendars.coming(await desk.entries(), now=self.now, is_over=desk is leaves)
                found += [((await desk.head()).cohort, coming)] if coming else []
        if not found:
            return None
        return calendars.for_reader(
            found,
            pages_url=f"{head.own_url}/{head.organization.slug}/cohorts",
            joins=False,
            parties=parties(self.house, head.organization, person, name=person.email),
            now=self.now,
        )

    async def entries(self) -> tuple[Entry, ...]:
        """The cohort's sessions as calendars know them."""
        if self._entries is None:
            self._entries = (await store_sessions.entries(self.connection, [self.frame.id])).get(self.frame.id, ())
        return self._entries

    async def post(self, mail: Mail) -> None:
        """Write to somebody."""
        await notices.post(
            self.connection, mail, organization_id=self.frame.organization_id, sealing_key=self.house.sealing_key
        )

    async def tell_ended(self, ended: Sequence[Ended], letter: letters.Ending, kind: EventType) -> None:
        """Write to those who have no place any more, and the event of each."""
        if not ended:
            return
        head = await self.head()
        people = await store_places.people(self.connection, [one.person_id for one in ended])
        for one in ended:
            await self.record(kind, one.id, one.person_id)
            person = people[one.person_id]
            calendar = await self.dates(person, leaves=self) if one.was_seated else None
            await self.post(letters.ended(head, person, letter, calendar=calendar))


async def settle(
    house: House, connection: Connection, frame: Frame, *, now: datetime, newcomers: Collection[UUID] = ()
) -> dict[UUID, int]:
    """End offers that are over, give each free seat to whom the rules admit, in order, and write to them.

    `newcomers` are enrollments of this very transaction: a seat is theirs at once, never offered, and who put them in
    line writes to them; returned are the numbers of the seats that they got.
    """
    desk = Desk(house, connection, frame, now=now)
    if frame.next_clock_at is not None and frame.next_clock_at <= now:
        over = await store_places.end_offers(connection, frame.id, now=now)
        await desk.tell_ended(over, "offer expired", "enrollment.offer_ended")
    seated = await _admit(desk, frozenset(newcomers)) if frame.hands_seats_on else {}
    await _wind(desk)
    return seated


async def _admit(desk: Desk, newcomers: frozenset[UUID]) -> dict[UUID, int]:
    frame, connection = desk.frame, desk.connection
    waiting = await store_places.waiting(connection, frame)
    if not waiting:
        return {}
    free = await store_places.free_seats(connection, frame.id, most=len(waiting))
    held = await store_places.held_by_region(connection, frame.id, frame.admission.quotas)
    chosen = admissible(waiting, free=len(free), held=held, policy=frame.admission, now=desk.now)
    if not chosen:
        return {}
    ends = desk.now + timedelta(hours=frame.offer_hours) if frame.offer_hours is not None else None
    seats = dict(zip(chosen, free, strict=False))
    given = [(one, seat_id, None if one in newcomers else ends) for one, (seat_id, _) in seats.items()]
    await store_places.give_seats(connection, given)
    await _tell_placed(desk, [one for one in chosen if one not in newcomers], seats, ends)
    return {one: number for one, (_, number) in seats.items() if one in newcomers}


async def _tell_placed(
    desk: Desk, placed: list[UUID], seats: dict[UUID, tuple[UUID, int]], ends: datetime | None
) -> None:
    if not placed:
        return
    head = await desk.head()
    found = await store_places.lock_chosen(desk.connection, desk.frame.id, placed)
    people = await store_places.people(desk.connection, [one.person_id for one in found])
    for one in sorted(found, key=lambda each: seats[each.id][1]):
        told = Told(
            place="seated" if ends is None else "offered",
            seat_number=seats[one.id][1],
            in_line_before=None,
            offer_expires_at=ends,
        )
        await desk.record_place(told, one.id, one.person_id)
        if ends is None:
            person = people[one.person_id]
            await desk.post(letters.seat_came_free(head, person, told, calendar=await desk.dates(person)))
        else:
            url = offer_url(head, one.id, ends, sealing_key=desk.house.sealing_key)
            await desk.post(letters.offered(head, people[one.person_id], told, url=url))


async def _wind(desk: Desk) -> None:
    """Write when the cohort must be looked at again though nobody asks."""
    frame = desk.frame
    first = None
    if frame.vacancy == "offer" or frame.next_clock_at is not None:
        first = await store_places.first_offer_end(desk.connection, frame.id)
    wanted = next_clock(frame.admission, first_offer_ends_at=first, now=desk.now)
    if wanted != frame.next_clock_at:
        await store_places.set_clock(desk.connection, frame.id, wanted)
