"""The SQL of erasures and legal holds."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.enrollment.people import store_personal as people
from services.enrollment.retention.model import Erasure, Hold, Ties
from shared.postgres import Connection, Pool

Reader = Connection | Pool

# Whoever enrolls just now waits here, or is seen below.
LOCK_PERSON = "SELECT id FROM person WHERE organization_id = $1 AND id = $2 FOR UPDATE"
# Of the cohorts whose record somebody needs, the one that is kept the longest.
RECORD = """
SELECT max(s.starts_at) AS last_session, coalesce(p.retention_years, $3) AS years
FROM cohort_session s
JOIN cohort c ON c.id = s.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
WHERE s.organization_id = $1 AND (
    EXISTS (
        SELECT FROM enrollment e WHERE e.cohort_id = c.id AND e.person_id = $2 AND e.outcome = 'completed'
    )
    OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $2)
)
GROUP BY c.id, p.id
ORDER BY max(s.starts_at) + make_interval(years => coalesce(p.retention_years, $3)) DESC LIMIT 1
"""
HAS_OTHER_ADMINISTRATOR = """
SELECT NOT EXISTS (SELECT FROM role_grant WHERE organization_id = $1 AND person_id = $2 AND role = 'administrator')
    OR EXISTS (SELECT FROM role_grant WHERE organization_id = $1 AND person_id <> $2 AND role = 'administrator')
"""
OPEN_ENROLLMENTS = """
SELECT id FROM enrollment
WHERE organization_id = $1 AND person_id = $2 AND place <> 'none' AND outcome = 'none' ORDER BY id
"""
_ERASURE = "id, organization_id, person_id, asked_by, asked_at, done_at, kept_until, finished_at"
ERASURE = f"SELECT {_ERASURE} FROM erasure WHERE organization_id = $1 AND person_id = $2"  # noqa: S608  # constants only
INSERT_ERASURE = """
INSERT INTO erasure (id, organization_id, person_id, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id) DO NOTHING
"""
SET_DONE = """
UPDATE erasure SET done_at = coalesce(done_at, $2), kept_until = $3,
    finished_at = CASE WHEN $3::date IS NULL THEN $2::timestamptz END
WHERE person_id = $1
"""
# Asked for and not done, since a hold was in force; or done but for what had to be kept, and its time is over.
TO_DO = f"""
SELECT {_ERASURE} FROM erasure
WHERE finished_at IS NULL AND (kept_until IS NULL OR kept_until < $1) ORDER BY asked_at LIMIT 100
"""  # noqa: S608  # put together from constants only
WANT_DESTROYED = """
INSERT INTO file_to_destroy (file_id, organization_id, wanted_at)
SELECT unnest($1::uuid[]), $2, $3 ON CONFLICT DO NOTHING
"""
FILES_TO_DESTROY = "SELECT file_id FROM file_to_destroy ORDER BY wanted_at LIMIT 100"
DESTROYED = "DELETE FROM file_to_destroy WHERE file_id = $1"

HOLDS = """
SELECT h.id, coalesce(p.name, c.name) AS about, h.reason, h.placed_at, h.lifted_at
FROM legal_hold h LEFT JOIN person p ON p.id = h.person_id LEFT JOIN cohort c ON c.id = h.cohort_id
WHERE h.organization_id = $1 ORDER BY (h.lifted_at IS NOT NULL), h.placed_at DESC, h.id LIMIT 200
"""
HAS_COHORT = "SELECT EXISTS (SELECT FROM cohort WHERE organization_id = $1 AND id = $2)"
COHORTS = """
SELECT id, name, school_year FROM cohort WHERE organization_id = $1 ORDER BY created_at DESC, id LIMIT 200
"""
PUT_HOLD = """
INSERT INTO legal_hold (id, organization_id, person_id, cohort_id, reason, placed_by, placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""
LIFT_HOLD = """
UPDATE legal_hold SET lifted_by = $3, lifted_at = $4 WHERE organization_id = $1 AND id = $2 AND lifted_at IS NULL
"""
HAS_HOLD = "SELECT EXISTS (SELECT FROM legal_hold WHERE organization_id = $1 AND id = $2)"


async def lock_person(connection: Connection, organization_id: UUID, person_id: UUID) -> bool:
    """Hold a person's row until the transaction ends; False where there is none."""
    return await connection.fetchval(LOCK_PERSON, organization_id, person_id) is not None


async def ties(connection: Reader, organization_id: UUID, person_id: UUID, *, time_zone: str, years: int) -> Ties:
    """What binds a person's data; `years` is how long a record is kept whose program does not say."""
    row = await connection.fetchrow(RECORD, organization_id, person_id, years)
    is_held = await people.is_held(connection, organization_id, person_id)
    if row is None:
        return Ties(last_day=None, years=years, is_held=is_held)
    last_day = row["last_session"].astimezone(ZoneInfo(time_zone)).date()
    return Ties(last_day=last_day, years=row["years"], is_held=is_held)


async def leaves_an_administrator(connection: Connection, organization_id: UUID, person_id: UUID) -> bool:
    """Whether the organization has an administrator without this person; until the commit nobody changes that."""
    await people.hold_alone(connection, organization_id)
    found: bool = await connection.fetchval(HAS_OTHER_ADMINISTRATOR, organization_id, person_id)
    return found


async def open_enrollments(connection: Reader, organization_id: UUID, person_id: UUID) -> list[UUID]:
    """The enrollments that hold a seat or a place in line and are not decided."""
    return [row["id"] for row in await connection.fetch(OPEN_ENROLLMENTS, organization_id, person_id)]


async def erasure(connection: Reader, organization_id: UUID, person_id: UUID) -> Erasure | None:
    """That somebody asked to be forgotten."""
    row = await connection.fetchrow(ERASURE, organization_id, person_id)
    return None if row is None else msgspec.convert(dict(row), Erasure)


async def insert_erasure(
    connection: Connection, identifier: UUID, organization_id: UUID, person_id: UUID, *, by: UUID, at: datetime
) -> None:
    """Note that somebody is to be forgotten; the first asking stays."""
    await connection.execute(INSERT_ERASURE, identifier, organization_id, person_id, by, at)


async def set_done(connection: Connection, person_id: UUID, *, at: datetime, kept_until: date | None) -> None:
    """Note that it is done, and until when something is kept; None: nothing is, and it is finished."""
    await connection.execute(SET_DONE, person_id, at, kept_until)


async def to_do(pool: Pool, *, today: date) -> list[Erasure]:
    """Erasures that may be done or finished now, the oldest first; those under a hold among them."""
    return [msgspec.convert(dict(row), Erasure) for row in await pool.fetch(TO_DO, today)]


async def want_destroyed(connection: Connection, files: list[UUID], organization_id: UUID, *, at: datetime) -> None:
    """Note files to destroy once the transaction has committed."""
    await connection.execute(WANT_DESTROYED, files, organization_id, at)


async def files_to_destroy(pool: Pool) -> list[UUID]:
    """Files that nobody may find any more."""
    return [row["file_id"] for row in await pool.fetch(FILES_TO_DESTROY)]


async def destroyed(pool: Pool, file_id: UUID) -> None:
    """Note that a file is gone."""
    await pool.execute(DESTROYED, file_id)


async def holds(connection: Reader, organization_id: UUID) -> list[Hold]:
    """The organization's legal holds, those in force first."""
    return [msgspec.convert(dict(row), Hold) for row in await connection.fetch(HOLDS, organization_id)]


async def has_cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> bool:
    """Whether the cohort is the organization's."""
    found: bool = await connection.fetchval(HAS_COHORT, organization_id, cohort_id)
    return found


async def cohorts(connection: Reader, organization_id: UUID) -> list[tuple[UUID, str]]:
    """The organization's cohorts to choose from, the newest first."""
    rows = await connection.fetch(COHORTS, organization_id)
    return [(row["id"], f"{row['name']} ({row['school_year']})") for row in rows]


async def put_hold(
    connection: Connection,
    identifier: UUID,
    organization_id: UUID,
    *,
    person_id: UUID | None,
    cohort_id: UUID | None,
    reason: str,
    by: UUID,
    at: datetime,
) -> None:
    """Place a hold; the same id again places none."""
    await connection.execute(PUT_HOLD, identifier, organization_id, person_id, cohort_id, reason, by, at)


async def lift_hold(connection: Connection, organization_id: UUID, hold_id: UUID, *, by: UUID, at: datetime) -> bool:
    """Lift a hold; False where it was lifted before, or is none."""
    return await connection.execute(LIFT_HOLD, organization_id, hold_id, by, at) == "UPDATE 1"


async def has_hold(connection: Reader, organization_id: UUID, hold_id: UUID) -> bool:
    """Whether there is such a hold, lifted or not."""
    found: bool = await connection.fetchval(HAS_HOLD, organization_id, hold_id)
    return found
