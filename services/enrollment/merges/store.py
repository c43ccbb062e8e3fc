"""The SQL of merges: who is likely one person, what two records hold, and the row that stays of one of them."""

from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from services.enrollment.merges.model import Place, Record, Side
from shared.postgres import Connection, Pool

Reader = Connection | Pool

# Without case, width, doubled spaces and the marks above letters: "José  Lim" is "jose lim".
_FOLDED = r"""
    lower(regexp_replace(regexp_replace(normalize(p.name, NFKD), '[\u0300-\u036f]', '', 'g'), '\s+', ' ', 'g'))
"""
_RECORD = """
SELECT p.id, p.name, p.email, p.created_at,
    (SELECT count(*) FROM enrollment e WHERE e.person_id = p.id AND e.place <> 'none') AS enrollments
"""
# Nobody who was erased or merged: their names say nothing.
_LIVING = """
FROM person p WHERE p.organization_id = $1 AND p.merged_into IS NULL
    AND NOT EXISTS (SELECT FROM erasure x WHERE x.person_id = p.id)
"""
OF_ONE_NAME = f"""
WITH folded AS (SELECT p.id, {_FOLDED} AS key {_LIVING}),
twice AS (SELECT key FROM folded GROUP BY key HAVING count(*) BETWEEN 2 AND 10 ORDER BY key LIMIT $2)
{_RECORD}, folded.key FROM folded JOIN twice USING (key) JOIN person p ON p.id = folded.id ORDER BY folded.key, p.id
"""  # noqa: S608  # put together from constants only
OF_ONE_LOCAL = f"""
WITH parted AS (SELECT p.id, split_part(p.email, '@', 1) AS key {_LIVING}),
twice AS (SELECT key FROM parted GROUP BY key HAVING count(*) BETWEEN 2 AND 10 ORDER BY key LIMIT $2)
{_RECORD}, parted.key FROM parted JOIN twice USING (key) JOIN person p ON p.id = parted.id ORDER BY parted.key, p.id
"""  # noqa: S608  # put together from constants only
SIDES = """
SELECT p.id, p.name, p.email, p.merged_into IS NOT NULL AS is_merged,
    array(SELECT a.email FROM person_address a WHERE a.person_id = p.id AND a.email <> p.email ORDER BY a.email)
        AS addresses,
    array(SELECT r.role FROM role_grant r WHERE r.person_id = p.id ORDER BY r.role) AS roles,
    EXISTS (SELECT FROM erasure x WHERE x.person_id = p.id) AS is_erased,
    EXISTS (
        SELECT FROM legal_hold h WHERE h.organization_id = $1 AND h.lifted_at IS NULL AND (
            h.person_id = p.id
            OR EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = h.cohort_id AND e.person_id = p.id)
            OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = h.cohort_id AND i.person_id = p.id)
        )
    ) AS is_held,
    EXISTS (SELECT FROM person_secret s WHERE s.person_id = p.id) AS is_private,
    array(SELECT i.cohort_id FROM cohort_instructor i WHERE i.person_id = p.id ORDER BY 1) AS teaches,
    (SELECT count(*) FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id WHERE e.person_id = p.id) AS evidence,
    (SELECT count(*) FROM attendance t JOIN enrollment e ON e.id = t.enrollment_id
        WHERE e.person_id = p.id AND t.mode IN ('in person', 'virtual')) AS sessions,
    (SELECT count(*) FROM award w JOIN enrollment e ON e.id = w.enrollment_id WHERE e.person_id = p.id) AS badges
FROM person p WHERE p.organization_id = $1 AND p.id = ANY ($2)
"""
PLACES = """
SELECT e.id AS enrollment_id, e.person_id, e.cohort_id, c.name AS cohort_name, e.place <> 'none' AS has_place
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.person_id = ANY ($2) ORDER BY c.name, e.id
"""
# One of the two approved, accepted or awarded what is the other's, or the two are the two whom an approval needs.
APPROVED = """
SELECT EXISTS (
    SELECT FROM stipend s JOIN enrollment e ON e.id = s.enrollment_id
    WHERE s.organization_id = $1 AND (
        (e.person_id = $2 AND $3 IN (s.prepared_by, s.approved_by))
        OR (e.person_id = $3 AND $2 IN (s.prepared_by, s.approved_by))
        OR (s.prepared_by = $2 AND s.approved_by = $3) OR (s.prepared_by = $3 AND s.approved_by = $2)
    )
) OR EXISTS (
    SELECT FROM makeup m JOIN enrollment e ON e.id = m.enrollment_id
    WHERE m.organization_id = $1
        AND ((e.person_id = $2 AND m.approved_by = $3) OR (e.person_id = $3 AND m.approved_by = $2))
) OR EXISTS (
    SELECT FROM completion n JOIN enrollment e ON e.id = n.enrollment_id
    WHERE n.organization_id = $1 AND n.outcome = 'completed' AND n.reversed_at IS NULL
        AND ((e.person_id = $2 AND n.decided_by = $3) OR (e.person_id = $3 AND n.decided_by = $2))
) OR EXISTS (
    SELECT FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id
    WHERE v.organization_id = $1 AND v.state = 'accepted'
        AND ((e.person_id = $2 AND v.reviewed_by = $3) OR (e.person_id = $3 AND v.reviewed_by = $2))
)
"""
COHORTS_OF = """
SELECT DISTINCT cohort_id FROM enrollment WHERE organization_id = $1 AND person_id = ANY ($2) ORDER BY 1
"""
LOCK_PEOPLE = """
SELECT id FROM person WHERE organization_id = $1 AND id = ANY ($2) AND merged_into IS NULL ORDER BY id FOR UPDATE
"""
INSERT_MERGE = """
INSERT INTO person_merge (id, organization_id, away_id, kept_id, merged_by, merged_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
MERGED_INTO = "SELECT merged_into FROM person WHERE organization_id = $1 AND id = $2"


async def groups(
    connection: Reader, organization_id: UUID, *, most: int
) -> tuple[list[list[Record]], list[list[Record]]]:
    """Records of one folded name, and records whose addresses begin alike; so many groups of each at most."""
    found: list[list[list[Record]]] = []
    for statement in (OF_ONE_NAME, OF_ONE_LOCAL):
        by_key: dict[str, list[Record]] = {}
        for row in await connection.fetch(statement, organization_id, most):
            held = dict(row)
            by_key.setdefault(held.pop("key"), []).append(msgspec.convert(held, Record))
        found.append(list(by_key.values()))
    return found[0], found[1]


async def sides(connection: Reader, organization_id: UUID, *person_ids: UUID) -> dict[UUID, Side]:
    """The records, with what is theirs."""
    places: dict[UUID, list[Place]] = {}
    for row in await connection.fetch(PLACES, organization_id, list(person_ids)):
        places.setdefault(row["person_id"], []).append(msgspec.convert(dict(row), Place))
    rows = await connection.fetch(SIDES, organization_id, list(person_ids))
    return {row["id"]: msgspec.convert({**row, "places": places.get(row["id"], [])}, Side) for row in rows}


async def approved(connection: Reader, organization_id: UUID, one: UUID, other: UUID) -> bool:
    """Whether one of them approved, accepted or awarded what is the other's."""
    return await connection.fetchval(APPROVED, organization_id, one, other) is True


async def cohorts_of(connection: Reader, organization_id: UUID, *person_ids: UUID) -> list[UUID]:
    """The cohorts in which one of them is or was, by id."""
    return [row["cohort_id"] for row in await connection.fetch(COHORTS_OF, organization_id, list(person_ids))]


async def lock_people(connection: Connection, organization_id: UUID, *person_ids: UUID) -> list[UUID]:
    """Hold records one after another by id; those that are somebody of their own."""
    return [row["id"] for row in await connection.fetch(LOCK_PEOPLE, organization_id, list(person_ids))]


async def insert_merge(
    connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID, by: UUID, at: datetime
) -> None:
    """Note that two became one."""
    await connection.execute(INSERT_MERGE, uuid4(), organization_id, away, keep, by, at)


async def merged_into(connection: Reader, organization_id: UUID, person_id: UUID) -> UUID | None:
    """Who somebody is since their record was merged; None where it was not."""
    found: UUID | None = await connection.fetchval(MERGED_INTO, organization_id, person_id)
    return found
