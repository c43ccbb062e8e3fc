"""Verbs of attendance: record, mark all, undo, check oneself in, and approve work that makes up for a session."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from services.enrollment.attendance import codes, store, store_reports
from services.enrollment.attendance.matching import Meeting, chosen, entries, matched
from services.enrollment.attendance.model import (
    AttendanceMode,
    CohortCancelledError,
    Entry,
    Line,
    Makeup,
    NewerChangeError,
    OwnMakeupError,
    Session,
    problems_of,
    problems_of_makeup,
    rewritten,
)
from services.enrollment.attendance.report import Problem, Reading
from services.enrollment.events import actions as events
from services.enrollment.house import READ_MEETING_REPORT, House
from services.enrollment.journal import actions as journal
from services.enrollment.people import actions as people
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError

_NO_REPORT: dict[Problem, str] = {
    "not text": "This is no text file. Download the report as CSV from your meeting service, and choose that file.",
    "no table": "No list of participants was found. The report needs a column of names, and one of minutes or times.",
    "nobody": "The report names nobody who stayed for any time.",
}


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that were asked for as they are now, and the change that made them so; None where nothing changed."""

    session: Session
    lines: list[Line]
    change_id: UUID | None


async def record(
    pool: Pool,
    viewer: Viewer,
    *,
    cohort_id: UUID,
    session_id: UUID,
    entries: Sequence[Entry] | Callable[[Session], Sequence[Entry]],
    now: datetime,
) -> Written:
    """Record attendance of seated people, all or none; what is recorded already changes nothing.

    What the entries are may depend on the session, which is held then.
    NotFoundError where the viewer may not, CohortCancelledError, InvalidInputError naming each entry that does not fit.
    """
    async with transaction(pool) as connection:
        session, viewer_id = await _hold(connection, viewer, cohort_id, session_id)
        if callable(entries):
            entries = entries(session)
        identifiers = [one.enrollment_id for one in entries]
        _check(entries, session, seated=await store.hold_seated(connection, cohort_id, identifiers))
        return await write(connection, session, entries, by=viewer_id, now=now)


async def mark_all(
    pool: Pool, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, mode: AttendanceMode, now: datetime
) -> Written:
    """Record the same of everybody of whom nothing is recorded yet. NotFoundError, CohortCancelledError."""
    async with transaction(pool) as connection:
        session, viewer_id = await _hold(connection, viewer, cohort_id, session_id)
        await store.hold_seated(connection, cohort_id, None)
        lines = await store.sheet(connection, cohort_id, session_id)
        unmarked = [one for one in lines if one.mode is None]
        entries = [Entry(enrollment_id=one.enrollment_id, mode=mode) for one in unmarked]
        return await write(connection, session, entries, by=viewer_id, now=now, lines=unmarked)


async def undo(
    pool: Pool, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, change_id: UUID, now: datetime
) -> Written:
    """Give everybody whom a change touched the line that they had before it, as another change.

    NotFoundError where there is no such change, NewerChangeError where somebody's line was changed again since,
    CohortCancelledError.
    """
    async with transaction(pool) as connection:
        session, viewer_id = await _hold(connection, viewer, cohort_id, session_id)
        named = [one.enrollment_id for one in await store.change(connection, session_id, change_id)]
        held = await store.hold_seated(connection, cohort_id, named)
        # Read again: it may have been changed while we waited for its people.
        changes = await store.change(connection, session_id, change_id)
        if not changes or held != set(named):
            raise NotFoundError
        if newer := [one.enrollment_id for one in changes if not one.is_last]:
            raise NewerChangeError(newer)
        entries = [
            Entry(enrollment_id=one.enrollment_id, mode=None)
            if one.before is None
            else Entry(enrollment_id=one.enrollment_id, **msgspec.structs.asdict(one.before))
            for one in changes
        ]
        return await write(connection, session, entries, by=viewer_id, now=now)


async def check_in(
    pool: Pool, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, now: datetime
) -> tuple[Session, Line]:
    """Record that the viewer is here, unless something is recorded of them; the session and their line.

    NotFoundError for who has no seat, CheckInClosedError, CohortCancelledError.
    """
    async with transaction(pool) as connection:
        session = await store.hold_session(
            connection, viewer.organization_id, cohort_id, session_id, viewer_id=viewer.person_id
        )
        if session is None or session.own_enrollment_id is None or viewer.person_id is None:
            raise NotFoundError
        require(viewer, "attendance.check_in", owns=True)
        _check_runs(session)
        codes.check_open(session, now=now)
        own = [session.own_enrollment_id]
        if not await store.hold_seated(connection, cohort_id, own):
            raise NotFoundError
        (line,) = await store.sheet(connection, cohort_id, session_id, only=own)
        if line.mode is not None:
            return session, line
        entry = Entry(
            enrollment_id=session.own_enrollment_id,
            mode=session.mode,
            arrived_at=codes.arrival(session, now=now),
            source="self",
        )
        written = await write(connection, session, [entry], by=viewer.person_id, now=now)
        return session, written.lines[0]


async def approve_makeup(pool: Pool, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, made_up: Makeup) -> Line:
    """Approve work that makes up for a session; again replaces it.

    NotFoundError, CohortCancelledError, OwnMakeupError, InvalidInputError.
    """
    async with transaction(pool) as connection:
        session, _ = await _hold(connection, viewer, cohort_id, session_id, action="makeup.approve")
        line = await _own_line_refused(connection, viewer, session, made_up.enrollment_id)
        errors = problems_of_makeup(made_up.credit_minutes, session, attended=line.attended_minutes)
        if not made_up.what.strip():
            errors.append(("what", "Say what was done, such as «Read chapter 3 and wrote a reflection»."))
        if errors:
            raise InvalidInputError(*errors)
        await store.put_makeup(connection, session, made_up)
        await journal.note_change(
            connection, viewer.organization_id, viewer.person_id, "makeup.approve", "enrollment", made_up.enrollment_id,
            session_id=str(session_id), minutes=str(made_up.credit_minutes),
        )  # fmt: skip
        return (await store.sheet(connection, cohort_id, session_id, only=[made_up.enrollment_id]))[0]


async def remove_makeup(pool: Pool, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, enrollment_id: UUID) -> None:
    """Take approved make-up work away again. NotFoundError, CohortCancelledError, OwnMakeupError."""
    async with transaction(pool) as connection:
        session, _ = await _hold(connection, viewer, cohort_id, session_id, action="makeup.approve")
        await _own_line_refused(connection, viewer, session, enrollment_id)
        if not await store.delete_makeup(connection, session_id, enrollment_id):
            raise NotFoundError
        await journal.note_change(
            connection, viewer.organization_id, viewer.person_id, "makeup.remove", "enrollment", enrollment_id,
            session_id=str(session_id),
        )  # fmt: skip


async def upload_report(
    house: House, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, name: str, content: bytes
) -> UUID:
    """Keep who was in a meeting for how long, and who of the cohort that seems to be; the report's id.

    Nothing is recorded yet. The same file again is the report that is there. NotFoundError, CohortCancelledError,
    InvalidInputError for a file that is no report, errors of LimitedPool for one that cannot be read.
    """
    answer = await house.children.call(READ_MEETING_REPORT, content)
    reading = msgspec.json.decode(answer, type=Reading)
    if reading.problem is not None:
        raise InvalidInputError(("file", _NO_REPORT[reading.problem]))
    meeting = Meeting(id=uuid4(), session_id=session_id, file_name=name, uploaded_at=house.clock())
    async with transaction(house.pool) as connection:
        session, viewer_id = await _hold(connection, viewer, cohort_id, session_id, action="report.take")
        lines = matched(reading.people, await store_reports.seated(connection, cohort_id))
        sha256 = hashlib.sha256(content).hexdigest()
        known = await store_reports.insert(connection, session, meeting, lines, sha256=sha256, by=viewer_id)
        return meeting.id if known is None else known


async def take_report(
    house: House,
    viewer: Viewer,
    *,
    cohort_id: UUID,
    session_id: UUID,
    report_id: UUID,
    choices: Mapping[int, UUID | None],
) -> Written:
    """Record the minutes of everybody in a report who is one of the cohort, as found and as chosen, by line number.

    NotFoundError, CohortCancelledError, InvalidInputError for a choice that is nobody with a seat.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        session, viewer_id = await _hold(connection, viewer, cohort_id, session_id, action="report.take")
        if await store_reports.hold(connection, session, report_id) is None:
            raise NotFoundError
        seated = await store.hold_seated(connection, cohort_id, None)
        if strange := [number for number, who in choices.items() if who is not None and who not in seated]:
            raise InvalidInputError(*((f"line-{number}", "Choose somebody who has a seat.") for number in strange))
        lines = chosen(await store_reports.lines(connection, report_id), choices)
        await store_reports.settle(connection, report_id, lines, at=now)
        sheet = await store.sheet(connection, cohort_id, session_id)
        new, _ = entries(lines, sheet)
        await journal.note_change(
            connection,
            viewer.organization_id,
            viewer_id,
            "report.take",
            "session",
            session_id,
            report_id=str(report_id),
        )
        return await write(connection, session, new, by=viewer_id, now=now)


async def write(
    connection: Connection,
    session: Session,
    entries: Sequence[Entry],
    *,
    by: UUID,
    now: datetime,
    lines: list[Line] | None = None,
) -> Written:
    """Write entries of people who are held, where they say something new, and tell each as an event.

    `lines` are theirs, where they were read since they are held.
    """
    if lines is None:
        named = [one.enrollment_id for one in entries]
        lines = await store.sheet(connection, session.cohort_id, session.id, only=named)
    before = {one.enrollment_id: one for one in lines}
    changed = [(one, before[one.enrollment_id].recorded) for one in entries if not before[one.enrollment_id].says(one)]
    if not changed:
        return Written(session=session, lines=lines, change_id=None)
    change_id = uuid4()
    await store.put(connection, session, changed, change_id=change_id, by=by, at=now)
    touched = {one.enrollment_id: rewritten(before[one.enrollment_id], one, session, at=now) for one, _ in changed}
    await _tell(connection, session, list(touched.values()), now=now)
    after = [touched.get(one.enrollment_id, one) for one in lines]
    return Written(session=session, lines=after, change_id=change_id)


async def _hold(
    connection: Connection, viewer: Viewer, cohort_id: UUID, session_id: UUID, *, action: str = "attendance.write"
) -> tuple[Session, UUID]:
    """The session that the viewer may write in, held; and who the viewer is."""
    session = await store.hold_session(
        connection, viewer.organization_id, cohort_id, session_id, viewer_id=viewer.person_id
    )
    if session is None or viewer.person_id is None:
        raise NotFoundError
    require(viewer, action, teaches=session.teaches)
    _check_runs(session)
    return session, await people.acting(connection, viewer)


async def _own_line_refused(connection: Connection, viewer: Viewer, session: Session, enrollment_id: UUID) -> Line:
    """Somebody's line, held; OwnMakeupError where it is the viewer's."""
    if enrollment_id not in await store.hold_seated(connection, session.cohort_id, [enrollment_id]):
        raise NotFoundError
    (line,) = await store.sheet(connection, session.cohort_id, session.id, only=[enrollment_id])
    if line.person_id == viewer.person_id:
        raise OwnMakeupError
    return line


def _check_runs(session: Session) -> None:
    if session.cohort_state == "cancelled":
        raise CohortCancelledError


def _check(entries: Sequence[Entry], session: Session, *, seated: set[UUID]) -> None:
    found: list[tuple[str, str]] = []
    named: set[UUID] = set()
    for number, entry in enumerate(entries):
        field = f"entries[{number}]"
        if entry.enrollment_id not in seated:
            found.append((f"{field}.enrollment_id", "Nobody with a seat in this cohort has this enrollment."))
        elif entry.enrollment_id in named:
            found.append((f"{field}.enrollment_id", "Name each person once."))
        else:
            found += problems_of(entry, session, field=field)
        named.add(entry.enrollment_id)
    if found:
        raise InvalidInputError(*found)


async def _tell(connection: Connection, session: Session, lines: Iterable[Line], *, now: datetime) -> None:
    told = [
        (
            line.person_id,
            {
                "enrollment_id": line.enrollment_id,
                "cohort_id": session.cohort_id,
                "session_id": session.id,
                "mode": line.mode,
                "credit_minutes": line.credit_minutes,
            },
        )
        for line in lines
    ]
    await events.record_many(
        connection,
        organization_id=session.organization_id,
        type="attendance.recorded",
        told=told,
        occurred_at=now,
    )
