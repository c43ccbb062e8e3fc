"""Routes of stipends."""

from typing import Any
from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, CONCERNED, CONCERNED_AT_HOME, STAFF, STAFF_AT_HOME, TAKEN, Line
from tests.enrollment.lines.world import World


def _offer(world: World) -> dict[str, Any]:
    return {"budget_id": str(world.more["budget_id"]), "amount_cents": 100_00}


def _form(world: World) -> dict[str, str]:
    return {"budget_id": str(world.more["budget_id"]), "amount": "100", "amount_cents": "10000"}


#: An administrator of another organization is a stranger at the address of this one, and administrates its own.
_STIPEND, _BUDGET = (
    "/{slug:str}/staff/stipends/{stipend_id:uuid}",
    "/{slug:str}/staff/stipends/budgets/{budget_id:uuid}",
)
_OWN = "/{slug:str}/learning/{enrollment_id:uuid}/stipend"

OBJECTS: dict[str, Line] = {
    f"GET {_OWN}": Line(AWAY, home=CONCERNED_AT_HOME, administrator=404),
    f"POST {_OWN}": Line(AWAY, form=lambda world: {"plan": "Theirs", "amount": "1"}, home=CONCERNED_AT_HOME),
    f"GET {_STIPEND}": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_STIPEND}/preparation": Line(AWAY, form=_form, home=STAFF_AT_HOME),
    f"POST {_STIPEND}/approval": Line(AWAY, form=_form, home=STAFF_AT_HOME),
    f"POST {_STIPEND}/payment": Line(AWAY, form=lambda world: {"reference": "Theirs"}, home=STAFF_AT_HOME),
    f"POST {_STIPEND}/decline": Line(AWAY, form=lambda world: {"reason": "Envy"}, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/stipends/sources/{source_id:uuid}": Line(
        (409, *AWAY[1:]), form=lambda world: {"name": "Theirs"}, home=STAFF_AT_HOME
    ),
    f"POST {_BUDGET}": Line(
        (409, *AWAY[1:]),
        form=lambda world: {
            "program_id": str(world.foreign_program_id),
            "funding_source_id": str(world.more["source_id"]),
            "year": "2026",
            "amount": "0",
        },
        home=STAFF_AT_HOME,
    ),
    f"GET {_BUDGET}/amount": Line(AWAY, home=STAFF_AT_HOME),
    f"POST {_BUDGET}/amount": Line(AWAY, form=lambda world: {"amount": "1"}, home=STAFF_AT_HOME),
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
    "GET /{slug:str}/staff/stipends",
    "GET /{slug:str}/staff/stipends/budgets",
    "GET /{slug:str}/staff/stipends/payments",
    "GET /{slug:str}/staff/stipends/payments.csv",
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
