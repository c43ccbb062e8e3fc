"""The SQL of events, the head that orders them, and webhook endpoints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.enrollment.events.model import Endpoint, Event
from shared.postgres import Connection, Pool

INSERT = """
INSERT INTO event (id, organization_id, type, person_id, data, occurred_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
INSERT_MANY = """
INSERT INTO event (id, organization_id, type, person_id, data, occurred_at)
SELECT one.id, $1, $2, one.person_id, one.data, $3
FROM unnest($4::uuid[], $5::uuid[], $6::jsonb[]) AS one (id, person_id, data)
"""
WAITING = "SELECT DISTINCT organization_id FROM event WHERE position IS NULL"
CREATE_HEAD = "INSERT INTO event_head (organization_id) VALUES ($1) ON CONFLICT DO NOTHING"
# The lock is what makes the feed complete: a second sequencer would read the same head, and give events committed a
# moment later positions that a reader has already passed.
LOCK_HEAD = "SELECT last_position FROM event_head WHERE organization_id = $1 FOR UPDATE"
GIVE_POSITIONS = """
WITH fresh AS (
    SELECT id, row_number() OVER (ORDER BY written_at, id) AS place
    FROM (
        SELECT id, written_at FROM event
        WHERE organization_id = $1 AND position IS NULL ORDER BY written_at, id LIMIT $3
    ) AS first_written
)
UPDATE event SET position = $2 + fresh.place FROM fresh WHERE event.id = fresh.id RETURNING event.id
"""
ADVANCE_HEAD = "UPDATE event_head SET last_position = last_position + $2 WHERE organization_id = $1"
QUEUE_DELIVERIES = """
INSERT INTO outbox (id, organization_id, topic, key, payload)
SELECT gen_random_uuid(), $1, 'webhook', e.id,
       convert_to(json_build_object('endpoint_id', e.id, 'event_id', fresh)::text, 'UTF8')
FROM webhook_endpoint AS e, unnest($2::uuid[]) AS fresh
WHERE e.organization_id = $1 AND e.state = 'active'
"""
AFTER = """
SELECT id, organization_id, type, person_id, data, occurred_at, position FROM event
WHERE organization_id = $1 AND position > $2 AND ($3::text[] IS NULL OR type = ANY ($3))
ORDER BY position LIMIT $4
"""
ONE = """
SELECT id, organization_id, type, person_id, data, occurred_at, position FROM event
WHERE organization_id = $1 AND id = $2
"""
ENDPOINT = "SELECT id, organization_id, url, sealed_secret, state FROM webhook_endpoint WHERE id = $1"
ENDPOINTS = "SELECT id, organization_id, url, sealed_secret, state FROM webhook_endpoint WHERE organization_id = $1"
LOCK_ORGANIZATION = "SELECT id FROM organization WHERE id = $1 FOR UPDATE"
INSERT_ENDPOINT = """
INSERT INTO webhook_endpoint (id, organization_id, url, sealed_secret, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
"""
DELETE_ENDPOINT = "DELETE FROM webhook_endpoint WHERE organization_id = $1 AND id = $2"
DISABLE_ENDPOINT = "UPDATE webhook_endpoint SET state = 'disabled' WHERE id = $1"


async def insert(
    connection: Connection, *, organization_id: UUID, kind: str, person_id: UUID, data: dict[str, Any], at: datetime
) -> UUID:
    """Write an event, without a position yet; returns its id."""
    identifier = uuid4()
    await connection.execute(INSERT, identifier, organization_id, kind, person_id, data, at)
    return identifier


async def insert_many(
    connection: Connection,
    *,
    organization_id: UUID,
    kind: str,
    told: Sequence[tuple[UUID, dict[str, Any]]],
    at: datetime,
) -> None:
    """Write events of one kind, each of a person with its data, in one statement."""
    people, data = [person_id for person_id, _ in told], [one for _, one in told]
    await connection.execute(INSERT_MANY, organization_id, kind, at, [uuid4() for _ in told], people, data)


async def organizations_waiting(pool: Pool) -> list[UUID]:
    """The organizations that have committed events without a position."""
    return [row["organization_id"] for row in await pool.fetch(WAITING)]


async def give_positions(connection: Connection, organization_id: UUID, *, most: int) -> list[UUID]:
    """Give the next positions to up to `most` committed events, under the head's lock; returns their ids."""
    await connection.execute(CREATE_HEAD, organization_id)
    last = await connection.fetchval(LOCK_HEAD, organization_id)
    given = [row["id"] for row in await connection.fetch(GIVE_POSITIONS, organization_id, last, most)]
    await connection.execute(ADVANCE_HEAD, organization_id, len(given))
    return given


async def queue_deliveries(connection: Connection, organization_id: UUID, events: list[UUID]) -> None:
    """An outbox row for each event and active endpoint."""
    await connection.execute(QUEUE_DELIVERIES, organization_id, events)


async def after(
    connection: Connection | Pool, organization_id: UUID, *, position: int, types: list[str] | None, most: int
) -> list[Event]:
    """Up to `most` events behind a position, in order."""
    rows = await connection.fetch(AFTER, organization_id, position, types, most)
    return [msgspec.convert(dict(row), Event) for row in rows]


async def event(connection: Connection | Pool, organization_id: UUID, identifier: UUID) -> Event | None:
    """One event that has its position."""
    row = await connection.fetchrow(ONE, organization_id, identifier)
    return None if row is None else msgspec.convert(dict(row), Event)


async def endpoint(connection: Connection | Pool, identifier: UUID) -> Endpoint | None:
    """One webhook endpoint."""
    row = await connection.fetchrow(ENDPOINT, identifier)
    return None if row is None else msgspec.convert(dict(row), Endpoint)


async def endpoints(connection: Connection | Pool, organization_id: UUID) -> list[Endpoint]:
    """The organization's webhook endpoints."""
    return [msgspec.convert(dict(row), Endpoint) for row in await connection.fetch(ENDPOINTS, organization_id)]


async def lock_organization(connection: Connection, organization_id: UUID) -> None:
    """Hold the organization's row, so that its endpoints are counted and added one after another."""
    await connection.execute(LOCK_ORGANIZATION, organization_id)


async def insert_endpoint(connection: Connection, added: Endpoint, *, at: datetime) -> bool:
    """Add an endpoint; False where the id is taken, be it by another organization."""
    status = await connection.execute(
        INSERT_ENDPOINT, added.id, added.organization_id, added.url, added.sealed_secret, at
    )
    return status == "INSERT 0 1"


async def delete_endpoint(connection: Connection | Pool, organization_id: UUID, identifier: UUID) -> bool:
    """Remove an endpoint; False where the organization has none by that id."""
    return await connection.execute(DELETE_ENDPOINT, organization_id, identifier) == "DELETE 1"


async def disable_endpoint(connection: Connection | Pool, identifier: UUID) -> None:
    """Tell an endpoint nothing more."""
    await connection.execute(DISABLE_ENDPOINT, identifier)
