"""Asks the issuer role, over HTTP with a token for one scope: the worker's side of exactly-once awarding.

Every request is a PUT under an id that enrollment minted, so sending it again is harmless; what is not answered with
success stays in the outbox.
"""

from contextlib import suppress

import msgspec

from services.enrollment.completions import actions
from services.enrollment.house import House
from services.enrollment.issuer_client import ErasedError, IssuerClient
from services.enrollment.programs.model import AchievementMessage
from shared import contracts
from shared.outbox import Handler, Message, NotSentError
from shared.problems import NotFoundError


def handlers(house: House) -> dict[str, Handler]:
    """The handlers of the outbox topics that go to the issuer role."""
    issuer = IssuerClient(house)

    async def put_issuer(message: Message) -> None:
        await issuer.put(
            f"/issuers/{message.key}",
            message.payload,
            scope=contracts.ISSUERS_WRITE,
            organization_id=message.organization_id,
        )

    async def put_achievement(message: Message) -> None:
        sent = msgspec.json.decode(message.payload, type=AchievementMessage)
        await issuer.put(
            f"/achievements/{sent.achievement_id}/versions/{sent.version}",
            contracts.canonical(sent.content),
            scope=contracts.ACHIEVEMENTS_WRITE,
            organization_id=message.organization_id,
        )

    async def award(message: Message) -> None:
        with suppress(ErasedError):
            await _take(message, f"/awards/{message.key}", contracts.AWARDS_WRITE)

    async def revoke(message: Message) -> None:
        await _take(message, f"/awards/{message.key}/revocation", contracts.AWARDS_REVOKE)

    async def show(message: Message) -> None:
        with suppress(ErasedError):
            await _take(message, f"/awards/{message.key}/visibility", contracts.AWARDS_SHOW)

    async def erase(message: Message) -> None:
        # Erasing a person may have taken the award from here before the issuer has answered.
        with suppress(NotFoundError):
            await _take(message, f"/awards/{message.key}/erasure", contracts.AWARDS_ERASE)

    async def _take(message: Message, path: str, scope: str) -> None:
        body = await issuer.put(path, message.payload, scope=scope, organization_id=message.organization_id)
        try:
            answer = msgspec.json.decode(body, type=contracts.AwardAnswer)
        except msgspec.DecodeError:
            raise NotSentError("the answer cannot be read") from None
        await actions.take_outcome(house, message.organization_id, answer)

    return {
        "issuer": put_issuer,
        "achievement": put_achievement,
        actions.AWARD: award,
        actions.REVOCATION: revoke,
        actions.VISIBILITY: show,
        actions.ERASURE: erase,
    }
