"""The pages of stipends, as a browser without a script sends and shows them."""

import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.queries import counting_queries
from tests.enrollment.stipends.money import Money, apply, approve, at, books, money, pay, prepare, put_budget
from tests.enrollment.visitors import Served

HTML = {"Accept": "text/html"}


@pytest.fixture
async def world(enrollment_pool: Pool) -> Money:
    return await money(enrollment_pool)


@pytest.fixture
async def budget_id(enrollment_pool: Pool, world: Money) -> UUID:
    return await put_budget(enrollment_pool, world, cents=1_000_00)


@pytest.fixture
async def participant(served: Served, enrollment_pool: Pool, world: Money) -> AsyncIterator[aiohttp.ClientSession]:
    async with at(served, enrollment_pool, world, world.built.person_ids[0]) as session:
        yield session


@pytest.fixture
async def staff(served: Served, enrollment_pool: Pool, world: Money) -> AsyncIterator[list[aiohttp.ClientSession]]:
    """The coordinator, another one, and the administrator."""
    people = (world.coordinator_id, world.second_id, world.built.staff_id)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(at(served, enrollment_pool, world, one)) for one in people]


def own(world: Money) -> str:
    return f"/{world.built.slug}/learning/{world.built.enrollment_ids[0]}/stipend"


def desk(world: Money, more: str = "") -> str:
    return f"/{world.built.slug}/staff/stipends{more}"


async def shown(session: aiohttp.ClientSession, path: str, **headers: str) -> str:
    async with session.get(path, headers={**HTML, **headers}) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        return text


async def sent(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str]:
    """The status and page that a form leads to, behind its redirect."""
    async with session.post(path, data=form, headers=HTML) as answer:
        return answer.history[0].status if answer.history else answer.status, await answer.text()


async def stipend_of(pool: Pool, world: Money) -> UUID:
    found: UUID = await pool.fetchval("SELECT id FROM stipend WHERE enrollment_id = $1", world.built.enrollment_ids[0])
    return found


async def test_one_stipend_paid_and_one_over_budget_refused(
    enrollment_pool: Pool,
    world: Money,
    budget_id: UUID,
    participant: aiohttp.ClientSession,
    staff: list[aiohttp.ClientSession],
) -> None:
    first, second, _ = staff
    assert "You completed" in await shown(participant, own(world))
    status, text = await sent(participant, own(world), plan="Two lines\r\nof a plan", amount="$450.50")
    assert status == 303
    assert "Your application was received" in text
    assert 'value="450.50"' in text
    stipend_id = await stipend_of(enrollment_pool, world)
    listed = await shown(first, desk(world))
    assert "Person 0" in listed
    assert "$450.50" in listed
    page = desk(world, f"/{stipend_id}")
    assert '<p dir="auto">of a plan</p>' in await shown(first, page)
    status, _ = await sent(first, f"{page}/preparation", budget_id=str(budget_id), amount="1,000.01")
    assert status == 303
    assert "Another person of the staff approves it" in await shown(first, page)
    assert "Staff are looking at your application" in await shown(participant, own(world))
    seen = {"budget_id": str(budget_id), "amount_cents": "100001"}
    status, text = await sent(second, f"{page}/approval", **seen)
    assert (status, "The budget has not that much left" in text) == (409, True)
    assert await books(enrollment_pool, budget_id) == (0, 0)
    await sent(first, f"{page}/preparation", budget_id=str(budget_id), amount="400")
    status, text = await sent(second, f"{page}/approval", **seen)
    assert (status, "prepared anew meanwhile" in text) == (409, True)
    text = await shown(second, page)
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', text))
    status, _ = await sent(second, f"{page}/approval", **form)
    assert status == 303
    assert await books(enrollment_pool, budget_id) == (400_00, 400_00)
    assert "Approved: $400.00" in await shown(participant, own(world))
    status, text = await sent(first, f"{page}/payment", reference=" ")
    assert (status, "Enter the reference of the payment." in text) == (422, True)
    status, _ = await sent(first, f"{page}/payment", reference="Check 1041")
    assert status == 303
    assert "Check 1041" in await shown(participant, own(world))
    assert "$600.00" in await shown(first, desk(world, "/budgets"))
    assert "$400.00" in await shown(first, desk(world, "/payments"))


@pytest.mark.parametrize(
    ("plan", "amount", "said"),
    [
        ("", "450", "Say what the stipend is for."),
        ("A plan", "much", "Enter an amount in dollars"),
        ("A plan", "0", "Enter an amount above zero."),
        ("My number: 078-05-1120", "450", "Laurel must not hold it"),
    ],
)
async def test_what_does_not_fit_is_said_at_the_field_and_kept(
    world: Money, participant: aiohttp.ClientSession, plan: str, amount: str, said: str
) -> None:
    status, text = await sent(participant, own(world), plan=plan, amount=amount)
    assert status == 422
    assert text.count(said) == 2
    assert "<title>Error:" in text
    assert f'value="{amount}"' in text


async def test_both_fields_are_named_at_once(world: Money, participant: aiohttp.ClientSession) -> None:
    status, text = await sent(participant, own(world))
    assert status == 422
    assert "Say what the stipend is for." in text
    assert "Enter an amount in dollars" in text


async def test_who_has_not_completed_finds_no_form(
    enrollment_pool: Pool, world: Money, participant: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute("UPDATE enrollment SET outcome = 'none' WHERE id = $1", world.built.enrollment_ids[0])
    text = await shown(participant, own(world))
    assert "A stipend is for those who completed." in text
    assert "<textarea" not in text
    status, text = await sent(participant, own(world), plan="A plan", amount="450")
    assert status == 409
    assert await stipend_of(enrollment_pool, world) is None


async def test_declining_says_why_to_the_person(
    enrollment_pool: Pool,
    world: Money,
    budget_id: UUID,
    participant: aiohttp.ClientSession,
    staff: list[aiohttp.ClientSession],
) -> None:
    await apply(participant, world.built.enrollment_ids[0])
    page = desk(world, f"/{await stipend_of(enrollment_pool, world)}")
    status, text = await sent(staff[0], f"{page}/decline", reason="")
    assert (status, "<details open>" in text) == (422, True)
    status, _ = await sent(staff[0], f"{page}/decline", reason="The grant is for teachers.")
    assert status == 303
    text = await shown(participant, own(world))
    assert "The grant is for teachers." in text
    assert "<textarea" not in text


async def test_an_administrator_adds_sources_and_budgets(world: Money, staff: list[aiohttp.ClientSession]) -> None:
    first, _, administrator = staff
    assert "Add a budget" not in await shown(first, desk(world, "/budgets"))
    page = await shown(administrator, desk(world, "/budgets"))
    source = re.search(r'action="([^"]+/sources/[^"]+)"', page)
    assert source is not None
    status, page = await sent(administrator, source[1], name="State grant")
    assert (status, "State grant" in page) == (303, True)
    budget = re.search(r'action="([^"]+/budgets/[^"]+)"', page)
    chosen = re.search(r'<option value="([^"]+)">State grant', page)
    assert budget is not None
    assert chosen is not None
    status, text = await sent(administrator, budget[1], year="26")
    assert status == 422
    assert text.count("Choose one of the list.") == 4
    assert "Enter a year, such as 2026." in text
    form = {"program_id": str(world.program_id), "funding_source_id": chosen[1], "year": "2026", "amount": "2,500"}
    status, text = await sent(administrator, budget[1], **form)
    assert (status, "$2,500.00" in text) == (303, True)
    status, text = await sent(administrator, f"{budget[1]}/amount", amount="3000")
    assert (status, "$3,000.00" in text) == (303, True)
    page = await shown(administrator, desk(world, "/budgets"))
    again = re.search(r'action="([^"]+/budgets/[^"]+)"', page)
    assert again is not None
    status, text = await sent(administrator, again[1], **form)
    assert (status, "There is a budget from this source" in text) == (409, True)


async def test_a_budget_cannot_shrink_below_what_is_approved(
    world: Money, budget_id: UUID, participant: aiohttp.ClientSession, staff: list[aiohttp.ClientSession]
) -> None:
    first, second, administrator = staff
    _, found = await apply(participant, world.built.enrollment_ids[0])
    await prepare(first, found["id"], budget_id)
    await approve(second, found["id"], budget_id)
    status, text = await sent(administrator, desk(world, f"/budgets/{budget_id}/amount"), amount="449.99")
    assert (status, "More than this is approved already." in text) == (409, True)


async def test_downloads_hold_no_formula_and_are_noted(
    enrollment_pool: Pool,
    world: Money,
    budget_id: UUID,
    participant: aiohttp.ClientSession,
    staff: list[aiohttp.ClientSession],
) -> None:
    await enrollment_pool.execute(
        "UPDATE person SET name = '=HYPERLINK(\"https://evil.example\")' WHERE id = $1", world.built.person_ids[0]
    )
    first, second, _ = staff
    _, found = await apply(participant, world.built.enrollment_ids[0])
    await prepare(first, found["id"], budget_id)
    await approve(second, found["id"], budget_id)
    await pay(first, found["id"])
    rows = {}
    ledger = desk(world, "").replace("/stipends", "/exports/stipend-ledger.csv")
    for name, path in (("payments", desk(world, "/payments.csv")), ("ledger", ledger)):
        async with first.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "text/csv")
            rows[name] = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert [(one["person"][0], one["paid (USD)"]) for one in rows["payments"]] == [("'", "450.00")]
    assert [(one["name"][0], one["kind"], one["usd"], one["entered_by"]) for one in rows["ledger"]] == [
        ("'", "committed", "450.0", "Saul"),
        ("'", "paid", "450.0", "Cora"),
    ]
    notes = await enrollment_pool.fetch(
        "SELECT object_kind FROM journal_entry WHERE organization_id = $1 AND action = 'export.make' ORDER BY at",
        world.organization_id,
    )
    assert [one["object_kind"] for one in notes] == ["stipend payments", "stipend-ledger"]


async def test_pages_speak_spanish(
    enrollment_pool: Pool, world: Money, budget_id: UUID, participant: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute("UPDATE person SET language = 'es' WHERE id = $1", world.built.person_ids[0])
    text = await shown(participant, own(world))
    assert '<html lang="es"' in text
    assert "Solicitar el estipendio" in text
    status, text = await sent(participant, own(world), plan="", amount="450,50")
    assert status == 422
    assert "Diga para qué es el estipendio." in text


async def test_pages_ask_as_often_with_three_stipends_as_with_one(
    served: Served,
    enrollment_pool: Pool,
    world: Money,
    budget_id: UUID,
    participant: aiohttp.ClientSession,
    staff: list[aiohttp.ClientSession],
) -> None:
    await apply(participant, world.built.enrollment_ids[0])
    page = desk(world, f"/{await stipend_of(enrollment_pool, world)}")
    counts: list[list[int]] = []
    for more in ((), (1, 2)):
        for n in more:
            async with at(served, enrollment_pool, world, world.built.person_ids[n]) as session:
                await apply(session, world.built.enrollment_ids[n])
            await put_budget(enrollment_pool, world, cents=1, year=2026 + n)
        counts.append([])
        for session, path in (
            (staff[2], desk(world)),
            (staff[2], page),
            (staff[2], desk(world, "/budgets")),
            (staff[2], desk(world, "/payments")),
            (participant, own(world)),
        ):
            with counting_queries() as found:
                await shown(session, path)
            counts[-1].append(found())
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8
