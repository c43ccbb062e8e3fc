"""Verbs of events: record one with its fact, give positions, add an endpoint."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.enrollment.events import store
from services.enrollment.events.model import (
    MOST_ENDPOINTS,
    Endpoint,
    EndpointExistsError,
    EventType,
    TooManyEndpointsError,
)
from shared.postgres import UNAVAILABLE, Connection, Pool, transaction
from shared.sealing import seal, unseal

logger = logging.getLogger(__name__)

_BATCH = 500
_POLL_SECONDS = 0.2


async def record(
    connection: Connection,
    *,
    organization_id: UUID,
    type: EventType,  # noqa: A002  # the name that CloudEvents gives it
    person_id: UUID,
    data: dict[str, Any],
    occurred_at: datetime,
) -> UUID:
    """Write an event in the transaction of the fact it tells; returns the event's id."""
    return await store.insert(
        connection, organization_id=organization_id, kind=type, person_id=person_id, data=data, at=occurred_at
    )


async def record_many(
    connection: Connection,
    *,
    organization_id: UUID,
    type: EventType,  # noqa: A002  # the name that CloudEvents gives it
    told: Sequence[tuple[UUID, dict[str, Any]]],
    occurred_at: datetime,
) -> None:
    """The same for many people, each with the data told of them, in one statement."""
    if told:
        await store.insert_many(connection, organization_id=organization_id, kind=type, told=told, at=occurred_at)


async def sequence(pool: Pool, organization_id: UUID) -> int:
    """Give positions to the organization's next committed events and queue their deliveries; returns how many."""
    async with transaction(pool) as connection:
        given = await store.give_positions(connection, organization_id, most=_BATCH)
        await store.queue_deliveries(connection, organization_id, given)
    return len(given)


async def run_sequencer(pool: Pool) -> None:
    """Give positions for as long as the worker runs; several may run, the head's lock lets one through at a time."""
    while True:
        given = 0
        try:
            for organization_id in await store.organizations_waiting(pool):
                given += await sequence(pool, organization_id)
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            logger.warning("events get no positions now", extra={"error": type(error).__name__})
        if not given:
            await asyncio.sleep(_POLL_SECONDS)


async def put_endpoint(
    pool: Pool, added: Endpoint, *, secret: str, sealing_key: bytes, now: datetime
) -> tuple[Endpoint, str]:
    """Add a webhook endpoint with its signing secret; the same id and address again answers what is there.

    EndpointExistsError where another id has the address, or the id is taken; TooManyEndpointsError past the limit.
    """
    async with transaction(pool) as connection:
        await store.lock_organization(connection, added.organization_id)
        known = await store.endpoints(connection, added.organization_id)
        for one in known:
            if one.id == added.id and one.url == added.url:
                return one, unseal(sealing_key, one.sealed_secret, belongs_to=str(one.id)).decode()
            if one.url == added.url or one.id == added.id:
                raise EndpointExistsError(one.id)
        if len(known) >= MOST_ENDPOINTS:
            raise TooManyEndpointsError(MOST_ENDPOINTS)
        sealed = seal(sealing_key, secret.encode(), belongs_to=str(added.id))
        whole = Endpoint(
            id=added.id,
            organization_id=added.organization_id,
            url=added.url,
            sealed_secret=sealed,
            state="active",
        )
        if not await store.insert_endpoint(connection, whole, at=now):
            raise EndpointExistsError(added.id)
    return whole, secret
