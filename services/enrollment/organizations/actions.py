"""The verb of organizations: create one, and ask the credential service for its issuer."""

from services.enrollment.organizations import store
from services.enrollment.organizations.model import (
    Organization,
    OrganizationExistsError,
    issuer_profile,
    problems_of,
    tidied,
)
from shared import outbox
from shared.contracts import canonical
from shared.postgres import Connection
from shared.problems import InvalidInputError

#: The outbox topic of issuers to be made; the payload is a canonical IssuerProfile, the key the organization's id.
ISSUER_TOPIC = "issuer"


async def create(connection: Connection, organization: Organization) -> None:
    """Store a new organization, tidied, in the caller's transaction. InvalidInputError, OrganizationExistsError."""
    organization = tidied(organization)
    if errors := problems_of(organization):
        raise InvalidInputError(*errors)
    if not await store.insert(connection, organization):
        raise OrganizationExistsError(organization.slug)
    await outbox.put(
        connection,
        organization_id=organization.id,
        topic=ISSUER_TOPIC,
        key=organization.id,
        payload=canonical(issuer_profile(organization)),
    )
