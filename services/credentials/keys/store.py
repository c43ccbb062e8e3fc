"""The SQL of issuers and keys."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.keys.model import Issuer, SealedKey, SigningKey
from shared.contracts import IssuerProfile
from shared.postgres import Connection, Pool

_KEY = """
k.id, k.issuer_id, k.algorithm, k.public_jwk, k.use, k.created_at, k.retired_at, k.compromised_since,
k.log_size, k.log_root
"""
ISSUER = "SELECT id, did, name, url, description, is_demonstration FROM issuer WHERE id = $1"
ISSUERS = "SELECT id, did, name, url, description, is_demonstration FROM issuer ORDER BY name, id LIMIT 100"
INSERT_ISSUER = """
INSERT INTO issuer (id, did, name, url, description, is_demonstration, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id
"""
UPDATE_ISSUER = "UPDATE issuer SET name = $2, url = $3, description = $4, is_demonstration = $5 WHERE id = $1"
INSERT_KEY = """
INSERT INTO signing_key (id, issuer_id, algorithm, public_jwk, use, is_demonstration, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
INSERT_HALF = "INSERT INTO signing_key_secret (key_id, sealed, token_id) VALUES ($1, $2, $3)"
KEYS = f"SELECT {_KEY} FROM signing_key k WHERE k.issuer_id = $1 ORDER BY k.created_at, k.id"  # noqa: S608  # constants
SEALED = f"""
SELECT {_KEY}, s.sealed, s.token_id FROM signing_key k JOIN signing_key_secret s ON s.key_id = k.id WHERE k.id = $1
"""  # noqa: S608  # put together from constants only
NEWEST = f"""
SELECT {_KEY}, s.sealed, s.token_id FROM signing_key k JOIN signing_key_secret s ON s.key_id = k.id
WHERE (s.token_id IS NOT NULL) = $1 ORDER BY k.created_at DESC LIMIT 1
"""  # noqa: S608  # put together from constants only
ANY_DEMONSTRATION = "SELECT EXISTS (SELECT FROM signing_key WHERE is_demonstration)"
# Whoever signs waits for whoever changes keys, and the other way round; not for each other.
HOLD = "SELECT id FROM issuer WHERE id = $1 FOR SHARE"
LOCK = "SELECT id FROM issuer WHERE id = $1 FOR NO KEY UPDATE"
RETIRE = "UPDATE signing_key SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL"
COMPROMISE = """
UPDATE signing_key SET compromised_since = $2, log_size = $3, log_root = $4 WHERE id = $1
"""
ANCHOR = "SELECT anchor FROM issuer WHERE id = $1"
SET_ANCHOR = "UPDATE issuer SET anchor = $2 WHERE id = $1 AND anchor IS NULL"
ALIASES = "SELECT did FROM issuer_alias WHERE issuer_id = $1 ORDER BY moved_at, did"
INSERT_ALIAS = "INSERT INTO issuer_alias (did, issuer_id, moved_at) VALUES ($1, $2, $3)"
SET_DID = "UPDATE issuer SET did = $2 WHERE id = $1"
NEWEST_HISTORY = """
SELECT version, sha256 FROM key_history WHERE issuer_id = $1 ORDER BY version DESC LIMIT 1
"""
INSERT_HISTORY = """
INSERT INTO key_history (issuer_id, version, document, sha256, created_at) VALUES ($1, $2, $3, $4, $5)
"""


class VersionRow(msgspec.Struct, frozen=True):
    """The newest version of an issuer's key history: its number, and what the next names it by."""

    version: int
    sha256: str


async def issuer(connection: Connection | Pool, issuer_id: UUID) -> Issuer | None:
    """One issuer."""
    row = await connection.fetchrow(ISSUER, issuer_id)
    return None if row is None else msgspec.convert(dict(row), Issuer)


async def issuers(pool: Pool) -> list[Issuer]:
    """The issuers of this installation, up to a hundred."""
    return [msgspec.convert(dict(row), Issuer) for row in await pool.fetch(ISSUERS)]


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
    """Add a key with its private half, or where that is."""
    key = held.key
    await connection.execute(
        INSERT_KEY, key.id, key.issuer_id, key.algorithm, key.public_jwk, key.use, is_demonstration, at
    )
    await connection.execute(INSERT_HALF, key.id, held.sealed, held.token_id)


async def keys(connection: Connection | Pool, issuer_id: UUID) -> list[SigningKey]:
    """The public halves of an issuer's keys, oldest first."""
    return [msgspec.convert(dict(row), SigningKey) for row in await connection.fetch(KEYS, issuer_id)]


async def sealed_key(connection: Connection | Pool, key_id: str) -> SealedKey | None:
    """One key with its private half, or where that is."""
    return _sealed(await connection.fetchrow(SEALED, key_id))


async def newest_key(pool: Pool, *, on_token: bool = False) -> SealedKey | None:
    """The key made last, of any issuer, among those that are sealed here or those on a token."""
    return _sealed(await pool.fetchrow(NEWEST, on_token))


async def has_demonstration_keys(pool: Pool) -> bool:
    """Whether any key was made outside production."""
    found: bool = await pool.fetchval(ANY_DEMONSTRATION)
    return found


async def hold(connection: Connection, issuer_id: UUID) -> None:
    """Keep the issuer's keys as they are until the transaction ends.

    Whoever reads the keys and then the clock under this never dates a signature after its key was retired, nor before
    it was made: a change of keys reads the clock while nobody holds them.
    """
    await connection.execute(HOLD, issuer_id)


async def lock(connection: Connection, issuer_id: UUID) -> bool:
    """Wait until nobody holds the issuer's keys, and let nobody until the transaction ends; False for no issuer."""
    return await connection.fetchval(LOCK, issuer_id) is not None


async def retire(connection: Connection, key_id: str, *, at: datetime) -> bool:
    """Let a key sign no more; False where it was retired before."""
    return await connection.execute(RETIRE, key_id, at) == "UPDATE 1"


async def compromise(connection: Connection, key_id: str, *, since: datetime, log_size: int, log_root: str) -> None:
    """Note since when a key is in strange hands, and what the log had by then."""
    await connection.execute(COMPROMISE, key_id, since, log_size, log_root)


async def anchor(connection: Connection | Pool, issuer_id: UUID) -> str | None:
    """The multikey of the issuer's anchor; None where it has none."""
    found: str | None = await connection.fetchval(ANCHOR, issuer_id)
    return found


async def set_anchor(connection: Connection, issuer_id: UUID, anchor_id: str) -> bool:
    """Give an issuer its anchor; False where it has one: an anchor never changes."""
    return await connection.execute(SET_ANCHOR, issuer_id, anchor_id) == "UPDATE 1"


async def aliases(connection: Connection | Pool, issuer_id: UUID) -> tuple[str, ...]:
    """What the issuer was called before, oldest first."""
    return tuple(row["did"] for row in await connection.fetch(ALIASES, issuer_id))


async def rename(connection: Connection, issuer_id: UUID, *, old: str, new: str, at: datetime) -> None:
    """Call an issuer by another DID, and remember the old one."""
    await connection.execute(INSERT_ALIAS, old, issuer_id, at)
    await connection.execute(SET_DID, issuer_id, new)


async def newest_history(connection: Connection, issuer_id: UUID) -> VersionRow | None:
    """The version that a next one follows."""
    row = await connection.fetchrow(NEWEST_HISTORY, issuer_id)
    return None if row is None else msgspec.convert(dict(row), VersionRow)


async def insert_history(
    connection: Connection, issuer_id: UUID, version: int, document: str, *, sha256: str, at: datetime
) -> None:
    """Add a version of the key history, for good."""
    await connection.execute(INSERT_HISTORY, issuer_id, version, document, sha256, at)


def _sealed(row: object) -> SealedKey | None:
    if row is None:
        return None
    values = dict(row)  # type: ignore[call-overload]  # an asyncpg Record is a mapping, but not typed as one
    return SealedKey(key=msgspec.convert(values, SigningKey), sealed=values["sealed"], token_id=values["token_id"])
