"""The SQL of roles: who has which, and the rows that are held while they change."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.people.model import Role
from services.enrollment.people.roles.model import Standing, Teacher, Worker
from shared.postgres import Connection, Pool

Reader = Connection | Pool

LOCK_ORGANIZATION = "SELECT id FROM organization WHERE id = $1 FOR NO KEY UPDATE"
# An address that ends so is of somebody who was erased or merged: nobody can sign in with it.
HOLD_PERSON = """
SELECT id FROM person WHERE organization_id = $1 AND id = $2 AND merged_into IS NULL AND email NOT LIKE '%.invalid'
FOR NO KEY UPDATE
"""
IS_ADMINISTRATOR = """
SELECT EXISTS (SELECT FROM role_grant WHERE organization_id = $1 AND person_id = $2 AND role = 'administrator')
"""
HAS_ADMINISTRATOR = "SELECT EXISTS (SELECT FROM role_grant WHERE organization_id = $1 AND role = 'administrator')"
DELETE_ROLES = "DELETE FROM role_grant WHERE organization_id = $1 AND person_id = $2 AND role <> ALL($3)"
INSERT_ROLE = """
INSERT INTO role_grant (organization_id, person_id, role, granted_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
WORKERS = """
SELECT p.id, p.name, p.email, array_agg(r.role ORDER BY r.role) AS roles, min(r.granted_at) AS since,
    (SELECT count(*) FROM field_reader f WHERE f.person_id = p.id) AS opens
FROM role_grant r JOIN person p ON p.id = r.person_id
WHERE r.organization_id = $1 GROUP BY p.id ORDER BY p.name, p.id LIMIT $2
"""
TEACHERS = """
SELECT p.id, p.name, p.email, count(*) AS cohorts
FROM cohort_instructor i JOIN person p ON p.id = i.person_id
WHERE i.organization_id = $1 GROUP BY p.id ORDER BY p.name, p.id LIMIT $2
"""
STANDING = """
SELECT p.id, p.name, p.email, array(SELECT r.role FROM role_grant r WHERE r.person_id = p.id ORDER BY r.role) AS roles,
    (SELECT count(*) FROM field_reader f WHERE f.person_id = p.id) AS opens,
    (SELECT count(*) FROM cohort_instructor i WHERE i.person_id = p.id) AS teaches,
    (
        SELECT count(*) FROM role_grant r
        WHERE r.organization_id = $1 AND r.role = 'administrator' AND r.person_id <> p.id
    ) AS others
FROM person p
WHERE p.organization_id = $1 AND p.id = $2 AND p.merged_into IS NULL AND p.email NOT LIKE '%.invalid'
"""


async def lock_organization(connection: Connection, organization_id: UUID) -> None:
    """Let roles of an organization change one after another."""
    await connection.execute(LOCK_ORGANIZATION, organization_id)


async def hold_person(connection: Connection, organization_id: UUID, person_id: UUID) -> bool:
    """Hold somebody's row until the transaction ends; False where nobody can be given anything under it."""
    return await connection.fetchval(HOLD_PERSON, organization_id, person_id) is not None


async def is_administrator(connection: Connection, organization_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody is an administrator at this moment."""
    return await connection.fetchval(IS_ADMINISTRATOR, organization_id, person_id) is True


async def write(
    connection: Connection, organization_id: UUID, person_id: UUID, roles: Iterable[Role], *, now: datetime
) -> bool:
    """Give a person exactly these roles; whether the organization still has an administrator."""
    await lock_organization(connection, organization_id)
    kept = list(roles)
    await connection.execute(DELETE_ROLES, organization_id, person_id, kept)
    for role in kept:
        await connection.execute(INSERT_ROLE, organization_id, person_id, role, now)
    return await connection.fetchval(HAS_ADMINISTRATOR, organization_id) is True


async def workers(connection: Reader, organization_id: UUID, *, most: int) -> list[Worker]:
    """Whoever has a role in the whole organization, by name."""
    return [msgspec.convert(dict(row), Worker) for row in await connection.fetch(WORKERS, organization_id, most)]


async def teachers(connection: Reader, organization_id: UUID, *, most: int) -> list[Teacher]:
    """Whoever teaches a cohort, by name."""
    return [msgspec.convert(dict(row), Teacher) for row in await connection.fetch(TEACHERS, organization_id, most)]


async def standing(connection: Reader, organization_id: UUID, person_id: UUID) -> Standing | None:
    """How somebody stands, who can be given a role."""
    row = await connection.fetchrow(STANDING, organization_id, person_id)
    return None if row is None else msgspec.convert(dict(row), Standing)
