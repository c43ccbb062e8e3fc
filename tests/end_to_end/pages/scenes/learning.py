"""Pages of one's own learning, the directory and erasure."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from playwright.async_api import Page

from shared.postgres import Pool
from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, MIXED, Open, Scenes, open_as
from tests.enrollment.visitors import add_person, fresh_email


async def add(scenes: Scenes) -> dict[str, Any]:
    """Who completed and has a badge, who has evidence to hand in again, some who show themselves, and a hold."""
    pool, organization_id = scenes.pool, scenes.organization_id
    completed = await _seated(scenes, name=HEBREW)
    await pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", completed[1])
    await pool.execute(
        "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
        " payload_sha256, requested_at, state, revision, credential_id, badge_url, issued_at)"
        " VALUES ($1, $2, $3, $4, 1, '{}', 'none', now(), 'issued', 2, $5, $6, now())",
        uuid4(), organization_id, completed[1], uuid4(), uuid4(), scenes.badge_page(scenes.badge),
    )  # fmt: skip
    await _complete(scenes, completed)
    returned = await _seated(scenes, name=f"{LONG} {ARABIC}")
    await pool.execute(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at,"
        " reviewed_by, reviewed_at, comment) SELECT $1, $2, $3, m.id, 'text', 'A page', 'returned', now(), $4, now(),"
        " $5 FROM cohort c JOIN module m ON m.curriculum_id = c.curriculum_id WHERE c.id = $6",
        uuid4(), organization_id, returned[1], scenes.coordinator_id, f"Say more of {ARABIC}", scenes.roomy_id,
    )  # fmt: skip
    for person_id, _ in (completed, returned):
        await pool.execute(
            "INSERT INTO directory_entry (person_id, organization_id, seen_by, about, shows_region, shows_level,"
            " shows_email, changed_at) VALUES ($1, $2, 'organization', 'Teaches chemistry', true, true, true, now())",
            person_id, organization_id,
        )  # fmt: skip
    await pool.execute(
        "INSERT INTO resource (id, organization_id, program_id, title, about, link, added_at)"
        " SELECT $1, $2, l.program_id, 'A reader on bias', 'Forty pages.', 'https://reader.example', now()"
        " FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id WHERE c.id = $3",
        uuid4(), organization_id, scenes.roomy_id,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO legal_hold (id, organization_id, person_id, reason, placed_by, placed_at)"
        " VALUES ($1, $2, $3, 'Matter 7', $4, $5)",
        uuid4(), organization_id, scenes.instructor_id, scenes.administrator_id, datetime.now(UTC),
    )  # fmt: skip
    return {"completed": completed[0], "returned": returned[0], "returned_enrollment": returned[1]}


async def _complete(scenes: Scenes, completed: tuple[UUID, UUID]) -> None:
    """Somebody with a completion to tell of, who sent one record that was opened and withdrew another."""
    pool, organization_id, now = scenes.pool, scenes.organization_id, datetime.now(UTC)
    attended = {"held_on": "2026-03-07", "credit_minutes": 180, "title": MIXED, "mode": "in person"}
    await pool.execute(
        "INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes,"
        " findings, attended) VALUES ($1, $2, 'completed', $3, $4, 180, '[]', $5)",
        completed[1], organization_id, scenes.administrator_id, now, [{**attended, "session_id": str(uuid4())}],
    )  # fmt: skip
    openings = [{"opened_at": "2026-03-10T15:00:00Z", "form": form} for form in ("page", "pdf", "json")]
    for name, state in ((f"{LONG} {ARABIC}", "sent"), ("District 12", "withdrawn")):
        await pool.execute(
            "INSERT INTO sent_record (id, organization_id, person_id, recipient_name, recipient_email, consent,"
            " sent_at, expires_at, state, openings, withdrawn_at)"
            " VALUES ($1, $2, $3, $4, $5, 'Agreed', $6, $7, $8, $9, $10)",
            uuid4(), organization_id, completed[0], name, "hr@district.example.org" if state == "sent" else None, now,
            now + timedelta(days=30), state, openings, None if state == "sent" else now,
        )  # fmt: skip


async def _records_form(page: Page, scenes: Scenes, *, name: str) -> None:
    await open_as(page, scenes, scenes.more["completed"], "/learning/records/new")
    await page.fill("#recipient_name", name)
    await page.fill("#recipient_email", "hr@district.example.org" if name else "hr@")
    await page.eval_on_selector("main form", "(form) => { form.noValidate = true; form.requestSubmit(); }")
    await page.wait_for_selector("#consent" if name else ".error-summary")


async def _records_withdraw(page: Page, scenes: Scenes) -> None:
    await open_as(page, scenes, scenes.more["completed"], "/learning/records")
    await page.click("main a[href$=withdraw]")
    await page.wait_for_selector(".panel.warn")


async def _seated(scenes: Scenes, *, name: str) -> tuple[UUID, UUID]:
    """Somebody with a seat in the roomy cohort: the person and the enrollment."""
    pool: Pool = scenes.pool
    person_id, enrollment_id = await add_person(pool, scenes.organization_id, fresh_email(), name=name), uuid4()
    await pool.execute(
        "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, shows_name, enrolled_at)"
        " SELECT $1, $2, $3, $4, 'seated', s.id, true, now() FROM seat s WHERE s.cohort_id = $3"
        " AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id) ORDER BY s.number LIMIT 1",
        enrollment_id, scenes.organization_id, scenes.roomy_id, person_id,
    )  # fmt: skip
    return person_id, enrollment_id


async def _erase_somebody(page: Page, scenes: Scenes) -> None:
    person_id, _ = await _seated(scenes, name="Ana Lim")
    await open_as(page, scenes, person_id, "/learning/erase")
    await page.click("main button[type=submit]")
    await page.wait_for_selector("text=Your data is erased")


PAGES: dict[str, Open] = {
    "learning": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/learning"),
    "learning-returned": lambda page, scenes: open_as(page, scenes, scenes.more["returned"], "/learning"),
    "learning-badge": lambda page, scenes: open_as(page, scenes, scenes.more["completed"], "/learning?done=shown"),
    "records": lambda page, scenes: open_as(page, scenes, scenes.more["completed"], "/learning/records?done=sent"),
    "records-empty": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/learning/records"),
    "records-new": lambda page, scenes: open_as(page, scenes, scenes.more["completed"], "/learning/records/new"),
    "records-wrong": lambda page, scenes: _records_form(page, scenes, name=""),
    "records-preview": lambda page, scenes: _records_form(page, scenes, name=f"{LONG} {HEBREW}"),
    "records-withdraw": _records_withdraw,
    "learning-leave": lambda page, scenes: open_as(
        page, scenes, scenes.more["returned"], f"/learning/{scenes.more['returned_enrollment']}/leave"
    ),
    "learning-empty": lambda page, scenes: open_as(page, scenes, scenes.administrator_id, "/learning"),
    "my-data": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/learning/data"),
    "erase": lambda page, scenes: open_as(page, scenes, scenes.more["completed"], "/learning/erase"),
    "erase-held": lambda page, scenes: open_as(page, scenes, scenes.instructor_id, "/learning/erase"),
    "erased": _erase_somebody,
    "erase-somebody": lambda page, scenes: open_as(
        page, scenes, scenes.administrator_id, f"/staff/people/{scenes.more['returned']}/erase"
    ),
    "holds": lambda page, scenes: open_as(page, scenes, scenes.administrator_id, "/staff/holds"),
    "directory": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/directory"),
    "directory-entry": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/directory/entry"),
    "resources": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/resources"),
    "resources-staff": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, "/resources"),
}
