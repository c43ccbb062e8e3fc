"""Routes of stipends."""

from typing import Any
from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import CONCERNED, STAFF, TAKEN, Line
from tests.enrollment.lines.world import World


def _offer(world: World) -> dict[str, Any]:
    return {"budget_id": str(world.more["budget_id"]), "amount_cents": 100_00}


OBJECTS: dict[str, Line] = {
    "PUT /api/enrollments/{enrollment_id:uuid}/stipend": Line(
        CONCERNED, lambda world: {"plan": "Theirs", "asked_cents": 1}
    ),
    "GET /api/enrollments/{enrollment_id:uuid}/stipend": Line(CONCERNED),
    "GET /api/stipends/{stipend_id:uuid}": Line(STAFF),
    "PUT /api/stipends/{stipend_id:uuid}/preparation": Line(STAFF, _offer),
    "PUT /api/stipends/{stipend_id:uuid}/approval": Line(STAFF, _offer),
    "PUT /api/stipends/{stipend_id:uuid}/payment": Line(STAFF, lambda world: {"reference": "Theirs"}),
    "PUT /api/stipends/{stipend_id:uuid}/decline": Line(STAFF, lambda world: {"reason": "Envy"}),
    "PUT /api/funding-sources/{source_id:uuid}": Line(TAKEN, lambda world: {"name": "Theirs"}),
    "PUT /api/stipend-budgets/{budget_id:uuid}": Line(
        TAKEN,
        lambda world: {
            "program_id": str(world.foreign_program_id),
            "funding_source_id": str(world.more["source_id"]),
            "year": 2026,
            "amount_cents": 0,
        },
    ),
}
LISTS: set[str] = {
    "GET /api/stipends",
    "GET /api/funding-sources",
    "GET /api/stipend-budgets",
    "GET /api/stipend-totals",
    "GET /api/stipend-entries",
}
DOORS: set[str] = set()


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """The participant's stipend, prepared out of a budget."""
    organization_id, source_id, budget_id, stipend_id = world.scene.organization_id, uuid4(), uuid4(), uuid4()
    await pool.execute("INSERT INTO funding_source VALUES ($1, $2, 'A fund')", source_id, organization_id)
    await pool.execute(
        "INSERT INTO stipend_budget (id, organization_id, program_id, funding_source_id, year, amount_cents)"
        " VALUES ($1, $2, $3, $4, 2026, 100000)",
        budget_id, organization_id, world.ids.program_id, source_id,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO stipend (id, organization_id, enrollment_id, state, plan, asked_cents, applied_at, budget_id,"
        " amount_cents, prepared_by) VALUES ($1, $2, $3, 'prepared', 'Private', 10000, now(), $4, 10000, $5)",
        stipend_id, organization_id, world.ids.enrollment_id, budget_id, world.scene.people["coordinator"][1],
    )  # fmt: skip
    return {"source_id": source_id, "budget_id": budget_id, "stipend_id": stipend_id}
