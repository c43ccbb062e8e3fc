"""The SQL of enrollments and seats. Seats and ranks are given only while `LOCK_COHORT` holds the cohort's row."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec

from services.enrollment.enrollments.model import (
    Application,
    Enrollment,
    EnrollmentExistsError,
    Frame,
    Newcomer,
    Seats,
    Terms,
)
from shared.postgres import Connection, Pool

Reader = Connection | Pool

_FRAME = """
SELECT id, organization_id, state, registration_opens_at, registration_closes_at, admission, vacancy, offer_hours,
    next_clock_at, (
        SELECT l.program_id FROM curriculum k JOIN level l ON l.id = k.level_id WHERE k.id = cohort.curriculum_id
    ) AS program_id
FROM cohort
"""
LOCK_COHORT = f"{_FRAME} WHERE organization_id = $1 AND id = $2 AND state <> 'draft' FOR UPDATE"
LOCK_ANY_COHORT = f"{_FRAME} WHERE organization_id = $1 AND id = $2 FOR UPDATE"
LOCK_TWO_COHORTS = f"{_FRAME} WHERE organization_id = $1 AND id = ANY ($2) AND state <> 'draft' ORDER BY id FOR UPDATE"
FRAME = f"{_FRAME} WHERE organization_id = $1 AND id = $2"
TERMS = """
SELECT c.admission, CASE WHEN r.id IS NOT NULL THEN jsonb_build_object('id', r.id, 'name', r.name) END AS required
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
LEFT JOIN level r ON r.id = l.requires_level_id
WHERE c.organization_id = $1 AND c.id = $2
"""
HOLD_COHORTS = "SELECT id FROM cohort WHERE organization_id = $1 AND id = ANY ($2) ORDER BY id FOR UPDATE"
_COLUMNS = """
SELECT e.id, e.organization_id, e.cohort_id, e.person_id, p.name AS person_name, e.place, e.outcome, e.shows_name,
    e.enrolled_at, s.number AS seat_number,
    CASE WHEN e.place = 'in line' THEN (
        SELECT count(*) FROM enrollment b WHERE b.cohort_id = e.cohort_id AND b.line_rank < e.line_rank
    ) END AS in_line_before,
    e.region, e.offer_expires_at, e.left_because
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
IN_LINE = """
SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place = 'in line' AND ($2::uuid IS NULL OR id <> $2)
"""
TAKE_RANK = "UPDATE cohort SET next_line_rank = next_line_rank + 1 WHERE id = $1 RETURNING next_line_rank - 1"
# Who left and comes back keeps the enrollment that they had. Everybody begins in line: who may sit is decided there.
PUT_ENROLLMENT = """
INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, line_rank, shows_name, enrolled_at, region,
    invitation_id, selected_at)
VALUES ($1, $2, $3, $4, 'in line', $5, $6, $7, $8, $9, $10)
ON CONFLICT (cohort_id, person_id) DO UPDATE SET place = excluded.place, line_rank = excluded.line_rank,
    shows_name = excluded.shows_name, enrolled_at = excluded.enrolled_at, region = excluded.region,
    invitation_id = coalesce(excluded.invitation_id, enrollment.invitation_id), selected_at = excluded.selected_at,
    outcome = 'none', left_because = NULL, left_at = NULL, transferred_to = NULL
WHERE enrollment.outcome = 'withdrawn'
RETURNING id
"""
TAKE_RANKS = "UPDATE cohort SET next_line_rank = next_line_rank + $2 WHERE id = $1 RETURNING next_line_rank - $2"
INSERT_MANY = """
INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, line_rank, shows_name, enrolled_at, region,
    selected_at)
SELECT one.id, $1, $2, one.person_id, 'in line', $3 + one.place - 1, false, $4, one.region, $5
FROM unnest($6::uuid[], $7::uuid[], $8::text[]) WITH ORDINALITY AS one (id, person_id, region, place)
"""
INVITATION_OF = "SELECT invitation_id FROM enrollment WHERE id = $1"
ID_IS_TAKEN = "SELECT EXISTS (SELECT FROM enrollment WHERE id = $1)"
TELL_AGAIN = """
UPDATE enrollment SET told_again_at = $2 WHERE id = $1 AND (told_again_at IS NULL OR told_again_at < $3)
"""
SET_NAME_DISPLAY = "UPDATE enrollment SET shows_name = $2 WHERE id = $1"
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


async def hold_cohorts(connection: Connection, organization_id: UUID, cohort_ids: Sequence[UUID]) -> None:
    """Hold cohorts one after another by id, drafts too, so that nobody is given a place in them meanwhile."""
    await connection.execute(HOLD_COHORTS, organization_id, list(cohort_ids))


async def terms(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Terms | None:
    """On which terms one enrolls in a cohort; None where the organization has no such cohort."""
    row = await connection.fetchrow(TERMS, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Terms)


async def frame(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Frame | None:
    """A cohort, drafts too, as it is while nobody holds it."""
    row = await connection.fetchrow(FRAME, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Frame)


async def lock_two_cohorts(connection: Connection, organization_id: UUID, *cohort_ids: UUID) -> dict[UUID, Frame]:
    """Hold cohorts, one after another by id so that nobody waits in a circle; drafts are not among them."""
    rows = await connection.fetch(LOCK_TWO_COHORTS, organization_id, list(cohort_ids))
    return {row["id"]: msgspec.convert(dict(row), Frame) for row in rows}


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


async def in_line(connection: Connection, cohort_id: UUID, *, but: UUID | None = None) -> int:
    """How many stand in line, not counting one who may."""
    count: int = await connection.fetchval(IN_LINE, cohort_id, but)
    return count


async def put_enrollment(
    connection: Connection,
    frame: Frame,
    person_id: UUID,
    wish: Application,
    *,
    invitation_id: UUID | None = None,
    selected_at: datetime | None = None,
    now: datetime,
) -> UUID:
    """Give a person the next rank in line; the enrollment's id. EnrollmentExistsError."""
    rank = await connection.fetchval(TAKE_RANK, frame.id)
    try:
        identifier: UUID | None = await connection.fetchval(
            PUT_ENROLLMENT,
            wish.id,
            frame.organization_id,
            frame.id,
            person_id,
            rank,
            wish.shows_name,
            now,
            wish.region,
            invitation_id,
            selected_at,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "enrollment_pkey":
            raise
        raise EnrollmentExistsError from None
    if identifier is None:
        raise EnrollmentExistsError
    return identifier


async def insert_many(
    connection: Connection, frame: Frame, newcomers: Sequence[Newcomer], *, selected_at: datetime | None, now: datetime
) -> None:
    """Give people who have no enrollment in the cohort the next ranks in line, in this order."""
    first = await connection.fetchval(TAKE_RANKS, frame.id, len(newcomers))
    await connection.execute(
        INSERT_MANY,
        frame.organization_id,
        frame.id,
        first,
        now,
        selected_at,
        [one.id for one in newcomers],
        [one.person.id for one in newcomers],
        [one.region for one in newcomers],
    )


async def invitation_of(connection: Connection, enrollment_id: UUID) -> UUID | None:
    """The invitation by which somebody enrolled, if by any."""
    found: UUID | None = await connection.fetchval(INVITATION_OF, enrollment_id)
    return found


async def id_is_taken(connection: Connection, enrollment_id: UUID) -> bool:
    """Whether any enrollment has this id."""
    return await connection.fetchval(ID_IS_TAKEN, enrollment_id) is True


async def tell_again(connection: Connection, enrollment_id: UUID, *, now: datetime, unless_since: datetime) -> bool:
    """Note that the owner is told now that somebody enrolled again; False where they were told since then."""
    return await connection.execute(TELL_AGAIN, enrollment_id, now, unless_since) == "UPDATE 1"


async def set_name_display(connection: Connection, enrollment_id: UUID, *, shows_name: bool) -> None:
    """Write whether the badge is to show the name."""
    await connection.execute(SET_NAME_DISPLAY, enrollment_id, shows_name)


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
