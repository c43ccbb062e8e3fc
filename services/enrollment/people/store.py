"""The SQL of people: who they are, their roles, their sign-in links and sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.people.model import LinksSent, Person, Role, SignInLink, Viewer
from shared.postgres import Connection, Pool

Reader = Connection | Pool

# The address first: it may be another's second one, and then there is nobody to add.
INSERT_PERSON = """
WITH claimed AS (
    INSERT INTO person_address (organization_id, email, person_id) SELECT $2, $4, $1
    WHERE NOT EXISTS (SELECT FROM person WHERE id = $1 OR (organization_id = $2 AND email = $4))
    ON CONFLICT DO NOTHING RETURNING person_id
)
INSERT INTO person (id, organization_id, name, email, language) SELECT person_id, $2, $3, $4, $5 FROM claimed
"""
INSERT_PEOPLE = """
WITH wanted AS (SELECT * FROM unnest($3::uuid[], $4::text[], $5::text[]) AS one (id, name, email)),
claimed AS (
    INSERT INTO person_address (organization_id, email, person_id)
    SELECT $1, w.email, w.id FROM wanted w
    WHERE NOT EXISTS (SELECT FROM person p WHERE p.organization_id = $1 AND p.email = w.email)
    ORDER BY w.email
    ON CONFLICT DO NOTHING RETURNING person_id
)
INSERT INTO person (id, organization_id, name, email, language)
SELECT w.id, $1, w.name, w.email, $2 FROM wanted w JOIN claimed c ON c.person_id = w.id
"""
_HAS_ADDRESS = """
organization_id = $1 AND (
    email = $2 OR id = (SELECT a.person_id FROM person_address a WHERE a.organization_id = $1 AND a.email = $2)
)
"""
PERSON = """
SELECT id, organization_id, name, email, language,
    array(SELECT role FROM role_grant WHERE role_grant.person_id = person.id) AS roles
FROM person WHERE organization_id = $1 AND id = $2
"""
PERSON_BY_EMAIL = f"""
SELECT id, organization_id, name, email, language,
    array(SELECT role FROM role_grant WHERE role_grant.person_id = person.id) AS roles
FROM person WHERE {_HAS_ADDRESS}
"""  # noqa: S608  # put together from constants only
# Waits for a merge that is under way, and then finds nobody: asked again, the address leads to whom the merge kept.
HOLD_BY_EMAIL = f"{PERSON_BY_EMAIL} AND merged_into IS NULL FOR KEY SHARE OF person"
PEOPLE = """
SELECT id, organization_id, name, email, language,
    array(SELECT role FROM role_grant WHERE role_grant.person_id = person.id) AS roles
FROM person WHERE organization_id = $1 AND merged_into IS NULL AND ($2::uuid IS NULL OR id > $2)
ORDER BY id LIMIT $3
"""
TELL_OF_LEVEL = """
UPDATE person SET level_told_at = $2 WHERE id = $1 AND (level_told_at IS NULL OR level_told_at < $3)
"""
LOCK_PERSON = f"SELECT id FROM person WHERE {_HAS_ADDRESS} FOR UPDATE"  # noqa: S608  # constants only
INSERT_LINK = """
INSERT INTO sign_in_link (
    id, organization_id, person_id, token_sha256, code_hmac, browser_sha256, asker_hmac, return_path, created_at,
    expires_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO NOTHING
"""
LINKS_SINCE = """
SELECT count(*) AS by_all, count(*) FILTER (WHERE asker_hmac = $3) AS by_asker FROM sign_in_link
WHERE person_id = $1 AND created_at > $2 AND code_hmac IS NOT NULL
"""
LINK = """
SELECT id, organization_id, person_id, code_hmac, browser_sha256, return_path, expires_at, used_at, failed_codes
FROM sign_in_link WHERE token_sha256 = $1
"""
LOCK_LINK = LINK + " FOR UPDATE"
LOCK_LINK_BY_BROWSER = """
SELECT id, organization_id, person_id, code_hmac, browser_sha256, return_path, expires_at, used_at, failed_codes
FROM sign_in_link WHERE browser_sha256 = $1 ORDER BY created_at DESC LIMIT 1 FOR UPDATE
"""
USE_LINK = "UPDATE sign_in_link SET used_at = $2 WHERE id = $1 AND used_at IS NULL"
COUNT_WRONG_CODE = "UPDATE sign_in_link SET failed_codes = failed_codes + 1 WHERE id = $1"
DELETE_OLD_LINKS = """
DELETE FROM sign_in_link WHERE id IN (
    SELECT id FROM sign_in_link WHERE expires_at < $1 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""
SET_LANGUAGE = "UPDATE person SET language = $3 WHERE organization_id = $1 AND id = $2"

INSERT_SESSION = """
INSERT INTO sign_in_session (token_sha256, organization_id, person_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5)
"""
SESSION = """
SELECT person.organization_id, person.id AS person_id, person.name, person.language, organization.slug,
    array(SELECT role FROM role_grant WHERE role_grant.person_id = person.id) AS roles
FROM sign_in_session
JOIN person ON person.id = sign_in_session.person_id
JOIN organization ON organization.id = person.organization_id
WHERE sign_in_session.token_sha256 = $1 AND sign_in_session.expires_at > $2
"""
DELETE_SESSION = "DELETE FROM sign_in_session WHERE token_sha256 = $1"
DELETE_SESSIONS = "DELETE FROM sign_in_session WHERE organization_id = $1 AND person_id = $2"
DELETE_OLD_SESSIONS = """
DELETE FROM sign_in_session WHERE token_sha256 IN (
    SELECT token_sha256 FROM sign_in_session WHERE expires_at < $1 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""


class SignedIn(msgspec.Struct, frozen=True):
    """Whose session it is, and the slug of the organization in which it holds."""

    viewer: Viewer
    organization_slug: str


async def set_language(connection: Connection | Pool, organization_id: UUID, person_id: UUID, language: str) -> None:
    """In which language somebody reads pages and letters."""
    await connection.execute(SET_LANGUAGE, organization_id, person_id, language)


async def insert_person(connection: Connection, person: Person) -> bool:
    """Whether the person was stored; False where the id or the address is taken."""
    status = await connection.execute(
        INSERT_PERSON, person.id, person.organization_id, person.name, person.email, person.language
    )
    return status == "INSERT 0 1"


async def insert_people(
    connection: Connection, organization_id: UUID, people: Sequence[tuple[UUID, str, str]], *, language: str
) -> None:
    """Add people as (id, name, normalized address), in one statement; not those whose address somebody has."""
    if people:
        ids, names, emails = zip(*people, strict=True)
        await connection.execute(INSERT_PEOPLE, organization_id, language, ids, names, emails)


async def person(connection: Reader, organization_id: UUID, person_id: UUID) -> Person | None:
    """One person of the organization."""
    row = await connection.fetchrow(PERSON, organization_id, person_id)
    return None if row is None else msgspec.convert(dict(row), Person)


async def person_by_email(connection: Reader, organization_id: UUID, email: str) -> Person | None:
    """The person who has a normalized address, as the one that we write to or another."""
    row = await connection.fetchrow(PERSON_BY_EMAIL, organization_id, email)
    return None if row is None else msgspec.convert(dict(row), Person)


async def hold_by_email(connection: Connection, organization_id: UUID, email: str) -> Person | None:
    """The same, who is not merged into another until the transaction ends; None too where that happened meanwhile."""
    row = await connection.fetchrow(HOLD_BY_EMAIL, organization_id, email)
    return None if row is None else msgspec.convert(dict(row), Person)


async def people(connection: Reader, organization_id: UUID, *, after: UUID | None, most: int) -> list[Person]:
    """The organization's people by id, from behind `after`."""
    rows = await connection.fetch(PEOPLE, organization_id, after, most)
    return [msgspec.convert(dict(row), Person) for row in rows]


async def lock_person(connection: Connection, organization_id: UUID, email: str) -> None:
    """Hold the person's row, so that requests for links of one person are counted one after another."""
    await connection.execute(LOCK_PERSON, organization_id, email)


async def insert_link(connection: Connection, link: SignInLink, token: bytes, *, now: datetime) -> bool:
    """Whether the link was stored; False where this id was stored before. `token` is the SHA-256 of its token."""
    status = await connection.execute(
        INSERT_LINK,
        link.id,
        link.organization_id,
        link.person_id,
        token,
        link.code_hmac,
        link.browser_sha256,
        link.asker_hmac,
        link.return_path,
        now,
        link.expires_at,
    )
    return status == "INSERT 0 1"


async def links_since(connection: Connection, person_id: UUID, since: datetime, *, asker: bytes) -> LinksSent:
    """How many links were sent to a person since then; `asker` is the HMAC of a network address."""
    return msgspec.convert(dict(await connection.fetchrow(LINKS_SINCE, person_id, since, asker) or {}), LinksSent)


async def link(connection: Reader, token: bytes) -> SignInLink | None:
    """The link whose token has this SHA-256."""
    row = await connection.fetchrow(LINK, token)
    return None if row is None else msgspec.convert(dict(row), SignInLink)


async def lock_link(connection: Connection, token: bytes) -> SignInLink | None:
    """The link whose token has this SHA-256, held until the transaction ends."""
    row = await connection.fetchrow(LOCK_LINK, token)
    return None if row is None else msgspec.convert(dict(row), SignInLink)


async def lock_newest_link(connection: Connection, browser: bytes) -> SignInLink | None:
    """The newest link asked for in the browser whose token has this SHA-256, held until the transaction ends."""
    row = await connection.fetchrow(LOCK_LINK_BY_BROWSER, browser)
    return None if row is None else msgspec.convert(dict(row), SignInLink)


async def use_link(connection: Connection, link_id: UUID, *, now: datetime) -> None:
    """Use a link up."""
    await connection.execute(USE_LINK, link_id, now)


async def count_wrong_code(connection: Connection, link_id: UUID) -> None:
    """Count a wrong code against a link."""
    await connection.execute(COUNT_WRONG_CODE, link_id)


async def tell_of_level(connection: Connection, person_id: UUID, *, now: datetime, unless_since: datetime) -> bool:
    """Note that somebody is told of a badge that they lack; False where they were told not long ago."""
    return await connection.execute(TELL_OF_LEVEL, person_id, now, unless_since) == "UPDATE 1"


async def delete_old(connection: Connection, before: datetime) -> None:
    """Forget some links and sessions that expired before then."""
    await connection.execute(DELETE_OLD_LINKS, before)
    await connection.execute(DELETE_OLD_SESSIONS, before)


async def insert_session(
    connection: Connection, token: bytes, person: Person, *, now: datetime, expires_at: datetime
) -> None:
    """Begin a session whose token has this SHA-256."""
    await connection.execute(INSERT_SESSION, token, person.organization_id, person.id, now, expires_at)


async def signed_in(connection: Reader, token: bytes, *, now: datetime) -> SignedIn | None:
    """Whose session it is whose token has this SHA-256, if it has not expired or ended."""
    row = await connection.fetchrow(SESSION, token, now)
    if row is None:
        return None
    roles = frozenset(msgspec.convert(row["roles"], list[Role]))
    viewer = Viewer(
        organization_id=row["organization_id"],
        person_id=row["person_id"],
        roles=roles,
        name=row["name"],
        language=row["language"],
    )
    return SignedIn(viewer, row["slug"])


async def delete_session(connection: Reader, token: bytes) -> None:
    """End one session."""
    await connection.execute(DELETE_SESSION, token)


async def delete_sessions(connection: Reader, organization_id: UUID, person_id: UUID) -> None:
    """End all of a person's sessions."""
    await connection.execute(DELETE_SESSIONS, organization_id, person_id)
