"""The SQL of organizations."""

from uuid import UUID

import msgspec

from services.enrollment.organizations.model import Organization
from shared.postgres import Connection, Pool

INSERT = """
INSERT INTO organization (id, slug, name, url, description, time_zone, language, is_demonstration)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (slug) DO NOTHING
"""
BY_SLUG = """
SELECT id, slug, name, url, description, time_zone, language, is_demonstration FROM organization WHERE slug = $1
"""
BY_ID = """
SELECT id, slug, name, url, description, time_zone, language, is_demonstration FROM organization WHERE id = $1
"""
IDS = "SELECT id FROM organization ORDER BY id"


async def insert(connection: Connection, organization: Organization) -> bool:
    """Whether the organization was stored; False where its slug is taken."""
    row = organization
    status = await connection.execute(
        INSERT,
        row.id,
        row.slug,
        row.name,
        row.url,
        row.description,
        row.time_zone,
        row.language,
        row.is_demonstration,
    )
    return status == "INSERT 0 1"


async def by_slug(connection: Connection | Pool, slug: str) -> Organization | None:
    """The organization of a slug."""
    row = await connection.fetchrow(BY_SLUG, slug)
    return None if row is None else msgspec.convert(dict(row), Organization)


async def by_id(connection: Connection | Pool, organization_id: UUID) -> Organization | None:
    """The organization of an id."""
    row = await connection.fetchrow(BY_ID, organization_id)
    return None if row is None else msgspec.convert(dict(row), Organization)


async def ids(connection: Connection | Pool) -> list[UUID]:
    """Every organization of this installation."""
    return [row["id"] for row in await connection.fetch(IDS)]
