"""A stipend's way: applied for by who completed, prepared, approved by another person, paid or declined."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.enrollment.stipends import store
from shared.contracts import AwardRequest
from shared.postgres import Pool, transaction
from tests.enrollment.cast import asked
from tests.enrollment.stipends.money import (
    Money,
    apply,
    approve,
    at,
    books,
    code,
    decline,
    money,
    pay,
    prepare,
    put_budget,
)
from tests.enrollment.visitors import Served


class Acting(msgspec.Struct, frozen=True):
    """The browsers of those who act: a participant, one of the staff, another one, the administrator."""

    participant: aiohttp.ClientSession
    first: aiohttp.ClientSession
    second: aiohttp.ClientSession
    administrator: aiohttp.ClientSession


@pytest.fixture
async def world(enrollment_pool: Pool) -> Money:
    return await money(enrollment_pool)


@pytest.fixture
async def budget_id(enrollment_pool: Pool, world: Money) -> UUID:
    return await put_budget(enrollment_pool, world, cents=1_000_00)


@pytest.fixture
async def acting(served: Served, enrollment_pool: Pool, world: Money) -> AsyncIterator[Acting]:
    people = (world.built.person_ids[0], world.coordinator_id, world.second_id, world.built.staff_id)
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(at(served, enrollment_pool, world, one)) for one in people]
        yield Acting(*sessions)


async def applied(acting: Acting, world: Money) -> str:
    status, found = await apply(acting.participant, world.built.enrollment_ids[0])
    assert status == 200
    return str(found["id"])


async def approved(acting: Acting, world: Money, budget_id: UUID) -> str:
    stipend_id = await applied(acting, world)
    assert (await prepare(acting.first, stipend_id, budget_id))[0] == 200
    assert (await approve(acting.second, stipend_id, budget_id))[0] == 200
    return stipend_id


async def test_from_the_application_to_the_payment(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await applied(acting, world)
    status, prepared = await prepare(acting.first, stipend_id, budget_id, cents=400_00)
    assert (status, prepared["state"], prepared["prepared_by_name"]) == (200, "prepared", "Cora")
    assert await books(enrollment_pool, budget_id) == (0, 0)
    status, found = await approve(acting.second, stipend_id, budget_id, cents=400_00)
    assert (status, found["state"], found["approved_by_name"]) == (200, "approved", "Saul")
    assert await books(enrollment_pool, budget_id) == (400_00, 400_00)
    status, found = await pay(acting.first, stipend_id)
    assert (status, found["state"], found["paid_reference"]) == (200, "paid", "Check 1041")
    assert await books(enrollment_pool, budget_id) == (400_00, 400_00)
    _, ledger = await asked(acting.first, "GET", f"/api/stipend-entries?budget_id={budget_id}")
    assert [(one["kind"], one["cents"], one["reference"]) for one in ledger["items"]] == [
        ("committed", 400_00, None),
        ("paid", 400_00, "Check 1041"),
    ]
    _, totals = await asked(acting.first, "GET", "/api/stipend-totals")
    assert [(one["person_name"], one["paid_cents"], one["payments"]) for one in totals["items"]] == [
        ("Person 0", 400_00, 1)
    ]
    _, before = await asked(acting.first, "GET", f"/api/stipend-totals?year={totals['year'] - 1}")
    assert before["items"] == []
    notes = await enrollment_pool.fetch(
        "SELECT action FROM journal_entry WHERE organization_id = $1 ORDER BY at", world.organization_id
    )
    assert [one["action"] for one in notes] == ["stipend.prepare", "stipend.approve", "stipend.pay"]


async def test_the_same_again_changes_nothing(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await approved(acting, world, budget_id)
    assert (await approve(acting.second, stipend_id, budget_id))[0] == 200
    assert await books(enrollment_pool, budget_id) == (450_00, 450_00)
    assert [(await pay(acting.first, stipend_id))[0] for _ in range(2)] == [200, 200]
    assert code(await pay(acting.first, stipend_id, "Check 9")) == (409, "stipend-state")
    assert await enrollment_pool.fetchval("SELECT count(*) FROM stipend_entry WHERE budget_id = $1", budget_id) == 2


async def test_the_participant_sees_the_amount_once_it_is_approved(
    world: Money, budget_id: UUID, acting: Acting
) -> None:
    path = f"/api/enrollments/{world.built.enrollment_ids[0]}/stipend"
    assert (await asked(acting.participant, "GET", path))[0] == 404
    stipend_id = await applied(acting, world)
    await prepare(acting.first, stipend_id, budget_id, cents=300_00)
    _, found = await asked(acting.participant, "GET", path)
    assert (found["state"], found["asked_cents"], found["amount_cents"]) == ("prepared", 450_00, None)
    await approve(acting.second, stipend_id, budget_id, cents=300_00)
    _, found = await asked(acting.participant, "GET", path)
    assert (found["state"], found["amount_cents"]) == ("approved", 300_00)
    assert not {"prepared_by", "approved_by", "person_name"} & found.keys()


async def test_an_application_is_written_anew_until_it_is_prepared(
    world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await applied(acting, world)
    status, found = await apply(acting.participant, world.built.enrollment_ids[0], plan="Another", cents=200_00)
    assert (status, found["id"], found["plan"], found["asked_cents"]) == (200, stipend_id, "Another", 200_00)
    await prepare(acting.first, stipend_id, budget_id)
    assert code(await apply(acting.participant, world.built.enrollment_ids[0])) == (409, "stipend-state")


@pytest.mark.parametrize("outcome", ["none", "not completed"])
async def test_who_has_not_completed_gets_nothing(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting, outcome: str
) -> None:
    enrollment_id = world.built.enrollment_ids[0]
    await enrollment_pool.execute("UPDATE enrollment SET outcome = $2 WHERE id = $1", enrollment_id, outcome)
    assert code(await apply(acting.participant, enrollment_id)) == (409, "not-completed")
    await enrollment_pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", enrollment_id)
    stipend_id = await applied(acting, world)
    await prepare(acting.first, stipend_id, budget_id)
    await enrollment_pool.execute("UPDATE enrollment SET outcome = $2 WHERE id = $1", enrollment_id, outcome)
    assert code(await approve(acting.second, stipend_id, budget_id)) == (409, "not-completed")
    assert await books(enrollment_pool, budget_id) == (0, 0)


async def test_nobody_applies_for_another(world: Money, acting: Acting) -> None:
    assert code(await apply(acting.participant, world.built.enrollment_ids[1])) == (404, "not-found")
    assert code(await apply(acting.administrator, world.built.enrollment_ids[1])) == (404, "not-found")


async def test_who_prepared_cannot_approve(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await applied(acting, world)
    await prepare(acting.first, stipend_id, budget_id)
    assert code(await approve(acting.first, stipend_id, budget_id)) == (409, "second-person")
    assert await books(enrollment_pool, budget_id) == (0, 0)
    with pytest.raises(asyncpg.CheckViolationError, match="stipend_approved_by_another"):
        await enrollment_pool.execute("UPDATE stipend SET approved_by = prepared_by WHERE id = $1", UUID(stipend_id))


async def test_nobody_handles_a_stipend_of_their_own(
    served: Served, enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    """One of the staff who took part and completed, too."""
    own = world.built.person_ids[0]
    await enrollment_pool.execute(
        "INSERT INTO role_grant (organization_id, person_id, role) VALUES ($1, $2, 'administrator')",
        world.organization_id, own,
    )  # fmt: skip
    stipend_id = await applied(acting, world)
    refused = (409, "own-stipend")
    assert code(await prepare(acting.participant, stipend_id, budget_id)) == refused
    await prepare(acting.first, stipend_id, budget_id)
    assert code(await approve(acting.participant, stipend_id, budget_id)) == refused
    await approve(acting.second, stipend_id, budget_id)
    assert code(await pay(acting.participant, stipend_id)) == refused
    assert code(await decline(acting.participant, stipend_id)) == refused


async def test_what_was_prepared_anew_is_not_approved_unseen(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await applied(acting, world)
    await prepare(acting.first, stipend_id, budget_id, cents=100_00)
    await prepare(acting.first, stipend_id, budget_id, cents=900_00)
    assert code(await approve(acting.second, stipend_id, budget_id, cents=100_00)) == (409, "stipend-changed")
    assert await books(enrollment_pool, budget_id) == (0, 0)


async def test_declining_gives_back_what_was_approved(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await approved(acting, world, budget_id)
    status, found = await decline(acting.first, stipend_id)
    assert (status, found["state"], found["declined_because"]) == (200, "declined", "Not this year")
    assert await books(enrollment_pool, budget_id) == (0, 0)
    assert [(await decline(acting.first, stipend_id))[0] for _ in range(2)] == [200, 200]
    assert code(await pay(acting.first, stipend_id)) == (409, "stipend-state")
    kinds = await enrollment_pool.fetch("SELECT kind FROM stipend_entry WHERE budget_id = $1 ORDER BY at", budget_id)
    assert [one["kind"] for one in kinds] == ["committed", "released"]


async def test_what_is_paid_cannot_be_declined(world: Money, budget_id: UUID, acting: Acting) -> None:
    stipend_id = await approved(acting, world, budget_id)
    await pay(acting.first, stipend_id)
    assert code(await decline(acting.first, stipend_id)) == (409, "stipend-state")


async def test_a_budget_is_not_exceeded_nor_shrunk_below_what_is_approved(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    stipend_id = await applied(acting, world)
    await prepare(acting.first, stipend_id, budget_id, cents=1_000_01)
    status, problem = await approve(acting.second, stipend_id, budget_id, cents=1_000_01)
    assert (status, problem["type"], problem["budget_id"]) == (409, "/problems/budget-exceeded", str(budget_id))
    assert await books(enrollment_pool, budget_id) == (0, 0)
    assert await enrollment_pool.fetchval("SELECT state FROM stipend WHERE id = $1", UUID(stipend_id)) == "prepared"
    await prepare(acting.first, stipend_id, budget_id, cents=1_000_00)
    assert (await approve(acting.second, stipend_id, budget_id, cents=1_000_00))[0] == 200
    body = {"program_id": str(world.program_id), "funding_source_id": str(world.source_id), "year": 2026}
    path = f"/api/stipend-budgets/{budget_id}"
    less = await asked(acting.administrator, "PUT", path, json={**body, "amount_cents": 999_99})
    assert code(less) == (409, "budget-exceeded")
    status, found = await asked(acting.administrator, "PUT", path, json={**body, "amount_cents": 1_200_00})
    assert (status, found["left_cents"]) == (200, 200_00)


async def test_budgets_and_sources_are_written_by_administrators(world: Money, acting: Acting) -> None:
    source_id, budget_id = uuid4(), uuid4()
    source = f"/api/funding-sources/{source_id}"
    assert (await asked(acting.first, "PUT", source, json={"name": "State grant"}))[0] == 403
    assert (await asked(acting.administrator, "PUT", source, json={"name": "  State   grant "}))[1] == {
        "id": str(source_id),
        "name": "State grant",
    }
    again = await asked(acting.administrator, "PUT", f"/api/funding-sources/{uuid4()}", json={"name": "State grant"})
    assert code(again) == (409, "source-taken")
    body = {
        "program_id": str(world.program_id),
        "funding_source_id": str(source_id),
        "year": 2026,
        "amount_cents": 500_00,
    }
    path = f"/api/stipend-budgets/{budget_id}"
    assert (await asked(acting.administrator, "PUT", path, json=body))[1]["left_cents"] == 500_00
    other = f"/api/stipend-budgets/{uuid4()}"
    assert code(await asked(acting.administrator, "PUT", other, json=body)) == (409, "budget-taken")
    moved = await asked(acting.administrator, "PUT", path, json={**body, "year": 2027})
    assert code(moved) == (409, "budget-taken")
    nowhere = {**body, "funding_source_id": str(uuid4())}
    assert code(await asked(acting.administrator, "PUT", other, json=nowhere)) == (404, "not-found")
    _, found = await asked(acting.first, "GET", "/api/stipend-budgets")
    assert [(one["source_name"], one["amount_cents"]) for one in found["items"]] == [("State grant", 500_00)]


async def test_a_budget_of_another_program_gives_nothing(enrollment_pool: Pool, world: Money, acting: Acting) -> None:
    other = uuid4()
    await enrollment_pool.execute(
        "INSERT INTO program (id, organization_id, slug, name, description) VALUES ($1, $2, 'q', 'Other', 'B')",
        other, world.organization_id,
    )  # fmt: skip
    elsewhere = await put_budget(enrollment_pool, msgspec.structs.replace(world, program_id=other), cents=1_000_00)
    foreign = await money(enrollment_pool, people=1)
    theirs = await put_budget(enrollment_pool, foreign, cents=1_000_00)
    stipend_id = await applied(acting, world)
    for wrong in (elsewhere, theirs, uuid4()):
        assert code(await prepare(acting.first, stipend_id, wrong)) == (409, "wrong-budget")


@pytest.mark.parametrize("text", ["My SSN is 078-05-1120", "078 05 1120", "ITIN: 912-70-1234."])
async def test_no_tax_number_is_taken(world: Money, budget_id: UUID, acting: Acting, text: str) -> None:
    status, problem = await apply(acting.participant, world.built.enrollment_ids[0], plan=text)
    assert (status, problem["errors"][0]["field"]) == (422, "plan")
    stipend_id = await approved(acting, world, budget_id)
    status, problem = await pay(acting.first, stipend_id, text)
    assert (status, problem["errors"][0]["field"]) == (422, "reference")


async def test_the_list_is_read_in_pages_by_state(served: Served, enrollment_pool: Pool, world: Money) -> None:
    ids = []
    for person_id, enrollment_id in zip(world.built.person_ids, world.built.enrollment_ids, strict=True):
        async with at(served, enrollment_pool, world, person_id) as session:
            ids.append((await apply(session, enrollment_id))[1]["id"])
    async with at(served, enrollment_pool, world, world.coordinator_id) as staff:
        await decline(staff, ids[1])
        _, first = await asked(staff, "GET", "/api/stipends?limit=2")
        _, rest = await asked(staff, "GET", f"/api/stipends?limit=2&after={first['next']}")
        assert [one["id"] for one in first["items"] + rest["items"]] == ids
        assert rest["next"] is None
        _, waiting = await asked(staff, "GET", "/api/stipends?state=applied")
        assert [one["id"] for one in waiting["items"]] == [ids[0], ids[2]]


@pytest.mark.parametrize("statement", ["UPDATE stipend_entry SET cents = 1", "DELETE FROM stipend_entry"])
async def test_the_database_lets_the_service_only_add_to_the_ledger(
    migrated: Cluster, world: Money, budget_id: UUID, acting: Acting, statement: str
) -> None:
    await approved(acting, world, budget_id)
    connection = await asyncpg.connect(migrated.dsn("enrollment", "enrollment"))
    try:
        assert await connection.fetchval("SELECT count(*) FROM stipend_entry WHERE budget_id = $1", budget_id) == 1
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


def test_nothing_of_stipends_travels_with_an_award() -> None:
    fields = {one.name for one in msgspec.structs.fields(AwardRequest)}
    assert "credit_minutes" in fields, "the control: these are its fields"
    assert [
        one for one in fields if any(word in one for word in ("stipend", "cents", "amount", "paid", "budget"))
    ] == []


async def test_what_somebody_wrote_goes_with_them_and_what_was_given_stays(
    enrollment_pool: Pool, world: Money, budget_id: UUID, acting: Acting
) -> None:
    person_id = world.built.person_ids[0]
    stipend_id = UUID(await applied(acting, world))
    data = await store.data_of(enrollment_pool, world.organization_id, person_id)
    assert [(one["plan"], one["asked_cents"]) for one in data["stipends"]] == [("A workshop", 450_00)]
    async with transaction(enrollment_pool) as connection:
        await store.forget(connection, world.organization_id, person_id, keep=frozenset({"stipend"}))
        held = await store.stipend(connection, world.organization_id, stipend_id)
        assert held is not None
        assert held.plan == "A workshop"
        await store.forget(connection, world.organization_id, person_id, keep=frozenset())
    found = await store.stipend(enrollment_pool, world.organization_id, stipend_id)
    assert found is not None
    assert (found.plan, found.state) == ("", "declined")
    await enrollment_pool.execute(
        "UPDATE stipend SET plan = 'More', state = 'applied', declined_because = NULL WHERE id = $1", stipend_id
    )
    await prepare(acting.first, stipend_id, budget_id)
    await approve(acting.second, stipend_id, budget_id)
    async with transaction(enrollment_pool) as connection:
        await store.forget(connection, world.organization_id, person_id, keep=frozenset())
    found = await store.stipend(enrollment_pool, world.organization_id, stipend_id)
    assert found is not None
    assert (found.plan, found.state, found.amount_cents) == ("", "approved", 450_00)
    assert await books(enrollment_pool, budget_id) == (450_00, 450_00)
