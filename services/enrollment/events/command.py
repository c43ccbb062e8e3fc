"""`python -m services.enrollment token`: mints a service token, as long as machines have no clients of their own."""

import argparse
import asyncio
import sys
from uuid import UUID

from services.enrollment.house import open_house, token_key
from services.enrollment.organizations import store as organizations
from services.enrollment.settings import EnrollmentSettings
from shared import contracts
from shared.clock import system_clock
from shared.postgres import UNAVAILABLE
from shared.tokens import Grant

#: What a token may be minted for: the feed and its endpoints, never the calls between the services.
SCOPES = (contracts.EVENTS_READ, contracts.WEBHOOKS_WRITE)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `token` takes."""
    parser.add_argument("--scope", choices=SCOPES, default=contracts.EVENTS_READ, help="what it allows")
    parser.add_argument("--organization", required=True, metavar="SLUG", help="the organization's slug")


def run(settings: EnrollmentSettings, given: argparse.Namespace) -> int:
    """Print a token for one scope of one organization; it lives five minutes. 1 where there is no such organization."""
    try:
        organization = asyncio.run(_organization(settings, given.organization))
    except UNAVAILABLE as error:
        sys.stderr.write(f"The database cannot be read ({type(error).__name__}). Start it and try again.\n")
        return 1
    if organization is None:
        sys.stderr.write(f"There is no organization {given.organization!r}.\n")
        return 1
    grant = Grant(
        issuer=settings.enrollment_url,
        client=contracts.ENROLLMENT,
        audience=settings.enrollment_url,
        scope=given.scope,
        organization=organization,
    )
    sys.stdout.write(token_key(settings).mint(grant, now=system_clock()) + "\n")
    return 0


async def _organization(settings: EnrollmentSettings, slug: str) -> UUID | None:
    async with open_house(settings, process="token") as house:
        found = await organizations.by_slug(house.pool, slug)
    return None if found is None else found.id
