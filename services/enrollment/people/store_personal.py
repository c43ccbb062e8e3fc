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
DELETE FROM mailbox_message WHERE organization_id = $1
    AND recipient = (SELECT email FROM person WHERE organization_id = $1 AND id = $2)
"""
DELETE_SESSIONS = "DELETE FROM sign_in_session WHERE organization_id = $1 AND person_id = $2"
DELETE_LINKS = "DELETE FROM sign_in_link WHERE organization_id = $1 AND person_id = $2"
DELETE_ROLES = "DELETE FROM role_grant WHERE organization_id = $1 AND person_id = $2"
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
        "roles": [dict(row) for row in await connection.fetch(ROLES, organization_id, person_id)],
        "signed_in": [dict(row) for row in await connection.fetch(SESSIONS, organization_id, person_id)],
    }


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove address, sign-ins and roles, and the name unless `keep` has "person"; no files."""
    for statement in (DELETE_MAILBOX, DELETE_SESSIONS, DELETE_LINKS, DELETE_ROLES):
        await connection.execute(statement, organization_id, person_id)
    await connection.execute(FORGET_PERSON, organization_id, person_id, "person" in keep)
    return []
