"""The SQL of stipends, budgets and their ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.enrollment.stipends.model import (
    Application,
    Budget,
    BudgetPlan,
    Entered,
    Entry,
    Offer,
    Place,
    Program,
    Source,
    State,
    Stipend,
    Total,
)
from shared.postgres import Connection, Pool

Reader = Connection | Pool

SELECT_PLACE = """
SELECT e.id AS enrollment_id, e.person_id, e.outcome, c.name AS cohort_name FROM enrollment e
JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.id = $2
"""
LOCK_PLACE = f"{SELECT_PLACE} FOR UPDATE OF e"
SELECT_ENROLLMENT_ID = "SELECT enrollment_id FROM stipend WHERE organization_id = $1 AND id = $2"
_COLUMNS = """
SELECT s.id, s.enrollment_id, e.person_id, p.name AS person_name, l.program_id, e.cohort_id, c.name AS cohort_name,
       e.outcome, s.state, s.plan, s.asked_cents, s.applied_at, s.budget_id, s.amount_cents, s.prepared_by,
       y.name AS prepared_by_name, s.approved_by, z.name AS approved_by_name, s.approved_at, s.paid_reference,
       s.paid_at, s.declined_because
"""
_JOINS = """
JOIN enrollment e ON e.id = s.enrollment_id
JOIN person p ON p.id = e.person_id
JOIN cohort c ON c.id = e.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
LEFT JOIN person y ON y.id = s.prepared_by
LEFT JOIN person z ON z.id = s.approved_by
"""
_STIPEND = f"{_COLUMNS} FROM stipend s {_JOINS}"
SELECT_ONE = f"{_STIPEND} WHERE s.organization_id = $1 AND s.id = $2"
SELECT_OF_ENROLLMENT = f"{_STIPEND} WHERE s.organization_id = $1 AND s.enrollment_id = $2"
#: The page is cut out before anything is joined to it.
_PAGE = """
SELECT * FROM stipend
WHERE organization_id = $1 AND ($2::text IS NULL OR state = $2)
  AND ($3::uuid IS NULL
       OR (applied_at, id) > (SELECT applied_at, id FROM stipend WHERE organization_id = $1 AND id = $3))
ORDER BY applied_at, id LIMIT $4
"""
SELECT_PAGE = f"{_COLUMNS} FROM ({_PAGE}) s {_JOINS} ORDER BY s.applied_at, s.id"
SELECT_COUNTS = "SELECT state, count(*) AS count FROM stipend WHERE organization_id = $1 GROUP BY state"
LOCK = "SELECT id FROM stipend WHERE organization_id = $1 AND id = $2 FOR UPDATE"
LOCK_OF_ENROLLMENT = "SELECT id FROM stipend WHERE organization_id = $1 AND enrollment_id = $2 FOR UPDATE"
APPLY = """
INSERT INTO stipend (id, organization_id, enrollment_id, state, plan, asked_cents, applied_at)
VALUES ($1, $2, $3, 'applied', $4, $5, $6)
ON CONFLICT ON CONSTRAINT stipend_once_per_enrollment
DO UPDATE SET plan = excluded.plan, asked_cents = excluded.asked_cents
"""
PREPARE = "UPDATE stipend SET state = 'prepared', budget_id = $2, amount_cents = $3, prepared_by = $4 WHERE id = $1"
APPROVE = "UPDATE stipend SET state = 'approved', approved_by = $2, approved_at = $3 WHERE id = $1"
PAY = "UPDATE stipend SET state = 'paid', paid_reference = $2, paid_at = $3 WHERE id = $1"
DECLINE = "UPDATE stipend SET state = 'declined', declined_because = $2 WHERE id = $1"
COMMIT_CENTS = "UPDATE stipend_budget SET committed_cents = committed_cents + $2 WHERE id = $1"
INSERT_ENTRY = """
INSERT INTO stipend_entry (id, organization_id, budget_id, stipend_id, kind, cents, at, by_person, reference)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_BUDGET = """
SELECT b.id, b.program_id, g.name AS program_name, b.funding_source_id, f.name AS source_name, b.year, b.amount_cents,
       b.committed_cents
FROM stipend_budget b
JOIN program g ON g.id = b.program_id
JOIN funding_source f ON f.id = b.funding_source_id
"""
_OF_PROGRAM = "WHERE b.organization_id = $1 AND ($2::uuid IS NULL OR b.program_id = $2)"
SELECT_BUDGETS = f"{_BUDGET}{_OF_PROGRAM} ORDER BY b.year DESC, g.name, f.name LIMIT 500"
SELECT_BUDGET = f"{_BUDGET} WHERE b.organization_id = $1 AND b.id = $2"
PUT_BUDGET = """
INSERT INTO stipend_budget (id, organization_id, program_id, funding_source_id, year, amount_cents)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET amount_cents = excluded.amount_cents
WHERE stipend_budget.organization_id = excluded.organization_id
  AND stipend_budget.program_id = excluded.program_id
  AND stipend_budget.funding_source_id = excluded.funding_source_id
  AND stipend_budget.year = excluded.year
RETURNING id
"""
PUT_SOURCE = """
INSERT INTO funding_source (id, organization_id, name) VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE funding_source.organization_id = excluded.organization_id
RETURNING id
"""
SELECT_SOURCES = "SELECT id, name FROM funding_source WHERE organization_id = $1 ORDER BY name LIMIT 500"
#: A year is one of the organization's own time zone.
SELECT_TOTALS = """
SELECT e.person_id, p.name AS person_name, $2::integer AS year, sum(n.cents)::bigint AS paid_cents,
       count(*)::integer AS payments
FROM stipend_entry n
JOIN stipend s ON s.id = n.stipend_id
JOIN enrollment e ON e.id = s.enrollment_id
JOIN person p ON p.id = e.person_id
JOIN organization o ON o.id = n.organization_id
WHERE n.organization_id = $1 AND n.kind = 'paid'
  AND n.at >= make_timestamptz($2::integer, 1, 1, 0, 0, 0, o.time_zone)
  AND n.at < make_timestamptz($2::integer + 1, 1, 1, 0, 0, 0, o.time_zone)
  AND ($3::uuid IS NULL OR (p.name, p.id) > (SELECT name, id FROM person WHERE organization_id = $1 AND id = $3))
GROUP BY e.person_id, p.name, p.id
ORDER BY p.name, p.id
LIMIT $4
"""
_ENTRY = """
SELECT n.id, n.kind, n.cents, n.at, n.reference, p.name AS person_name, g.name AS program_name, f.name AS source_name,
       b.year AS budget_year, y.name AS by_name
FROM stipend_entry n
JOIN stipend s ON s.id = n.stipend_id
JOIN enrollment e ON e.id = s.enrollment_id
JOIN person p ON p.id = e.person_id
JOIN stipend_budget b ON b.id = n.budget_id
JOIN program g ON g.id = b.program_id
JOIN funding_source f ON f.id = b.funding_source_id
LEFT JOIN person y ON y.id = n.by_person
"""
SELECT_ENTRIES = """
SELECT id, budget_id, stipend_id, kind, cents, at, by_person, reference FROM stipend_entry
WHERE organization_id = $1 AND ($2::uuid IS NULL OR budget_id = $2)
  AND ($3::uuid IS NULL OR (at, id) > (SELECT at, id FROM stipend_entry WHERE organization_id = $1 AND id = $3))
ORDER BY at, id LIMIT $4
"""
SELECT_ENTERED_OF_STIPEND = f"{_ENTRY} WHERE n.organization_id = $1 AND n.stipend_id = $2 ORDER BY n.at, n.id"
SELECT_PROGRAMS = "SELECT id, name FROM program WHERE organization_id = $1 ORDER BY name LIMIT 500"
#: Of who is forgotten: the words go, and so does a wish that nobody has answered; what was given stays in the books.
FORGET_WORDS = """
UPDATE stipend s SET plan = '',
    declined_because = CASE WHEN s.state IN ('applied', 'prepared') THEN $3 ELSE s.declined_because END,
    state = CASE WHEN s.state IN ('applied', 'prepared') THEN 'declined' ELSE s.state END
FROM enrollment e
WHERE e.id = s.enrollment_id AND e.organization_id = $1 AND e.person_id = $2 AND s.organization_id = $1
"""
SELECT_OF_PERSON = f"{_STIPEND} WHERE s.organization_id = $1 AND e.person_id = $2 ORDER BY s.applied_at, s.id"

# The ledger only grows: it goes on naming who it was.
REASSIGN = """
UPDATE stipend SET prepared_by = CASE prepared_by WHEN $2 THEN $3 ELSE prepared_by END,
    approved_by = CASE approved_by WHEN $2 THEN $3 ELSE approved_by END
WHERE organization_id = $1 AND $2 IN (prepared_by, approved_by)
"""


async def place(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Place | None:
    """An enrollment; None where there is none."""
    row = await connection.fetchrow(SELECT_PLACE, organization_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Place)


async def hold_place(connection: Connection, organization_id: UUID, enrollment_id: UUID) -> Place | None:
    """An enrollment, locked; None where there is none."""
    row = await connection.fetchrow(LOCK_PLACE, organization_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Place)


async def stipend(connection: Reader, organization_id: UUID, stipend_id: UUID) -> Stipend | None:
    """A stipend; None where there is none."""
    row = await connection.fetchrow(SELECT_ONE, organization_id, stipend_id)
    return None if row is None else msgspec.convert(dict(row), Stipend)


async def hold(connection: Connection, organization_id: UUID, stipend_id: UUID) -> Stipend | None:
    """A stipend, its enrollment locked first and then itself; None where there is none."""
    enrollment_id = await connection.fetchval(SELECT_ENROLLMENT_ID, organization_id, stipend_id)
    if enrollment_id is None:
        return None
    await hold_place(connection, organization_id, enrollment_id)
    await connection.fetchval(LOCK, organization_id, stipend_id)
    return await stipend(connection, organization_id, stipend_id)


async def of_enrollment(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Stipend | None:
    """The stipend of an enrollment; None where nobody applied."""
    row = await connection.fetchrow(SELECT_OF_ENROLLMENT, organization_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Stipend)


async def hold_of_enrollment(connection: Connection, organization_id: UUID, enrollment_id: UUID) -> Stipend | None:
    """The stipend of a locked enrollment, locked too; None where nobody applied."""
    await connection.fetchval(LOCK_OF_ENROLLMENT, organization_id, enrollment_id)
    return await of_enrollment(connection, organization_id, enrollment_id)


async def page(
    connection: Reader, organization_id: UUID, *, state: State | None, after: UUID | None, most: int
) -> list[Stipend]:
    """Stipends in one state or all, who applied first first, behind one."""
    rows = await connection.fetch(SELECT_PAGE, organization_id, state, after, most)
    return [msgspec.convert(dict(row), Stipend) for row in rows]


async def counts(connection: Reader, organization_id: UUID) -> dict[str, int]:
    """How many stipends are in each state that has any."""
    return {row["state"]: row["count"] for row in await connection.fetch(SELECT_COUNTS, organization_id)}


async def apply(
    connection: Connection, organization_id: UUID, enrollment_id: UUID, wish: Application, *, now: datetime
) -> None:
    """Write an application, or write it anew."""
    await connection.execute(APPLY, uuid4(), organization_id, enrollment_id, wish.plan, wish.cents, now)


async def prepare(connection: Connection, stipend_id: UUID, offer: Offer, *, by: UUID) -> None:
    """Say out of what it is paid, and how much."""
    await connection.execute(PREPARE, stipend_id, offer.budget_id, offer.cents, by)


async def approve(connection: Connection, stipend_id: UUID, *, by: UUID, now: datetime) -> None:
    """Mark it approved."""
    await connection.execute(APPROVE, stipend_id, by, now)


async def pay(connection: Connection, stipend_id: UUID, *, reference: str, now: datetime) -> None:
    """Mark it paid."""
    await connection.execute(PAY, stipend_id, reference, now)


async def decline(connection: Connection, stipend_id: UUID, *, reason: str) -> None:
    """Mark it declined."""
    await connection.execute(DECLINE, stipend_id, reason)


async def commit(connection: Connection, budget_id: UUID, cents: int) -> None:
    """Take cents out of a budget, or give them back; a CheckViolationError where it has not that much."""
    await connection.execute(COMMIT_CENTS, budget_id, cents)


async def insert_entry(connection: Connection, organization_id: UUID, entry: Entry) -> None:
    """Write a line of the ledger."""
    await connection.execute(
        INSERT_ENTRY,
        entry.id,
        organization_id,
        entry.budget_id,
        entry.stipend_id,
        entry.kind,
        entry.cents,
        entry.at,
        entry.by_person,
        entry.reference,
    )


async def budgets(connection: Reader, organization_id: UUID, *, program_id: UUID | None = None) -> list[Budget]:
    """Every budget, or those of a program, newest year first."""
    rows = await connection.fetch(SELECT_BUDGETS, organization_id, program_id)
    return [msgspec.convert(dict(row), Budget) for row in rows]


async def budget(connection: Reader, organization_id: UUID, budget_id: UUID) -> Budget | None:
    """A budget; None where there is none."""
    row = await connection.fetchrow(SELECT_BUDGET, organization_id, budget_id)
    return None if row is None else msgspec.convert(dict(row), Budget)


async def put_budget(connection: Connection, organization_id: UUID, plan: BudgetPlan) -> bool:
    """Write a budget or its new amount; False where the id is of another one."""
    found = await connection.fetchval(
        PUT_BUDGET, plan.id, organization_id, plan.program_id, plan.funding_source_id, plan.year, plan.amount_cents
    )
    return found is not None


async def put_source(connection: Connection, organization_id: UUID, source: Source) -> bool:
    """Write a funding source or its new name; False where the id is of another organization's."""
    return await connection.fetchval(PUT_SOURCE, source.id, organization_id, source.name) is not None


async def sources(connection: Reader, organization_id: UUID) -> list[Source]:
    """Every funding source by name."""
    rows = await connection.fetch(SELECT_SOURCES, organization_id)
    return [msgspec.convert(dict(row), Source) for row in rows]


async def programs(connection: Reader, organization_id: UUID) -> list[Program]:
    """Every program by name."""
    rows = await connection.fetch(SELECT_PROGRAMS, organization_id)
    return [msgspec.convert(dict(row), Program) for row in rows]


async def totals(connection: Reader, organization_id: UUID, *, year: int, after: UUID | None, most: int) -> list[Total]:
    """What was paid to each person in a year, by name, behind one person."""
    rows = await connection.fetch(SELECT_TOTALS, organization_id, year, after, most)
    return [msgspec.convert(dict(row), Total) for row in rows]


async def entries(
    connection: Reader, organization_id: UUID, *, budget_id: UUID | None, after: UUID | None, most: int
) -> list[Entry]:
    """The ledger in the order written, of one budget or of all, behind one line."""
    rows = await connection.fetch(SELECT_ENTRIES, organization_id, budget_id, after, most)
    return [msgspec.convert(dict(row), Entry) for row in rows]


async def entered_of(connection: Reader, organization_id: UUID, stipend_id: UUID) -> list[Entered]:
    """The ledger's lines of one stipend, in words."""
    rows = await connection.fetch(SELECT_ENTERED_OF_STIPEND, organization_id, stipend_id)
    return [msgspec.convert(dict(row), Entered) for row in rows]


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Take out what somebody wrote, unless `keep` names "stipend"; amounts, and what was paid, are the books' own."""
    if "stipend" not in keep:
        await connection.execute(FORGET_WORDS, organization_id, person_id, "The person asked to be forgotten.")
    return []


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What is kept of somebody's stipends, for their own download."""
    rows = await connection.fetch(SELECT_OF_PERSON, organization_id, person_id)
    left_out = {"id", "enrollment_id", "program_id", "cohort_id", "budget_id"}
    left_out |= {"prepared_by", "prepared_by_name", "approved_by", "approved_by_name"}
    return {"stipends": [{name: value for name, value in row.items() if name not in left_out} for row in rows]}


async def reassign(connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> None:
    """Let what somebody prepared and approved be another's, who is the same person."""
    await connection.execute(REASSIGN, organization_id, away, keep)
