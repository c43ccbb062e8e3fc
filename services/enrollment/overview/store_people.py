"""The SQL of the people as staff look them up, and of the names behind the ids of the journal."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from shared.postgres import Connection, Pool

Reader = Connection | Pool

# The page is cut out before anything is counted for it. Who was merged is found by their addresses as whom they became.
PAGE = """
SELECT p.id, p.name, p.email, array(SELECT r.role FROM role_grant r WHERE r.person_id = p.id ORDER BY r.role) AS roles,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.person_id = p.id) AS teaches,
    (SELECT count(*) FROM enrollment e WHERE e.person_id = p.id) AS enrollments,
    (SELECT count(*) FROM enrollment e WHERE e.person_id = p.id AND e.outcome = 'completed') AS completed
FROM (
    SELECT id, name, email FROM person n
    WHERE organization_id = $1 AND merged_into IS NULL AND (
        $2::text IS NULL OR strpos(lower(name || ' ' || email), lower($2)) > 0
        OR EXISTS (SELECT FROM person_address a WHERE a.person_id = n.id AND strpos(a.email, lower($2)) > 0)
    )
        AND ($3::uuid IS NULL OR (name, id) > (SELECT name, id FROM person WHERE organization_id = $1 AND id = $3))
    ORDER BY name, id LIMIT $4
) p ORDER BY p.name, p.id
"""
PERSON = """
SELECT p.id, p.name, p.email, p.language, p.created_at,
    array(SELECT r.role FROM role_grant r WHERE r.person_id = p.id ORDER BY r.role) AS roles,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.person_id = p.id) AS teaches
FROM person p WHERE p.organization_id = $1 AND p.id = $2
"""
PLACES = """
SELECT e.id, e.cohort_id, c.name AS cohort_name, c.time_zone, l.name AS level_name, g.name AS program_name, e.place,
    e.outcome, e.left_because, e.enrolled_at, d.credit_minutes, s.id AS stipend_id,
    (
        SELECT a.badge_url FROM award a
        WHERE a.enrollment_id = e.id AND a.state = 'issued' AND a.erased_at IS NULL ORDER BY a.requested_at LIMIT 1
    ) AS badge_url
FROM enrollment e
JOIN cohort c ON c.id = e.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program g ON g.id = l.program_id
LEFT JOIN completion d ON d.enrollment_id = e.id
LEFT JOIN stipend s ON s.enrollment_id = e.id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY e.enrolled_at DESC, e.id LIMIT 200
"""
TAUGHT = """
SELECT c.id, c.name FROM cohort_instructor i JOIN cohort c ON c.id = i.cohort_id
WHERE c.organization_id = $1 AND i.person_id = $2 ORDER BY c.created_at DESC, c.id LIMIT 200
"""
NAMES = """
SELECT id, name FROM person WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT id, name FROM cohort WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT id, title FROM cohort_session WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT id, name FROM organization WHERE id = $1 AND id = ANY ($2)
UNION ALL SELECT id, name FROM program WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT id, name FROM level WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT id, name FROM curriculum WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT id, title FROM resource WHERE organization_id = $1 AND id = ANY ($2)
UNION ALL SELECT e.id, p.name FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.organization_id = $1 AND e.id = ANY ($2)
UNION ALL SELECT v.id, p.name FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id
JOIN person p ON p.id = e.person_id
WHERE v.organization_id = $1 AND v.id = ANY ($2)
UNION ALL SELECT a.id, p.name FROM award a JOIN enrollment e ON e.id = a.enrollment_id
JOIN person p ON p.id = e.person_id
WHERE a.organization_id = $1 AND a.id = ANY ($2)
"""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the list of people."""

    id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    teaches: bool
    enrollments: int
    completed: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody as their page for staff begins."""

    id: UUID
    name: str
    email: str
    language: str
    created_at: datetime
    roles: tuple[str, ...]
    teaches: bool


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """One of somebody's enrollments, and what came of it."""

    id: UUID
    cohort_id: UUID
    cohort_name: str
    time_zone: str
    level_name: str
    program_name: str
    place: str
    outcome: str
    left_because: str | None
    enrolled_at: datetime
    credit_minutes: int | None
    stipend_id: UUID | None
    badge_url: str | None


async def page(
    connection: Reader, organization_id: UUID, *, words: str | None, after: UUID | None, most: int
) -> list[Listed]:
    """People by name whose name or address has these words, from behind somebody."""
    rows = await connection.fetch(PAGE, organization_id, words, after, most)
    return [msgspec.convert(dict(row), Listed) for row in rows]


async def person(connection: Reader, organization_id: UUID, person_id: UUID) -> Known | None:
    """Somebody of the organization."""
    row = await connection.fetchrow(PERSON, organization_id, person_id)
    return None if row is None else msgspec.convert(dict(row), Known)


async def places(connection: Reader, organization_id: UUID, person_id: UUID) -> list[Placed]:
    """Their enrollments, the latest first."""
    rows = await connection.fetch(PLACES, organization_id, person_id)
    return [msgspec.convert(dict(row), Placed) for row in rows]


async def taught(connection: Reader, organization_id: UUID, person_id: UUID) -> list[tuple[UUID, str]]:
    """The cohorts that they teach, as (id, name)."""
    return [(row["id"], row["name"]) for row in await connection.fetch(TAUGHT, organization_id, person_id)]


async def names(connection: Reader, organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """What people, cohorts, sessions, programs, levels are called; enrollments and evidence as their person."""
    return {row["id"]: row["name"] for row in await connection.fetch(NAMES, organization_id, list(ids))}
