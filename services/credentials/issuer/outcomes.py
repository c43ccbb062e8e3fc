"""Tells enrollment what became of an award or a record: the worker's side of the way back."""

import logging

import aiohttp

from services.credentials.issuer.house import House
from shared import contracts
from shared.logs import request_id
from shared.outbox import Handler, Message, NotSentError
from shared.tokens import Grant

logger = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=5)


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
        try:
            async with house.http.put(
                url, data=message.payload, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                await answer.content.read(64 * 1024)
                if answer.status != 200:
                    raise NotSentError(f"status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotSentError(type(error).__name__) from None

    return tell
