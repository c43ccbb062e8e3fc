"""The SQL of cohorts, their instructors and counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.cohorts.model import (
    Cohort,
    Counts,
    Instructor,
    Listing,
    Profile,
    Reading,
    Session,
)
from services.enrollment.cohorts.store_sessions import sessions
from services.enrollment.people.model import Person
from shared.postgres import Connection, Pool
from shared.problems import InvalidInputError

Reader = Connection | Pool

INSERT = """
INSERT INTO cohort (id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
    registration_opens_at, registration_closes_at, policy, cancelled_because)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO NOTHING
"""
LOCK = "SELECT id FROM cohort WHERE organization_id = $1 AND id = $2 FOR UPDATE"
UPDATE = """
UPDATE cohort SET curriculum_id = $2, name = $3, region = $4, school_year = $5, delivery = $6, time_zone = $7,
    state = $8, registration_opens_at = $9, registration_closes_at = $10, policy = $11,
    cancelled_because = coalesce($12, cancelled_because)
WHERE id = $1
"""
# Once people may know of it, a cohort awards what its level did then; another curriculum is another promise.
FREEZE = """
UPDATE cohort SET achievement_id = l.achievement_id, achievement_version = l.achievement_version
FROM curriculum k JOIN level l ON l.id = k.level_id
WHERE cohort.id = $1 AND k.id = cohort.curriculum_id AND cohort.state <> 'draft'
    AND (cohort.achievement_id IS NULL OR $2)
"""
COHORT = """
SELECT id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
    registration_opens_at, registration_closes_at, policy, cancelled_because,
    array(SELECT person_id FROM cohort_instructor i WHERE i.cohort_id = cohort.id ORDER BY person_id) AS instructors
FROM cohort WHERE organization_id = $1 AND id = $2
"""
COHORTS = """
SELECT id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
    registration_opens_at, registration_closes_at, policy, cancelled_because,
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
HAS_COHORT = "SELECT EXISTS (SELECT FROM cohort WHERE organization_id = $1 AND id = $2)"
HAS_ENROLLMENTS = "SELECT EXISTS (SELECT FROM enrollment WHERE cohort_id = $1)"
DELETE_INSTRUCTORS = "DELETE FROM cohort_instructor WHERE cohort_id = $1 AND person_id <> ALL ($2)"
INSERT_INSTRUCTORS = """
INSERT INTO cohort_instructor (organization_id, cohort_id, person_id) SELECT $1, $2, unnest($3::uuid[])
ON CONFLICT DO NOTHING
"""
_COUNTED = """
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id) AS seats,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id
        AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)) AS seats_left,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'in line') AS in_line
"""
COUNTS = f"SELECT c.id AS cohort_id, {_COUNTED} FROM unnest($1::uuid[]) AS c (id)"  # noqa: S608  # constants only
# Whom a date concerns: everybody who sits in the sessions, and who teaches them.
PEOPLE_OF_SESSIONS = """
SELECT p.id, p.organization_id, p.name, p.email, p.language FROM person p
WHERE p.id IN (SELECT person_id FROM enrollment WHERE cohort_id = $1 AND place = 'seated')
    OR p.id IN (SELECT person_id FROM cohort_instructor WHERE cohort_id = $1)
ORDER BY p.id
"""
INSTRUCTORS = """
SELECT i.cohort_id, p.id AS person_id, p.name, p.email, f.headline, f.biography
FROM cohort_instructor i JOIN person p ON p.id = i.person_id LEFT JOIN instructor_profile f ON f.person_id = p.id
WHERE i.cohort_id = ANY ($1) ORDER BY p.name, p.id
"""
_LISTED = f"""
SELECT c.id, c.name, c.region, c.school_year, c.delivery, c.time_zone, c.state, c.registration_opens_at,
    c.registration_closes_at, c.cancelled_because, p.name AS program_name, p.slug AS program_slug, l.id AS level_id,
    l.name AS level_name, {_COUNTED}
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
WHERE c.organization_id = $1
"""  # noqa: S608  # put together from constants only
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


async def freeze_achievement(connection: Connection, cohort_id: UUID, *, anew: bool) -> None:
    """Let a cohort that is held, and no draft, keep the version of the achievement that its level awards now.

    One that keeps a version already keeps it, unless `anew`.
    """
    await connection.execute(FREEZE, cohort_id, anew)


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
        row.cancelled_because,
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


async def reading(connection: Reader, cohort_id: UUID, person_id: UUID | None) -> Reading:
    """How a person stands to a cohort."""
    return msgspec.convert(dict(await connection.fetchrow(READING, cohort_id, person_id) or {}), Reading)


async def has_cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> bool:
    """Whether the organization has this cohort."""
    return await connection.fetchval(HAS_COHORT, organization_id, cohort_id) is True


async def has_enrollments(connection: Connection, cohort_id: UUID) -> bool:
    """Whether anybody ever enrolled in the cohort."""
    return await connection.fetchval(HAS_ENROLLMENTS, cohort_id) is True


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


async def people_of_sessions(connection: Connection, cohort_id: UUID) -> list[Person]:
    """Everybody who holds a seat, and who teaches."""
    return [msgspec.convert(dict(row), Person) for row in await connection.fetch(PEOPLE_OF_SESSIONS, cohort_id)]


async def instructors(connection: Reader, cohort_ids: Sequence[UUID]) -> dict[UUID, tuple[Instructor, ...]]:
    """Who teaches cohorts, by name."""
    found: dict[UUID, tuple[Instructor, ...]] = {}
    for row in await connection.fetch(INSTRUCTORS, cohort_ids):
        found[row["cohort_id"]] = (*found.get(row["cohort_id"], ()), msgspec.convert(dict(row), Instructor))
    return found


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
    teachers = await instructors(connection, identifiers) if rows else {}
    return [
        msgspec.convert(
            {
                **dict(row),
                # Whoever has the address of a video call can come in: it is for participants.
                "sessions": tuple(msgspec.structs.replace(one, link=None) for one in held.get(row["id"], ())),
                "instructors": tuple(
                    Profile(name=one.name, headline=one.headline, biography=one.biography or "")
                    for one in teachers.get(row["id"], ())
                    if one.headline
                ),
            },
            Listing,
        )
        for row in rows
    ]


async def open_organizations(connection: Reader, *, most: int) -> list[tuple[str, str]]:
    """The slugs and names of this installation's organizations, by name."""
    return [(row["slug"], row["name"]) for row in await connection.fetch(OPEN_ORGANIZATIONS, most)]
