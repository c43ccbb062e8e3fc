"""The statement of completion: what it says to the quarter hour, and who may read it."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from services.enrollment.house import sealing_key
from services.enrollment.people.secrets import actions as secrets
from shared.postgres import Pool
from tests.builders import NOW, Built, build
from tests.conftest import require
from tests.enrollment.cast import asked, make_instructor
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once


@pytest.fixture
async def built(enrollment_pool: Pool) -> Built:
    """A cohort of two; the first came 20 minutes late, and reads from right to left."""
    async with enrollment_pool.acquire() as connection:
        built = await build(connection, people=2, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    late = built.enrollment_ids[0]
    await enrollment_pool.execute(
        "UPDATE attendance SET arrived_at = $2 WHERE enrollment_id = $1", late, NOW + timedelta(minutes=20)
    )
    teacher = await add_person(enrollment_pool, built.organization_id, fresh_email(), name="Rosa Instructor")
    await make_instructor(enrollment_pool, built.organization_id, built.cohort_id, teacher)
    return built


async def decide(session: aiohttp.ClientSession, built: Built) -> None:
    path, body = f"/api/cohorts/{built.cohort_id}/completions", {"completed": [str(built.enrollment_ids[0])]}
    status, _ = await asked(session, "PUT", path, json=body)
    assert status == 200


async def got(session: aiohttp.ClientSession, built: Built, enrollment_id: UUID) -> tuple[int, bytes]:
    path = f"/{built.slug}/enrollments/{enrollment_id}/statement.pdf"
    async with session.get(path, headers={"Accept": "application/json"}) as answer:
        return answer.status, await answer.read()


def text_of(document: bytes, folder: Path) -> str:
    require(shutil.which("pdftotext") is not None, "pdftotext")
    file = folder / "statement.pdf"
    file.write_bytes(document)
    made = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True)
    return " ".join(made.stdout.split())


async def noted(pool: Pool, built: Built) -> list[tuple[str, UUID]]:
    """What was read."""
    rows = await pool.fetch(
        "SELECT action, object_id FROM journal_entry WHERE organization_id = $1 AND action LIKE '%.read'",
        built.organization_id,
    )
    return [(row["action"], row["object_id"]) for row in rows]


async def test_it_says_the_hours_to_the_quarter_and_stays_as_it_was_decided(
    served: Served, enrollment_pool: Pool, built: Built, tmp_path: Path
) -> None:
    first, second = built.enrollment_ids
    async with browser(served) as staff, browser(served) as owner, browser(served) as other:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        await sign_in_at_once(owner, enrollment_pool, built.organization_id, built.person_ids[0])
        await sign_in_at_once(other, enrollment_pool, built.organization_id, built.person_ids[1])
        assert (await got(owner, built, first))[0] == 409
        await decide(staff, built)
        status, document = await got(owner, built, first)
        assert status == 200
        text = text_of(document, tmp_path)
        for words in ("Statement of completion", "Person 0", "Provider of record", "License number", "Rosa Instructor"):
            assert words in text
        # 160 of 180 minutes, in whole quarter hours.
        assert "2.5 hours of professional development" in text
        assert "Saturday 7 March 2026" in text
        assert await noted(enrollment_pool, built) == []
        # What is recorded later changes no statement; nor does reading it twice.
        await enrollment_pool.execute("UPDATE attendance SET arrived_at = NULL WHERE enrollment_id = $1", first)
        assert (await got(staff, built, first))[1] == document
        assert await noted(enrollment_pool, built) == [("statement.read", first)]
        assert (await got(other, built, first))[0] == 404
        assert (await got(staff, built, second))[0] == 409


async def test_it_is_in_the_language_of_its_person(
    served: Served, enrollment_pool: Pool, built: Built, tmp_path: Path
) -> None:
    await enrollment_pool.execute("UPDATE person SET language = 'es' WHERE id = $1", built.person_ids[0])
    async with browser(served) as staff:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        await decide(staff, built)
        text = text_of((await got(staff, built, built.enrollment_ids[0]))[1], tmp_path)
    assert "Constancia de finalización" in text
    assert "2,5 horas de desarrollo profesional" in text


async def test_the_license_number_is_printed_for_its_owner_and_for_whoever_may_read_it(
    served: Served, enrollment_pool: Pool, built: Built, tmp_path: Path
) -> None:
    number, enrollment_id = "IL 4711 0815", built.enrollment_ids[0]
    async with enrollment_pool.acquire() as connection:
        await secrets.keep(
            connection,
            built.organization_id,
            built.person_ids[0],
            {secrets.LICENSE_NUMBER: number},
            sealing_key=sealing_key(served.settings),
            overwrites=True,
            now=NOW,
        )
    async with browser(served) as staff, browser(served) as owner:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        await decide(staff, built)
        status, document = await got(staff, built, enrollment_id)
        assert (status, number in text_of(document, tmp_path)) == (200, False)
        assert ("secret.read", built.person_ids[0]) not in await noted(enrollment_pool, built)
        await sign_in_at_once(owner, enrollment_pool, built.organization_id, built.person_ids[0])
        status, document = await got(owner, built, enrollment_id)
        assert (status, number in text_of(document, tmp_path)) == (200, True)
        assert ("secret.read", built.person_ids[0]) not in await noted(enrollment_pool, built)
        await enrollment_pool.execute(
            "INSERT INTO field_reader VALUES ($1, $2, $3, $2, now())",
            built.organization_id, built.staff_id, secrets.LICENSE_NUMBER,
        )  # fmt: skip
        status, document = await got(staff, built, enrollment_id)
        assert (status, number in text_of(document, tmp_path)) == (200, True)
        assert ("secret.read", built.person_ids[0]) in await noted(enrollment_pool, built)
