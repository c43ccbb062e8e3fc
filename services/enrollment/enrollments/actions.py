"""Verbs of enrollments: enroll, withdraw, write a cohort and its seats; a free seat goes to the line's head at once.

Each of them holds the cohort's row first, so that seats and ranks are given one after another.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.admission import store as admission
from services.enrollment.admission.model import Invitation, Waiting, admissible, typed_code
from services.enrollment.cohorts import actions as cohort_actions
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Cohort, Counts, Listing
from services.enrollment.enrollments import letters, store, store_places
from services.enrollment.enrollments.model import (
    ANOTHER_REGION,
    NOTED,
    TOLD_AGAIN_AFTER,
    Application,
    Enrollment,
    EnrollmentExistsError,
    Frame,
    LevelRequiredError,
    OutcomeDecidedError,
    RegistrationClosedError,
    SeatsHeldError,
    Told,
    closed_reason,
    ended_of,
    told,
)
from services.enrollment.enrollments.seats.settling import Desk, settle
from services.enrollment.forms import actions as forms
from services.enrollment.forms import store as form_store
from services.enrollment.forms.model import Answers, Filled, checked
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.people import actions as people_actions
from services.enrollment.people import store as people
from services.enrollment.people.model import ANONYMOUS, Person, Viewer
from services.enrollment.programs import store as programs
from services.enrollment.programs.model import Level
from shared.pages.rendering import LANGUAGES
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError


async def enroll(
    house: House, organization: Organization, listing: Listing, wish: Application, *, asker: Viewer = ANONYMOUS
) -> Told:
    """Put somebody in line; where the cohort's rules admit them to a free seat, the lowest is theirs. Write to them.

    Somebody who has a place keeps it: whoever asked is told what a newcomer would be, and the owner of the address gets
    a letter, at most once an hour; only the very same request again is told the place. Who lacks a badge that the
    cohort needs gets no place: the person and staff are told so, a stranger only that the wish came in.
    NotFoundError, RegistrationClosedError, InvalidInputError, EnrollmentExistsError, LevelRequiredError.
    """
    found = await _enroll(house, organization, listing, wish, asker)
    if isinstance(found, LevelRequiredError):
        # Raised only now: the person, and the letter to them, are to stay.
        raise found
    return found


async def _enroll(
    house: House, organization: Organization, listing: Listing, wish: Application, asker: Viewer
) -> Told | LevelRequiredError:
    now = house.clock()
    async with transaction(house.pool) as connection:
        frame = await store.lock_cohort(connection, organization.id, listing.id)
        if frame is None:
            raise NotFoundError
        _check_open(frame, now=now)
        wish = msgspec.structs.replace(wish, region=_region(frame, wish.region))
        answers = await _answers(connection, frame, wish)
        invitation = await _invitation(connection, frame, wish.code, now=now)
        person = await people_actions.ensure_person(
            connection, organization_id=organization.id, name=wish.name, email=wish.email
        )
        required = await programs.required_level(connection, frame.id)
        may_know = required is None or bool(asker.roles) or asker.person_id == person.id
        known = await store.enrollment_of(connection, frame.id, person.id)
        if known is not None and known.id == wish.id and known.place != "none":
            return told(known) if may_know else NOTED
        if (known is None or known.id != wish.id) and await store.id_is_taken(connection, wish.id):
            # Whoever the address is of: otherwise a taken id would tell who is enrolled.
            raise EnrollmentExistsError
        desk = Desk(house, connection, frame, now=now)
        if known is not None and known.place != "none":
            answer = await _enrolled_again(desk, known, person, wish, is_invited=invitation is not None)
        elif required is not None and not await programs.holds_level(
            connection, organization.id, person.id, required.id
        ):
            return await _refused(desk, person, required, may_know=may_know)
        else:
            identifier = await _put(desk, known, person, wish, invitation)
            if answers is not None:
                is_owner = asker.person_id == person.id
                await forms.keep(
                    house, connection, organization.id, identifier, person.id, answers, is_owner=is_owner, now=now
                )
            answer = await _placed(desk, identifier, person)
        return answer if may_know else NOTED


async def _refused(desk: Desk, person: Person, required: Level, *, may_know: bool) -> Told | LevelRequiredError:
    """Tell the owner of the address which badge they have not shown, and whoever asked as much as they may know."""
    if await people.tell_of_level(desk.connection, person.id, now=desk.now, unless_since=desk.now - TOLD_AGAIN_AFTER):
        await desk.post(letters.level_required(await desk.head(), person, required.name, required.id))
    return LevelRequiredError(required.name, required.id) if may_know else NOTED


async def _enrolled_again(
    desk: Desk, known: Enrollment, person: Person, wish: Application, *, is_invited: bool
) -> Told:
    """Tell the owner of the address, and whoever asked what a newcomer would be told."""
    connection, frame, now = desk.connection, desk.frame, desk.now
    if await store.tell_again(connection, known.id, now=now, unless_since=now - TOLD_AGAIN_AFTER):
        await desk.post(letters.enrolled_again(await desk.head(), person, told(known)))
    await settle(desk.house, connection, frame, now=now)
    free = await store_places.free_seats(connection, frame.id, most=1)
    newcomer = Waiting(
        id=wish.id,
        region=wish.region,
        is_member=await admission.is_member(connection, frame.program_id, wish.email),
        is_invited=is_invited,
    )
    held = await store_places.held_by_region(connection, frame.id, frame.admission.quotas)
    is_seated = admissible([newcomer], free=len(free), held=held, policy=frame.admission, now=now)
    return await _answer(desk, seat_number=free[0][1] if is_seated else None)


async def _put(
    desk: Desk, known: Enrollment | None, person: Person, wish: Application, invitation: Invitation | None
) -> UUID:
    """Put somebody who has no place at the end of the line; an invitation counts whom it brought."""
    connection = desk.connection
    before = None if known is None else await store.invitation_of(connection, known.id)
    if invitation is not None and invitation.id != before:
        await admission.use_invitation(connection, invitation.id)
        if before is not None:
            await admission.release_invitation(connection, before)
    return await store.put_enrollment(
        connection,
        desk.frame,
        person.id,
        wish,
        invitation_id=None if invitation is None else invitation.id,
        now=desk.now,
    )


async def _placed(desk: Desk, enrollment_id: UUID, person: Person) -> Told:
    """Settle with a newcomer in line, write to them, and say which place they have."""
    seated = await settle(desk.house, desk.connection, desk.frame, now=desk.now, newcomers=[enrollment_id])
    number = seated.get(enrollment_id)
    answer = await _answer(desk, seat_number=number, but=enrollment_id)
    head = await desk.head()
    if answer.place == "noted" and number is None:
        await desk.record("enrollment.in_line", enrollment_id, person.id)
        await desk.post(letters.noted(head, person))
        return answer
    place = answer
    if number is not None:
        place = Told(place="seated", seat_number=number, in_line_before=None)
    await desk.record_place(place, enrollment_id, person.id)
    calendar = await desk.dates(person) if place.place == "seated" else None
    await desk.post(letters.enrolled(head, person, place, calendar=calendar))
    return answer


async def _answer(desk: Desk, *, seat_number: int | None, but: UUID | None = None) -> Told:
    """What the form says of a place: nothing where it would tell who is a member or was chosen."""
    if desk.frame.admission.keeps_silent(now=desk.now):
        return NOTED
    if seat_number is not None:
        return Told(place="seated", seat_number=seat_number, in_line_before=None)
    before = await store.in_line(desk.connection, desk.frame.id, but=but)
    return Told(place="in line", seat_number=None, in_line_before=before)


def _check_open(frame: Frame, *, now: datetime) -> None:
    opens_at = frame.registration_opens_at
    reason = closed_reason(frame.state, opens_at, frame.registration_closes_at, now=now)
    if reason is not None:
        raise RegistrationClosedError(reason, opens_at if reason == "not yet" else None)


def _region(frame: Frame, region: str | None) -> str | None:
    """The region that counts in a quota; None where none does."""
    quotas = frame.admission.quotas
    if not quotas or region == ANOTHER_REGION:
        return None
    if region not in quotas:
        raise InvalidInputError(("region", "Choose your region."))
    return region


async def _answers(connection: Connection, frame: Frame, wish: Application) -> Answers | None:
    """What the program's form was answered; None where it asks nothing. InvalidInputError."""
    form = await form_store.form_of(connection, frame.organization_id, frame.program_id)
    if form is None or not form.asks_anything:
        return None
    return checked(form, wish.filled or Filled(version=None, values={}, language=LANGUAGES[0]))


async def _invitation(connection: Connection, frame: Frame, code: str | None, *, now: datetime) -> Invitation | None:
    """The invitation that a typed code is of. InvalidInputError where one is needed and this is none."""
    if not (code or "").strip():
        if frame.admission.needs_code:
            raise InvalidInputError(("code", "Enter the invitation code that you were given."))
        return None
    typed = typed_code(code or "")
    found = None if typed is None else await admission.invitation_by_code(connection, frame.id, typed)
    if found is None or not found.is_open(now=now):
        raise InvalidInputError(("code", "This code is not, or no longer, one of this cohort."))
    return found


async def withdraw(house: House, organization_id: UUID, enrollment_id: UUID, *, by: UUID | None = None) -> Enrollment:
    """Give up a place; its seat goes to the head of the line. Withdrawing again changes nothing.

    `by` is who of the staff does it for somebody.

    NotFoundError; OutcomeDecidedError once completion was decided.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        found = await store.enrollment(connection, organization_id, enrollment_id)
        frame = None if found is None else await store.lock_any_cohort(connection, organization_id, found.cohort_id)
        held = await store.lock_enrollment(connection, organization_id, enrollment_id)
        if frame is None or held is None:
            raise NotFoundError
        if held.outcome == "withdrawn":
            return held
        if held.outcome != "none":
            raise OutcomeDecidedError(held.outcome)
        await store_places.leave(connection, enrollment_id, "withdrew", now=now)
        desk = Desk(house, connection, frame, now=now)
        await desk.tell_ended([ended_of(held)], "withdrew", "enrollment.withdrawn")
        await settle(house, connection, frame, now=now)
        await journal.note_change(connection, organization_id, by, "place.withdraw", "enrollment", enrollment_id)
        after = await store.enrollment(connection, organization_id, enrollment_id)
        if after is None:
            raise NotFoundError
    return after


async def write_cohort(
    house: House,
    cohort: Cohort,
    *,
    unchanged: Cohort | None = None,
    by: UUID | None = None,
    noted: str = "cohort.write",
) -> None:
    """Write a cohort; where it is open or runs (again), each seat that came free meanwhile goes to the line.

    Where it is cancelled, nobody waits for a seat any more. InvalidInputError, StateError, PolicyFixedError,
    SessionHeldError, CohortExistsError; ChangedMeanwhileError where it is no longer what was read (`unchanged`).
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        await cohort_actions.write(house, connection, cohort, unchanged=unchanged)
        frame = await store.lock_any_cohort(connection, cohort.organization_id, cohort.id)
        if frame is None:
            raise NotFoundError
        if frame.state == "cancelled":
            over = await store_places.end_waiting(connection, frame.id, now=now)
            await Desk(house, connection, frame, now=now).tell_ended(over, "cancelled", "enrollment.withdrawn")
        await settle(house, connection, frame, now=now)
        await journal.note_change(connection, cohort.organization_id, by, noted, "cohort", cohort.id)


async def set_seats(
    house: House, organization_id: UUID, cohort_id: UUID, wanted: int, *, by: UUID | None = None
) -> Counts:
    """Give a cohort this many seats: new ones go to the line first, only free ones are taken away.

    NotFoundError; SeatsHeldError where fewer are wanted than are held.
    """
    async with transaction(house.pool) as connection:
        frame = await store.lock_any_cohort(connection, organization_id, cohort_id)
        if frame is None:
            raise NotFoundError
        now = await store.seats(connection, cohort_id)
        if wanted < now.held:
            raise SeatsHeldError(now.held)
        if wanted > now.seats:
            await store.add_seats(connection, frame, behind=now.last_number, number=wanted - now.seats)
            await settle(house, connection, frame, now=house.clock())
        elif wanted < now.seats:
            await store.remove_free_seats(connection, cohort_id, number=now.seats - wanted)
        if wanted != now.seats:
            await journal.note_change(
                connection, organization_id, by, "cohort.seats", "cohort", cohort_id, seats=str(wanted)
            )
        return (await cohorts.counts(connection, [cohort_id]))[cohort_id]


async def set_name_display(pool: Pool, organization_id: UUID, enrollment_id: UUID, *, shows_name: bool) -> Enrollment:
    """Write whether the badge is to show the name. NotFoundError; OutcomeDecidedError once the badge was asked for."""
    async with transaction(pool) as connection:
        held = await store.lock_enrollment(connection, organization_id, enrollment_id)
        if held is None:
            raise NotFoundError
        if held.shows_name != shows_name:
            if held.outcome == "completed":
                raise OutcomeDecidedError(held.outcome)
            await store.set_name_display(connection, enrollment_id, shows_name=shows_name)
    return msgspec.structs.replace(held, shows_name=shows_name)
