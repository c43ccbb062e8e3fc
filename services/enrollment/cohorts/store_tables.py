"""The SQL of what staff and instructors see of cohorts, and of what instructors say of themselves."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.cohorts.model import Filters, Head, Row
from shared.postgres import Connection, Pool

Reader = Connection | Pool

HEAD = """
SELECT c.id, c.name, c.region, c.school_year, c.delivery, c.time_zone, c.state, c.registration_opens_at,
    c.registration_closes_at, c.policy, c.cancelled_because, p.id AS program_id, p.name AS program_name,
    p.slug AS program_slug, l.name AS level_name, k.id AS curriculum_id, k.name AS curriculum_name,
    k.number AS curriculum_number, coalesce(c.achievement_version, l.achievement_version) AS achievement_version,
    l.achievement_version AS newest_achievement_version,
    (SELECT count(*) FROM module m WHERE m.curriculum_id = k.id) AS modules,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id) AS seats,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id
        AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)) AS seats_left,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'seated') AS seated,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'in line') AS in_line
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
WHERE c.organization_id = $1 AND c.id = $2
"""
# One after the other by first date, drafts without dates last; the cursor is the last row's (date, id).
TABLE = """
SELECT c.id, c.name, c.region, c.school_year, c.delivery, c.time_zone, c.state, l.id AS level_id, l.name AS level_name,
    p.name AS program_name, s.first_start, s.sessions, s.next_start,
    (SELECT count(*) FROM seat WHERE cohort_id = c.id) AS seats,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place IN ('seated', 'offered')) AS held,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'in line') AS in_line
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
CROSS JOIN LATERAL (
    SELECT min(starts_at) AS first_start, count(*) AS sessions, min(starts_at) FILTER (WHERE ends_at > $2) AS next_start
    FROM cohort_session WHERE cohort_id = c.id AND cancelled_at IS NULL
) s
WHERE c.organization_id = $1 AND ($3::text IS NULL OR c.state = $3) AND ($4::text IS NULL OR c.school_year = $4)
    AND ($5::text IS NULL OR strpos(lower(c.name || ' ' || c.region), lower($5)) > 0)
    AND ($6::uuid IS NULL OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $6))
    AND ($9::uuid IS NULL OR p.id = $9)
    AND ($7::uuid IS NULL OR (coalesce(s.first_start, 'infinity'), c.id) > (
        SELECT coalesce(min(starts_at), 'infinity'), $7::uuid FROM cohort_session
        WHERE cohort_id = $7 AND cancelled_at IS NULL
    ))
ORDER BY coalesce(s.first_start, 'infinity'), c.id LIMIT $8
"""
SCHOOL_YEARS = "SELECT DISTINCT school_year FROM cohort WHERE organization_id = $1 ORDER BY 1 DESC"
TEACHES_ANY = "SELECT EXISTS (SELECT FROM cohort_instructor WHERE organization_id = $1 AND person_id = $2)"
PROFILE = "SELECT headline, biography FROM instructor_profile WHERE organization_id = $1 AND person_id = $2"
PUT_PROFILE = """
INSERT INTO instructor_profile (person_id, organization_id, headline, biography, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id) DO UPDATE SET headline = excluded.headline, biography = excluded.biography,
    changed_at = excluded.changed_at
"""
DELETE_PROFILE = "DELETE FROM instructor_profile WHERE organization_id = $1 AND person_id = $2"


async def head(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Head | None:
    """A cohort of the organization, drafts too, as its pages begin."""
    row = await connection.fetchrow(HEAD, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Head)


async def teaches_any(connection: Reader, organization_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody teaches a cohort of the organization."""
    return await connection.fetchval(TEACHES_ANY, organization_id, person_id) is True


async def profile(connection: Reader, organization_id: UUID, person_id: UUID) -> tuple[str, str] | None:
    """The headline and biography that somebody gave."""
    row = await connection.fetchrow(PROFILE, organization_id, person_id)
    return None if row is None else (row["headline"], row["biography"])


async def write_profile(
    connection: Reader, organization_id: UUID, person_id: UUID, *, headline: str, biography: str, now: datetime
) -> None:
    """Write what public pages say of somebody who teaches; without a headline they say nothing."""
    if headline:
        await connection.execute(PUT_PROFILE, person_id, organization_id, headline, biography, now)
    else:
        await connection.execute(DELETE_PROFILE, organization_id, person_id)


async def table(
    connection: Reader, organization_id: UUID, filters: Filters, *, now: datetime, after: UUID | None, most: int
) -> list[Row]:
    """The organization's cohorts as a table shows them, by first date, from behind the cohort `after`."""
    rows = await connection.fetch(
        TABLE,
        organization_id,
        now,
        filters.state,
        filters.school_year,
        filters.words,
        filters.taught_by,
        after,
        most,
        filters.program_id,
    )
    return [msgspec.convert(dict(row), Row) for row in rows]


async def school_years(connection: Reader, organization_id: UUID) -> list[str]:
    """The school years that have cohorts, the latest first."""
    return [row["school_year"] for row in await connection.fetch(SCHOOL_YEARS, organization_id)]
