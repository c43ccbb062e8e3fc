"""Asks the issuer role, over HTTP with a token for one scope: the worker's side of exactly-once awarding.

Every request is a PUT under an id that enrollment minted, so sending it again is harmless; what is not answered with
success stays in the outbox.
"""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import aiohttp
import msgspec

from services.enrollment.completions import actions
from services.enrollment.house import House
from services.enrollment.programs.model import AchievementMessage
from shared import contracts
from shared.answers import AnswerTooLargeError, body_of
from shared.logs import request_id
from shared.outbox import Handler, Message, NotSentError
from shared.problems import NotFoundError
from shared.tokens import Grant

_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)
_MAX_ANSWER_BYTES = 1024 * 1024


class ErasedError(NotSentError):
    """The issuer answers that the award was erased: for good, so there is nothing left to ask for."""


class IssuerClient:
    """Calls the issuer role for one organization at a time."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def put(self, path: str, payload: bytes, *, scope: str, organization_id: UUID) -> bytes:
        """PUT `payload` (JSON); the answer's body. ErasedError on 410, NotSentError on anything else but success."""
        return await self._call("PUT", path, payload, scope=scope, organization_id=organization_id)

    async def get(self, path: str, *, scope: str, organization_id: UUID) -> bytes:
        """GET; the answer's body. NotSentError on anything but success."""
        return await self._call("GET", path, None, scope=scope, organization_id=organization_id)

    async def _call(self, method: str, path: str, payload: bytes | None, *, scope: str, organization_id: UUID) -> bytes:
        headers = {"Authorization": f"Bearer {self._token(scope, organization_id)}", "Content-Type": "application/json"}
        if (current := request_id.get()) is not None:
            headers["X-Request-ID"] = current
        url = f"{self._house.settings.issuer_url}{path}"
        try:
            async with self._house.http.request(
                method, url, data=payload, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                body = await body_of(answer, most_bytes=_MAX_ANSWER_BYTES)
                if answer.status == 410:
                    raise ErasedError("status 410")
                if answer.status not in (200, 201):
                    raise NotSentError(f"status {answer.status}", pause_seconds=_retry_after(answer.headers))
                return body
        except (aiohttp.ClientError, AnswerTooLargeError, TimeoutError) as error:
            raise NotSentError(type(error).__name__) from None

    def _token(self, scope: str, organization_id: UUID) -> str:
        settings = self._house.settings
        grant = Grant(
            issuer=settings.enrollment_url,
            client=contracts.ENROLLMENT,
            audience=settings.issuer_url,
            scope=scope,
            organization=organization_id,
        )
        return self._house.token_key.mint(grant, now=self._house.clock())


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(min(int(text), 60)) if text.isascii() and text.isdigit() else None


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
