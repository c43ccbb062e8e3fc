"""The SQL of heads and alarms."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.witness.model import Alarm, AlarmKind, TakenHead
from shared.postgres import Connection, Pool

_HEAD = "organization_id, size, root, checkpoint, told_at"
INSERT = f"""
INSERT INTO log_head ({_HEAD}) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, size) DO NOTHING
"""  # noqa: S608  # put together from constants only
OF_SIZE = f"SELECT {_HEAD} FROM log_head WHERE organization_id = $1 AND size = $2"  # noqa: S608  # constants only
# In turn: a log that gives no answer, and whose heads pile up, keeps no other organization's from being compared.
UNCHECKED = f"""
SELECT {_HEAD} FROM (
    SELECT {_HEAD}, row_number() OVER (PARTITION BY organization_id ORDER BY size) AS place
    FROM log_head WHERE checked_at IS NULL
) AS waiting ORDER BY place, organization_id LIMIT $1
"""  # noqa: S608  # put together from constants only
NEWEST = f"""
SELECT {_HEAD} FROM log_head WHERE organization_id = $1 AND checked_at IS NOT NULL ORDER BY size DESC LIMIT 1
"""  # noqa: S608  # put together from constants only
SET_CHECKED = "UPDATE log_head SET checked_at = $3 WHERE organization_id = $1 AND size = $2"
DELETE_OLDER = """
DELETE FROM log_head WHERE organization_id = $1 AND checked_at IS NOT NULL AND size < (
    SELECT max(size) FROM log_head WHERE organization_id = $1 AND checked_at IS NOT NULL
)
"""
DELETE = "DELETE FROM log_head WHERE organization_id = $1 AND size = $2 AND checked_at IS NULL"
INSERT_ALARM = """
INSERT INTO log_alarm (organization_id, kind, older, newer, raised_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organization_id) DO NOTHING
"""
ALARM = "SELECT kind, older, newer, raised_at FROM log_alarm WHERE organization_id = $1"


async def insert(pool: Pool, head: TakenHead) -> TakenHead:
    """Keep a head; the one of this size that is kept, which may be another."""
    await pool.execute(INSERT, head.organization_id, head.size, head.root, head.checkpoint, head.told_at)
    row = await pool.fetchrow(OF_SIZE, head.organization_id, head.size)
    # Between the two statements a larger head may have been checked, and this one have gone.
    return head if row is None else msgspec.convert(dict(row), TakenHead)


async def unchecked(pool: Pool, *, most: int) -> list[TakenHead]:
    """Heads that nobody has compared yet, smaller ones of an organization first."""
    return [msgspec.convert(dict(row), TakenHead) for row in await pool.fetch(UNCHECKED, most)]


async def newest(pool: Pool, organization_id: UUID) -> TakenHead | None:
    """The newest head that was checked."""
    row = await pool.fetchrow(NEWEST, organization_id)
    return None if row is None else msgspec.convert(dict(row), TakenHead)


async def set_checked(connection: Connection, head: TakenHead, *, at: datetime) -> None:
    """Note that a head goes with those before; of what was checked only the newest is kept."""
    await connection.execute(SET_CHECKED, head.organization_id, head.size, at)
    await connection.execute(DELETE_OLDER, head.organization_id)


async def raise_alarm(
    connection: Connection, kind: AlarmKind, older: TakenHead, newer: TakenHead, *, at: datetime
) -> None:
    """Keep the first two heads that contradict each other; those that are not checked are not asked about again."""
    organization_id = older.organization_id
    await connection.execute(INSERT_ALARM, organization_id, kind, older.checkpoint, newer.checkpoint, at)
    for one in (older, newer):
        await connection.execute(DELETE, organization_id, one.size)


async def alarm(connection: Connection | Pool, organization_id: UUID) -> Alarm | None:
    """What is wrong with the issuer's log, if anything is."""
    row = await connection.fetchrow(ALARM, organization_id)
    return None if row is None else msgspec.convert(dict(row), Alarm)
