"""The event feed and the webhook endpoints, as JSON for other systems."""

import base64
import secrets
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, put
from litestar.params import Parameter
from msgspec import Meta

from services.enrollment.events import actions, store
from services.enrollment.events.model import (
    BATCH_MEDIA_TYPE,
    CloudEvent,
    Endpoint,
    check_secret,
    cloud_event,
    cursor,
    known_types,
    position,
)
from services.enrollment.house import House
from shared import contracts
from shared.fetch import parse_target
from shared.problems import InvalidInputError, NotFoundError
from shared.tokens import Caller
from shared.webhook_signing import PREFIX as SECRET_PREFIX

_MOST = 500


@get(
    "/api/events",
    opt={"scope": contracts.EVENTS_READ},
    media_type=BATCH_MEDIA_TYPE,
    summary="Read the organization's events in order",
)
async def feed(
    house: House,
    caller: Caller,
    after: str | None = None,
    types: Annotated[list[str] | None, Parameter(query="type", max_items=20)] = None,
    limit: Annotated[int, Parameter(ge=1, le=_MOST)] = 100,
) -> Response[list[CloudEvent]]:
    """CloudEvents behind a cursor; `Link` names the next page, whose `after` is the cursor to keep.

    Positions are given after commit: a reader that keeps the cursor never misses an event, however late it committed.
    """
    wanted = known_types(types) if types else None
    start = position(after)
    events = await store.after(house.pool, caller.organization, position=start, types=wanted, most=limit)
    behind = cursor(events[-1].position if events else start)
    query = "".join(f"&type={one}" for one in wanted or ())
    return Response(
        [cloud_event(event, source=house.settings.enrollment_url) for event in events],
        headers={
            "Link": f'</api/events?after={behind}&limit={limit}{query}>; rel="next"',
            "Laurel-Cursor": behind,
            "Cache-Control": "no-store",
        },
    )


class EndpointBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to push events. A `secret` of one's own is `whsec_` and 24 to 64 bytes in base64; else one is made."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    secret: Annotated[str, Meta(max_length=100)] | None = None


class EndpointAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook endpoint; `secret` verifies its deliveries (Standard Webhooks, `v1`)."""

    id: UUID
    url: str
    secret: str
    state: str


@put(
    "/api/webhook-endpoints/{endpoint_id:uuid}",
    opt={"scope": contracts.WEBHOOKS_WRITE},
    status_code=200,
    summary="Have events pushed to an address",
)
async def put_endpoint(house: House, caller: Caller, endpoint_id: UUID, data: EndpointBody) -> EndpointAnswer:
    """Add an endpoint; every event from now on is delivered to it, signed, until it answers 2xx."""
    if (refusal := parse_target(data.url, house.webhooks)) is not None:
        raise InvalidInputError(("url", f"This address may not be called: {refusal}."))
    if data.secret is not None:
        check_secret(data.secret)
    added = Endpoint(
        id=endpoint_id, organization_id=caller.organization, url=data.url, sealed_secret=b"", state="active"
    )
    secret = data.secret or _new_secret()
    endpoint, kept = await actions.put_endpoint(
        house.pool, added, secret=secret, sealing_key=house.sealing_key, now=house.clock()
    )
    return EndpointAnswer(id=endpoint.id, url=endpoint.url, secret=kept, state=endpoint.state)


@delete(
    "/api/webhook-endpoints/{endpoint_id:uuid}",
    opt={"scope": contracts.WEBHOOKS_WRITE},
    summary="Push no more events to an address",
)
async def delete_endpoint(house: House, caller: Caller, endpoint_id: UUID) -> None:
    """Remove an endpoint; what is still on its way to it is dropped."""
    if not await store.delete_endpoint(house.pool, caller.organization, endpoint_id):
        raise NotFoundError


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


ROUTES = [feed, put_endpoint, delete_endpoint]
