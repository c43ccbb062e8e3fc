"""Verbs of badges from elsewhere: ask the public verifier what a file is, keep what it said, accept or decline.

The file itself is never kept.
"""

from uuid import UUID, uuid4

import aiohttp
import msgspec

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.people import actions as people
from services.enrollment.people.model import Viewer
from services.enrollment.programs import store_claims
from services.enrollment.programs.model import ClaimDecidedError, Seen, VerifierAwayError
from shared.answers import AnswerTooLargeError, body_of
from shared.postgres import transaction
from shared.problems import NotFoundError

#: As much as the verifier takes.
MOST_BYTES = 10 * 1024 * 1024
_MOST_ANSWER_BYTES = 1024 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=25)
_LONGEST = 500


class _Facts(msgspec.Struct, frozen=True):
    achievement: str | None = None
    holder: str | None = None
    issuer_id: str | None = None
    issuer_name: str | None = None


class _Verdict(msgspec.Struct, frozen=True):
    state: str
    sentence: str
    sha256: str
    facts: _Facts


async def look_at(house: House, content: bytes) -> Seen:
    """What the public verifier says of a file. VerifierAwayError where it cannot be asked."""
    headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
    try:
        async with house.http.post(
            f"{house.settings.public_url}/verify", data=content, headers=headers, timeout=_TIMEOUT,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            body = await body_of(answer, most_bytes=_MOST_ANSWER_BYTES)
            if answer.status != 200:
                raise VerifierAwayError
        found = msgspec.json.decode(body, type=_Verdict)
    except (aiohttp.ClientError, AnswerTooLargeError, TimeoutError, msgspec.DecodeError):
        raise VerifierAwayError from None
    facts = found.facts
    return Seen(
        state=found.state,
        sentence=found.sentence,
        sha256=found.sha256,
        issuer=_short(facts.issuer_name or facts.issuer_id),
        achievement=_short(facts.achievement),
        holder=_short(facts.holder) or None,
    )


def _short(text: str | None) -> str:
    return (text or "")[:_LONGEST]


async def claim(house: House, viewer: Viewer, level_id: UUID, seen: Seen) -> None:
    """Let a badge in force wait for staff to accept it for a level. NotFoundError for the level."""
    if viewer.person_id is None or level_id not in {
        one.id for one in await store_claims.required_levels(house.pool, viewer.organization_id)
    }:
        raise NotFoundError
    async with transaction(house.pool) as connection:
        await store_claims.insert_claim(
            connection, uuid4(), seen, organization_id=viewer.organization_id, person_id=viewer.person_id,
            level_id=level_id, now=house.clock(),
        )  # fmt: skip


async def decide(house: House, viewer: Viewer, claim_id: UUID, *, accepts: bool) -> None:
    """Accept or decline a badge from elsewhere. NotFoundError; ClaimDecidedError, also for one's own."""
    decision = "accepted" if accepts else "declined"
    async with transaction(house.pool) as connection:
        staff_id = await people.acting(connection, viewer)
        was_decided = await store_claims.decide_claim(
            connection, viewer.organization_id, claim_id, decision=decision, by=staff_id, now=house.clock()
        )
        if not was_decided:
            if not await store_claims.has_claim(connection, viewer.organization_id, claim_id):
                raise NotFoundError
            raise ClaimDecidedError
        await journal.note(
            connection,
            organization_id=viewer.organization_id,
            person_id=viewer.person_id,
            action=f"level_claim.{decision}",
            object_kind="level_claim",
            object_id=claim_id,
        )
