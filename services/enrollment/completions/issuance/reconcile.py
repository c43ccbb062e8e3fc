"""Compares what enrollment asked for with what the issuer has, both ways, and names every difference."""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.completions import store
from services.enrollment.completions.model import STATES, Award
from services.enrollment.house import House
from services.enrollment.issuer_client import IssuerClient
from shared.contracts import AWARDS_READ, AwardAnswer, AwardPage

_PAGE = 500

Kind = Literal[
    "not issued",  # decided here, unknown to the issuer
    "not decided",  # the issuer has it, enrollment never decided it
    "another request",  # both have it, for different payloads
    "another state",  # the issuer's state or revision has not arrived here
    "not revoked",  # revoked here, not there
    "not erased",  # erased here, not there
]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One award on which the two databases disagree."""

    award_id: UUID
    kind: Kind
    enrollment: str | None
    issuer: str | None


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared in one organization, and every difference."""

    organization_id: UUID
    awards_here: int
    awards_there: int
    differences: list[Difference]


async def reconcile(house: House, organization_id: UUID) -> Reconciliation:
    """Walk both sides in the order of award ids, a page at a time; NotSentError where the issuer cannot be read."""
    here = _here(house, organization_id)
    there = _there(IssuerClient(house), organization_id)
    differences: list[Difference] = []
    counts = [0, 0]
    ours, theirs = await anext(here, None), await anext(there, None)
    while ours is not None or theirs is not None:
        if theirs is None or (ours is not None and ours.id.int < theirs.award_id.int):
            assert ours is not None
            counts[0] += 1
            differences.append(Difference(award_id=ours.id, kind="not issued", enrollment=ours.state, issuer=None))
            ours = await anext(here, None)
        elif ours is None or theirs.award_id.int < ours.id.int:
            counts[1] += 1
            differences.append(
                Difference(award_id=theirs.award_id, kind="not decided", enrollment=None, issuer=theirs.state)
            )
            theirs = await anext(there, None)
        else:
            counts = [counts[0] + 1, counts[1] + 1]
            if (kind := _compare(ours, theirs)) is not None:
                differences.append(Difference(award_id=ours.id, kind=kind, enrollment=ours.state, issuer=theirs.state))
            ours, theirs = await anext(here, None), await anext(there, None)
    return Reconciliation(
        organization_id=organization_id, awards_here=counts[0], awards_there=counts[1], differences=differences
    )


def _compare(ours: Award, theirs: AwardAnswer) -> Kind | None:
    if ours.is_erased or theirs.is_erased:
        # Nothing is left on either side that could be compared.
        return None if theirs.is_erased else "not erased"
    if theirs.request_sha256 is not None and theirs.request_sha256 != ours.payload_sha256:
        return "another request"
    if ours.revocation_reason is not None and theirs.state != "revoked":
        return "not revoked"
    if STATES[theirs.state] != ours.state or (theirs.state != "pending" and theirs.revision != ours.revision):
        return "another state"
    return None


async def _here(house: House, organization_id: UUID) -> AsyncIterator[Award]:
    after: UUID | None = None
    while page := await store.awards(house.pool, organization_id, after=after, most=_PAGE):
        for award in page:
            yield award
        after = page[-1].id


async def _there(issuer: IssuerClient, organization_id: UUID) -> AsyncIterator[AwardAnswer]:
    path: str | None = f"/awards?limit={_PAGE}"
    while path is not None:
        body = await issuer.get(path, scope=AWARDS_READ, organization_id=organization_id)
        page = msgspec.json.decode(body, type=AwardPage)
        for award in page.awards:
            yield award
        path = None if page.next is None else f"/awards?limit={_PAGE}&after={page.next}"
