"""The SQL of the public role: reads only, as a database user that can write nothing."""

from uuid import UUID

import asyncpg
import msgspec

from services.credentials.achievements.model import KeptPicture
from services.credentials.keys.model import Issuer, SigningKey
from services.credentials.public.model import (
    Achievement,
    Badge,
    BadgeErasedError,
    BadgeWithdrawnError,
    NotIssuedYetError,
    Trace,
)
from services.credentials.verification.model import KnownIssuer
from shared.contracts import AchievementVersion, AwardRequest
from shared.postgres import Pool

_ISSUER = """
i.id AS issuer_id, i.did AS issuer_did, i.name AS issuer_name, i.url AS issuer_url,
i.description AS issuer_description, i.is_demonstration AS issuer_is_demonstration
"""
_BADGE = f"""
SELECT a.id AS award_id, c.id AS credential_id, {_ISSUER}, c.request, v.content,
       c.signed_json, c.signed_jwt, c.issued_at, c.revoked_at, a.revocation_reason, c.valid_until, c.replaced_by,
       coalesce(r.changes, '[]') AS changes, a.visibility, a.erased_at
FROM award a
JOIN issuer i ON i.id = a.issuer_id
JOIN credential c ON c.award_id = a.id
LEFT JOIN replacement r ON r.credential_id = c.id
JOIN achievement_version v ON v.achievement_id = a.achievement_id AND v.version = a.achievement_version
"""  # noqa: S608  # put together from constants only
BADGE_OF_AWARD = f"""
{_BADGE} WHERE a.id = $1 AND c.reason <> 'copy' AND c.issued_at IS NOT NULL AND c.replaced_by IS NULL
"""
BADGE_OF_CREDENTIAL = f"{_BADGE} WHERE c.id = $1"
# A copy's is the newest copy for the same wallet, where there is one in force.
CURRENT_OF_CREDENTIAL = f"""
{_BADGE} JOIN credential o ON o.award_id = c.award_id
WHERE o.id = $1 AND c.issued_at IS NOT NULL AND c.replaced_by IS NULL
    AND (c.reason <> 'copy' OR (o.reason = 'copy' AND c.subject_id = o.subject_id))
ORDER BY (o.reason = 'copy' AND c.reason = 'copy') DESC, c.number DESC LIMIT 1
"""
TRACE_OF_CREDENTIAL = """
SELECT c.award_id, coalesce(l.did, i.did) AS issuer_did,
    a.erased_at IS NULL AND a.visibility <> 'withdrawn' AS is_shown,
    c.revoked_at, a.revocation_reason, c.replaced_by IS NOT NULL AS is_replaced
FROM credential c JOIN award a ON a.id = c.award_id JOIN issuer i ON i.id = c.issuer_id
JOIN status_list l ON l.id = c.status_list_id
WHERE c.id = $1 AND c.issued_at IS NOT NULL
"""
REPLACEMENT = """
SELECT r.signed_json, a.erased_at FROM replacement r JOIN award a ON a.id = r.award_id WHERE r.credential_id = $1
"""
AWARD_STATE = "SELECT state, visibility, erased_at FROM award WHERE id = $1"
ACHIEVEMENT = f"""
SELECT v.achievement_id AS id, v.version, v.content, {_ISSUER}
FROM achievement_version v JOIN issuer i ON i.id = v.issuer_id
WHERE v.achievement_id = $1 AND ($2::int IS NULL OR v.version = $2) ORDER BY v.version DESC LIMIT 1
"""  # noqa: S608  # put together from constants only
ISSUER = f"SELECT {_ISSUER} FROM issuer i WHERE i.id = $1"  # noqa: S608  # put together from constants only
PICTURE = "SELECT png_id, svg_id FROM achievement_picture WHERE issuer_id = $1 AND sha256 = $2"
# Not the log's keys: whoever looks a badge's key up here must not find one that signs no badge.
KEYS = """
SELECT id, issuer_id, algorithm, public_jwk, use, created_at, retired_at, compromised_since
FROM signing_key WHERE issuer_id = $1 AND use = 'badge' ORDER BY created_at, id
"""
HISTORY = """
SELECT document FROM key_history
WHERE issuer_id = $1 AND ($2::int IS NULL OR version = $2) ORDER BY version DESC LIMIT 1
"""
ALIASES = "SELECT did FROM issuer_alias WHERE issuer_id = $1 ORDER BY moved_at, did"
KEY = "SELECT id, issuer_id, algorithm, public_jwk FROM signing_key WHERE id = $1 AND use = 'badge'"
STATUS_LIST = "SELECT signed_json FROM status_list WHERE id = $1"
KNOWN_ISSUERS = """
SELECT i.did AS id, i.name, i.anchor FROM issuer i
WHERE i.did = $1 OR i.id = (SELECT issuer_id FROM issuer_alias WHERE did = $1)
"""


async def badge_of_award(pool: Pool, award_id: UUID) -> Badge | None:
    """The current credential of an award.

    NotIssuedYetError while it is being signed, BadgeErasedError, BadgeWithdrawnError.
    """
    row = await pool.fetchrow(BADGE_OF_AWARD, award_id)
    if row is None or row["signed_json"] is None:
        state = await pool.fetchrow(AWARD_STATE, award_id)
        if state is None:
            return None
        _refuse_hidden(state)
        if state["state"] == "pending":
            raise NotIssuedYetError
        return None
    _refuse_hidden(row)
    return _badge(row)


async def badge_of_credential(pool: Pool, credential_id: UUID) -> Badge | None:
    """One credential by its own id; NotIssuedYetError, BadgeErasedError, BadgeWithdrawnError."""
    row = await pool.fetchrow(BADGE_OF_CREDENTIAL, credential_id)
    if row is None:
        return None
    _refuse_hidden(row)
    if row["signed_json"] is None:
        raise NotIssuedYetError
    return _badge(row)


async def current_of_credential(pool: Pool, credential_id: UUID) -> Badge | None:
    """The current credential of the award that a credential is of; BadgeErasedError, BadgeWithdrawnError."""
    row = await pool.fetchrow(CURRENT_OF_CREDENTIAL, credential_id)
    if row is None:
        return None
    _refuse_hidden(row)
    return _badge(row)


async def replacement(pool: Pool, credential_id: UUID) -> str | None:
    """The signed statement that a credential was replaced; BadgeErasedError."""
    row = await pool.fetchrow(REPLACEMENT, credential_id)
    if row is None:
        return None
    if row["erased_at"] is not None:
        raise BadgeErasedError
    text: str = row["signed_json"]
    return text


async def trace_of_credential(pool: Pool, credential_id: UUID) -> Trace | None:
    """What is known of a signed credential, shown or not."""
    row = await pool.fetchrow(TRACE_OF_CREDENTIAL, credential_id)
    return None if row is None else msgspec.convert(dict(row), Trace)


async def achievement(pool: Pool, achievement_id: UUID, version: int | None) -> Achievement | None:
    """A version of an achievement, the newest without a number."""
    row = await pool.fetchrow(ACHIEVEMENT, achievement_id, version)
    if row is None:
        return None
    content = msgspec.json.decode(row["content"], type=AchievementVersion)
    return Achievement(id=row["id"], version=row["version"], issuer=_issuer(row), content=content)


async def picture(pool: Pool, issuer_id: UUID, sha256: str) -> KeptPicture | None:
    """Where a picture of an issuer is kept."""
    row = await pool.fetchrow(PICTURE, issuer_id, sha256)
    return None if row is None else msgspec.convert(dict(row), KeptPicture)


async def issuer(pool: Pool, issuer_id: UUID) -> Issuer | None:
    """One issuer."""
    row = await pool.fetchrow(ISSUER, issuer_id)
    return None if row is None else _issuer(row)


async def keys(pool: Pool, issuer_id: UUID) -> list[SigningKey]:
    """The public keys that an issuer signs badges with, oldest first."""
    return [msgspec.convert(dict(row), SigningKey) for row in await pool.fetch(KEYS, issuer_id)]


async def key(pool: Pool, key_id: str) -> SigningKey | None:
    """One public key that badges are signed with."""
    row = await pool.fetchrow(KEY, key_id)
    return None if row is None else msgspec.convert(dict(row), SigningKey)


async def history(pool: Pool, issuer_id: UUID, version: int | None) -> str | None:
    """A version of what the issuer's anchor says of its keys, the newest without a number."""
    row = await pool.fetchrow(HISTORY, issuer_id, version)
    return None if row is None else row["document"]


async def aliases(pool: Pool, issuer_id: UUID) -> list[str]:
    """What the issuer was called before, oldest first."""
    return [row["did"] for row in await pool.fetch(ALIASES, issuer_id)]


async def status_list(pool: Pool, list_id: UUID) -> str | None:
    """The signed status list; None where there is none, NotIssuedYetError before its first signature."""
    row = await pool.fetchrow(STATUS_LIST, list_id)
    if row is None:
        return None
    if row["signed_json"] is None:
        raise NotIssuedYetError
    text: str = row["signed_json"]
    return text


async def known_issuer(pool: Pool, did: str) -> KnownIssuer | None:
    """The installation's own issuer by its DID."""
    row = await pool.fetchrow(KNOWN_ISSUERS, did)
    return None if row is None else KnownIssuer(id=row["id"], name=row["name"], anchor=row["anchor"])


def _issuer(row: asyncpg.Record) -> Issuer:
    return Issuer(
        id=row["issuer_id"],
        did=row["issuer_did"],
        name=row["issuer_name"],
        url=row["issuer_url"],
        description=row["issuer_description"],
        is_demonstration=row["issuer_is_demonstration"],
    )


def _refuse_hidden(row: asyncpg.Record) -> None:
    if row["erased_at"] is not None:
        raise BadgeErasedError
    if row["visibility"] == "withdrawn":
        raise BadgeWithdrawnError


def _badge(row: asyncpg.Record) -> Badge:
    return Badge(
        award_id=row["award_id"],
        credential_id=row["credential_id"],
        issuer=_issuer(row),
        request=msgspec.json.decode(row["request"], type=AwardRequest),
        achievement=msgspec.json.decode(row["content"], type=AchievementVersion),
        signed_json=row["signed_json"],
        signed_jwt=row["signed_jwt"],
        issued_at=row["issued_at"],
        revoked_at=row["revoked_at"],
        revocation_reason=row["revocation_reason"],
        valid_until=row["valid_until"],
        replaced_by=row["replaced_by"],
        changes=tuple(row["changes"]),
        is_published=row["visibility"] == "published",
    )
