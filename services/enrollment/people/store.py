"""The SQL of people: who they are, their roles, their sign-in links and sessions."""

from datetime import datetime

import msgspec

from services.enrollment.people.model import Role, Viewer
from shared.postgres import Connection, Pool

SESSION = """
SELECT person.organization_id, person.id AS person_id, person.name, organization.slug,
    array(SELECT role FROM role_grant WHERE role_grant.person_id = person.id) AS roles
FROM sign_in_session
JOIN person ON person.id = sign_in_session.person_id
JOIN organization ON organization.id = person.organization_id
WHERE sign_in_session.token_sha256 = $1 AND sign_in_session.expires_at > $2
"""


class SignedIn(msgspec.Struct, frozen=True):
    """Whose session it is, and the slug of the organization in which it holds."""

    viewer: Viewer
    organization_slug: str


async def signed_in(connection: Connection | Pool, token_sha256: bytes, *, now: datetime) -> SignedIn | None:
    """Whose session a token is, if it has not expired or ended."""
    row = await connection.fetchrow(SESSION, token_sha256, now)
    if row is None:
        return None
    roles = frozenset(msgspec.convert(row["roles"], list[Role]))
    viewer = Viewer(organization_id=row["organization_id"], person_id=row["person_id"], roles=roles, name=row["name"])
    return SignedIn(viewer, row["slug"])
