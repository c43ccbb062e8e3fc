"""The SQL of the directory and of programs' resources."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.directory.model import Listed, OwnEntry, Program, Resource
from shared.postgres import Connection, Pool

Reader = Connection | Pool

ENTRY = """
SELECT seen_by, about, shows_region, shows_level, shows_email FROM directory_entry
WHERE organization_id = $1 AND person_id = $2
"""
PUT_ENTRY = """
INSERT INTO directory_entry (
    organization_id, person_id, seen_by, about, shows_region, shows_level, shows_email, changed_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person_id) DO UPDATE SET seen_by = excluded.seen_by, about = excluded.about,
    shows_region = excluded.shows_region, shows_level = excluded.shows_level, shows_email = excluded.shows_email,
    changed_at = excluded.changed_at
"""
DELETE_ENTRY = "DELETE FROM directory_entry WHERE organization_id = $1 AND person_id = $2"
# A cohort that somebody belongs to: they teach it, or have or had a seat in it.
_COHORTS = """
SELECT i.cohort_id, i.person_id, true AS teaches FROM cohort_instructor i WHERE i.organization_id = $1
UNION ALL
SELECT e.cohort_id, e.person_id, false FROM enrollment e WHERE e.organization_id = $1 AND e.place = 'seated'
"""
LISTED = f"""
WITH belonging AS ({_COHORTS}), shared AS (
    SELECT DISTINCT o.person_id FROM belonging o JOIN belonging mine USING (cohort_id) WHERE mine.person_id = $2
)
SELECT d.person_id, p.name, d.about, CASE WHEN d.shows_email THEN p.email END AS email,
    EXISTS (SELECT FROM belonging b WHERE b.person_id = d.person_id AND b.teaches) AS teaches,
    CASE WHEN d.shows_region THEN array(
        SELECT DISTINCT c.region FROM belonging b JOIN cohort c ON c.id = b.cohort_id
        WHERE b.person_id = d.person_id ORDER BY 1
    ) ELSE '{{}}' END AS regions,
    CASE WHEN d.shows_level THEN array(
        SELECT DISTINCT l.name FROM belonging b JOIN cohort c ON c.id = b.cohort_id
        JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
        WHERE b.person_id = d.person_id ORDER BY 1
    ) ELSE '{{}}' END AS levels
FROM directory_entry d JOIN person p ON p.id = d.person_id
WHERE d.organization_id = $1 AND d.person_id <> $2
    AND (d.seen_by = 'organization' OR d.person_id IN (SELECT person_id FROM shared))
    AND ($3::text IS NULL OR (d.shows_region AND EXISTS (
        SELECT FROM belonging b JOIN cohort c ON c.id = b.cohort_id WHERE b.person_id = d.person_id AND c.region = $3
    )))
    AND ($4::uuid IS NULL OR (p.name, p.id) > (
        SELECT q.name, q.id FROM person q WHERE q.organization_id = $1 AND q.id = $4
    ))
ORDER BY p.name, p.id LIMIT $5
"""  # noqa: S608  # put together from constants only
REGIONS = "SELECT DISTINCT region FROM cohort WHERE organization_id = $1 AND state <> 'draft' ORDER BY region LIMIT 100"
# Programs in which somebody has a place or teaches; staff see all.
PROGRAMS = """
SELECT p.id, p.name FROM program p
WHERE p.organization_id = $1 AND ($3 OR EXISTS (
    SELECT FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
    WHERE l.program_id = p.id AND (
        EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $2)
        OR EXISTS (
            SELECT FROM enrollment e WHERE e.cohort_id = c.id AND e.person_id = $2 AND e.place IN ('seated', 'offered')
        )
    )
))
ORDER BY p.name, p.id
"""
RESOURCES = """
SELECT id, program_id, title, about, link FROM resource WHERE program_id = ANY ($1) ORDER BY added_at, id
"""
INSERT_RESOURCE = """
INSERT INTO resource (id, organization_id, program_id, title, about, link, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING
"""
MOVE_ENTRY = """
UPDATE directory_entry SET person_id = $3 WHERE organization_id = $1 AND person_id = $2
    AND NOT EXISTS (SELECT FROM directory_entry WHERE person_id = $3)
"""
DELETE_RESOURCE = "DELETE FROM resource WHERE organization_id = $1 AND id = $2"


async def entry(connection: Reader, organization_id: UUID, person_id: UUID) -> OwnEntry | None:
    """What somebody shows of themselves; None for who is not in the directory."""
    row = await connection.fetchrow(ENTRY, organization_id, person_id)
    return None if row is None else msgspec.convert(dict(row), OwnEntry)


async def put_entry(pool: Pool, organization_id: UUID, person_id: UUID, wanted: OwnEntry, *, now: datetime) -> None:
    """Write what somebody shows of themselves."""
    await pool.execute(
        PUT_ENTRY,
        organization_id,
        person_id,
        wanted.seen_by,
        wanted.about,
        wanted.shows_region,
        wanted.shows_level,
        wanted.shows_email,
        now,
    )


async def delete_entry(connection: Reader, organization_id: UUID, person_id: UUID) -> None:
    """Take somebody out of the directory."""
    await connection.execute(DELETE_ENTRY, organization_id, person_id)


async def listed(
    connection: Reader, organization_id: UUID, reader_id: UUID, *, region: str | None, after: UUID | None, most: int
) -> list[Listed]:
    """Whom a reader may find, by name: only what each of them chose to show to this reader."""
    rows = await connection.fetch(LISTED, organization_id, reader_id, region, after, most)
    return [msgspec.convert(dict(row), Listed) for row in rows]


async def regions(connection: Reader, organization_id: UUID) -> list[str]:
    """The regions of the organization's cohorts."""
    return [row["region"] for row in await connection.fetch(REGIONS, organization_id)]


async def programs(connection: Reader, organization_id: UUID, person_id: UUID, *, all_of_them: bool) -> list[Program]:
    """The programs that somebody takes part in, or all, each with its resources."""
    found = await connection.fetch(PROGRAMS, organization_id, person_id, all_of_them)
    rows = await connection.fetch(RESOURCES, [row["id"] for row in found])
    resources = [msgspec.convert(dict(row), Resource) for row in rows]
    return [
        Program(
            id=row["id"], name=row["name"], resources=tuple(one for one in resources if one.program_id == row["id"])
        )
        for row in found
    ]


async def insert_resource(connection: Reader, organization_id: UUID, wanted: Resource, *, now: datetime) -> None:
    """Add a resource; the same id again adds nothing."""
    await connection.execute(
        INSERT_RESOURCE, wanted.id, organization_id, wanted.program_id, wanted.title, wanted.about, wanted.link, now
    )


async def delete_resource(connection: Reader, organization_id: UUID, resource_id: UUID) -> bool:
    """Take a resource away; False where there is none."""
    return await connection.execute(DELETE_RESOURCE, organization_id, resource_id) == "DELETE 1"


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What somebody shows in the directory, for their own download."""
    row = await connection.fetchrow(ENTRY, organization_id, person_id)
    return {"directory": None if row is None else dict(row)}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Take somebody out of the directory; no files."""
    if "directory_entry" not in keep:
        await delete_entry(connection, organization_id, person_id)
    return []


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let `keep` show what `away` does, unless they show something themselves."""
    await connection.execute(MOVE_ENTRY, organization_id, away, keep)
    await connection.execute(DELETE_ENTRY, organization_id, away)
