"""The SQL of achievement versions."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.achievements.model import KeptPicture, StoredVersion
from shared.contracts import AchievementVersion
from shared.postgres import Connection, Pool

INSERT = """
INSERT INTO achievement_version (achievement_id, version, issuer_id, content, content_sha256, created_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (achievement_id, version) DO NOTHING
"""
OTHER_ISSUER = "SELECT EXISTS (SELECT FROM achievement_version WHERE achievement_id = $1 AND issuer_id <> $2)"
VERSION = """
SELECT achievement_id, version, issuer_id, content, content_sha256, created_at FROM achievement_version
WHERE achievement_id = $1 AND version = $2
"""

INSERT_PICTURE = """
INSERT INTO achievement_picture (issuer_id, sha256, png_id, svg_id, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING sha256
"""
PICTURE = "SELECT png_id, svg_id FROM achievement_picture WHERE issuer_id = $1 AND sha256 = $2"


async def insert_picture(
    connection: Connection | Pool, issuer_id: UUID, sha256: str, kept: KeptPicture, *, at: datetime
) -> bool:
    """Note where a picture is kept; False where somebody else just did."""
    return await connection.fetchrow(INSERT_PICTURE, issuer_id, sha256, kept.png_id, kept.svg_id, at) is not None


async def picture(connection: Connection | Pool, issuer_id: UUID, sha256: str) -> KeptPicture | None:
    """Where a picture of an issuer is kept."""
    row = await connection.fetchrow(PICTURE, issuer_id, sha256)
    return None if row is None else msgspec.convert(dict(row), KeptPicture)


async def insert(
    connection: Connection, identity: tuple[UUID, int, UUID], content: bytes, sha256: str, *, at: datetime
) -> None:
    """Add a version, by (achievement, version, issuer); nothing where it is there already."""
    await connection.execute(INSERT, *identity, content, sha256, at)


async def belongs_to_another(connection: Connection, achievement_id: UUID, issuer_id: UUID) -> bool:
    """Whether another issuer has an achievement by this id."""
    found: bool = await connection.fetchval(OTHER_ISSUER, achievement_id, issuer_id)
    return found


async def version(connection: Connection | Pool, achievement_id: UUID, number: int) -> StoredVersion | None:
    """One version."""
    row = await connection.fetchrow(VERSION, achievement_id, number)
    if row is None:
        return None
    content = msgspec.json.decode(row["content"], type=AchievementVersion)
    return msgspec.convert({**dict(row), "content": content}, StoredVersion)
