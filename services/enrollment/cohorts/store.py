"""The SQL of cohorts, their sessions, instructors and counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.cohorts.model import (
    Cohort,
    CohortExistsError,
    Counts,
    Listing,
    Reading,
    Session,
    SessionHeldError,
)
from services.enrollment.people.model import Person
from shared.postgres import Connection, Pool
from shared.problems import InvalidInputError

Reader = Connection | Pool

INSERT = """
INSERT INTO cohort (id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
    registration_opens_at, registration_closes_at, policy)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO NOTHING
"""
LOCK = "SELECT id FROM cohort WHERE organization_id = $1 AND id = $2 FOR UPDATE"
UPDATE = """
UPDATE cohort SET curriculum_id = $2, name = $3, region = $4, school_year = $5, delivery = $6, time_zone = $7,
    state = $8, registration_opens_at = $9, registration_closes_at = $10, policy = $11
WHERE id = $1
"""
COHORT = """
SELECT id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
    registration_opens_at, registration_closes_at, policy,
    array(SELECT person_id FROM cohort_instructor i WHERE i.cohort_id = cohort.id ORDER BY person_id) AS instructors
FROM cohort WHERE organization_id = $1 AND id = $2
"""
COHORTS = """
SELECT id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
    registration_opens_at, registration_closes_at, policy,
    array(SELECT person_id FROM cohort_instructor i WHERE i.cohort_id = cohort.id ORDER BY person_id) AS instructors
FROM cohort
WHERE organization_id = $1 AND ($2::uuid IS NULL OR id > $2) AND (
    $3::uuid IS NULL
    OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = cohort.id AND i.person_id = $3)
    OR EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = cohort.id AND e.person_id = $3 AND e.place <> 'none')
)
ORDER BY id LIMIT $4
"""
READING = """
SELECT
    EXISTS (SELECT FROM cohort_instructor WHERE cohort_id = $1 AND person_id = $2) AS teaches,
    EXISTS (SELECT FROM enrollment WHERE cohort_id = $1 AND person_id = $2 AND place <> 'none') AS takes_part,
    EXISTS (SELECT FROM enrollment WHERE cohort_id = $1 AND person_id = $2 AND place = 'seated') AS is_seated
"""
SESSIONS = """
SELECT id, cohort_id, title, starts_at, ends_at, credit_minutes, mode, place, link FROM cohort_session
WHERE cohort_id = ANY ($1) ORDER BY position
"""
LOCK_SESSION = """
SELECT id, title, starts_at, ends_at, credit_minutes, mode, place, link FROM cohort_session
WHERE organization_id = $1 AND cohort_id = $2 AND id = $3 FOR NO KEY UPDATE
"""
SWITCH_SESSION = "UPDATE cohort_session SET mode = $2, place = $3, link = $4 WHERE id = $1"
HAS_ENROLLMENTS = "SELECT EXISTS (SELECT FROM enrollment WHERE cohort_id = $1)"
HELD_SESSIONS = "SELECT DISTINCT cohort_session_id FROM attendance WHERE cohort_session_id = ANY ($1) ORDER BY 1"
DELETE_SESSIONS = "DELETE FROM cohort_session WHERE cohort_id = $1 AND id = ANY ($2)"
# Out of the way of the new positions: the constraint looks at each row as it is written.
LIFT_SESSIONS = "UPDATE cohort_session SET position = position + 1000000 WHERE cohort_id = $1"
PUT_SESSION = """
INSERT INTO cohort_session (id, organization_id, cohort_id, position, title, starts_at, ends_at, credit_minutes, mode,
    place, link)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, title = excluded.title, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, credit_minutes = excluded.credit_minutes, mode = excluded.mode,
    place = excluded.place, link = excluded.link
WHERE cohort_session.cohort_id = excluded.cohort_id
"""
DELETE_INSTRUCTORS = "DELETE FROM cohort_instructor WHERE cohort_id = $1 AND person_id <> ALL ($2)"
INSERT_INSTRUCTORS = """
INSERT INTO cohort_instructor (organization_id, cohort_id, person_id) SELECT $1, $2, unnest($3::uuid[])
ON CONFLICT DO NOTHING
"""
COUNTS = """
SELECT c.id AS cohort_id,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id) AS seats,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id
        AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)) AS seats_left,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'in line') AS in_line
FROM unnest($1::uuid[]) AS c (id)
"""
SEATED_PEOPLE = """
SELECT p.id, p.organization_id, p.name, p.email, p.language
FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.cohort_id = $1 AND e.place = 'seated' ORDER BY p.id
"""
_LISTED = """
SELECT c.id, c.name, c.region, c.school_year, c.delivery, c.time_zone, c.state, c.registration_opens_at,
    c.registration_closes_at, p.name AS program_name, l.name AS level_name
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
WHERE c.organization_id = $1
"""
LISTING = f"{_LISTED} AND c.id = $2 AND c.state <> 'draft'"
CATALOG = f"""
{_LISTED} AND c.state = 'open' AND (c.registration_closes_at IS NULL OR c.registration_closes_at > $2)
    AND ($3::uuid IS NULL OR c.id > $3)
ORDER BY c.id LIMIT $4
"""
OPEN_ORGANIZATIONS = "SELECT slug, name FROM organization ORDER BY name, slug LIMIT $1"


async def insert(connection: Connection, cohort: Cohort) -> bool:
    """Add a cohort without its sessions and instructors, unless its id is known; whether it was added."""
    row = cohort
    status = await connection.execute(INSERT, row.id, row.organization_id, *_columns(cohort))
    return status == "INSERT 0 1"


async def hold(connection: Connection, organization_id: UUID, cohort_id: UUID) -> bool:
    """Hold the cohort's row until the transaction ends; False where the organization has no such cohort."""
    return await connection.fetchval(LOCK, organization_id, cohort_id) is not None


async def update(connection: Connection, cohort: Cohort) -> None:
    """Write a cohort that is held, without its sessions and instructors."""
    await connection.execute(UPDATE, cohort.id, *_columns(cohort))


def _columns(row: Cohort) -> tuple[Any, ...]:
    return (
        row.curriculum_id,
        row.name,
        row.region,
        row.school_year,
        row.delivery,
        row.time_zone,
        row.state,
        row.registration_opens_at,
        row.registration_closes_at,
        row.policy,
    )


async def cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Cohort | None:
    """One cohort of the organization, with its sessions and instructors."""
    row = await connection.fetchrow(COHORT, organization_id, cohort_id)
    return None if row is None else _cohort(row, await sessions(connection, [cohort_id]))


async def cohorts(
    connection: Reader, organization_id: UUID, *, of: UUID | None, after: UUID | None, most: int
) -> list[Cohort]:
    """The organization's cohorts by id from behind `after`; with `of`, those which that person teaches or is in."""
    rows = await connection.fetch(COHORTS, organization_id, after, of, most)
    found = await sessions(connection, [row["id"] for row in rows])
    return [_cohort(row, found) for row in rows]


def _cohort(row: asyncpg.Record, found: dict[UUID, tuple[Session, ...]]) -> Cohort:
    return msgspec.convert({**dict(row), "sessions": found.get(row["id"], ())}, Cohort)


async def sessions(connection: Reader, cohort_ids: Sequence[UUID]) -> dict[UUID, tuple[Session, ...]]:
    """The sessions of cohorts, in their order."""
    found: dict[UUID, tuple[Session, ...]] = {}
    for row in await connection.fetch(SESSIONS, cohort_ids):
        found[row["cohort_id"]] = (*found.get(row["cohort_id"], ()), msgspec.convert(dict(row), Session))
    return found


async def reading(connection: Reader, cohort_id: UUID, person_id: UUID | None) -> Reading:
    """How a person stands to a cohort."""
    return msgspec.convert(dict(await connection.fetchrow(READING, cohort_id, person_id) or {}), Reading)


async def hold_session(
    connection: Connection, organization_id: UUID, cohort_id: UUID, session_id: UUID
) -> Session | None:
    """One session of the organization's cohort, held until the transaction ends."""
    row = await connection.fetchrow(LOCK_SESSION, organization_id, cohort_id, session_id)
    return None if row is None else msgspec.convert(dict(row), Session)


async def switch_session(connection: Connection, session: Session) -> None:
    """Write the mode, place and link of a session that is held."""
    await connection.execute(SWITCH_SESSION, session.id, session.mode, session.place, session.link)


async def has_enrollments(connection: Connection, cohort_id: UUID) -> bool:
    """Whether anybody ever enrolled in the cohort."""
    return await connection.fetchval(HAS_ENROLLMENTS, cohort_id) is True


async def write_sessions(connection: Connection, cohort: Cohort, *, gone: list[UUID]) -> None:
    """Write the sessions of a cohort that is held, and take out those `gone`. SessionHeldError, CohortExistsError."""
    if held := [row[0] for row in await connection.fetch(HELD_SESSIONS, gone)]:
        raise SessionHeldError(held)
    try:
        await connection.execute(DELETE_SESSIONS, cohort.id, gone)
    except asyncpg.ForeignKeyViolationError:  # attendance came in between
        raise SessionHeldError(gone) from None
    await connection.execute(LIFT_SESSIONS, cohort.id)
    for position, one in enumerate(cohort.sessions, start=1):
        status = await connection.execute(
            PUT_SESSION,
            one.id,
            cohort.organization_id,
            cohort.id,
            position,
            one.title,
            one.starts_at,
            one.ends_at,
            one.credit_minutes,
            one.mode,
            one.place,
            one.link,
        )
        if status != "INSERT 0 1":
            raise CohortExistsError


async def write_instructors(connection: Connection, cohort: Cohort) -> None:
    """Write who teaches a cohort that is held. InvalidInputError for somebody the organization does not know."""
    people = list(cohort.instructors)
    await connection.execute(DELETE_INSTRUCTORS, cohort.id, people)
    try:
        await connection.execute(INSERT_INSTRUCTORS, cohort.organization_id, cohort.id, people)
    except asyncpg.ForeignKeyViolationError:
        raise InvalidInputError(("instructors", "Name people of this organization.")) from None


async def counts(connection: Reader, cohort_ids: Iterable[UUID]) -> dict[UUID, Counts]:
    """How the seats of cohorts stand."""
    rows = await connection.fetch(COUNTS, list(cohort_ids))
    return {row["cohort_id"]: msgspec.convert(dict(row), Counts) for row in rows}


async def seated_people(connection: Connection, cohort_id: UUID) -> list[Person]:
    """Everybody who holds a seat."""
    return [msgspec.convert(dict(row), Person) for row in await connection.fetch(SEATED_PEOPLE, cohort_id)]


async def listing(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Listing | None:
    """One cohort as anybody may see it; None for a draft too."""
    rows = await connection.fetch(LISTING, organization_id, cohort_id)
    found = await _listings(connection, rows)
    return found[0] if found else None


async def catalog(
    connection: Reader, organization_id: UUID, *, now: datetime, after: UUID | None, most: int
) -> list[Listing]:
    """The cohorts whose registration is open or will be, by id from behind `after`."""
    return await _listings(connection, await connection.fetch(CATALOG, organization_id, now, after, most))


async def _listings(connection: Reader, rows: list[asyncpg.Record]) -> list[Listing]:
    identifiers = [row["id"] for row in rows]
    held = await sessions(connection, identifiers) if rows else {}
    numbers = await counts(connection, identifiers) if rows else {}
    return [
        msgspec.convert(
            {
                **dict(row),
                **msgspec.structs.asdict(numbers[row["id"]]),
                # Whoever has the address of a video call can come in: it is for participants.
                "sessions": tuple(msgspec.structs.replace(one, link=None) for one in held.get(row["id"], ())),
            },
            Listing,
        )
        for row in rows
    ]


async def open_organizations(connection: Reader, *, most: int) -> list[tuple[str, str]]:
    """The slugs and names of this installation's organizations, by name."""
    return [(row["slug"], row["name"]) for row in await connection.fetch(OPEN_ORGANIZATIONS, most)]
