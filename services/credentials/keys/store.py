"""The SQL of issuers and keys."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.keys.model import Issuer, SealedKey, SigningKey
from shared.contracts import IssuerProfile
from shared.postgres import Connection, Pool

ISSUER = "SELECT id, did, name, url, description, is_demonstration FROM issuer WHERE id = $1"
INSERT_ISSUER = """
INSERT INTO issuer (id, did, name, url, description, is_demonstration, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id
"""
UPDATE_ISSUER = "UPDATE issuer SET name = $2, url = $3, description = $4, is_demonstration = $5 WHERE id = $1"
INSERT_KEY = """
INSERT INTO signing_key (id, issuer_id, algorithm, public_jwk, is_demonstration, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
INSERT_SEALED = "INSERT INTO signing_key_secret (key_id, sealed) VALUES ($1, $2)"
KEYS = """
SELECT id, issuer_id, algorithm, public_jwk, created_at FROM signing_key WHERE issuer_id = $1 ORDER BY created_at, id
"""
SEALED = """
SELECT k.id, k.issuer_id, k.algorithm, k.public_jwk, k.created_at, s.sealed
FROM signing_key k JOIN signing_key_secret s ON s.key_id = k.id WHERE k.id = $1
"""
NEWEST = """
SELECT k.id, k.issuer_id, k.algorithm, k.public_jwk, k.created_at, s.sealed
FROM signing_key k JOIN signing_key_secret s ON s.key_id = k.id ORDER BY k.created_at DESC LIMIT 1
"""
ANY_DEMONSTRATION = "SELECT EXISTS (SELECT FROM signing_key WHERE is_demonstration)"


async def issuer(connection: Connection | Pool, issuer_id: UUID) -> Issuer | None:
    """One issuer."""
    row = await connection.fetchrow(ISSUER, issuer_id)
    return None if row is None else msgspec.convert(dict(row), Issuer)


async def insert_issuer(
    connection: Connection, issuer_id: UUID, did: str, profile: IssuerProfile, at: datetime
) -> bool:
    """Add an issuer; False where somebody else just did."""
    row = await connection.fetchrow(
        INSERT_ISSUER,
        issuer_id,
        did,
        profile.name,
        profile.url,
        profile.description,
        profile.is_demonstration,
        at,
    )
    return row is not None


async def update_issuer(connection: Connection | Pool, issuer_id: UUID, profile: IssuerProfile) -> None:
    """Change what the issuer says of itself; its DID and keys stay."""
    await connection.execute(
        UPDATE_ISSUER, issuer_id, profile.name, profile.url, profile.description, profile.is_demonstration
    )


async def insert_key(connection: Connection, held: SealedKey, *, is_demonstration: bool, at: datetime) -> None:
    """Add a key with its sealed private half."""
    key = held.key
    await connection.execute(INSERT_KEY, key.id, key.issuer_id, key.algorithm, key.public_jwk, is_demonstration, at)
    await connection.execute(INSERT_SEALED, key.id, held.sealed)


async def keys(connection: Connection | Pool, issuer_id: UUID) -> list[SigningKey]:
    """The public halves of an issuer's keys, oldest first."""
    return [msgspec.convert(dict(row), SigningKey) for row in await connection.fetch(KEYS, issuer_id)]


async def sealed_key(connection: Connection | Pool, key_id: str) -> SealedKey | None:
    """One key with its sealed private half."""
    return _sealed(await connection.fetchrow(SEALED, key_id))


async def newest_key(pool: Pool) -> SealedKey | None:
    """The key made last, of any issuer."""
    return _sealed(await pool.fetchrow(NEWEST))


async def has_demonstration_keys(pool: Pool) -> bool:
    """Whether any key was made outside production."""
    found: bool = await pool.fetchval(ANY_DEMONSTRATION)
    return found


def _sealed(row: object) -> SealedKey | None:
    if row is None:
        return None
    values = dict(row)  # type: ignore[call-overload]  # an asyncpg Record is a mapping, but not typed as one
    return SealedKey(key=msgspec.convert(values, SigningKey), sealed=values["sealed"])
