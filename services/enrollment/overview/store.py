"""The SQL of the overview: each statement goes over all cohorts that are chosen, and answers in few rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from services.enrollment.overview.model import Days, Filters, Group, Item, Month, Option
from shared.postgres import Connection, Pool, transaction

Reader = Connection | Pool

_CHOSEN = """
chosen AS (
    SELECT c.id, c.name, c.region, c.state, c.time_zone, l.id AS level_id, l.name AS level_name, l.number,
        g.id AS program_id, g.name AS program_name
    FROM cohort c
    JOIN curriculum k ON k.id = c.curriculum_id
    JOIN level l ON l.id = k.level_id
    JOIN program g ON g.id = l.program_id
    WHERE c.organization_id = $1 AND ($2::uuid IS NULL OR g.id = $2) AND ($3::uuid IS NULL OR l.id = $3)
        AND ($4::text IS NULL OR c.region = $4) AND ($5::text IS NULL OR c.school_year = $5)
        AND c.state NOT IN ('draft', 'cancelled')
)
"""
# Where nothing is narrowed down, the cohort of each row need not be looked up; the planner sees which it is.
_ALL = "$2::uuid IS NULL AND $3::uuid IS NULL AND $4::text IS NULL AND $5::text IS NULL"
_BY = """
GROUPING SETS ((), (program_id, program_name), (program_id, program_name, level_id, level_name, number), (region))
"""
_KIND = """
CASE GROUPING(program_id, level_id, region) WHEN 7 THEN 'all' WHEN 3 THEN 'program' WHEN 1 THEN 'level'
    ELSE 'region' END
"""
# The marks of sessions are counted once, for the groups and for the months.
NUMBERS = f"""
WITH {_CHOSEN},
seats AS (
    SELECT s.cohort_id, count(*) AS seats FROM seat s
    WHERE s.organization_id = $1 AND ({_ALL} OR s.cohort_id IN (SELECT id FROM chosen)) GROUP BY 1
),
places AS (
    SELECT e.cohort_id, count(*) FILTER (WHERE e.place IN ('seated', 'offered')) AS held,
        count(*) FILTER (WHERE e.place = 'in line') AS in_line,
        count(*) FILTER (WHERE e.outcome = 'completed') AS completed,
        count(*) FILTER (WHERE e.outcome = 'not completed') AS not_completed,
        sum(d.credit_minutes) FILTER (WHERE e.outcome = 'completed') AS minutes
    FROM enrollment e LEFT JOIN completion d ON d.enrollment_id = e.id
    WHERE e.organization_id = $1 AND ({_ALL} OR e.cohort_id IN (SELECT id FROM chosen)) GROUP BY 1
),
marks AS (
    SELECT a.cohort_session_id, count(*) AS recorded,
        count(*) FILTER (WHERE a.mode IN ('in person', 'virtual')) AS present
    FROM attendance a
    WHERE a.organization_id = $1 AND ({_ALL} OR a.cohort_id IN (SELECT id FROM chosen)) GROUP BY 1
),
held AS (
    SELECT s.cohort_id, s.starts_at AT TIME ZONE chosen.time_zone AS starts_at, s.ends_at < $6 AS is_over,
        coalesce(m.recorded, 0) AS recorded, coalesce(m.present, 0) AS present
    FROM cohort_session s
    JOIN chosen ON chosen.id = s.cohort_id
    LEFT JOIN marks m ON m.cohort_session_id = s.id
    WHERE s.cancelled_at IS NULL
),
presence AS (SELECT cohort_id, sum(recorded) AS recorded, sum(present) AS present FROM held GROUP BY 1)
(
SELECT {_KIND} AS kind, coalesce(level_id, program_id) AS id, coalesce(level_name, program_name, region, '') AS name,
    CASE WHEN level_name IS NULL THEN NULL ELSE program_name END AS program_name,
    count(*) AS cohorts, coalesce(sum(seats), 0)::bigint AS seats, coalesce(sum(held), 0)::bigint AS held,
    coalesce(sum(in_line), 0)::bigint AS in_line, coalesce(sum(completed), 0)::bigint AS completed,
    coalesce(sum(not_completed), 0)::bigint AS not_completed, sum(minutes)::bigint AS minutes,
    coalesce(sum(recorded), 0)::bigint AS recorded, coalesce(sum(present), 0)::bigint AS present
FROM chosen
LEFT JOIN seats ON seats.cohort_id = chosen.id
LEFT JOIN places ON places.cohort_id = chosen.id
LEFT JOIN presence ON presence.cohort_id = chosen.id
GROUP BY {_BY} ORDER BY program_name NULLS LAST, number NULLS FIRST, region LIMIT 500
)
UNION ALL
(
SELECT 'month', NULL, date_trunc('month', starts_at)::date::text, NULL, 0, 0, 0, 0, 0, 0, NULL,
    sum(recorded)::bigint, sum(present)::bigint
FROM held WHERE is_over GROUP BY 3 ORDER BY 3 DESC LIMIT 12
)
"""  # noqa: S608  # put together from constants only
# From the end of the cohort's last session until the badge was issued; a badge that came before then took no day.
DAYS = f"""
WITH {_CHOSEN},
ends AS (
    SELECT s.cohort_id, max(s.ends_at) AS ended_at FROM cohort_session s JOIN chosen ON chosen.id = s.cohort_id
    WHERE s.cancelled_at IS NULL GROUP BY 1
),
waits AS (
    SELECT chosen.program_id, chosen.level_id, chosen.region,
        greatest(date_part('epoch', a.issued_at - ends.ended_at) / 86400, 0) AS days
    FROM award a
    JOIN enrollment e ON e.id = a.enrollment_id
    JOIN chosen ON chosen.id = e.cohort_id
    JOIN ends ON ends.cohort_id = chosen.id
    WHERE a.organization_id = $1 AND a.issued_at IS NOT NULL
)
SELECT {_KIND} AS kind, coalesce(level_id, program_id) AS id, coalesce(region, '') AS name, count(*) AS badges,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median,
    ARRAY[
        count(*) FILTER (WHERE days <= 1), count(*) FILTER (WHERE days > 1 AND days <= 7),
        count(*) FILTER (WHERE days > 7 AND days <= 14), count(*) FILTER (WHERE days > 14 AND days <= 28),
        count(*) FILTER (WHERE days > 28)
    ] AS spread
FROM waits GROUP BY GROUPING SETS ((), (program_id), (program_id, level_id), (region)) LIMIT 500
"""  # noqa: S608  # put together from constants only
_ITEMS = """
evidence AS (
    SELECT 'evidence' AS kind, chosen.id AS cohort_id, chosen.name, NULL::uuid AS session_id, NULL AS title,
        chosen.time_zone, count(*) AS number, min(v.submitted_at) AS at
    FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id JOIN chosen ON chosen.id = e.cohort_id
    WHERE v.organization_id = $1 AND v.state = 'submitted' GROUP BY chosen.id, chosen.name, chosen.time_zone
),
offers AS (
    SELECT 'offers', chosen.id, chosen.name, NULL::uuid, NULL, chosen.time_zone, count(*), min(e.offer_expires_at)
    FROM enrollment e JOIN chosen ON chosen.id = e.cohort_id
    WHERE e.organization_id = $1 AND e.place = 'offered' AND e.offer_expires_at < $7
    GROUP BY chosen.id, chosen.name, chosen.time_zone
),
unmarked AS (
    SELECT 'sessions', chosen.id, chosen.name, s.id, s.title, chosen.time_zone,
        (SELECT count(*) FROM enrollment e WHERE e.cohort_id = chosen.id AND e.place = 'seated'), s.starts_at
    FROM cohort_session s JOIN chosen ON chosen.id = s.cohort_id
    WHERE s.cancelled_at IS NULL AND s.ends_at < $6 AND chosen.state IN ('open', 'running')
        AND NOT EXISTS (SELECT FROM attendance a WHERE a.cohort_session_id = s.id)
        AND EXISTS (SELECT FROM enrollment e WHERE e.cohort_id = chosen.id AND e.place = 'seated')
),
undecided AS (
    SELECT 'completion', chosen.id, chosen.name, NULL::uuid, NULL, chosen.time_zone, count(*), max(ends.ended_at)
    FROM chosen
    JOIN (
        SELECT s.cohort_id, max(s.ends_at) AS ended_at FROM cohort_session s JOIN chosen ON chosen.id = s.cohort_id
        WHERE s.cancelled_at IS NULL GROUP BY 1
    ) ends ON ends.cohort_id = chosen.id AND ends.ended_at < $6
    JOIN enrollment e ON e.cohort_id = chosen.id AND e.place = 'seated' AND e.outcome = 'none'
    GROUP BY chosen.id, chosen.name, chosen.time_zone
),
badges AS (
    SELECT 'badges', chosen.id, chosen.name, NULL::uuid, NULL, chosen.time_zone, count(*), min(a.requested_at)
    FROM award a JOIN enrollment e ON e.id = a.enrollment_id JOIN chosen ON chosen.id = e.cohort_id
    WHERE a.organization_id = $1 AND a.state = 'requested' AND a.erased_at IS NULL AND a.requested_at < $8
    GROUP BY chosen.id, chosen.name, chosen.time_zone
),
claims AS (
    SELECT 'claims', NULL::uuid, NULL, NULL::uuid, NULL, NULL, count(*), min(q.checked_at)
    FROM level_claim q WHERE q.organization_id = $1 AND q.decision IS NULL HAVING count(*) > 0
),
stipends AS (
    SELECT 'stipends', NULL::uuid, NULL, NULL::uuid, NULL, NULL, count(*), min(s.applied_at)
    FROM stipend s
    WHERE s.organization_id = $1 AND s.state IN ('applied', 'prepared', 'approved') HAVING count(*) > 0
),
letters AS (
    SELECT 'letters', NULL::uuid, NULL, NULL::uuid, NULL, NULL, count(*), min(r.refused_at)
    FROM mail_refusal r WHERE r.organization_id = $1 AND r.seen_at IS NULL HAVING count(*) > 0
)
"""
# Of each kind the oldest few, each with how many there are of it.
ITEMS = f"""
WITH {_CHOSEN}, {_ITEMS}, found AS (
    SELECT * FROM evidence UNION ALL SELECT * FROM offers UNION ALL SELECT * FROM unmarked
    UNION ALL SELECT * FROM undecided UNION ALL SELECT * FROM badges UNION ALL SELECT * FROM claims
    UNION ALL SELECT * FROM stipends UNION ALL SELECT * FROM letters
), numbered AS (
    SELECT *, count(*) OVER (PARTITION BY kind) AS all_of_kind,
        row_number() OVER (PARTITION BY kind ORDER BY at, cohort_id, session_id) AS place
    FROM found
)
SELECT kind, cohort_id, name AS cohort_name, session_id, title, time_zone, number, at, all_of_kind FROM numbered
WHERE place <= 5 ORDER BY kind, place
"""  # noqa: S608  # put together from constants only
OPTIONS = """
SELECT * FROM (
    SELECT 'program' AS kind, g.id::text AS key, g.name AS words, g.name AS sort, 0 AS number
    FROM program g WHERE g.organization_id = $1
    UNION ALL
    SELECT 'level', l.id::text, g.name || ' · ' || l.name, g.name, l.number
    FROM level l JOIN program g ON g.id = l.program_id WHERE l.organization_id = $1
    UNION ALL
    SELECT DISTINCT 'region', c.region, c.region, c.region, 0 FROM cohort c WHERE c.organization_id = $1
    UNION ALL
    SELECT DISTINCT 'school_year', c.school_year, c.school_year, c.school_year, 0
    FROM cohort c WHERE c.organization_id = $1
) found ORDER BY kind, sort, number, key LIMIT 1000
"""

# For a plan that fits any filter PostgreSQL expects few rows, and joins thousands one by one.
PLAN_EACH_TIME = "SET LOCAL plan_cache_mode = force_custom_plan"

_SOON = timedelta(hours=48)
#: A badge takes seconds; one that was asked for so long ago waits for something.
_LONG = timedelta(hours=1)


@asynccontextmanager
async def looking(pool: Pool) -> AsyncIterator[Connection]:
    """A transaction to read in, whose statements are planned for the filters that they are given."""
    async with transaction(pool) as connection:
        await connection.execute(PLAN_EACH_TIME)
        yield connection


def _chosen(organization_id: UUID, filters: Filters) -> tuple[object, ...]:
    return organization_id, filters.program, filters.level, filters.region, filters.school_year


async def numbers(
    connection: Reader, organization_id: UUID, filters: Filters, *, now: datetime
) -> tuple[list[Group], list[Month]]:
    """The numbers of all cohorts together, of each program, level and region; drafts and cancelled ones left out.

    And of the last twelve months in which sessions were held, the earliest first.
    """
    rows = await connection.fetch(NUMBERS, *_chosen(organization_id, filters), now)
    months = [
        Month(month=date.fromisoformat(row["name"]), recorded=row["recorded"], present=row["present"])
        for row in rows
        if row["kind"] == "month"
    ]
    groups = [msgspec.convert(dict(row), Group) for row in rows if row["kind"] != "month"]
    return groups, sorted(months, key=lambda one: one.month)


async def days(connection: Reader, organization_id: UUID, filters: Filters) -> list[Days]:
    """How long badges took, by the same groups; none for a group without a badge."""
    rows = await connection.fetch(DAYS, *_chosen(organization_id, filters))
    return [msgspec.convert(dict(row), Days) for row in rows if row["badges"]]


async def items(connection: Reader, organization_id: UUID, filters: Filters, *, now: datetime) -> list[Item]:
    """What waits for somebody: of each kind the five that wait longest."""
    rows = await connection.fetch(ITEMS, *_chosen(organization_id, filters), now, now + _SOON, now - _LONG)
    return [msgspec.convert(dict(row), Item) for row in rows]


async def options(connection: Reader, organization_id: UUID) -> list[Option]:
    """What the overview can be narrowed to."""
    return [msgspec.convert(dict(row), Option) for row in await connection.fetch(OPTIONS, organization_id)]
