"""Calls the issuer role over HTTP, with a token for one scope of one organization.

Every request is a PUT under an id that enrollment minted, so sending it again is harmless.
"""

from collections.abc import Mapping
from uuid import UUID

import aiohttp
import msgspec

from services.enrollment.house import House
from shared import contracts
from shared.answers import AnswerTooLargeError, body_of
from shared.logs import request_id
from shared.outbox import NotSentError
from shared.tokens import Grant

_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)
_MAX_ANSWER_BYTES = 1024 * 1024


class ErasedError(NotSentError):
    """The issuer answers that the award was erased: for good, so there is nothing left to ask for."""


class RefusedError(NotSentError):
    """The issuer answers that what was sent cannot be taken as it stands (422).

    `findings` are what its rules refuse to have signed; None where something else is the matter.
    """

    def __init__(self, findings: tuple[contracts.RuleFinding, ...] | None) -> None:
        super().__init__("status 422")
        self.findings = findings


class IssuerClient:
    """Calls the issuer role for one organization at a time."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def put(
        self, path: str, payload: bytes, *, scope: str, organization_id: UUID, media_type: str = "application/json"
    ) -> bytes:
        """PUT `payload`; the answer's body. ErasedError on 410, NotSentError on anything else but success."""
        return await self._call("PUT", path, payload, media_type, scope=scope, organization_id=organization_id)

    async def get(self, path: str, *, scope: str, organization_id: UUID) -> bytes:
        """GET; the answer's body. NotSentError on anything but success."""
        return await self._call("GET", path, None, "application/json", scope=scope, organization_id=organization_id)

    async def _call(
        self, method: str, path: str, payload: bytes | None, media_type: str, *, scope: str, organization_id: UUID
    ) -> bytes:
        headers = {"Authorization": f"Bearer {self._token(scope, organization_id)}", "Content-Type": media_type}
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
                if answer.status == 422:
                    raise RefusedError(_findings(body))
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


def _findings(body: bytes) -> tuple[contracts.RuleFinding, ...] | None:
    try:
        problem = msgspec.json.decode(body, type=contracts.NotSignable)
    except msgspec.DecodeError:
        return None
    return problem.findings if problem.type == contracts.NOT_SIGNABLE else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(min(int(text), 60)) if text.isascii() and text.isdigit() else None
