"""Delivers one event to one webhook endpoint, signed after Standard Webhooks, until the endpoint takes it."""

import logging

import msgspec

from services.enrollment.events import store
from services.enrollment.events.model import EVENT_MEDIA_TYPE, Delivery, cloud_event
from services.enrollment.house import House
from shared.fetch import FetchError
from shared.outbox import Handler, Message, NotSentError
from shared.sealing import unseal
from shared.webhook_signing import sign_v1

logger = logging.getLogger(__name__)

TOPIC = "webhook"
#: Deliveries under way at a time: waiting for a slow endpoint costs little, and must not keep the others waiting.
CONCURRENCY = 48
#: Answers that are about the endpoint, not about the event: too many requests, and what a balancer says without it.
_AWAY = frozenset({429, 502, 503, 504})


def deliverer(house: House) -> Handler:
    """The handler of the outbox topic `webhook`."""

    async def deliver(message: Message) -> None:
        delivery = msgspec.json.decode(message.payload, type=Delivery)
        endpoint = await store.endpoint(house.pool, delivery.endpoint_id)
        event = await store.event(house.pool, message.organization_id, delivery.event_id)
        if endpoint is None or endpoint.state != "active" or event is None:
            return
        body = msgspec.json.encode(cloud_event(event, source=house.settings.enrollment_url))
        secret = unseal(house.sealing_key, endpoint.sealed_secret, belongs_to=str(endpoint.id)).decode()
        headers = {
            "Content-Type": EVENT_MEDIA_TYPE,
            **sign_v1(secret, message_id=str(event.id), timestamp=house.clock(), body=body),
        }
        try:
            answer = await house.fetcher.post(endpoint.url, body=body, headers=headers)
        except FetchError as error:
            raise NotSentError(error.code, is_away=True) from None
        if answer.status == 410:
            await store.disable_endpoint(house.pool, endpoint.id)
            logger.error("a webhook endpoint is gone and gets no more events", extra={"endpoint": endpoint.id})
        elif not 200 <= answer.status < 300:
            raise NotSentError(f"status {answer.status}", is_away=answer.status in _AWAY)

    return deliver
