"""Asks the issuer role, over HTTP with a token for one scope: the worker's side of exactly-once awarding.

Every request is a PUT under an id that enrollment minted, so sending it again is harmless; what is not answered with
success stays in the outbox.
"""

from contextlib import suppress

import msgspec

from services.enrollment.completions import actions, refusals
from services.enrollment.completions.badges import changing
from services.enrollment.house import House
from services.enrollment.issuer_client import ErasedError, IssuerClient, RefusedError
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
        try:
            await _take(message, f"/awards/{message.key}", contracts.AWARDS_WRITE)
        except RefusedError as error:
            if error.findings is not None:
                await refusals.note(
                    house.pool,
                    message.organization_id,
                    message.key,
                    message.payload,
                    error.findings,
                    now=house.clock(),
                )
            # What is refused today may be taken tomorrow: by another version of the rules, or by a mended clock.
            raise
        except ErasedError:
            return

    async def revoke(message: Message) -> None:
        await _take(message, f"/awards/{message.key}/revocation", contracts.AWARDS_REVOKE)

    async def correct(message: Message) -> None:
        sent = msgspec.json.decode(message.payload, type=changing.CorrectionMessage)
        await _change(message, sent, f"corrections/{sent.change_id}", contracts.AWARDS_CORRECT)

    async def renew(message: Message) -> None:
        sent = msgspec.json.decode(message.payload, type=changing.RenewalMessage)
        await _change(message, sent, f"renewals/{sent.change_id}", contracts.AWARDS_RENEW)

    async def _change(
        message: Message, sent: changing.CorrectionMessage | changing.RenewalMessage, path: str, scope: str
    ) -> None:
        asked = msgspec.structs.replace(message, payload=contracts.canonical(sent.content))
        try:
            answer = await _take(asked, f"/awards/{message.key}/{path}", scope)
        except ErasedError:
            return
        except RefusedError as error:
            # The issuer keeps nothing of it: staff see why, and ask for another.
            await changing.end_refused(house, message.organization_id, message.key, sent, error.findings or ())
            return
        if answer.state == "revoked":
            # What was revoked before it was changed stays as it is.
            await changing.end_refused(house, message.organization_id, message.key, sent)

    async def show(message: Message) -> None:
        with suppress(ErasedError):
            await _take(message, f"/awards/{message.key}/visibility", contracts.AWARDS_SHOW)

    async def erase(message: Message) -> None:
        # Erasing a person may have taken the award from here before the issuer has answered.
        with suppress(NotFoundError):
            await _take(message, f"/awards/{message.key}/erasure", contracts.AWARDS_ERASE)

    async def _take(message: Message, path: str, scope: str) -> contracts.AwardAnswer:
        body = await issuer.put(path, message.payload, scope=scope, organization_id=message.organization_id)
        try:
            answer = msgspec.json.decode(body, type=contracts.AwardAnswer)
        except msgspec.DecodeError:
            raise NotSentError("the answer cannot be read") from None
        await actions.take_outcome(house, message.organization_id, answer)
        return answer

    return {
        "issuer": put_issuer,
        "achievement": put_achievement,
        actions.AWARD: award,
        actions.REVOCATION: revoke,
        changing.CORRECTION: correct,
        changing.RENEWAL: renew,
        actions.VISIBILITY: show,
        actions.ERASURE: erase,
    }
