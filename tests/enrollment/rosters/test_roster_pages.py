"""Staff bring a list, look at what it would do, take it; the same list again changes nothing, and nobody is lost."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from services.enrollment.rosters import actions
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.enrollments.test_enrolling import enroll
from tests.enrollment.enrollments.test_levels import hold
from tests.enrollment.houses import house_at
from tests.enrollment.queries import counting_queries, listing_queries
from tests.enrollment.staff import Planned, call, mails, plan, put, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


class Desk(msgspec.Struct, frozen=True):
    """A cohort of two seats, as staff see it."""

    staff: aiohttp.ClientSession
    pool: Pool
    slug: str
    organization_id: UUID
    planned: Planned

    @property
    def path(self) -> str:
        """The page of rosters."""
        return f"/{self.slug}/staff/cohorts/{self.planned.cohort_id}/rosters"

    async def bring(self, content: str | bytes, name: str = "people.csv") -> tuple[int, str, str]:
        """The status, the path and the page after a file was brought."""
        form = aiohttp.FormData()
        form.add_field("file", content.encode() if isinstance(content, str) else content, filename=name)
        async with self.staff.post(self.path, data=form) as answer:
            return answer.status, answer.url.path, await answer.text()

    async def take(self, where: str, **form: str) -> tuple[int, str]:
        """The status and the page after the list was taken."""
        async with self.staff.post(where, data=form) as answer:
            return answer.status, await answer.text()

    async def people(self) -> list[tuple[str, str]]:
        """Who has which place, in the order of seats and the line."""
        rows = await self.pool.fetch(
            "SELECT p.name, e.place FROM enrollment e JOIN person p ON p.id = e.person_id"
            " LEFT JOIN seat s ON s.id = e.seat_id"
            " WHERE e.cohort_id = $1 ORDER BY e.place <> 'seated', s.number, e.line_rank",
            self.planned.cohort_id,
        )
        return [(row["name"], row["place"]) for row in rows]


@pytest.fixture
async def desk(served: Served, enrollment_pool: Pool, organization: UUID) -> AsyncIterator[Desk]:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned = await plan(staff, seats=2)
        yield Desk(staff, enrollment_pool, await slug_of(enrollment_pool, organization), organization, planned)


def roster(*people: tuple[str, str]) -> str:
    return "Name,Email\n" + "".join(f"{name},{email}\n" for name, email in people)


async def text_of(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def test_nothing_happens_before_the_list_is_taken_and_then_all_of_it_at_once(desk: Desk) -> None:
    emails = [fresh_email() for _ in range(4)]
    known = await add_person(desk.pool, desk.organization_id, emails[0], name="Known Already")
    content = roster(*zip(("Ana Lim", "Ben Lim", "Cyd Lim"), emails, strict=False), ("Dee", "no address"))
    places = await text_of(desk.staff, f"/{desk.slug}/staff/cohorts/{desk.planned.cohort_id}/places")
    assert f'href="{desk.path}"' in places
    status, where, text = await desk.bring(content)
    assert status == 200
    assert "Take 3 rows" in text
    assert "This is no e-mail address. Correct it in the file." in text
    assert await desk.people() == []
    status, text = await desk.take(where)
    assert status == 200
    assert "3 people were put into the cohort. 1 row was not taken." in text
    # who is known keeps their name, the seats go in the order of the rows
    assert await desk.people() == [("Known Already", "seated"), ("Ben Lim", "seated"), ("Cyd Lim", "in line")]
    _, found = await call(desk.staff, "GET", f"/api/people/{known}")
    assert found["email"] == emails[0]
    kinds = await desk.pool.fetch(
        "SELECT type, count(*) AS n FROM event WHERE organization_id = $1 GROUP BY type ORDER BY type",
        desk.organization_id,
    )
    assert [(row["type"], row["n"]) for row in kinds] == [("enrollment.in_line", 1), ("enrollment.seated", 2)]


async def test_the_same_list_again_changes_nothing(desk: Desk) -> None:
    content = roster(*((name, fresh_email()) for name in ("Ana", "Ben", "Cyd")))
    _, where, _ = await desk.bring(content)
    answers = await asyncio.gather(*(desk.take(where) for _ in range(3)))
    assert [status for status, _ in answers] == [200, 200, 200]
    before = await desk.people()
    assert len(before) == 3
    _, again, text = await desk.bring(content)
    assert "There is nobody in this list to take." in text
    assert text.count("Already in this cohort. Nothing changes.") == 3
    status, _ = await desk.take(again)
    assert status == 200
    assert await desk.people() == before


async def test_who_left_is_not_put_back(desk: Desk) -> None:
    email = fresh_email()
    enrollment_id = uuid4()
    await enroll(desk.staff, desk.slug, desk.planned.cohort_id, email, enrollment_id=enrollment_id)
    await put(desk.staff, f"/api/enrollments/{enrollment_id}/withdrawal", {})
    _, where, text = await desk.bring(roster(("Ana", email)))
    assert "Left this cohort before. Ask them to enroll again." in text
    await desk.take(where)
    assert [place for _, place in await desk.people()] == ["none"]


async def test_letters_are_sent_only_where_that_is_ticked(desk: Desk) -> None:
    quiet, told, waiting = fresh_email(), fresh_email(), fresh_email()
    _, where, _ = await desk.bring(roster(("Ana", quiet)))
    await desk.take(where)
    _, where, _ = await desk.bring(roster(("Ben", told), ("Cyd", waiting)))
    await desk.take(where, letters="yes")
    assert "Seat 2 in Midwest 1 is yours." in (await mails(desk.staff, told, "Your seat in"))[0]["body"]
    assert "You are number 1 in line" in (await mails(desk.staff, waiting, "Waiting list"))[0]["body"]
    _, found = await call(desk.staff, "GET", f"/api/mailbox?recipient={quiet}")
    assert found["items"] == []


async def test_who_waits_already_comes_before_the_list(desk: Desk) -> None:
    for name in ("first", "second", "third"):
        path = f"/api/{desk.slug}/cohorts/{desk.planned.cohort_id}/enrollments/{uuid4()}"
        await put(desk.staff, path, {"name": name, "email": fresh_email()})
    await put(desk.staff, f"/api/cohorts/{desk.planned.cohort_id}/admission", {"vacancy": "offer", "offer_hours": 24})
    _, where, text = await desk.bring(roster(("Ana", fresh_email())))
    assert '<span class="number">1</span> <a class="roomy" href="?show=in+line">would stand in line' in text
    await desk.take(where)
    assert await desk.people() == [("first", "seated"), ("second", "seated"), ("third", "in line"), ("Ana", "in line")]


async def test_rules_hold_for_a_list_unless_everybody_in_it_is_selected(desk: Desk) -> None:
    rules = {"admission": {"selects": True, "quotas": {"North": 1}}}
    await put(desk.staff, f"/api/cohorts/{desk.planned.cohort_id}/admission", rules)
    content = "Name,Email,Region\n" + "".join(
        f"{name},{fresh_email()},{region}\n" for name, region in (("Ana", "north"), ("Ben", "North"), ("Cyd", "Mars"))
    )
    _, where, text = await desk.bring(content)
    assert "would get a seat" in text
    _, text = await desk.take(where)
    assert [place for _, place in await desk.people()] == ["in line"] * 3
    more = content.replace("Ana", "Dee").replace("@", ".2@")
    _, where, _ = await desk.bring(more)
    text = await text_of(desk.staff, f"{where}?select=yes")
    assert "Everybody in the list is selected for a seat" in text
    await desk.take(where, select="yes")
    assert (await desk.people())[:2] == [("Dee", "seated"), ("Cyd", "seated")]


async def test_a_typo_is_left_out_and_can_be_taken_as_it_is_written(desk: Desk) -> None:
    email = f"{fresh_email().partition('@')[0]}@gmial.com"
    _, where, text = await desk.bring(roster(("Ana", email)))
    assert "Did they mean" in text
    assert "There is nobody in this list to take." in text
    text = await text_of(desk.staff, f"{where}?typos=yes")
    assert "Take 1 row" in text
    await desk.take(where, typos="yes")
    assert await desk.people() == [("Ana", "seated")]


async def test_columns_that_were_not_recognized_can_be_chosen(desk: Desk) -> None:
    content = f"Who,Where\nAna Lim,{fresh_email()}\nBen Lim,{fresh_email()}\n"
    _, where, text = await desk.bring(content)
    assert text.count("No name.") == 2
    async with desk.staff.post(f"{where}/columns", data={"email": "1"}) as answer:
        assert answer.status == 422
        assert "Choose the column of names, or those of first and last names." in await answer.text()
    async with desk.staff.post(f"{where}/columns", data={"email": "1", "name": "0"}) as answer:
        assert "Take 2 rows" in await answer.text()
    await desk.take(where)
    assert sorted(await desk.people()) == [("Ana Lim", "seated"), ("Ben Lim", "seated")]
    async with desk.staff.post(f"{where}/columns", data={"email": "0", "name": "1"}) as answer:
        assert answer.status == 409


async def test_whom_it_leaves_out_is_told_as_a_file_without_formulas(desk: Desk) -> None:
    email = fresh_email()
    _, where, _ = await desk.bring(roster(("Ana", email), ("=HYPERLINK(1)", email), ("Ben", "@nowhere")))
    await desk.take(where)
    async with desk.staff.get(f"{where}/not-taken.csv") as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="not-taken.csv"'
        rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert rows == [
        ["Row", "Name", "E-mail address", "Not taken"],
        ["3", "'=HYPERLINK(1)", email, "Row 2 has the same address."],
        ["4", "Ben", "'@nowhere", "This is no e-mail address. Correct it in the file."],
    ]
    noted = await desk.pool.fetchval(
        "SELECT count(*) FROM journal_entry WHERE organization_id = $1 AND object_kind = 'roster_import'",
        desk.organization_id,
    )
    assert noted == 2  # it was taken, and it was read


async def test_a_cohort_that_is_over_takes_nobody(desk: Desk) -> None:
    _, where, _ = await desk.bring(roster(("Ana", fresh_email())))
    await put(desk.staff, f"/api/cohorts/{desk.planned.cohort_id}", {**desk.planned.body, "state": "cancelled"})
    status, text = await desk.take(where)
    assert status == 409
    assert "Nobody was enrolled: people can be put into a cohort that is open or runs." in text
    assert await desk.people() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a file that is not empty."),
        (b"%PDF-1.7 \x00", "This file is neither CSV nor XLSX."),
        (b"PK\x03\x04", "This workbook cannot be opened."),
        (b"Name,Email\n", "No rows were found."),
        (b"x" * (10 * 1024 * 1024 + 1), "Choose a file of at most 10 MB."),
    ],
)
async def test_a_file_that_is_no_list_is_refused_with_what_to_do(desk: Desk, content: bytes, sentence: str) -> None:
    status, _, text = await desk.bring(content)
    assert status == 422
    assert sentence in text


async def test_a_list_asks_the_database_as_much_however_long_it_is(desk: Desk) -> None:
    numbers: dict[int, tuple[int, int]] = {}
    for size in (2, 300):
        _, where, _ = await desk.bring(roster(*((f"P {n}", fresh_email()) for n in range(size))))
        with counting_queries() as asked:
            await text_of(desk.staff, where)
        with listing_queries() as taking:
            status, _ = await desk.take(where, letters="yes")
            assert status == 200
        numbers[size] = (asked(), len(taking))
    assert numbers[300][0] == numbers[2][0] <= 9
    # the page after it, and one or two that only a free seat asks for, included
    assert numbers[300][1] <= numbers[2][1] <= 34


async def test_who_lacks_the_badge_that_the_cohort_needs_is_left_out_and_staff_are_told_the_way(desk: Desk) -> None:
    program, first, pool = str(desk.planned.program_id), uuid4(), desk.pool
    level = {"program_id": program, "number": 2, "name": "Self Exposure", "description": "Before."}
    await put(desk.staff, f"/api/levels/{first}", level)
    level = {"program_id": program, "number": 1, "name": "Level One", "description": "The first."}
    await put(desk.staff, f"/api/levels/{desk.planned.level_id}", {**level, "requires_level_id": str(first)})
    emails = [fresh_email() for _ in range(3)]
    people = [await add_person(pool, desk.organization_id, one) for one in emails[:2]]
    await hold(pool, desk.organization_id, people[0], first)
    _, where, text = await desk.bring(roster(*zip(("Ana", "Ben", "New"), emails, strict=True)))
    assert "Take 1 row" in text
    assert text.count("The badge of Self Exposure is missing. Let them enroll on the cohort") == 2
    status, text = await desk.take(where)
    assert status == 200
    assert "1 person was put into the cohort. 2 rows were not taken." in text
    assert text.count("is missing. Let them enroll on the cohort") == 2
    assert len(await desk.people()) == 1
    # nobody was made of a row that was not taken
    assert await pool.fetchval("SELECT count(*) FROM person WHERE email = $1", emails[2]) == 0
    async with desk.staff.get(f"{where}/not-taken.csv") as answer:
        assert "The badge of Self Exposure is missing." in await answer.text()


async def test_the_file_and_the_names_it_left_out_are_let_go_of(desk: Desk) -> None:
    _, open_one, _ = await desk.bring(roster(("Ana", fresh_email()), ("Ben", "")))
    _, where, _ = await desk.bring(roster(("Cyd", fresh_email()), ("Dee", "")))
    sealed = await desk.pool.fetchval("SELECT content FROM roster_import WHERE id = $1", _roster_id(where))
    assert b"Cyd" not in sealed
    async with desk.staff.get(open_one) as answer:
        assert answer.status == 404  # the newer one took its place
    await desk.take(where)
    assert await desk.pool.fetchval("SELECT content FROM roster_import WHERE id = $1", _roster_id(where)) is None
    names = "SELECT array_agg(name ORDER BY number) FROM roster_row WHERE roster_id = $1"
    assert await desk.pool.fetchval(names, _roster_id(where)) == ["", "Dee"]
    _, waiting, _ = await desk.bring(roster(("Fay", fresh_email())))
    async with house_at(desk.pool, lambda: system_clock() + timedelta(days=31)) as house:
        await actions.drop_old(house)
    assert await desk.pool.fetchval(names, _roster_id(where)) == ["", ""]
    assert await desk.pool.fetchval(names, _roster_id(waiting)) is None


def _roster_id(where: str) -> UUID:
    return UUID(where.rpartition("/")[2])
