"""The SQL of cohorts' sessions and of people's calendars."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.cohorts.model import (
    Cohort,
    CohortExistsError,
    Entry,
    Listed,
    Session,
    SessionHeldError,
)
from shared.postgres import Connection, Pool

Reader = Connection | Pool

SESSIONS = """
SELECT id, cohort_id, title, starts_at, ends_at, credit_minutes, mode, place, link FROM cohort_session
WHERE cohort_id = ANY ($1) AND cancelled_at IS NULL ORDER BY position
"""
ENTRIES = """
SELECT id, cohort_id, title, starts_at, ends_at, credit_minutes, mode, place, link, revision, changed_at, cancelled_at
FROM cohort_session WHERE cohort_id = ANY ($1) ORDER BY starts_at, id
"""
HELD_SESSIONS = "SELECT DISTINCT cohort_session_id FROM attendance WHERE cohort_session_id = ANY ($1) ORDER BY 1"
DELETE_SESSIONS = "DELETE FROM cohort_session WHERE cohort_id = $1 AND id = ANY ($2)"
CANCEL_SESSIONS = """
UPDATE cohort_session SET cancelled_at = $3, changed_at = $3, revision = revision + 1
WHERE cohort_id = $1 AND id = ANY ($2) AND cancelled_at IS NULL
"""
# When the whole cohort is cancelled its sessions stay as they are, but calendars have to hear of it.
REVISE_SESSIONS = """
UPDATE cohort_session SET changed_at = $2, revision = revision + 1 WHERE cohort_id = $1 AND cancelled_at IS NULL
"""
# Out of the way of the new positions: the index looks at each row as it is written.
LIFT_SESSIONS = "UPDATE cohort_session SET position = position + 1000000 WHERE cohort_id = $1 AND cancelled_at IS NULL"
# What people see in their calendars raises the revision: a later file has to be told from an earlier one.
PUT_SESSIONS = """
INSERT INTO cohort_session AS s (id, organization_id, cohort_id, position, title, starts_at, ends_at, credit_minutes,
    mode, place, link)
SELECT id, $1, $2, position, title, starts_at, ends_at, credit_minutes, mode, place, link
FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::integer[], $8::text[], $9::text[],
    $10::text[]) WITH ORDINALITY AS wanted (id, title, starts_at, ends_at, credit_minutes, mode, place, link, position)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, title = excluded.title, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, credit_minutes = excluded.credit_minutes, mode = excluded.mode,
    place = excluded.place, link = excluded.link, cancelled_at = NULL,
    (revision, changed_at) = (SELECT
        CASE WHEN is_other THEN s.revision + 1 ELSE s.revision END,
        CASE WHEN is_other THEN $11 ELSE s.changed_at END
        FROM (SELECT s.cancelled_at IS NOT NULL OR (s.title, s.starts_at, s.ends_at, s.mode, s.place, s.link)
            IS DISTINCT FROM (excluded.title, excluded.starts_at, excluded.ends_at, excluded.mode, excluded.place,
                excluded.link) AS is_other) told)
WHERE s.cohort_id = excluded.cohort_id
RETURNING s.id
"""
FEED = "SELECT number FROM calendar_feed WHERE organization_id = $1 AND person_id = $2"
PUT_FEED = """
INSERT INTO calendar_feed (token_sha256, organization_id, person_id, number, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id) DO UPDATE SET token_sha256 = excluded.token_sha256, number = excluded.number,
    created_at = excluded.created_at
"""
OWNER_OF_FEED = "SELECT person_id FROM calendar_feed WHERE organization_id = $1 AND token_sha256 = $2"
# Whose dates they are: who sits in the sessions or teaches them.
COHORTS_OF_PERSON = """
SELECT c.id, c.name, c.state, c.time_zone FROM cohort c
WHERE c.organization_id = $1 AND c.state <> 'draft' AND (
    EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = c.id AND e.person_id = $2 AND e.place = 'seated')
    OR EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $2)
)
ORDER BY c.id LIMIT 500
"""


async def sessions(connection: Reader, cohort_ids: Sequence[UUID]) -> dict[UUID, tuple[Session, ...]]:
    """The sessions of cohorts, in their order, without those that were cancelled."""
    found: dict[UUID, tuple[Session, ...]] = {}
    for row in await connection.fetch(SESSIONS, cohort_ids):
        found[row["cohort_id"]] = (*found.get(row["cohort_id"], ()), msgspec.convert(dict(row), Session))
    return found


async def entries(connection: Reader, cohort_ids: Sequence[UUID]) -> dict[UUID, tuple[Entry, ...]]:
    """The sessions of cohorts by date, cancelled ones too, as calendars know them."""
    found: dict[UUID, tuple[Entry, ...]] = {}
    for row in await connection.fetch(ENTRIES, cohort_ids):
        found[row["cohort_id"]] = (*found.get(row["cohort_id"], ()), msgspec.convert(dict(row), Entry))
    return found


async def write_sessions(
    connection: Connection, cohort: Cohort, *, gone: list[UUID], known: bool, now: datetime
) -> None:
    """Write the sessions of a cohort that is held, and take out those `gone`; where they are `known`, cancel these.

    SessionHeldError, CohortExistsError.
    """
    if held := [row[0] for row in await connection.fetch(HELD_SESSIONS, gone)]:
        raise SessionHeldError(held)
    if known:
        await connection.execute(CANCEL_SESSIONS, cohort.id, gone, now)
    else:
        try:
            await connection.execute(DELETE_SESSIONS, cohort.id, gone)
        except asyncpg.ForeignKeyViolationError:  # attendance came in between
            raise SessionHeldError(gone) from None
    await connection.execute(LIFT_SESSIONS, cohort.id)
    held_now = cohort.sessions
    written = await connection.fetch(
        PUT_SESSIONS,
        cohort.organization_id,
        cohort.id,
        [one.id for one in held_now],
        [one.title for one in held_now],
        [one.starts_at for one in held_now],
        [one.ends_at for one in held_now],
        [one.credit_minutes for one in held_now],
        [one.mode for one in held_now],
        [one.place for one in held_now],
        [one.link for one in held_now],
        now,
    )
    if len(written) != len(held_now):
        raise CohortExistsError


async def revise_sessions(connection: Connection, cohort_id: UUID, *, now: datetime) -> None:
    """Raise the revision of all sessions, because their cohort is cancelled."""
    await connection.execute(REVISE_SESSIONS, cohort_id, now)


async def feed(connection: Reader, organization_id: UUID, person_id: UUID) -> int | None:
    """The number that the address of somebody's calendar is made from."""
    number: int | None = await connection.fetchval(FEED, organization_id, person_id)
    return number


async def put_feed(
    connection: Reader, organization_id: UUID, person_id: UUID, *, token_sha256: bytes, number: int, now: datetime
) -> None:
    """Let somebody's calendar be found under a token, and no longer under the one before."""
    await connection.execute(PUT_FEED, token_sha256, organization_id, person_id, number, now)


async def owner_of_feed(connection: Reader, organization_id: UUID, token_sha256: bytes) -> UUID | None:
    """Whose calendar a token opens."""
    found: UUID | None = await connection.fetchval(OWNER_OF_FEED, organization_id, token_sha256)
    return found


async def cohorts_of_person(connection: Reader, organization_id: UUID, person_id: UUID) -> list[Listed]:
    """The cohorts in whose sessions somebody sits or teaches."""
    rows = await connection.fetch(COHORTS_OF_PERSON, organization_id, person_id)
    return [msgspec.convert(dict(row), Listed) for row in rows]
