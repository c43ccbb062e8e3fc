"""`python -m services.enrollment token`: mints a service token, as long as machines have no clients of their own."""

import sys
from uuid import UUID

from services.enrollment.house import token_key
from services.enrollment.settings import EnrollmentSettings
from shared import contracts
from shared.clock import system_clock
from shared.tokens import Grant

#: What a token may be minted for: the feed and its endpoints, never the calls between the services.
SCOPES = (contracts.EVENTS_READ, contracts.WEBHOOKS_WRITE)


def run(settings: EnrollmentSettings, *, scope: str, organization_id: UUID) -> int:
    """Print a token for one scope of one organization; it lives five minutes."""
    grant = Grant(
        issuer=settings.enrollment_url,
        client=contracts.ENROLLMENT,
        audience=settings.enrollment_url,
        scope=scope,
        organization=organization_id,
    )
    sys.stdout.write(token_key(settings).mint(grant, now=system_clock()) + "\n")
    return 0
