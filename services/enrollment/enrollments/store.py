"""The SQL of enrollments and seats. Seats and ranks are given only while `LOCK_COHORT` holds the cohort's row."""

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec

from services.enrollment.enrollments.model import (
    Application,
    Enrollment,
    EnrollmentExistsError,
    Frame,
    Seating,
    Seats,
)
from shared.postgres import Connection, Pool

Reader = Connection | Pool

LOCK_COHORT = """
SELECT id, organization_id, state, registration_opens_at, registration_closes_at FROM cohort
WHERE organization_id = $1 AND id = $2 AND state <> 'draft' FOR UPDATE
"""
LOCK_ANY_COHORT = """
SELECT id, organization_id, state, registration_opens_at, registration_closes_at FROM cohort
WHERE organization_id = $1 AND id = $2 FOR UPDATE
"""
_COLUMNS = """
SELECT e.id, e.organization_id, e.cohort_id, e.person_id, p.name AS person_name, e.place, e.outcome, e.shows_name,
    e.enrolled_at, s.number AS seat_number,
    CASE WHEN e.place = 'in line' THEN (
        SELECT count(*) FROM enrollment b WHERE b.cohort_id = e.cohort_id AND b.line_rank < e.line_rank
    ) END AS in_line_before
FROM enrollment e
JOIN person p ON p.id = e.person_id
LEFT JOIN seat s ON s.id = e.seat_id
"""
ENROLLMENT = f"{_COLUMNS} WHERE e.organization_id = $1 AND e.id = $2"
LOCK_ENROLLMENT = f"{ENROLLMENT} FOR UPDATE OF e"
ENROLLMENT_OF_PERSON = f"{_COLUMNS} WHERE e.cohort_id = $1 AND e.person_id = $2 FOR UPDATE OF e"
ENROLLMENTS_OF_COHORT = f"""
{_COLUMNS} WHERE e.organization_id = $1 AND e.cohort_id = $2 AND ($3::uuid IS NULL OR e.id > $3) ORDER BY e.id LIMIT $4
"""
ENROLLMENTS_OF_PERSON = f"""
{_COLUMNS} WHERE e.organization_id = $1 AND e.person_id = $2 AND ($3::uuid IS NULL OR e.id > $3) ORDER BY e.id LIMIT $4
"""
# None for a newcomer while somebody stands in line, whatever left a seat free.
FREE_SEAT = """
SELECT s.id, s.number FROM seat s
WHERE s.cohort_id = $1 AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)
    AND NOT EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = $1 AND e.place = 'in line')
ORDER BY s.number LIMIT 1
"""
IN_LINE = "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place = 'in line'"
TAKE_RANK = "UPDATE cohort SET next_line_rank = next_line_rank + 1 WHERE id = $1 RETURNING next_line_rank - 1"
# Who withdrew and comes back keeps the enrollment that they had.
PUT_ENROLLMENT = """
INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, line_rank, shows_name, enrolled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (cohort_id, person_id) DO UPDATE SET place = excluded.place, seat_id = excluded.seat_id,
    line_rank = excluded.line_rank, shows_name = excluded.shows_name, enrolled_at = excluded.enrolled_at,
    outcome = 'none'
WHERE enrollment.outcome = 'withdrawn'
RETURNING id
"""
ID_IS_TAKEN = "SELECT EXISTS (SELECT FROM enrollment WHERE id = $1)"
TELL_AGAIN = """
UPDATE enrollment SET told_again_at = $2 WHERE id = $1 AND (told_again_at IS NULL OR told_again_at < $3)
"""
WITHDRAW = """
UPDATE enrollment SET place = 'none', seat_id = NULL, line_rank = NULL, outcome = 'withdrawn' WHERE id = $1
"""
SET_NAME_DISPLAY = "UPDATE enrollment SET shows_name = $2 WHERE id = $1"
SEAT_THE_LINE = """
WITH free AS (
    SELECT s.id, s.number, row_number() OVER (ORDER BY s.number) AS n FROM seat s
    WHERE s.cohort_id = $1 AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)
), line AS (
    SELECT id, row_number() OVER (ORDER BY line_rank) AS n FROM enrollment WHERE cohort_id = $1 AND place = 'in line'
)
UPDATE enrollment SET place = 'seated', seat_id = free.id, line_rank = NULL
FROM free JOIN line USING (n) WHERE enrollment.id = line.id
RETURNING enrollment.id AS enrollment_id, enrollment.person_id, free.number AS seat_number
"""
SEATS = """
SELECT count(*) AS seats, coalesce(max(s.number), 0) AS last_number, count(e.id) AS held
FROM seat s LEFT JOIN enrollment e ON e.seat_id = s.id WHERE s.cohort_id = $1
"""
ADD_SEATS = """
INSERT INTO seat (id, organization_id, cohort_id, number)
SELECT id, $1, $2, $4 + n FROM unnest($3::uuid[]) WITH ORDINALITY AS added (id, n)
"""
REMOVE_SEATS = """
DELETE FROM seat WHERE id IN (
    SELECT s.id FROM seat s
    WHERE s.cohort_id = $1 AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)
    ORDER BY s.number DESC LIMIT $2
)
"""
TEACHES = "SELECT EXISTS (SELECT FROM cohort_instructor WHERE cohort_id = $1 AND person_id = $2)"
HAS_COHORT = "SELECT EXISTS (SELECT FROM cohort WHERE organization_id = $1 AND id = $2)"


async def lock_cohort(connection: Connection, organization_id: UUID, cohort_id: UUID) -> Frame | None:
    """Hold a cohort that people may know of; None for a draft."""
    row = await connection.fetchrow(LOCK_COHORT, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Frame)


async def lock_any_cohort(connection: Connection, organization_id: UUID, cohort_id: UUID) -> Frame | None:
    """Hold a cohort, drafts too."""
    row = await connection.fetchrow(LOCK_ANY_COHORT, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Frame)


async def enrollment(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Enrollment | None:
    """One enrollment of the organization."""
    return _enrollment(await connection.fetchrow(ENROLLMENT, organization_id, enrollment_id))


async def lock_enrollment(connection: Connection, organization_id: UUID, enrollment_id: UUID) -> Enrollment | None:
    """One enrollment of the organization, held until the transaction ends."""
    return _enrollment(await connection.fetchrow(LOCK_ENROLLMENT, organization_id, enrollment_id))


async def enrollment_of(connection: Connection, cohort_id: UUID, person_id: UUID) -> Enrollment | None:
    """A person's enrollment in a cohort, withdrawn or not, held until the transaction ends."""
    return _enrollment(await connection.fetchrow(ENROLLMENT_OF_PERSON, cohort_id, person_id))


async def enrollments_of_cohort(
    connection: Reader, organization_id: UUID, cohort_id: UUID, *, after: UUID | None, most: int
) -> list[Enrollment]:
    """Everybody's enrollment in a cohort, by id from behind `after`."""
    rows = await connection.fetch(ENROLLMENTS_OF_COHORT, organization_id, cohort_id, after, most)
    return [msgspec.convert(dict(row), Enrollment) for row in rows]


async def enrollments_of_person(
    connection: Reader, organization_id: UUID, person_id: UUID, *, after: UUID | None, most: int
) -> list[Enrollment]:
    """A person's enrollments, by id from behind `after`."""
    rows = await connection.fetch(ENROLLMENTS_OF_PERSON, organization_id, person_id, after, most)
    return [msgspec.convert(dict(row), Enrollment) for row in rows]


def _enrollment(row: asyncpg.Record | None) -> Enrollment | None:
    return None if row is None else msgspec.convert(dict(row), Enrollment)


async def free_seat(connection: Connection, cohort_id: UUID) -> tuple[UUID, int] | None:
    """The id and number of the lowest free seat that a newcomer may take."""
    row = await connection.fetchrow(FREE_SEAT, cohort_id)
    return None if row is None else (row["id"], row["number"])


async def in_line(connection: Connection, cohort_id: UUID) -> int:
    """How many stand in line."""
    count: int = await connection.fetchval(IN_LINE, cohort_id)
    return count


async def put_enrollment(
    connection: Connection, frame: Frame, person_id: UUID, wish: Application, *, seat_id: UUID | None, now: datetime
) -> UUID:
    """Give a person the seat, or the next rank in line where it is None; the enrollment's id. EnrollmentExistsError."""
    rank = await connection.fetchval(TAKE_RANK, frame.id) if seat_id is None else None
    place = "in line" if seat_id is None else "seated"
    try:
        identifier: UUID | None = await connection.fetchval(
            PUT_ENROLLMENT,
            wish.id,
            frame.organization_id,
            frame.id,
            person_id,
            place,
            seat_id,
            rank,
            wish.shows_name,
            now,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "enrollment_pkey":
            raise
        raise EnrollmentExistsError from None
    if identifier is None:
        raise EnrollmentExistsError
    return identifier


async def id_is_taken(connection: Connection, enrollment_id: UUID) -> bool:
    """Whether any enrollment has this id."""
    return await connection.fetchval(ID_IS_TAKEN, enrollment_id) is True


async def tell_again(connection: Connection, enrollment_id: UUID, *, now: datetime, unless_since: datetime) -> bool:
    """Note that the owner is told now that somebody enrolled again; False where they were told since then."""
    return await connection.execute(TELL_AGAIN, enrollment_id, now, unless_since) == "UPDATE 1"


async def withdraw(connection: Connection, enrollment_id: UUID) -> None:
    """Take somebody out of their seat or the line."""
    await connection.execute(WITHDRAW, enrollment_id)


async def set_name_display(connection: Connection, enrollment_id: UUID, *, shows_name: bool) -> None:
    """Write whether the badge is to show the name."""
    await connection.execute(SET_NAME_DISPLAY, enrollment_id, shows_name)


async def seat_the_line(connection: Connection, cohort_id: UUID) -> list[Seating]:
    """Give each free seat to the head of the line, the lowest number first."""
    rows = await connection.fetch(SEAT_THE_LINE, cohort_id)
    found = [msgspec.convert(dict(row), Seating) for row in rows]
    return sorted(found, key=lambda one: one.seat_number)


async def seats(connection: Connection, cohort_id: UUID) -> Seats:
    """How many seats there are."""
    return msgspec.convert(dict(await connection.fetchrow(SEATS, cohort_id) or {}), Seats)


async def add_seats(connection: Connection, frame: Frame, *, behind: int, number: int) -> None:
    """Add seats, numbered on from `behind`."""
    added = [uuid4() for _ in range(number)]
    await connection.execute(ADD_SEATS, frame.organization_id, frame.id, added, behind)


async def remove_free_seats(connection: Connection, cohort_id: UUID, *, number: int) -> None:
    """Take away free seats, the highest first."""
    await connection.execute(REMOVE_SEATS, cohort_id, number)


async def teaches(connection: Reader, cohort_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody is an instructor of the cohort."""
    return await connection.fetchval(TEACHES, cohort_id, person_id) is True


async def has_cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> bool:
    """Whether the organization has this cohort."""
    return await connection.fetchval(HAS_COHORT, organization_id, cohort_id) is True
