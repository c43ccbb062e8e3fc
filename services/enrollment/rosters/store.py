"""The SQL of rosters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.rosters.model import Listed, Looked, Outcome, Reading, Reason, Roster, Row
from shared.postgres import Connection, Pool

Reader = Connection | Pool

INSERT_ROSTER = """
INSERT INTO roster_import (id, organization_id, cohort_id, file_name, file_sha256, content, headings, first_rows,
    columns, uploaded_by, uploaded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
INSERT_ROWS = """
INSERT INTO roster_row (organization_id, roster_id, number, name, email, region, flaw, suggestion, double_of)
SELECT $1, $2, one.* FROM unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::integer[]) AS one
"""
DELETE_ROWS = "DELETE FROM roster_row WHERE roster_id = $1"
SET_COLUMNS = "UPDATE roster_import SET columns = $2 WHERE id = $1"
_ROSTER = """
SELECT id, organization_id, cohort_id, file_name, headings, first_rows, columns, uploaded_by, uploaded_at, taken_at
FROM roster_import WHERE organization_id = $1 AND cohort_id = $2 AND id = $3
"""
ROSTER = f"{_ROSTER}"
HOLD_ROSTER = f"{_ROSTER} FOR UPDATE"
CONTENT = "SELECT content FROM roster_import WHERE id = $1"
ROSTERS = """
SELECT r.id, r.file_name, r.uploaded_at, r.taken_at, n.rows, n.taken
FROM roster_import r CROSS JOIN LATERAL (
    SELECT count(*) AS rows, count(*) FILTER (WHERE outcome IN ('seated', 'in line')) AS taken
    FROM roster_row WHERE roster_id = r.id
) AS n
WHERE r.organization_id = $1 AND r.cohort_id = $2 ORDER BY r.uploaded_at DESC, r.id LIMIT 50
"""
# Who has the address, and their place in the cohort: by the address that we write to, or by another of theirs.
LOOK = """
SELECT r.number, r.name, r.email, r.region, r.flaw, r.suggestion, r.double_of, p.id AS person_id,
    p.email AS person_email, p.language AS person_language,
    EXISTS (
        SELECT FROM program_member m WHERE m.program_id = $3 AND (
            m.email = r.email OR m.email = p.email
            OR m.email IN (SELECT o.email FROM person_address o WHERE o.person_id = p.id)
        )
    ) AS is_member,
    e.id IS NOT NULL AS is_enrolled, coalesce(e.place <> 'none', false) AS has_place
FROM roster_row r
LEFT JOIN person_address a ON a.organization_id = r.organization_id AND a.email = r.email
LEFT JOIN person h ON a.person_id IS NULL AND h.organization_id = r.organization_id AND h.email = r.email
LEFT JOIN person p ON p.id = coalesce(a.person_id, h.id)
LEFT JOIN enrollment e ON e.cohort_id = $2 AND e.person_id = p.id
WHERE r.roster_id = $1 ORDER BY r.number
"""
TAKEN = """
SELECT r.number, coalesce(p.name, r.name) AS name, coalesce(p.email, r.email) AS email, r.region, r.flaw, r.suggestion,
    r.double_of, e.person_id, p.email AS person_email, p.language AS person_language, false AS is_member,
    e.id IS NOT NULL AS is_enrolled, coalesce(e.place <> 'none', false) AS has_place, r.outcome, r.reason, r.was_known,
    s.number AS seat_number
FROM roster_row r
LEFT JOIN enrollment e ON e.id = r.enrollment_id
LEFT JOIN person p ON p.id = e.person_id
LEFT JOIN seat s ON s.id = e.seat_id
WHERE r.roster_id = $1 ORDER BY r.number
"""
HOLD_PEOPLE = """
SELECT id FROM person WHERE id = ANY ($1) AND merged_into IS NULL ORDER BY id FOR KEY SHARE
"""
# Of a row that was taken the enrollment says who it is.
SETTLE_ROWS = """
UPDATE roster_row SET outcome = one.outcome, reason = one.reason, was_known = one.was_known,
    enrollment_id = one.enrollment_id,
    name = CASE WHEN one.enrollment_id IS NULL THEN name ELSE '' END,
    email = CASE WHEN one.enrollment_id IS NULL THEN email ELSE '' END
FROM unnest($2::integer[], $3::text[], $4::text[], $5::boolean[], $6::uuid[])
    AS one (number, outcome, reason, was_known, enrollment_id)
WHERE roster_id = $1 AND roster_row.number = one.number
"""
SET_TAKEN = """
UPDATE roster_import SET taken_by = $2, taken_at = $3, content = NULL, first_rows = '[]' WHERE id = $1
"""
DELETE_OPEN = "DELETE FROM roster_import WHERE taken_at IS NULL AND uploaded_at < $1"
DELETE_OWN_OPEN = "DELETE FROM roster_import WHERE cohort_id = $1 AND uploaded_by = $2 AND taken_at IS NULL"
EMPTY = """
WITH old AS (
    UPDATE roster_import SET emptied_at = $2 WHERE taken_at < $1 AND emptied_at IS NULL RETURNING id
)
UPDATE roster_row SET name = '', email = '', suggestion = NULL FROM old WHERE roster_row.roster_id = old.id
"""
DATA = """
SELECT r.number, i.file_name, i.uploaded_at, i.taken_at, r.name, r.email, r.outcome
FROM roster_row r JOIN roster_import i ON i.id = r.roster_id
WHERE r.organization_id = $1 AND (
    r.enrollment_id IN (SELECT id FROM enrollment WHERE organization_id = $1 AND person_id = $2)
    OR (r.email <> '' AND r.email IN (
        SELECT email FROM person_address WHERE organization_id = $1 AND person_id = $2
        UNION SELECT email FROM person WHERE organization_id = $1 AND id = $2
    ))
) ORDER BY i.uploaded_at, r.number
"""
FORGET = """
UPDATE roster_row SET name = '', email = '', suggestion = NULL, region = NULL
WHERE organization_id = $1 AND (
    enrollment_id IN (SELECT id FROM enrollment WHERE organization_id = $1 AND person_id = $2)
    OR (email <> '' AND email IN (
        SELECT email FROM person_address WHERE organization_id = $1 AND person_id = $2
        UNION SELECT email FROM person WHERE organization_id = $1 AND id = $2
    ))
)
"""
# What a roster that nobody took yet holds of others is gone with it: it may be uploaded again.
FORGET_OPEN = """
DELETE FROM roster_import i WHERE i.organization_id = $1 AND i.taken_at IS NULL AND EXISTS (
    SELECT FROM roster_row r WHERE r.roster_id = i.id AND r.email <> '' AND r.email IN (
        SELECT email FROM person_address WHERE organization_id = $1 AND person_id = $2
        UNION SELECT email FROM person WHERE organization_id = $1 AND id = $2
    )
)
"""
REASSIGN_UPLOADED = "UPDATE roster_import SET uploaded_by = $3 WHERE organization_id = $1 AND uploaded_by = $2"
REASSIGN_TAKEN = "UPDATE roster_import SET taken_by = $3 WHERE organization_id = $1 AND taken_by = $2"


async def insert(connection: Connection, roster: Roster, rows: Sequence[Row], *, sha256: str, content: bytes) -> None:
    """Keep a roster that was read, in place of what the same person left for the cohort without taking it."""
    await connection.execute(DELETE_OWN_OPEN, roster.cohort_id, roster.uploaded_by)
    await connection.execute(
        INSERT_ROSTER,
        roster.id,
        roster.organization_id,
        roster.cohort_id,
        roster.file_name,
        sha256,
        content,
        roster.headings,
        roster.first_rows,
        roster.columns,
        roster.uploaded_by,
        roster.uploaded_at,
    )
    await _insert_rows(connection, roster, rows)


async def replace_rows(connection: Connection, roster: Roster, reading: Reading) -> None:
    """Write the rows anew as other columns say them."""
    await connection.execute(DELETE_ROWS, roster.id)
    await connection.execute(SET_COLUMNS, roster.id, reading.columns)
    await _insert_rows(connection, roster, reading.rows)


async def _insert_rows(connection: Connection, roster: Roster, rows: Sequence[Row]) -> None:
    await connection.execute(
        INSERT_ROWS,
        roster.organization_id,
        roster.id,
        [one.number for one in rows],
        [one.name for one in rows],
        [one.email for one in rows],
        [one.region for one in rows],
        [one.flaw for one in rows],
        [one.suggestion for one in rows],
        [one.double_of for one in rows],
    )


async def roster(connection: Reader, organization_id: UUID, cohort_id: UUID, roster_id: UUID) -> Roster | None:
    """One of the cohort's rosters."""
    return _roster(await connection.fetchrow(ROSTER, organization_id, cohort_id, roster_id))


async def hold(connection: Connection, organization_id: UUID, cohort_id: UUID, roster_id: UUID) -> Roster | None:
    """The same, held until the transaction ends."""
    return _roster(await connection.fetchrow(HOLD_ROSTER, organization_id, cohort_id, roster_id))


def _roster(row: Any) -> Roster | None:
    return None if row is None else msgspec.convert(dict(row), Roster)


async def content(connection: Reader, roster_id: UUID) -> bytes | None:
    """The sealed file; None once the roster was taken."""
    found: bytes | None = await connection.fetchval(CONTENT, roster_id)
    return found


async def rosters(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[Listed]:
    """The cohort's rosters, the newest first."""
    return [msgspec.convert(dict(row), Listed) for row in await connection.fetch(ROSTERS, organization_id, cohort_id)]


async def look(connection: Reader, roster_id: UUID, cohort_id: UUID, program_id: UUID) -> list[Looked]:
    """The rows, with what is known of each address."""
    rows = await connection.fetch(LOOK, roster_id, cohort_id, program_id)
    return [msgspec.convert(dict(row), Looked) for row in rows]


async def taken(connection: Reader, roster_id: UUID) -> list[Looked]:
    """The rows of a roster that was taken, with what became of each."""
    return [msgspec.convert(dict(row), Looked) for row in await connection.fetch(TAKEN, roster_id)]


async def hold_people(connection: Connection, person_ids: Sequence[UUID]) -> set[UUID]:
    """Who of these is somebody of their own, and is not merged into another until the transaction ends."""
    return {row["id"] for row in await connection.fetch(HOLD_PEOPLE, list(person_ids))}


async def settle(
    connection: Connection,
    roster_id: UUID,
    became: Sequence[tuple[int, Outcome, Reason | None, bool, UUID | None]],
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Write what became of each row: (number, outcome, why not, whether the person was known, enrollment)."""
    numbers, outcomes, reasons, known, enrollments = zip(*became, strict=True) if became else ((), (), (), (), ())
    await connection.execute(SETTLE_ROWS, roster_id, numbers, outcomes, reasons, known, enrollments)
    await connection.execute(SET_TAKEN, roster_id, by, at)


async def delete_open(pool: Pool, *, before: datetime) -> None:
    """Let go of rosters that nobody took."""
    await pool.execute(DELETE_OPEN, before)


async def empty(pool: Pool, *, before: datetime, now: datetime) -> None:
    """Let go of whom rosters that were taken before then left out."""
    await pool.execute(EMPTY, before, now)


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """In which rosters somebody stands, for their own download."""
    return {"rosters": [dict(row) for row in await connection.fetch(DATA, organization_id, person_id)]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Let go of what rosters called somebody, and of those that nobody took; no files."""
    if "roster_row" not in keep:
        await connection.execute(FORGET_OPEN, organization_id, person_id)
        await connection.execute(FORGET, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let the rosters that somebody uploaded or took be another's, who is the same person."""
    await connection.execute(REASSIGN_UPLOADED, organization_id, away, keep)
    await connection.execute(REASSIGN_TAKEN, organization_id, away, keep)
