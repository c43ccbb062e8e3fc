"""An organization as JSON."""

from uuid import UUID

import msgspec
from litestar import get

from services.enrollment.organizations.model import Organization


class OrganizationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may know of an organization."""

    id: UUID
    slug: str
    name: str
    url: str
    description: str | None
    time_zone: str
    language: str
    is_demonstration: bool


@get("/api/organizations/{slug:str}", opt={"policy": "organization.read"}, summary="See an organization")
async def read(organization: Organization) -> OrganizationAnswer:
    """An organization of this installation, by its slug."""
    return OrganizationAnswer(
        id=organization.id,
        slug=organization.slug,
        name=organization.name,
        url=organization.url,
        description=organization.description,
        time_zone=organization.time_zone,
        language=organization.language,
        is_demonstration=organization.is_demonstration,
    )


ROUTES = [read]
