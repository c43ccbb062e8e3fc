"""Tells enrollment what became of awards and records, and how the log stands: the worker's side of the way back."""

import asyncio
import logging
from uuid import UUID

import aiohttp
import msgspec

from services.credentials.issuance_log import store as issuance_log
from services.credentials.issuance_log.proving import key_of
from services.credentials.issuer.house import House
from shared import contracts
from shared.logs import request_id
from shared.outbox import Handler, Message, NotSentError
from shared.tokens import Grant

logger = logging.getLogger(__name__)

#: Messages under way at a time; some of them may wait a moment for their place in the log.
CONCURRENCY = 16
_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)
_LOG_TRIES, _LOG_PAUSE_SECONDS = 10, 0.1


def teller(house: House, noun: str) -> Handler:
    """The handler of the outbox topic of what became of `awards` or `records`."""

    async def tell(message: Message) -> None:
        settings = house.settings
        grant = Grant(
            issuer=settings.issuer_url,
            client=contracts.ISSUER,
            audience=settings.enrollment_url,
            scope=contracts.OUTCOMES_WRITE,
            organization=message.organization_id,
        )
        headers = {
            "Authorization": f"Bearer {house.token_key.mint(grant, now=house.clock())}",
            "Content-Type": "application/json",
        }
        if (current := request_id.get()) is not None:
            headers["X-Request-ID"] = current
        url = f"{settings.enrollment_url}/{noun}/{message.key}/outcome"
        payload = await _with_log(house, message) if noun == "awards" else message.payload
        try:
            async with house.http.put(
                url, data=payload, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                await answer.content.read(64 * 1024)
                if answer.status != 200:
                    raise NotSentError(f"status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSentError(type(error).__name__) from None

    return tell


async def _with_log(house: House, message: Message) -> bytes:
    """The outcome with the newest head, which covers a badge told as issued unless its place is long in coming.

    The head is that of the sending: what was decided waits in the outbox as it was decided.
    """
    answer = msgspec.json.decode(message.payload, type=contracts.AwardAnswer)
    state: contracts.LogState | msgspec.UnsetType = msgspec.UNSET
    for _ in range(_LOG_TRIES):
        state = await _log_state(house, message.organization_id, answer.signed_sha256)
        is_placed = state is not msgspec.UNSET and state.position is not msgspec.UNSET
        if answer.state != "issued" or answer.signed_sha256 is None or is_placed:
            break
        await asyncio.sleep(_LOG_PAUSE_SECONDS)
    return contracts.canonical(msgspec.structs.replace(answer, log=state))


async def _log_state(
    house: House, issuer_id: UUID, signed_sha256: str | None
) -> contracts.LogState | msgspec.UnsetType:
    head = await issuance_log.head(house.pool, issuer_id)
    if head is None:
        return msgspec.UNSET
    position = None
    if signed_sha256 is not None:
        position = await issuance_log.position(house.pool, issuer_id, bytes.fromhex(signed_sha256))
    return contracts.LogState(
        checkpoint=head.checkpoint,
        key=key_of(head).text,
        position=msgspec.UNSET if position is None or position >= head.size else position,
    )
