"""The SQL of attendance, its changes, and the work that makes up for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.attendance import store_reports
from services.enrollment.attendance.model import (
    Change,
    Credit,
    Entry,
    Line,
    Makeup,
    Recorded,
    Session,
    credited_minutes,
    is_present,
    with_makeup,
)
from services.enrollment.cohorts.model import HourRule
from shared.postgres import Connection, Pool

Reader = Connection | Pool

SESSION = """
SELECT s.id, s.organization_id, s.cohort_id, s.title, s.starts_at, s.ends_at, s.credit_minutes, s.mode, s.place,
    c.name AS cohort_name, c.state AS cohort_state, c.time_zone, coalesce(c.policy -> 'hours', '{}') AS rule,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $4) AS teaches,
    (SELECT e.id FROM enrollment e WHERE e.cohort_id = c.id AND e.person_id = $4 AND e.place = 'seated')
        AS own_enrollment_id
FROM cohort_session s JOIN cohort c ON c.id = s.cohort_id
WHERE c.organization_id = $1 AND c.id = $2 AND s.id = $3 AND s.cancelled_at IS NULL
"""
# Neither is the cohort cancelled nor the session moved before the attendance is written.
HOLD_SESSION = f"{SESSION} FOR SHARE OF c, s"
SESSION_ALONE = "SELECT cohort_id FROM cohort_session WHERE organization_id = $1 AND id = $2"
# The enrollment is held so that a decision and a withdrawal wait; in one order, so that nobody deadlocks.
HOLD_SEATED = """
SELECT id FROM enrollment WHERE cohort_id = $1 AND place = 'seated' AND ($2::uuid[] IS NULL OR id = ANY ($2))
ORDER BY id FOR NO KEY UPDATE
"""
SHEET = """
SELECT e.id AS enrollment_id, e.person_id, p.name AS person_name, a.mode, a.arrived_at, a.departed_at,
    a.minutes_present, a.source, a.recorded_at, s.starts_at, s.ends_at, s.credit_minutes,
    coalesce(m.credit_minutes, 0) AS makeup_minutes, coalesce(c.policy -> 'hours', '{}') AS rule
FROM cohort_session s
JOIN cohort c ON c.id = s.cohort_id
JOIN enrollment e ON e.cohort_id = s.cohort_id AND e.place = 'seated'
JOIN person p ON p.id = e.person_id
LEFT JOIN attendance a ON a.enrollment_id = e.id AND a.cohort_session_id = s.id
LEFT JOIN makeup m ON m.enrollment_id = e.id AND m.cohort_session_id = s.id
WHERE s.cohort_id = $1 AND s.id = $2 AND ($3::uuid[] IS NULL OR e.id = ANY ($3))
ORDER BY p.name, e.id
"""
# Whoever writes holds the enrollments, so that no two changes of one line have the same number.
PUT = """
WITH given AS (
    SELECT * FROM unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::integer[], $9::text[],
        $10::jsonb[], $11::jsonb[])
        AS one (enrollment_id, mode, arrived_at, departed_at, minutes_present, source, before, after)
), noted AS (
    INSERT INTO attendance_change (organization_id, cohort_id, cohort_session_id, enrollment_id, number, change_id,
        before, after, changed_by, changed_at)
    SELECT $1, $2, $3, given.enrollment_id, 1 + coalesce((
            SELECT max(c.number) FROM attendance_change c
            WHERE c.enrollment_id = given.enrollment_id AND c.cohort_session_id = $3
        ), 0), $12, given.before, given.after, $13, $14
    FROM given
), cleared AS (
    DELETE FROM attendance a USING given
    WHERE given.mode IS NULL AND a.enrollment_id = given.enrollment_id AND a.cohort_session_id = $3
)
INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, arrived_at, departed_at,
    minutes_present, source, recorded_by, recorded_at)
SELECT $1, $2, $3, given.enrollment_id, given.mode, given.arrived_at, given.departed_at, given.minutes_present,
    given.source, $13, $14
FROM given WHERE given.mode IS NOT NULL
ON CONFLICT (enrollment_id, cohort_session_id) DO UPDATE SET mode = excluded.mode, arrived_at = excluded.arrived_at,
    departed_at = excluded.departed_at, minutes_present = excluded.minutes_present, source = excluded.source,
    recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
"""
CHANGE = """
SELECT c.enrollment_id, c.before, c.number = (
        SELECT max(n.number) FROM attendance_change n
        WHERE n.enrollment_id = c.enrollment_id AND n.cohort_session_id = c.cohort_session_id
    ) AS is_last
FROM attendance_change c WHERE c.cohort_session_id = $1 AND c.change_id = $2 ORDER BY c.enrollment_id
"""
GRID = """
SELECT e.id AS enrollment_id, s.id AS session_id, s.title, s.starts_at, s.ends_at, s.credit_minutes AS session_minutes,
    a.mode, a.arrived_at, a.departed_at, a.minutes_present, coalesce(m.credit_minutes, 0) AS makeup_minutes,
    coalesce(c.policy -> 'hours', '{}') AS rule
FROM cohort c
JOIN cohort_session s ON s.cohort_id = c.id AND s.cancelled_at IS NULL
JOIN enrollment e ON e.cohort_id = c.id
LEFT JOIN attendance a ON a.enrollment_id = e.id AND a.cohort_session_id = s.id
LEFT JOIN makeup m ON m.enrollment_id = e.id AND m.cohort_session_id = s.id
WHERE c.id = ANY ($1) AND ($2::uuid[] IS NULL OR e.id = ANY ($2))
    AND (a.enrollment_id IS NOT NULL OR m.enrollment_id IS NOT NULL)
ORDER BY s.starts_at, s.id
"""
MAKEUP = """
SELECT enrollment_id, credit_minutes, what, approved_by, approved_at FROM makeup
WHERE cohort_session_id = $1 AND enrollment_id = $2
"""
PUT_MAKEUP = """
INSERT INTO makeup (organization_id, cohort_id, cohort_session_id, enrollment_id, credit_minutes, what, approved_by,
    approved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (enrollment_id, cohort_session_id) DO UPDATE SET credit_minutes = excluded.credit_minutes,
    what = excluded.what, approved_by = excluded.approved_by, approved_at = excluded.approved_at
"""
DELETE_MAKEUP = "DELETE FROM makeup WHERE cohort_session_id = $1 AND enrollment_id = $2"
SEATED = """
SELECT e.id AS enrollment_id, p.id AS person_id, p.name AS person_name
FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.cohort_id = $1 AND e.place = 'seated' ORDER BY p.name, e.id
"""
DATA = """
SELECT s.title, s.starts_at, a.mode, a.arrived_at, a.departed_at, a.minutes_present, a.source, a.recorded_at,
    m.credit_minutes AS makeup_minutes, m.what AS makeup_what
FROM enrollment e
JOIN cohort_session s ON s.cohort_id = e.cohort_id
LEFT JOIN attendance a ON a.enrollment_id = e.id AND a.cohort_session_id = s.id
LEFT JOIN makeup m ON m.enrollment_id = e.id AND m.cohort_session_id = s.id
WHERE e.organization_id = $1 AND e.person_id = $2 AND (a.mode IS NOT NULL OR m.what IS NOT NULL)
ORDER BY s.starts_at
"""
FORGET_ATTENDANCE = """
DELETE FROM attendance a USING enrollment e
WHERE e.id = a.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""
FORGET_MAKEUP = """
DELETE FROM makeup m USING enrollment e
WHERE e.id = m.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""
REASSIGN_ATTENDANCE = "UPDATE attendance SET recorded_by = $3 WHERE organization_id = $1 AND recorded_by = $2"
REASSIGN_CHANGES = "UPDATE attendance_change SET changed_by = $3 WHERE organization_id = $1 AND changed_by = $2"
REASSIGN_MAKEUP = "UPDATE makeup SET approved_by = $3 WHERE organization_id = $1 AND approved_by = $2"


async def session(
    connection: Reader, organization_id: UUID, cohort_id: UUID, session_id: UUID, *, viewer_id: UUID | None
) -> Session | None:
    """One session of the cohort, with how the viewer stands to it."""
    return _session(await connection.fetchrow(SESSION, organization_id, cohort_id, session_id, viewer_id))


async def hold_session(
    connection: Connection, organization_id: UUID, cohort_id: UUID, session_id: UUID, *, viewer_id: UUID | None
) -> Session | None:
    """The same; it and its cohort stay as they are until the transaction ends."""
    return _session(await connection.fetchrow(HOLD_SESSION, organization_id, cohort_id, session_id, viewer_id))


def _session(row: asyncpg.Record | None) -> Session | None:
    return None if row is None else msgspec.convert(dict(row), Session)


async def cohort_of_session(connection: Reader, organization_id: UUID, session_id: UUID) -> UUID | None:
    """The cohort that a session of the organization belongs to."""
    found: UUID | None = await connection.fetchval(SESSION_ALONE, organization_id, session_id)
    return found


async def hold_seated(connection: Connection, cohort_id: UUID, only: Iterable[UUID] | None) -> set[UUID]:
    """Which of the enrollments, or of all, have a seat in the cohort; they are held until the transaction ends."""
    rows = await connection.fetch(HOLD_SEATED, cohort_id, None if only is None else list(only))
    return {row["id"] for row in rows}


async def sheet(
    connection: Reader, cohort_id: UUID, session_id: UUID, *, only: Iterable[UUID] | None = None
) -> list[Line]:
    """A line for every seated person of the cohort, or for those named, by name."""
    rows = await connection.fetch(SHEET, cohort_id, session_id, None if only is None else list(only))
    return [_line(row) for row in rows]


def _line(row: asyncpg.Record) -> Line:
    attended = credited_minutes(row, msgspec.convert(row["rule"], HourRule))
    credit = with_makeup(attended, row["makeup_minutes"], of=row["credit_minutes"])
    return msgspec.convert({**dict(row), "credit_minutes": credit, "attended_minutes": attended}, Line)


async def put(
    connection: Connection,
    session: Session,
    entries: Sequence[tuple[Entry, Recorded | None]],
    *,
    change_id: UUID,
    by: UUID,
    at: datetime,
) -> None:
    """Write entries in one statement, each over what was recorded before, which goes with it; their people are held."""
    given = [one for one, _ in entries]
    await connection.execute(
        PUT,
        session.organization_id,
        session.cohort_id,
        session.id,
        [one.enrollment_id for one in given],
        [one.mode for one in given],
        [one.arrived_at for one in given],
        [one.departed_at for one in given],
        [one.minutes_present for one in given],
        [one.source for one in given],
        [before for _, before in entries],
        [one.recorded for one in given],
        change_id,
        by,
        at,
    )


async def change(connection: Reader, session_id: UUID, change_id: UUID) -> list[Change]:
    """What a change did, person by person; empty where the session had no such change."""
    return [msgspec.convert(dict(row), Change) for row in await connection.fetch(CHANGE, session_id, change_id)]


async def credits(  # noqa: A001  # what they are called
    connection: Reader, cohort_ids: Sequence[UUID], *, only: Sequence[UUID] | None = None
) -> list[Credit]:
    """What sessions count for to each enrollment with anything recorded or made up, by the sessions' start.

    Cancelled sessions count for nothing.
    """
    return [_credit(row) for row in await connection.fetch(GRID, cohort_ids, only)]


def _credit(row: asyncpg.Record) -> Credit:
    rule = msgspec.convert(row["rule"], HourRule)
    presence = {**dict(row), "credit_minutes": row["session_minutes"]}
    credit = with_makeup(credited_minutes(presence, rule), row["makeup_minutes"], of=row["session_minutes"])
    made_up = row["makeup_minutes"] > 0 and credit >= row["session_minutes"]
    return msgspec.convert(
        {**dict(row), "credit_minutes": credit, "is_attended": made_up or is_present(presence, rule)}, Credit
    )


async def seated(connection: Reader, cohort_id: UUID) -> list[tuple[UUID, str]]:
    """Everybody with a seat, as (enrollment, name), by name."""
    return [(row["enrollment_id"], row["person_name"]) for row in await connection.fetch(SEATED, cohort_id)]


async def makeup(connection: Reader, session_id: UUID, enrollment_id: UUID) -> Makeup | None:
    """The work that makes up for a session, if it was approved."""
    row = await connection.fetchrow(MAKEUP, session_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Makeup)


async def put_makeup(connection: Connection, session: Session, made_up: Makeup) -> None:
    """Write the work that makes up for a session, over what was there."""
    await connection.execute(
        PUT_MAKEUP,
        session.organization_id,
        session.cohort_id,
        session.id,
        made_up.enrollment_id,
        made_up.credit_minutes,
        made_up.what,
        made_up.approved_by,
        made_up.approved_at,
    )


async def delete_makeup(connection: Connection, session_id: UUID, enrollment_id: UUID) -> bool:
    """Take make-up work away again; False where there was none."""
    return await connection.execute(DELETE_MAKEUP, session_id, enrollment_id) == "DELETE 1"


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """All that attendance holds of a person, for their own download."""
    return {"attendance": [dict(row) for row in await connection.fetch(DATA, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove what the tables hold of a person, but for those to `keep`; no files. Changes stay: they hold ids only."""
    for table, statement in (("attendance", FORGET_ATTENDANCE), ("makeup", FORGET_MAKEUP)):
        if table not in keep:
            await connection.execute(statement, organization_id, person_id)
    await store_reports.forget(connection, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what somebody recorded and approved be another's, who is the same person."""
    for statement in (REASSIGN_ATTENDANCE, REASSIGN_CHANGES, REASSIGN_MAKEUP):
        await connection.execute(statement, organization_id, away, keep)
    await store_reports.reassign(connection, organization_id, away=away, keep=keep)
