"""The SQL of wallets' challenges and copies."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.awards.model import Challenge, CopyRow
from shared.postgres import Connection, Pool

CHALLENGE = "SELECT award_id, challenge, expires_at, used_at FROM wallet_challenge WHERE copy_id = $1"
PUT_CHALLENGE = """
INSERT INTO wallet_challenge (copy_id, award_id, issuer_id, challenge, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (copy_id) DO UPDATE SET challenge = excluded.challenge, expires_at = excluded.expires_at
"""
USE_CHALLENGE = "UPDATE wallet_challenge SET used_at = $2 WHERE copy_id = $1"
COPY = """
SELECT ask_id AS copy_id, award_id, id AS credential_id, subject_id AS did, valid_until, signed_sha256 FROM credential
WHERE issuer_id = $1 AND ask_id = $2 AND reason = 'copy' AND issued_at IS NOT NULL AND erased_at IS NULL
"""


async def challenge(connection: Connection, copy_id: UUID) -> Challenge | None:
    """The challenge that was made for a copy."""
    row = await connection.fetchrow(CHALLENGE, copy_id)
    return None if row is None else msgspec.convert(dict(row), Challenge)


async def put_challenge(
    connection: Connection, copy_id: UUID, award_id: UUID, issuer_id: UUID, text: str, *, expires_at: datetime
) -> None:
    """Make a challenge, in the place of one that is over."""
    await connection.execute(PUT_CHALLENGE, copy_id, award_id, issuer_id, text, expires_at)


async def use_challenge(connection: Connection, copy_id: UUID, *, at: datetime) -> None:
    """Note that a challenge was answered: it counts once."""
    await connection.execute(USE_CHALLENGE, copy_id, at)


async def copy(pool: Pool, issuer_id: UUID, copy_id: UUID) -> CopyRow | None:
    """A signed copy."""
    row = await pool.fetchrow(COPY, issuer_id, copy_id)
    return None if row is None else msgspec.convert(dict(row), CopyRow)
