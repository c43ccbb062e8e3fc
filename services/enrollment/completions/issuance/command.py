"""`python -m services.enrollment reconcile`: compares both databases and prints every difference."""

import argparse
import asyncio
import sys
from uuid import UUID

from services.enrollment.completions.issuance.reconcile import Reconciliation, reconcile
from services.enrollment.house import open_house
from services.enrollment.organizations import store as organizations
from services.enrollment.settings import EnrollmentSettings
from shared.outbox import NotSentError
from shared.postgres import UNAVAILABLE


def run(settings: EnrollmentSettings, _: argparse.Namespace) -> int:
    """0 where the two agree on every award, 1 where they differ, 3 where one of them cannot be read."""
    try:
        found = asyncio.run(_reconcile_all(settings))
    except NotSentError as error:
        sys.stderr.write(f"The issuer cannot be read ({error.reason}). Start it and try again.\n")
        return 3
    except UNAVAILABLE as error:
        sys.stderr.write(f"The database cannot be read ({type(error).__name__}). Start it and try again.\n")
        return 3
    for one in found:
        sys.stdout.write(_line(one))
    return 1 if any(one.differences for one in found) else 0


async def _reconcile_all(settings: EnrollmentSettings) -> list[Reconciliation]:
    async with open_house(settings, process="reconcile") as house:
        ids: list[UUID] = await organizations.ids(house.pool)
        return [await reconcile(house, one) for one in ids]


def _line(one: Reconciliation) -> str:
    head = (
        f"organization {one.organization_id}: {one.awards_here} awards here, {one.awards_there} at the issuer, "
        f"{len(one.differences)} differences\n"
    )
    return head + "".join(
        f"  {difference.award_id}: {difference.kind} "
        f"(enrollment: {difference.enrollment or 'nothing'}, issuer: {difference.issuer or 'nothing'})\n"
        for difference in one.differences
    )
