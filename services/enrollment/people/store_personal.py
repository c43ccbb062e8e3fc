"""The SQL of what is known of a person as such: told to themselves, and forgotten."""

from typing import Any
from uuid import UUID

from shared.postgres import Connection, Pool

Reader = Connection | Pool

PERSON = "SELECT name, email, language, created_at FROM person WHERE organization_id = $1 AND id = $2"
ROLES = "SELECT role, granted_at FROM role_grant WHERE organization_id = $1 AND person_id = $2 ORDER BY role"
SESSIONS = """
SELECT created_at, expires_at FROM sign_in_session WHERE organization_id = $1 AND person_id = $2 ORDER BY created_at
"""
DELETE_MAILBOX = """
DELETE FROM mailbox_message WHERE organization_id = $1 AND recipient IN (
    SELECT email FROM person WHERE organization_id = $1 AND id = $2
    UNION SELECT email FROM person_address WHERE organization_id = $1 AND person_id = $2
)
"""
DELETE_SESSIONS = "DELETE FROM sign_in_session WHERE organization_id = $1 AND person_id = $2"
DELETE_LINKS = "DELETE FROM sign_in_link WHERE organization_id = $1 AND person_id = $2"
DELETE_ROLES = "DELETE FROM role_grant WHERE organization_id = $1 AND person_id = $2"
ADDRESSES = """
SELECT email, added_at FROM person_address WHERE organization_id = $1 AND person_id = $2 ORDER BY email
"""
DELETE_WISHES = "DELETE FROM address_wish WHERE organization_id = $1 AND person_id = $2"
DELETE_ADDRESSES = "DELETE FROM person_address WHERE organization_id = $1 AND person_id = $2"
# Whoever places or lifts a hold, or erases somebody, waits for those who hold it so; they do not for each other.
HOLD_STILL = "SELECT id FROM organization WHERE id = $1 FOR SHARE"
HOLD_ALONE = "SELECT id FROM organization WHERE id = $1 FOR NO KEY UPDATE"
# A merge or an erasure waits for it, or it for them, and then finds that the record is another's.
HOLD_ACTING = """
SELECT id FROM person WHERE organization_id = $1 AND id = $2 AND merged_into IS NULL FOR KEY SHARE
"""
IS_HELD = """
SELECT EXISTS (
    SELECT FROM legal_hold h WHERE h.organization_id = $1 AND h.lifted_at IS NULL AND (
        h.person_id = $2
        OR EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = h.cohort_id AND e.person_id = $2)
        OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = h.cohort_id AND i.person_id = $2)
    )
)
"""
MERGED = "SELECT id FROM person WHERE organization_id = $1 AND merged_into = $2 ORDER BY id"
MOVE_ROLES = """
INSERT INTO role_grant (organization_id, person_id, role, granted_at)
SELECT organization_id, $3, role, granted_at FROM role_grant WHERE organization_id = $1 AND person_id = $2
ON CONFLICT DO NOTHING
"""
MOVE_ADDRESSES = "UPDATE person_address SET person_id = $3 WHERE organization_id = $1 AND person_id = $2"
ADD_FIRST_ADDRESS = """
INSERT INTO person_address (organization_id, email, person_id)
SELECT organization_id, email, $3 FROM person WHERE organization_id = $1 AND id = $2
ON CONFLICT DO NOTHING
"""
MOVE_MERGED = "UPDATE person SET merged_into = $3 WHERE organization_id = $1 AND merged_into = $2"
# The row stays, for what was written down under its id; it says nothing of anybody.
MERGE_PERSON = """
UPDATE person SET merged_into = $3, email = 'merged-' || id || '@merged.invalid', name = 'Merged record'
WHERE organization_id = $1 AND id = $2
"""
# The row stays, for what others decided about its id; who enrolls again under the old address is somebody new.
FORGET_PERSON = """
UPDATE person SET email = 'erased-' || id || '@erased.invalid', language = 'en',
    name = CASE WHEN $3 THEN name ELSE 'Erased person' END
WHERE organization_id = $1 AND id = $2
"""


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """Who somebody is here, for their own download."""
    person = await connection.fetchrow(PERSON, organization_id, person_id)
    return {
        "person": None if person is None else dict(person),
        "addresses": [dict(row) for row in await connection.fetch(ADDRESSES, organization_id, person_id)],
        "roles": [dict(row) for row in await connection.fetch(ROLES, organization_id, person_id)],
        "signed_in": [dict(row) for row in await connection.fetch(SESSIONS, organization_id, person_id)],
    }


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove addresses, sign-ins and roles, and the name unless `keep` has "person"; no files."""
    for statement in (
        DELETE_MAILBOX,
        DELETE_SESSIONS,
        DELETE_LINKS,
        DELETE_ROLES,
        DELETE_WISHES,
        DELETE_ADDRESSES,
    ):
        await connection.execute(statement, organization_id, person_id)
    await connection.execute(FORGET_PERSON, organization_id, person_id, "person" in keep)
    return []


async def hold_still(connection: Connection, organization_id: UUID) -> None:
    """Let no legal hold begin or end until the transaction ends; before anything else is locked."""
    await connection.execute(HOLD_STILL, organization_id)


async def hold_alone(connection: Connection, organization_id: UUID) -> None:
    """Until the transaction ends nobody else changes who is whom: merges, erases, holds, or destroys what a hold keeps.

    Before anything else is locked.
    """
    await connection.execute(HOLD_ALONE, organization_id)


async def hold_acting(connection: Connection, organization_id: UUID, person_id: UUID) -> bool:
    """Hold the record of who acts until the transaction ends; False where it was merged into another."""
    return await connection.fetchval(HOLD_ACTING, organization_id, person_id) is not None


async def is_held(connection: Reader, organization_id: UUID, person_id: UUID) -> bool:
    """Whether a legal hold is on a person, or on a cohort that they are or were in, or teach."""
    found: bool = await connection.fetchval(IS_HELD, organization_id, person_id)
    return found


async def merged(connection: Reader, organization_id: UUID, person_id: UUID) -> list[UUID]:
    """The records that were merged into somebody's."""
    return [row["id"] for row in await connection.fetch(MERGED, organization_id, person_id)]


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let `keep` have the roles and addresses of `away`, and whoever was merged into it; both sign in anew."""
    for person_id in (away, keep):
        await connection.execute(DELETE_SESSIONS, organization_id, person_id)
        await connection.execute(DELETE_LINKS, organization_id, person_id)
    await connection.execute(MOVE_ROLES, organization_id, away, keep)
    await connection.execute(DELETE_ROLES, organization_id, away)
    await connection.execute(DELETE_WISHES, organization_id, away)
    await connection.execute(MOVE_ADDRESSES, organization_id, away, keep)
    await connection.execute(ADD_FIRST_ADDRESS, organization_id, away, keep)
    await connection.execute(MOVE_MERGED, organization_id, away, keep)
    await connection.execute(MERGE_PERSON, organization_id, away, keep)
