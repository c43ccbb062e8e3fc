"""Audit files: whole, right to the quarter hour, kept, and noted."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import date, timedelta

import aiohttp
import pytest

from services.enrollment.audits.model import UnknownJurisdictionError, jurisdiction, jurisdictions, table
from shared.postgres import Pool
from tests.builders import NOW, Built, build
from tests.enrollment.cast import asked
from tests.enrollment.visitors import Served, browser

HTML = {"Accept": "text/html"}


@pytest.fixture
async def built(enrollment_pool: Pool) -> Built:
    """A cohort of three: one came 20 minutes late, one is named like a formula, one was nowhere."""
    async with enrollment_pool.acquire() as connection:
        built = await build(connection, people=3, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    late, _, nowhere = built.enrollment_ids
    await enrollment_pool.execute(
        "UPDATE attendance SET arrived_at = $2 WHERE enrollment_id = $1", late, NOW + timedelta(minutes=20)
    )
    await enrollment_pool.execute("UPDATE person SET name = '=1+1' WHERE id = $1", built.person_ids[1])
    await enrollment_pool.execute("DELETE FROM attendance WHERE enrollment_id = $1", nowhere)
    return built


@pytest.fixture
async def staff(served: Served, built: Built) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of the organization's administrator."""
    async with browser(served) as session:
        session.cookie_jar.update_cookies({"laurel_session": built.session})
        yield session


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def test_the_file_has_all_that_the_hours_rest_on(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    late, formula, _ = built.enrollment_ids
    body = {"completed": [str(late), str(formula)]}
    assert (await asked(staff, "PUT", f"/api/cohorts/{built.cohort_id}/completions", json=body))[0] == 200
    here = f"/{built.slug}/staff/cohorts/{built.cohort_id}/audits"
    async with staff.post(here, data={"jurisdiction": "illinois"}, headers=HTML) as answer:
        assert answer.status == 200
        found = re.search(rf'href="({here}/[^"]+/audit\.zip)"', await answer.text())
    assert found is not None
    async with staff.get(found[1]) as answer:
        assert answer.status == 200
        content = await answer.read()
        assert int(answer.headers["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(one).hexdigest() for name, one in files.items()
    }
    assert set(files) == {
        "agenda.csv", "topics.csv", "instructors.csv", "roster.csv", "people.csv", "evaluations.csv", "statements.pdf",
    }  # fmt: skip
    roster = {row["email"]: row for row in rows(files["roster.csv"])}
    assert [(roster[f"p{n}@example.org"]["arrived"], roster[f"p{n}@example.org"]["hours"]) for n in range(3)] == [
        ("09:20", "2.50"), ("09:00", "3.00"), ("", "0.00"),
    ]  # fmt: skip
    assert roster["p1@example.org"]["name"] == "'=1+1"
    people = {row["name"]: (row["hours"], row["outcome"]) for row in rows(files["people.csv"])}
    assert people == {
        "Person 0": ("2.50", "completed"), "'=1+1": ("3.00", "completed"), "Person 2": ("0.00", "none"),
    }  # fmt: skip
    assert files["statements.pdf"].startswith(b"%PDF-")
    kept = await enrollment_pool.fetchrow("SELECT * FROM audit_file WHERE cohort_id = $1", built.cohort_id)
    assert kept is not None
    assert kept["file_sha256"] == hashlib.sha256(content).hexdigest()
    assert kept["keep_until"].year == kept["made_at"].year + 6
    noted = await enrollment_pool.fetch(
        "SELECT action FROM journal_entry WHERE organization_id = $1 AND object_kind <> 'enrollment' ORDER BY at",
        built.organization_id,
    )
    assert [row["action"] for row in noted] == ["completion.decide", "audit.make", "audit.read"]


async def test_a_cohort_that_nobody_completed_has_one_without_statements(
    built: Built, staff: aiohttp.ClientSession
) -> None:
    here = f"/{built.slug}/staff/cohorts/{built.cohort_id}/audits"
    async with staff.post(here, data={"jurisdiction": "illinois"}, headers=HTML) as answer:
        assert answer.status == 200
    async with staff.post(here, data={"jurisdiction": "atlantis"}, headers=HTML) as answer:
        assert answer.status == 422
        assert "We do not know this jurisdiction" in await answer.text()


def test_illinois_counts_quarter_hours_and_keeps_six_years() -> None:
    rules = jurisdiction("illinois")
    assert [rules.hours(minutes) for minutes in (0, 14, 15, 160, 165, 180)] == [
        "0.00", "0.00", "0.25", "2.50", "2.75", "3.00",
    ]  # fmt: skip
    assert rules.keep_until(date(2026, 11, 25)) == date(2032, 11, 25)
    assert rules.keep_until(date(2024, 2, 29)) == date(2030, 3, 1)


def test_every_jurisdiction_is_a_file_that_can_be_read() -> None:
    assert {key: one.key for key, one in jurisdictions().items()} == {key: key for key in jurisdictions()}
    with pytest.raises(UnknownJurisdictionError):
        jurisdiction("../illinois")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\uff1d1+1"])
def test_no_cell_is_run_as_a_formula(text: str) -> None:
    [row] = rows(table(("name",), [(text,)]))
    assert row["name"] == f"'{text}"
