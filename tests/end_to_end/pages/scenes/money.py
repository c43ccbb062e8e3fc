"""Pages of stipends."""

from typing import Any
from uuid import UUID, uuid4

from tests.end_to_end.pages.scenes.scene import ARABIC, LONG, Open, Scenes, open_as
from tests.enrollment.visitors import add_person, fresh_email

PLAN = "A workshop for the families of our school: two evenings with an interpreter.\nCopies, room and child care."
#: What the participant of the scene asks for, then a row in each further state.
STATES = ("applied", "prepared", "approved", "paid", "declined")


def _staff(scenes: Scenes, more: str = "") -> str:
    return f"/staff/stipends{more}"


def _one(state: str) -> Open:
    return lambda page, scenes: open_as(
        page, scenes, scenes.administrator_id, _staff(scenes, f"/{scenes.more['stipends'][state]}")
    )


def _own(state: str) -> Open:
    return lambda page, scenes: open_as(
        page, scenes, scenes.more["stipend_people"][state],
        f"/learning/{scenes.more['stipend_enrollments'][state]}/stipend",
    )  # fmt: skip


PAGES: dict[str, Open] = {
    "stipends": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, _staff(scenes)),
    "stipends-none": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, _staff(scenes, "?state=applied&after=" + str(uuid4()))
    ),
    "stipend-to-prepare": _one("applied"),
    "stipend-to-approve": _one("prepared"),
    "stipend-to-pay": _one("approved"),
    "stipend-paid": _one("paid"),
    "stipend-budgets": lambda page, scenes: open_as(page, scenes, scenes.administrator_id, _staff(scenes, "/budgets")),
    "stipend-budget": lambda page, scenes: open_as(
        page, scenes, scenes.administrator_id, _staff(scenes, f"/budgets/{scenes.more['stipend_budget']}/amount")
    ),
    "stipend-payments": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, _staff(scenes, "/payments")),
    "stipend-own": _own("none"),
    "stipend-own-applied": _own("applied"),
    "stipend-own-paid": _own("paid"),
    "stipend-own-declined": _own("declined"),
}


async def add(scenes: Scenes) -> dict[str, Any]:
    """A budget, and people who completed the full cohort with a stipend in each state."""
    pool, organization_id, source_id, budget_id = scenes.pool, scenes.organization_id, uuid4(), uuid4()
    people: dict[str, UUID] = {}
    enrollments: dict[str, UUID] = {}
    stipends: dict[str, UUID] = {}
    await pool.execute("INSERT INTO funding_source VALUES ($1, $2, $3)", source_id, organization_id, f"Fund {ARABIC}")
    await pool.execute(
        "INSERT INTO stipend_budget (id, organization_id, program_id, funding_source_id, year, amount_cents,"
        " committed_cents) SELECT $1, $2, l.program_id, $3, 2026, 500000, 90000 FROM cohort c"
        " JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id WHERE c.id = $4",
        budget_id, organization_id, source_id, scenes.full_id,
    )  # fmt: skip
    for state in ("none", *STATES):
        name = {"prepared": ARABIC, "approved": LONG}.get(state, f"Ana {state.title()}")
        people[state] = await add_person(pool, organization_id, fresh_email(), name=name)
        enrollments[state] = uuid4()
        await pool.execute(
            "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, outcome, shows_name,"
            " enrolled_at) VALUES ($1, $2, $3, $4, 'none', 'completed', true, now())",
            enrollments[state], organization_id, scenes.full_id, people[state],
        )  # fmt: skip
        if state != "none":
            stipends[state] = await _stipend(scenes, enrollments[state], state, budget_id)
    return {
        "stipends": stipends,
        "stipend_people": people,
        "stipend_enrollments": enrollments,
        "stipend_budget": budget_id,
    }


async def _stipend(scenes: Scenes, enrollment_id: UUID, state: str, budget_id: UUID) -> UUID:
    stipend_id, is_prepared = uuid4(), state in ("prepared", "approved", "paid")
    is_approved = state in ("approved", "paid")
    await scenes.pool.execute(
        "INSERT INTO stipend (id, organization_id, enrollment_id, state, plan, asked_cents, applied_at, budget_id,"
        " amount_cents, prepared_by, approved_by, approved_at, paid_reference, paid_at, declined_because)"
        " VALUES ($1, $2, $3, $4, $5, 45000, now(), $6, $7, $8, $9,"
        " CASE WHEN $9::uuid IS NULL THEN NULL ELSE now() END, $10,"
        " CASE WHEN $10::text IS NULL THEN NULL ELSE now() END, $11)",
        stipend_id, scenes.organization_id, enrollment_id, state, PLAN,
        budget_id if is_prepared else None, 450_00 if is_prepared else None,
        scenes.coordinator_id if is_prepared else None, scenes.administrator_id if is_approved else None,
        "Check 1041" if state == "paid" else None,
        "The grant pays for classroom teachers only." if state == "declined" else None,
    )  # fmt: skip
    for kind in ("committed", "paid")[: (is_approved + (state == "paid"))]:
        await scenes.pool.execute(
            "INSERT INTO stipend_entry VALUES ($1, $2, $3, $4, $5, 45000, now(), $6, $7)",
            uuid4(), scenes.organization_id, budget_id, stipend_id, kind, scenes.administrator_id,
            "Check 1041" if kind == "paid" else None,
        )  # fmt: skip
    return stipend_id
