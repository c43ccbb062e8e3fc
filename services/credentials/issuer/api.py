"""The calls of the issuer role: every write is a PUT under an id of the caller, so sending it again is harmless."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, put
from litestar.params import Parameter

from services.credentials.achievements import actions as achievements
from services.credentials.awards import actions as awards
from services.credentials.awards import changing
from services.credentials.awards import store as award_store
from services.credentials.awards.copies import actions as copying
from services.credentials.awards.model import answer_of
from services.credentials.issuer.house import House
from services.credentials.keys import actions as keys
from shared import contracts
from shared.problems import NotFoundError
from shared.tokens import Caller

_MOST = 1_000


@put("/issuers/{issuer_id:uuid}", opt={"scope": contracts.ISSUERS_WRITE}, summary="Say who awards")
async def put_issuer(
    house: House, caller: Caller, issuer_id: UUID, data: contracts.IssuerProfile
) -> contracts.IssuerAnswer:
    """Make the organization's issuer with its keys, or change what it says of itself; its DID stays."""
    if issuer_id != caller.organization:
        raise NotFoundError
    issuer = await keys.put_issuer(house.pool, house.custody, issuer_id, data, rules=house.rules, now=house.clock())
    return contracts.IssuerAnswer(did=issuer.did)


@put(
    "/achievements/{achievement_id:uuid}/versions/{number:int}",
    opt={"scope": contracts.ACHIEVEMENTS_WRITE, "statuses": {201: "The version is new"}},
    summary="Say what is awarded",
)
async def put_achievement(
    house: House,
    caller: Caller,
    achievement_id: UUID,
    number: Annotated[int, Parameter(ge=1, le=2**31 - 1)],
    data: contracts.AchievementVersion,
) -> Response[contracts.AchievementVersion]:
    """Add a version: 201, then 200 for the same content; other content under the same number is refused."""
    found, is_new = await achievements.put_version(
        house.pool, caller.organization, achievement_id, number, data, now=house.clock()
    )
    return Response(found.content, status_code=201 if is_new else 200)


@put(
    "/awards/{award_id:uuid}",
    opt={"scope": contracts.AWARDS_WRITE, "statuses": {201: "The badge was signed now"}},
    summary="Award an achievement",
)
async def put_award(
    house: House, caller: Caller, award_id: UUID, data: contracts.AwardRequest
) -> Response[contracts.AwardAnswer]:
    """Sign the badge of a decision: 201, then 200 with the same credential for the same request, 422 for another."""
    result = await awards.put(house.desk, caller.organization, award_id, data)
    return Response(result.answer, status_code=201 if result.is_new else 200)


@get("/awards/{award_id:uuid}", opt={"scope": contracts.AWARDS_READ}, summary="See what became of an award")
async def read_award(house: House, caller: Caller, award_id: UUID) -> contracts.AwardAnswer:
    """One award of the caller's organization."""
    row = await award_store.award(house.pool, award_id)
    if row is None or row.issuer_id != caller.organization:
        raise NotFoundError
    return answer_of(row, public_url=house.settings.public_url)


@get("/awards", opt={"scope": contracts.AWARDS_READ}, summary="List the organization's awards")
async def list_awards(
    house: House,
    caller: Caller,
    after: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=_MOST)] = 100,
) -> contracts.AwardPage:
    """Awards by id behind a cursor; `next` is the cursor of the next page."""
    rows = await award_store.page(house.pool, caller.organization, after=after, most=limit)
    answers = [answer_of(row, public_url=house.settings.public_url) for row in rows]
    return contracts.AwardPage(awards=answers, next=rows[-1].id if len(rows) == limit else None)


@put("/awards/{award_id:uuid}/revocation", opt={"scope": contracts.AWARDS_REVOKE}, summary="Revoke an award for good")
async def put_revocation(
    house: House, caller: Caller, award_id: UUID, data: contracts.Revocation
) -> contracts.AwardAnswer:
    """Revoke; also an award that has not come yet, which then never becomes valid."""
    return await awards.revoke(house.desk, caller.organization, award_id, data)


@put(
    "/awards/{award_id:uuid}/corrections/{correction_id:uuid}",
    opt={"scope": contracts.AWARDS_CORRECT, "statuses": {201: "The corrected badge was signed now"}},
    summary="Correct what a badge says",
)
async def put_correction(
    house: House, caller: Caller, award_id: UUID, correction_id: UUID, data: contracts.Correction
) -> Response[contracts.AwardAnswer]:
    """Sign the badge that says what is right, at the same link, and revoke the one before as replaced.

    A revoked award stays as it is: its answer says so.
    """
    result = await changing.correct(house.desk, caller.organization, award_id, correction_id, data)
    return Response(result.answer, status_code=201 if result.is_new else 200)


@put(
    "/awards/{award_id:uuid}/renewals/{renewal_id:uuid}",
    opt={"scope": contracts.AWARDS_RENEW, "statuses": {201: "The renewed badge was signed now"}},
    summary="Renew a badge",
)
async def put_renewal(
    house: House, caller: Caller, award_id: UUID, renewal_id: UUID, data: contracts.Renewal
) -> Response[contracts.AwardAnswer]:
    """Sign the badge for a further time, also an expired one, and revoke the one before as replaced."""
    result = await changing.renew(house.desk, caller.organization, award_id, renewal_id, data)
    return Response(result.answer, status_code=201 if result.is_new else 200)


@put(
    "/awards/{award_id:uuid}/copies/{copy_id:uuid}/challenge",
    opt={"scope": contracts.AWARDS_COPY},
    summary="Make the challenge for a wallet's copy",
)
async def put_challenge(house: House, caller: Caller, award_id: UUID, copy_id: UUID) -> contracts.WalletChallenge:
    """What the wallet signs with the key of its DID: once, within a quarter of an hour."""
    return await copying.challenge(house.desk, caller.organization, award_id, copy_id)


@put(
    "/awards/{award_id:uuid}/copies/{copy_id:uuid}",
    opt={"scope": contracts.AWARDS_COPY, "statuses": {201: "The copy was signed now"}},
    summary="Copy a badge for a wallet",
)
async def put_copy(
    house: House, caller: Caller, award_id: UUID, copy_id: UUID, data: contracts.WalletCopy
) -> Response[contracts.WalletCopyAnswer]:
    """Sign a copy whose subject is the wallet's DID; it stands beside the badge and is revoked with it."""
    answer, is_new = await copying.put(house.desk, caller.organization, award_id, copy_id, data)
    return Response(answer, status_code=201 if is_new else 200)


@put("/awards/{award_id:uuid}/visibility", opt={"scope": contracts.AWARDS_SHOW}, summary="Say who comes upon a badge")
async def put_visibility(
    house: House, caller: Caller, award_id: UUID, data: contracts.Visibility
) -> contracts.AwardAnswer:
    """Show or hide the badge's page and files; a revision not above the last changes nothing; 410 once erased."""
    return await awards.show(house.desk, caller.organization, award_id, data)


@put("/awards/{award_id:uuid}/erasure", opt={"scope": contracts.AWARDS_ERASE}, summary="Erase an award for good")
async def put_erasure(house: House, caller: Caller, award_id: UUID, data: contracts.Erasure) -> contracts.AwardAnswer:
    """Erase; also an award that has not come yet, which then never becomes a badge. A revoked one stays revoked."""
    return await awards.erase(house.desk, caller.organization, award_id, data)


ROUTES = [
    put_issuer,
    put_achievement,
    put_award,
    read_award,
    list_awards,
    put_revocation,
    put_correction,
    put_renewal,
    put_challenge,
    put_copy,
    put_visibility,
    put_erasure,
]
