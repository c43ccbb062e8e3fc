"""Budgets and their ledger: many approvals at once, and verbs in any order."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.enrollment.house import House
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import actions, store
from services.enrollment.stipends.model import (
    Application,
    BudgetExceededError,
    BudgetPlan,
    NotCompletedError,
    Offer,
    OwnStipendError,
    SecondPersonError,
    StipendChangedError,
    StipendStateError,
    cents_of,
)
from shared.clock import system_clock
from shared.postgres import Pool
from shared.problems import InvalidInputError
from tests.enrollment.houses import house_at
from tests.enrollment.stipends.money import Money, approve, at, books, code, money, put_budget
from tests.enrollment.visitors import Served, add_person, fresh_email

PEOPLE, FIT = 50, 17


async def prepared(pool: Pool, world: Money, budget_id: UUID, *, cents: int) -> list[UUID]:
    """Everybody's stipend, applied for and prepared."""
    now, ids = system_clock(), []
    preparer = Viewer(
        organization_id=world.organization_id, person_id=world.coordinator_id, roles=frozenset({"coordinator"})
    )
    for person_id, enrollment_id in zip(world.built.person_ids, world.built.enrollment_ids, strict=True):
        viewer = Viewer(organization_id=world.organization_id, person_id=person_id)
        found = await actions.apply(pool, viewer, enrollment_id, Application("A workshop", cents), now=now)
        await actions.prepare(pool, preparer, found.id, Offer(budget_id, cents))
        ids.append(found.id)
    return ids


async def test_fifty_approvals_at_once_never_exceed_one_budget(served: Served, enrollment_pool: Pool) -> None:
    world = await money(enrollment_pool, people=PEOPLE)
    budget_id = await put_budget(enrollment_pool, world, cents=FIT * 100_00 + 99_99)
    ids = await prepared(enrollment_pool, world, budget_id, cents=100_00)
    approvers = [
        await add_person(enrollment_pool, world.organization_id, fresh_email(), "coordinator") for _ in range(4)
    ]
    async with AsyncExitStack() as stack:
        staff = [await stack.enter_async_context(at(served, enrollment_pool, world, one)) for one in approvers]
        # Two of the staff press the button for each.
        answers = await asyncio.gather(
            *(
                approve(staff[(n + more) % 4], one, budget_id, cents=100_00)
                for n, one in enumerate(ids)
                for more in (0, 1)
            )
        )
    found = [code(one) for one in answers]
    assert found.count((200, "")) == FIT
    assert set(found) == {(200, ""), (409, "budget-exceeded"), (409, "stipend-state")}
    assert await books(enrollment_pool, budget_id) == (FIT * 100_00, FIT * 100_00)
    approved = await enrollment_pool.fetchval(
        "SELECT count(*) FROM stipend WHERE budget_id = $1 AND state = 'approved'", budget_id
    )
    assert approved == FIT


async def test_it_is_the_database_that_refuses_whoever_writes(enrollment_pool: Pool) -> None:
    """No lock and no sum of ours stands before it: the constraint holds against any statement."""
    world = await money(enrollment_pool, people=1)
    budget_id = await put_budget(enrollment_pool, world, cents=100)
    with pytest.raises(asyncpg.CheckViolationError, match="stipend_budget_never_exceeded"):
        await enrollment_pool.execute("UPDATE stipend_budget SET committed_cents = 101 WHERE id = $1", budget_id)


async def test_applying_races_approving_without_a_deadlock(enrollment_pool: Pool) -> None:
    world = await money(enrollment_pool, people=8)
    budget_id = await put_budget(enrollment_pool, world, cents=8_000_00)
    ids = await prepared(enrollment_pool, world, budget_id, cents=100_00)
    owners = [Viewer(organization_id=world.organization_id, person_id=one) for one in world.built.person_ids]
    second = Viewer(organization_id=world.organization_id, person_id=world.second_id, roles=frozenset({"coordinator"}))
    wish, now = Application("Anew", 100_00), system_clock()
    async with house_at(enrollment_pool, system_clock) as house:
        answers = await asyncio.gather(
            *(
                one
                for owner, enrollment_id, stipend_id in zip(owners, world.built.enrollment_ids, ids, strict=True)
                for one in (
                    actions.apply(enrollment_pool, owner, enrollment_id, wish, now=now),
                    actions.approve(house, second, stipend_id, Offer(budget_id, 100_00), now=now),
                )
            ),
            return_exceptions=True,
        )
    assert [type(one) for one in answers[::2]] == [StipendStateError] * 8
    assert [getattr(one, "state", one) for one in answers[1::2]] == ["approved"] * 8


REFUSED = (
    BudgetExceededError,
    NotCompletedError,
    OwnStipendError,
    SecondPersonError,
    StipendChangedError,
    StipendStateError,
)
MANY = 3
VERBS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "give",
                "give",
                "apply",
                "prepare",
                "approve",
                "approve",
                "pay",
                "decline",
                "budget",
                "reverse",
                "complete",
            )
        ),
        st.integers(0, MANY - 1),
        st.integers(0, 1),
        st.sampled_from((100_00, 250_00, 400_00)),
    ),
    min_size=5,
    max_size=40,
)


async def act(house: House, world: Money, budgets: list[UUID], verb: tuple[str, int, int, int]) -> None:
    """Do one thing that somebody might do; what is refused changes nothing."""
    (name, who, which, cents), pool = verb, house.pool
    now, enrollment_id = system_clock(), world.built.enrollment_ids[who]
    owner = Viewer(organization_id=world.organization_id, person_id=world.built.person_ids[who])
    staff_id = (world.coordinator_id, world.second_id)[which]
    staff = Viewer(organization_id=world.organization_id, person_id=staff_id, roles=frozenset({"coordinator"}))
    if name == "give":
        await act(house, world, budgets, ("apply", who, which, cents))
        held = await store.of_enrollment(pool, world.organization_id, enrollment_id)
        assert held is not None
        await actions.prepare(pool, staff, held.id, Offer(budgets[0], cents))
        await act(house, world, budgets, ("approve", who, 1 - which, cents))
    if name == "apply":
        await actions.apply(pool, owner, enrollment_id, Application("A plan", cents), now=now)
    if name in ("reverse", "complete"):
        outcome = "completed" if name == "complete" else "not completed"
        await pool.execute("UPDATE enrollment SET outcome = $2 WHERE id = $1", enrollment_id, outcome)
    if name == "budget":
        plan = BudgetPlan(
            id=budgets[which], program_id=world.program_id, funding_source_id=world.source_id, year=2026 + which,
            amount_cents=cents,
        )  # fmt: skip
        await actions.put_budget(pool, staff, plan)
    held = await store.of_enrollment(pool, world.organization_id, enrollment_id)
    if held is None:
        return
    if name == "prepare":
        await actions.prepare(pool, staff, held.id, Offer(budgets[cents > 100_00], cents))
    elif name == "approve" and held.budget_id is not None and held.amount_cents is not None:
        await actions.approve(house, staff, held.id, Offer(held.budget_id, held.amount_cents), now=now)
    elif name == "pay":
        await actions.pay(house, staff, held.id, reference="Check", now=now)
    elif name == "decline":
        await actions.decline(house, staff, held.id, reason="No", now=now)


async def test_whatever_is_done_the_ledger_says_what_is_committed(enrollment_pool: Pool) -> None:
    loop = asyncio.get_running_loop()
    seen: set[str] = set()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(VERBS)
    def check(verbs: list[tuple[str, int, int, int]]) -> None:
        asyncio.run_coroutine_threadsafe(run(house, verbs, seen), loop).result(60)

    # Hypothesis calls no coroutines: it works in a thread and leaves each example to the loop that owns the pool.
    async with house_at(enrollment_pool, system_clock) as house:
        await asyncio.to_thread(check)
    assert {"approve", "pay", "decline"} <= seen, "the control: such things were done"


async def run(house: House, verbs: list[tuple[str, int, int, int]], seen: set[str]) -> None:
    """After every verb: no budget exceeded, its ledger adds up, and what is approved or paid is what is committed."""
    pool = house.pool
    world = await money(pool, people=MANY)
    budgets = [await put_budget(pool, world, cents=500_00, year=2026 + n) for n in range(2)]
    before = 0
    for verb in verbs:
        try:
            await act(house, world, budgets, verb)
            seen.add(verb[0])
        except REFUSED:
            pass
        for one in budgets:
            committed, summed = await books(pool, one)
            given_out = await pool.fetchval(
                "SELECT coalesce(sum(amount_cents), 0)::bigint FROM stipend"
                " WHERE budget_id = $1 AND state IN ('approved', 'paid')",
                one,
            )
            amount = await pool.fetchval("SELECT amount_cents FROM stipend_budget WHERE id = $1", one)
            assert committed == summed == given_out <= amount
        written = await pool.fetchval(
            "SELECT count(*) FROM stipend_entry WHERE organization_id = $1", world.organization_id
        )
        assert written >= before
        before = written


@given(st.integers(1, 1_000_000_00))
def test_an_amount_is_read_as_it_is_written(cents: int) -> None:
    whole, part = divmod(cents, 100)
    for text in (f"{whole}.{part:02}", f"${whole:,}.{part:02}", f" {whole},{part:02} "):
        assert cents_of("amount", text) == cents


@pytest.mark.parametrize(
    "text", ["", "a", "0", "-5", "1.234", "1,2", "1.2.3", "1,23,456", "NaN", "1e5", "99999999999999"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        cents_of("amount", text)


@pytest.mark.parametrize(
    ("text", "cents"), [("450", 450_00), ("450.5", 450_50), ("$1,250", 1_250_00), ("450,50", 450_50)]
)
def test_amounts_in_short(text: str, cents: int) -> None:
    assert cents_of("amount", text) == cents
