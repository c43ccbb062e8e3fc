"""The SQL of meeting reports."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.attendance.matching import Meeting, MeetingLine, Seated
from services.enrollment.attendance.model import Session
from shared.postgres import Connection, Pool

Reader = Connection | Pool

INSERT_REPORT = """
INSERT INTO meeting_report (id, organization_id, cohort_id, cohort_session_id, file_name, file_sha256, uploaded_by,
    uploaded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (cohort_session_id, file_sha256) DO NOTHING
"""
REPORT_OF_FILE = "SELECT id FROM meeting_report WHERE cohort_session_id = $1 AND file_sha256 = $2"
INSERT_LINES = """
INSERT INTO meeting_line (organization_id, cohort_id, report_id, number, name, email, minutes, enrollment_id,
    matched_by)
SELECT $1, $2, $3, one.number, one.name, one.email, one.minutes, one.enrollment_id, one.matched_by
FROM unnest($4::integer[], $5::text[], $6::text[], $7::integer[], $8::uuid[], $9::text[])
    AS one (number, name, email, minutes, enrollment_id, matched_by)
"""
REPORT = """
SELECT id, cohort_session_id AS session_id, file_name, uploaded_at, taken_at FROM meeting_report
WHERE organization_id = $1 AND cohort_session_id = $2 AND id = $3
"""
HOLD_REPORT = f"{REPORT} FOR UPDATE"
REPORTS = """
SELECT id, cohort_session_id AS session_id, file_name, uploaded_at, taken_at FROM meeting_report
WHERE organization_id = $1 AND cohort_session_id = $2 ORDER BY uploaded_at DESC, id
"""
LINES = """
SELECT number, name, email, minutes, enrollment_id, matched_by FROM meeting_line WHERE report_id = $1 ORDER BY number
"""
# Who is found is known by the enrollment from then on; of the others the name stays, to say whom it left out.
SETTLE_LINES = """
UPDATE meeting_line SET enrollment_id = one.enrollment_id, matched_by = one.matched_by, email = NULL,
    name = CASE WHEN one.enrollment_id IS NULL THEN name ELSE '' END
FROM unnest($2::integer[], $3::uuid[], $4::text[]) AS one (number, enrollment_id, matched_by)
WHERE report_id = $1 AND meeting_line.number = one.number
"""
TAKEN = "UPDATE meeting_report SET taken_at = $2 WHERE id = $1"
SEATED = """
SELECT e.id AS enrollment_id, p.name, p.email FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.cohort_id = $1 AND e.place = 'seated' ORDER BY p.name, e.id
"""
REASSIGN = "UPDATE meeting_report SET uploaded_by = $3 WHERE organization_id = $1 AND uploaded_by = $2"
# A line that was matched with nobody is found by its address.
FORGET = """
UPDATE meeting_line SET name = '', email = NULL
WHERE organization_id = $1 AND (
    enrollment_id IN (SELECT id FROM enrollment WHERE organization_id = $1 AND person_id = $2)
    OR lower(email) IN (
        SELECT email FROM person_address WHERE organization_id = $1 AND person_id = $2
        UNION SELECT email FROM person WHERE organization_id = $1 AND id = $2
    )
)
"""


async def insert(
    connection: Connection,
    session: Session,
    meeting: Meeting,
    lines: Sequence[MeetingLine],
    *,
    sha256: str,
    by: UUID,
) -> UUID | None:
    """Keep what a report says; the id of the one that said the same before, if there was one."""
    status = await connection.execute(
        INSERT_REPORT,
        meeting.id,
        session.organization_id,
        session.cohort_id,
        session.id,
        meeting.file_name,
        sha256,
        by,
        meeting.uploaded_at,
    )
    if status != "INSERT 0 1":
        known: UUID = await connection.fetchval(REPORT_OF_FILE, session.id, sha256)
        return known
    await connection.execute(
        INSERT_LINES,
        session.organization_id,
        session.cohort_id,
        meeting.id,
        [one.number for one in lines],
        [one.name for one in lines],
        [one.email for one in lines],
        [one.minutes for one in lines],
        [one.enrollment_id for one in lines],
        [one.matched_by for one in lines],
    )
    return None


async def report(connection: Reader, session: Session, report_id: UUID) -> Meeting | None:
    """One of the session's reports."""
    row = await connection.fetchrow(REPORT, session.organization_id, session.id, report_id)
    return None if row is None else msgspec.convert(dict(row), Meeting)


async def hold(connection: Connection, session: Session, report_id: UUID) -> Meeting | None:
    """The same, held until the transaction ends."""
    row = await connection.fetchrow(HOLD_REPORT, session.organization_id, session.id, report_id)
    return None if row is None else msgspec.convert(dict(row), Meeting)


async def reports(connection: Reader, session: Session) -> list[Meeting]:
    """The session's reports, the newest first."""
    rows = await connection.fetch(REPORTS, session.organization_id, session.id)
    return [msgspec.convert(dict(row), Meeting) for row in rows]


async def lines(connection: Reader, report_id: UUID) -> list[MeetingLine]:
    """The people in a report."""
    return [msgspec.convert(dict(row), MeetingLine) for row in await connection.fetch(LINES, report_id)]


async def settle(connection: Connection, report_id: UUID, lines: Sequence[MeetingLine], *, at: datetime) -> None:
    """Keep who is who in a report that is taken, and let go of what else it said of them."""
    await connection.execute(
        SETTLE_LINES,
        report_id,
        [one.number for one in lines],
        [one.enrollment_id for one in lines],
        [one.matched_by for one in lines],
    )
    await connection.execute(TAKEN, report_id, at)


async def seated(connection: Reader, cohort_id: UUID) -> list[Seated]:
    """Everybody with a seat, with the address that a report may know them by; by name."""
    return [msgspec.convert(dict(row), Seated) for row in await connection.fetch(SEATED, cohort_id)]


async def forget(connection: Connection, organization_id: UUID, person_id: UUID) -> None:
    """Let go of what reports called somebody."""
    await connection.execute(FORGET, organization_id, person_id)


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let the reports that somebody uploaded be another's, who is the same person."""
    await connection.execute(REASSIGN, organization_id, away, keep)
