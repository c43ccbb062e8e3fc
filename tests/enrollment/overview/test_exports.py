"""Tables as files: whole, harmless to spreadsheets, noted before they go out, and to nobody more than they may see."""

import csv
import io
import re
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from python_calamine import CalamineWorkbook

from services.enrollment.overview import exports
from services.enrollment.overview.exports import EXPORTS
from services.enrollment.people.model import Role
from shared.postgres import Pool
from shared.tables import as_xlsx
from tests.builders import Built
from tests.enrollment.cast import make_instructor
from tests.enrollment.overview.test_overview import built, complete
from tests.enrollment.staff import signed_in
from tests.enrollment.visitors import Served

#: A formula, a name from right to left, one of several scripts with a comma and a quote, and one on two lines.
NAMES = (
    '=HYPERLINK("http://evil.example")',
    "\u0644\u064a\u0644\u0649",
    'Zoë, "山田" Ŵyn',
    "Ana\nLim",
    "@SUM(1)",
    "-2+3",
)


async def file_of(session: aiohttp.ClientSession, path: str, *, status: int = 200) -> bytes:
    async with session.get(path, headers={"Accept": "text/html"}) as answer:
        content = await answer.read()
        assert answer.status == status, content[:500]
        return content


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def noted(pool: Pool, organization_id: UUID) -> list[dict[str, Any]]:
    rows = await pool.fetch(
        "SELECT action, object_kind, object_id, fields, note FROM journal_entry WHERE organization_id = $1 ORDER BY at",
        organization_id,
    )
    return [dict(row) for row in rows]


@pytest.fixture
async def one(enrollment_pool: Pool) -> Built:
    """A cohort of people with the names above."""
    found = await built(enrollment_pool, people=len(NAMES))
    for person_id, name in zip(found.person_ids, NAMES, strict=True):
        await enrollment_pool.execute("UPDATE person SET name = $2 WHERE id = $1", person_id, name)
    return found


async def test_no_cell_is_a_formula_and_every_name_is_whole(served: Served, enrollment_pool: Pool, one: Built) -> None:
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        rows = rows_of(await file_of(staff, f"/{one.slug}/staff/exports/enrollments.csv"))
        names = {row["name"] for row in rows}
        assert names == {"'" + name if name[0] in "=@-" else name for name in NAMES}
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(await file_of(staff, f"/{one.slug}/staff/exports/enrollments.xlsx"))
        )
        head, *cells = book.get_sheet_by_index(0).to_python()
        assert head == list(EXPORTS["enrollments"].columns)
        # A cell of text is none of a formula, so nothing is put before it.
        assert {row[0] for row in cells} == set(NAMES)


async def test_times_are_told_where_the_cohort_is(served: Served, enrollment_pool: Pool, one: Built) -> None:
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        [session] = rows_of(await file_of(staff, f"/{one.slug}/staff/exports/sessions.csv"))
        starts_at = await enrollment_pool.fetchval(
            "SELECT starts_at FROM cohort_session WHERE id = $1", UUID(session["session_id"])
        )
        assert session["starts_at"][-6:] in ("-05:00", "-06:00")
        assert await enrollment_pool.fetchval("SELECT $1::text::timestamptz", session["starts_at"]) == starts_at


async def test_it_is_noted_before_the_first_byte(served: Served, enrollment_pool: Pool, one: Built) -> None:
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        path = f"/{one.slug}/staff/exports/attendance.csv?cohort={one.cohort_id}&region=Region"
        async with staff.get(path) as answer:
            # Nothing of the body was read.
            assert answer.status == 200
            assert await noted(enrollment_pool, one.organization_id) == [
                {
                    "action": "export.make",
                    "object_kind": "attendance",
                    "object_id": one.cohort_id,
                    "fields": list(EXPORTS["attendance"].columns),
                    "note": {"format": "csv", "cohort": str(one.cohort_id), "region": "Region"},
                }
            ]


@pytest.mark.parametrize("name", EXPORTS)
async def test_every_table_has_all_its_columns_in_both_forms(
    served: Served, enrollment_pool: Pool, one: Built, name: str
) -> None:
    await complete(enrollment_pool, one, number=2, days=3)
    async with signed_in(served, enrollment_pool, one.organization_id, "administrator") as staff:
        base = f"/{one.slug}/staff/exports/{name}"
        content = await file_of(staff, f"{base}.csv")
        head = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert head == list(EXPORTS[name].columns)
        whole = CalamineWorkbook.from_filelike(io.BytesIO(await file_of(staff, f"{base}.xlsx")))
        # The journal has grown by the first download.
        grown = 1 if name == "journal" else 0
        assert len(whole.get_sheet_by_index(0).to_python()) == 1 + len(rows_of(content)) + grown
        other = rows_of(await file_of(staff, f"{base}.csv?cohort={one.cohort_id}&program={uuid4()}"))
        assert (other == []) is (name != "journal")


async def test_batches_hold_each_row_once(enrollment_pool: Pool, one: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    await complete(enrollment_pool, one, number=5, days=3)
    wanted = {
        "people": len(NAMES) + 1, "cohorts": 1, "sessions": 1, "enrollments": len(NAMES), "attendance": len(NAMES),
        "completions": 5, "badges": 5,
    }  # fmt: skip
    for name, number in wanted.items():
        export, found = EXPORTS[name], []
        async for batch in exports.batches(
            enrollment_pool, export, one.organization_id, [None] * 5, columns=export.columns, zone="UTC"
        ):
            assert len(batch) <= 2
            found += [tuple(row) for row in batch]
        assert len(found) == len(set(found)) == number + 1, name


async def test_hours_of_a_part_are_those_of_the_attendance_sheet(
    served: Served, enrollment_pool: Pool, one: Built
) -> None:
    await enrollment_pool.execute(
        "UPDATE attendance a SET arrived_at = s.starts_at + interval '50 minutes' FROM cohort_session s"
        " WHERE s.id = a.cohort_session_id AND a.enrollment_id = $1",
        one.enrollment_ids[0],
    )
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        rows = rows_of(await file_of(staff, f"/{one.slug}/staff/exports/attendance.csv"))
    credited = {row["enrollment_id"]: row["credited_minutes"] for row in rows}
    assert credited.pop(str(one.enrollment_ids[0])) == "120", "130 of 180 minutes, in quarter hours"
    assert set(credited.values()) == {"180"}


async def test_an_instructor_gets_the_own_cohort_without_addresses(
    served: Served, enrollment_pool: Pool, one: Built
) -> None:
    await make_instructor(enrollment_pool, one.organization_id, one.cohort_id, one.person_ids[0])
    async with signed_in(served, enrollment_pool, one.organization_id, person_id=one.person_ids[0]) as teacher:
        base = f"/{one.slug}/staff/exports"
        content = await file_of(teacher, f"{base}/enrollments.csv?cohort={one.cohort_id}")
        assert len(rows_of(content)) == len(NAMES)
        assert "email" not in rows_of(content)[0]
        assert b"@example.org" not in content
        for path in (
            "enrollments.csv", f"people.csv?cohort={one.cohort_id}", f"stipends.csv?cohort={one.cohort_id}",
            f"enrollments.csv?cohort={uuid4()}", "journal.csv", f"journal.csv?cohort={one.cohort_id}",
        ):  # fmt: skip
            await file_of(teacher, f"{base}/{path}", status=404)


@pytest.mark.parametrize("path", ["nothing.csv", "people.exe", "people", "people.csv?program=x", ".csv"])
async def test_what_is_no_table_is_not_found(served: Served, enrollment_pool: Pool, one: Built, path: str) -> None:
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        await file_of(staff, f"/{one.slug}/staff/exports/{path}", status=422 if "?" in path else 404)
    assert await noted(enrollment_pool, one.organization_id) == []


async def test_evaluations_of_few_are_left_out(served: Served, enrollment_pool: Pool, one: Built) -> None:
    form_id = uuid4()
    await enrollment_pool.execute(
        "INSERT INTO evaluation_form (id, organization_id, program_id, version, about, questions, made_at)"
        " SELECT $1, $2, id, 1, 'cohort', '[\"It was good.\"]', now() FROM program WHERE organization_id = $2",
        form_id, one.organization_id,
    )  # fmt: skip
    async with signed_in(served, enrollment_pool, one.organization_id, "coordinator") as staff:
        for people, wanted in ((4, []), (5, [("5", "4.0", "5")])):
            await enrollment_pool.execute(
                "INSERT INTO evaluation_tally VALUES ($1, $2, $2, $3, 1, 4, $4)"
                " ON CONFLICT ON CONSTRAINT evaluation_tally_once DO UPDATE SET people = excluded.people",
                one.organization_id, one.cohort_id, form_id, people,
            )  # fmt: skip
            rows = rows_of(await file_of(staff, f"/{one.slug}/staff/exports/evaluations.csv"))
            assert [(row["people"], row["mean"], row["answered_4"]) for row in rows] == wanted


async def test_a_workbook_keeps_long_and_strange_cells() -> None:
    async def batches() -> Any:
        yield [["text", "number", "nothing"]]
        yield [["x" * 40_000, 1.5, None], ["\x01 http://a.example", 2, ""]]

    content = b"".join([chunk async for chunk in as_xlsx(batches())])
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert head == ["text", "number", "nothing"]
    assert len(str(rows[0][0])) == 32_767
    assert [row[1] for row in rows] == [1.5, 2]


@pytest.mark.parametrize("part", ["coordinator", "instructor"])
async def test_the_pages_of_tables_link_to_their_files(
    served: Served, enrollment_pool: Pool, one: Built, part: str
) -> None:
    await make_instructor(enrollment_pool, one.organization_id, one.cohort_id, one.person_ids[0])
    staff, teach = f"/{one.slug}/staff", f"/{one.slug}/teach/cohorts/{one.cohort_id}"
    pages = {f"{teach}/grid": "attendance", f"{teach}/review": "evidence", f"{teach}/messages": "messages"}
    if part == "coordinator":
        cohort = f"{staff}/cohorts/{one.cohort_id}"
        pages |= {
            cohort: "sessions", f"{cohort}/places": "enrollments", f"{cohort}/completion": "completions",
            f"{cohort}/evaluations": "evaluations", f"{staff}/cohorts": "cohorts", f"{staff}/stipends": "stipends",
            f"{staff}/people": "people",
        }  # fmt: skip
    person_id = None if part == "coordinator" else one.person_ids[0]
    roles: tuple[Role, ...] = ("coordinator",) if part == "coordinator" else ()
    async with signed_in(served, enrollment_pool, one.organization_id, *roles, person_id=person_id) as session:
        for path, name in pages.items():
            text = (await file_of(session, path)).decode()
            found = re.findall(rf'href="([^"]*/exports/{name}[.][^"]*)"', text)
            assert len(found) == 2, path
            for link in found:
                assert str(one.cohort_id) in link or path in (
                    f"{staff}/cohorts",
                    f"{staff}/stipends",
                    f"{staff}/people",
                )
                await file_of(session, link.replace("&amp;", "&"))


async def test_answers_are_taken_out_but_never_a_private_one(served: Served, enrollment_pool: Pool, one: Built) -> None:
    pool, organization, enrollment = enrollment_pool, one.organization_id, one.enrollment_ids[1]
    await pool.execute(
        "INSERT INTO program_form (organization_id, program_id, version, fields, consents, made_by, made_at)"
        " SELECT $1, id, 1, '[]', '[]', $2, now() FROM program WHERE organization_id = $1",
        organization, one.person_ids[0],
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO enrollment_form (organization_id, enrollment_id, program_id, version)"
        " SELECT $1, $2, id, 1 FROM program WHERE organization_id = $1", organization, enrollment,
    )  # fmt: skip
    for field in ("district", "role"):
        await pool.execute("INSERT INTO enrollment_answer VALUES ($1, $2, $3, '=1+1')", organization, enrollment, field)
    await pool.execute(
        "INSERT INTO person_secret (organization_id, person_id, field, sealed, changed_at)"
        " VALUES ($1, $2, 'license', 'sealed', now())", organization, one.person_ids[1],
    )  # fmt: skip
    async with signed_in(served, pool, organization, "coordinator") as staff:
        rows = rows_of(await file_of(staff, f"/{one.slug}/staff/exports/answers.csv?cohort={one.cohort_id}"))
    assert [(row["name"], row["field"], row["answer"]) for row in rows] == [
        (NAMES[1], "district", "'=1+1"), (NAMES[1], "role", "'=1+1"),
    ]  # fmt: skip
