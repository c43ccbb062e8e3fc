"""The verb of attendance: record who was in a session."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.enrollment.attendance import store
from services.enrollment.attendance.model import CohortCancelledError, Entry, Line, Session, problems_of
from services.enrollment.events import actions as events
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError


async def record(
    pool: Pool, viewer: Viewer, *, cohort_id: UUID, session_id: UUID, entries: Sequence[Entry], now: datetime
) -> list[Line]:
    """Record attendance of seated people, all or none; what is recorded already changes nothing. Returns their lines.

    NotFoundError where the viewer may not, CohortCancelledError, InvalidInputError naming each entry that does not fit.
    """
    async with transaction(pool) as connection:
        session = await store.hold_session(
            connection, viewer.organization_id, cohort_id, session_id, viewer_id=viewer.person_id
        )
        if session is None or viewer.person_id is None:
            raise NotFoundError
        require(viewer, "attendance.write", teaches=session.teaches)
        if session.cohort_state == "cancelled":
            raise CohortCancelledError
        identifiers = [one.enrollment_id for one in entries]
        _check(entries, session, seated=await store.hold_seated(connection, cohort_id, identifiers))
        known = {
            one.enrollment_id: one for one in await store.sheet(connection, cohort_id, session_id, only=identifiers)
        }
        changed = [one for one in entries if not known[one.enrollment_id].says(one)]
        if changed:
            await store.put(
                connection, session, changed, organization_id=viewer.organization_id, by=viewer.person_id, at=now
            )
            await _tell(connection, viewer.organization_id, session, changed, now=now)
        return await store.sheet(connection, cohort_id, session_id, only=identifiers)


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


async def _tell(
    connection: Connection, organization_id: UUID, session: Session, changed: Sequence[Entry], *, now: datetime
) -> None:
    written = await store.sheet(connection, session.cohort_id, session.id, only=[one.enrollment_id for one in changed])
    for line in written:
        await events.record(
            connection,
            organization_id=organization_id,
            type="attendance.recorded",
            person_id=line.person_id,
            data={
                "enrollment_id": line.enrollment_id,
                "cohort_id": session.cohort_id,
                "session_id": session.id,
                "mode": line.mode,
                "credit_minutes": line.credit_minutes,
            },
            occurred_at=now,
        )
