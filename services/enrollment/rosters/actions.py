"""Verbs of rosters: read a file, look at what it would do, take it. Nobody is enrolled before somebody looked."""

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec

from services.enrollment.enrollments import store as enrollments
from services.enrollment.enrollments import store_places as places
from services.enrollment.enrollments.model import Frame, Newcomer
from services.enrollment.enrollments.seats.taking import take_people
from services.enrollment.house import READ_ROSTER, House
from services.enrollment.journal import actions as journal
from services.enrollment.notices.model import read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people import actions as people_actions
from services.enrollment.people import store as people
from services.enrollment.people.model import Person, Viewer
from services.enrollment.programs import store as programs
from services.enrollment.programs.model import Level
from services.enrollment.rosters import store
from services.enrollment.rosters.model import (
    MOST_BYTES,
    MOST_READ,
    Choices,
    Columns,
    Looked,
    NotTakingPeopleError,
    Outcome,
    Planned,
    Problem,
    Question,
    Reading,
    Reason,
    Roster,
    RosterTakenError,
    checked,
    planned,
    problems_of,
    taken,
)
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.sealing import seal, unseal
from shared.words import Said, said

#: How long a file waits to be taken, and how long it is told whom a roster left out.
OPEN_FOR, TOLD_FOR = timedelta(days=1), timedelta(days=30)

_NO_ROSTER: dict[Problem, Said] = {
    "not text": said("This file is neither CSV nor XLSX. Save the list as one of the two, and choose that file."),
    "not a workbook": said("This workbook cannot be opened. Save it again as XLSX or CSV, and choose that file."),
    "too large inside": said("There is too much in this workbook. Save the sheet with the people as CSV."),
    "no rows": said("No rows were found. Put headings in the first row, and one person to each row below it."),
    "too many rows": said("This file has more than %(most)s rows. Split it, and bring the parts.", most=MOST_READ),
}


async def upload(house: House, viewer: Viewer, cohort_id: UUID, *, name: str, content: bytes) -> UUID:
    """Read a file of people for a cohort; the roster's id. Nobody is enrolled yet.

    NotFoundError; InvalidInputError for a file that is no roster; errors of LimitedPool for one that cannot be read.
    """
    if not content:
        raise InvalidInputError(("file", "Choose a file that is not empty."))
    if len(content) > MOST_BYTES:
        raise InvalidInputError(("file", "Choose a file of at most 10 MB."))
    reading = await _read(house, Question(content=content))
    if reading.problem is not None:
        raise InvalidInputError(("file", _NO_ROSTER[reading.problem]))
    if viewer.person_id is None:
        raise NotFoundError
    roster = Roster(
        id=uuid4(),
        organization_id=viewer.organization_id,
        cohort_id=cohort_id,
        file_name=name,
        headings=reading.headings,
        first_rows=reading.first_rows,
        columns=reading.columns,
        uploaded_by=viewer.person_id,
        uploaded_at=house.clock(),
        taken_at=None,
    )
    sealed = seal(house.sealing_key, content, belongs_to=_belongs_to(roster.id))
    async with transaction(house.pool) as connection:
        if await enrollments.frame(connection, viewer.organization_id, cohort_id) is None:
            raise NotFoundError
        sha256 = hashlib.sha256(content).hexdigest()
        await store.insert(connection, roster, reading.rows, sha256=sha256, content=sealed)
    return roster.id


async def read_as(house: House, viewer: Viewer, cohort_id: UUID, roster_id: UUID, columns: Columns) -> None:
    """Read the file again with other columns. NotFoundError, RosterTakenError, InvalidInputError."""
    roster = await store.roster(house.pool, viewer.organization_id, cohort_id, roster_id)
    if roster is None:
        raise NotFoundError
    if problems := problems_of(columns, width=len(roster.headings)):
        raise InvalidInputError(*problems)
    sealed = await store.content(house.pool, roster_id)
    if sealed is None:
        raise RosterTakenError
    content = unseal(house.sealing_key, sealed, belongs_to=_belongs_to(roster_id))
    reading = await _read(house, Question(content=content, columns=columns))
    async with transaction(house.pool) as connection:
        held = await store.hold(connection, viewer.organization_id, cohort_id, roster_id)
        if held is None:
            raise NotFoundError
        if held.taken_at is not None:
            raise RosterTakenError
        await store.replace_rows(connection, held, reading)


async def look(house: House, roster: Roster, choices: Choices) -> list[Planned]:
    """What would become of each row if the roster were taken now, or what became of it. NotFoundError."""
    async with house.pool.acquire() as connection:
        if roster.taken_at is not None:
            return taken(await store.taken(connection, roster.id))
        frame = await enrollments.frame(connection, roster.organization_id, roster.cohort_id)
        if frame is None:
            raise NotFoundError
        rows = await _rows(connection, frame, roster, await programs.required_level(connection, frame.id))
        waiting = await places.waiting(connection, frame)
        free = await places.free_seats(connection, frame.id, most=len(waiting) + len(rows))
        held = await places.held_by_region(connection, frame.id, frame.admission.quotas)
        return planned(
            rows,
            choices,
            waiting=waiting,
            free=len(free) if frame.hands_seats_on else 0,
            held=held,
            policy=frame.admission,
            now=house.clock(),
        )


async def take(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, roster_id: UUID, choices: Choices
) -> None:
    """Enroll everybody whose row can be taken, all of them or none; a roster that was taken stays as it is.

    NotFoundError, NotTakingPeopleError.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        frame = await enrollments.lock_any_cohort(connection, organization.id, cohort_id)
        staff_id = await people_actions.acting(connection, viewer)
        roster = await store.hold(connection, organization.id, cohort_id, roster_id)
        if frame is None or roster is None:
            raise NotFoundError
        if roster.taken_at is not None:
            return
        if not frame.hands_seats_on:
            raise NotTakingPeopleError(frame.state)
        rows, known = await _with_people(connection, organization, frame, roster, choices)
        sorted_out = checked(rows, choices)
        newcomers = {row.number: _newcomer(roster, row) for row, reason in sorted_out if reason is None}
        seated = await take_people(
            house,
            connection,
            frame,
            list(newcomers.values()),
            selects=choices.selects,
            writes=choices.writes,
            now=now,
        )
        became = [
            _became(row, reason, newcomers.get(row.number), seated, was_known=row.number in known)
            for row, reason in sorted_out
        ]
        await store.settle(connection, roster.id, became, by=staff_id, at=now)
        await journal.note(
            connection,
            organization_id=organization.id,
            person_id=viewer.person_id,
            action="roster.import",
            object_kind="roster_import",
            object_id=roster.id,
            note={"rows": len(rows), "taken": len(newcomers)},
        )


async def drop_old(house: House) -> None:
    """Let go of files that nobody took in a day, and of whom rosters left out a month ago."""
    now = house.clock()
    await store.delete_open(house.pool, before=now - OPEN_FOR)
    await store.empty(house.pool, before=now - TOLD_FOR, now=now)


async def _rows(connection: Connection, frame: Frame, roster: Roster, required: Level | None) -> list[Looked]:
    """The rows, with what is known of whom they name, and whether they lack the badge that the cohort needs."""
    rows = _in_quotas(await store.look(connection, roster.id, frame.id, frame.program_id), frame)
    if required is None:
        return rows
    known = [row.person_id for row in rows if row.person_id is not None]
    holding = await programs.holders(connection, frame.organization_id, known, required.id)
    return [msgspec.structs.replace(row, lacks_badge=row.person_id not in holding) for row in rows]


async def _with_people(
    connection: Connection, organization: Organization, frame: Frame, roster: Roster, choices: Choices
) -> tuple[list[Looked], set[int]]:
    """The rows, once everybody who can be taken is a person whom nobody merges away; and the rows of who was one."""
    language = read_by(organization.language)
    required = await programs.required_level(connection, frame.id)
    rows = await _rows(connection, frame, roster, required)
    known = {row.number for row in rows if row.person_id is not None}
    ours: set[UUID] = set()
    while True:
        fitting = [row for row, reason in checked(rows, choices) if reason is None]
        added = [(uuid4(), row.name, row.email) for row in fitting if row.person_id is None]
        await people.insert_people(connection, organization.id, added, language=language)
        ours |= {one[0] for one in added}
        wanted = sorted({row.person_id for row in fitting if row.person_id is not None} - ours)
        held = await store.hold_people(connection, wanted) if wanted else set()
        if added or held < set(wanted):
            rows = await _rows(connection, frame, roster, required)
        found = {row.person_id for row, reason in checked(rows, choices) if reason is None}
        # Again where somebody was added, or merged into another, by others while we waited.
        if found <= held | ours:
            return rows, known


def _in_quotas(rows: list[Looked], frame: Frame) -> list[Looked]:
    """The rows, with the regions that a quota names, and no other."""
    known = {region.casefold(): region for region in frame.admission.quotas}
    return [
        row if row.region is None else msgspec.structs.replace(row, region=known.get(row.region.casefold()))
        for row in rows
    ]


def _newcomer(roster: Roster, row: Looked) -> Newcomer:
    if row.person_id is None or row.person_email is None or row.person_language is None:
        raise NotFoundError
    person = Person(
        id=row.person_id,
        organization_id=roster.organization_id,
        name=row.name,
        email=row.person_email,
        language=row.person_language,
    )
    return Newcomer(id=uuid4(), person=person, region=row.region)


def _became(
    row: Looked, reason: Reason | None, newcomer: Newcomer | None, seated: dict[UUID, int], *, was_known: bool
) -> tuple[int, Outcome, Reason | None, bool, UUID | None]:
    if newcomer is None:
        return row.number, "not taken", reason, was_known, None
    return row.number, "seated" if newcomer.id in seated else "in line", None, was_known, newcomer.id


async def _read(house: House, question: Question) -> Reading:
    answer = await house.children.call(READ_ROSTER, msgspec.msgpack.encode(question))
    return msgspec.json.decode(answer, type=Reading)


def _belongs_to(roster_id: UUID) -> str:
    return f"roster {roster_id}"
