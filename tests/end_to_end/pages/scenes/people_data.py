"""Pages of people, signing in, forms, rosters and merges."""

from typing import Any
from uuid import uuid4

from playwright.async_api import Page

from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Open, Scenes, open_as
from tests.enrollment.staff import plan, signed_in
from tests.enrollment.visitors import fresh_email


async def add(scenes: Scenes) -> dict[str, Any]:
    """A cohort for a list of people."""
    async with signed_in(scenes.served, scenes.pool, scenes.organization_id, person_id=scenes.coordinator_id) as staff:
        planned = await plan(staff, seats=3, name="Prairie 1", region="Prairie")
    return {"roster_cohort": planned.cohort_id}


def _list() -> bytes:
    """A list with a seat, a place in line, and whatever can be the matter with a row."""
    email = fresh_email()
    rows = [
        ("Ana Lim", email), (ARABIC, fresh_email()), (HEBREW, fresh_email()), (LONG, fresh_email()),
        ("Ben Lim", email), ("Cyd Lim", "cyd@gmial.com"), ("Dee Lim", "dee at home"), ("", fresh_email()), ("Eve", ""),
    ]  # fmt: skip
    return "".join(f"{name},{address},Room 4\n" for name, address in [("Name", "Email"), *rows]).encode()


async def _rosters(page: Page, scenes: Scenes) -> None:
    path = f"/staff/cohorts/{scenes.more['roster_cohort']}/rosters"
    await open_as(page, scenes, scenes.coordinator_id, path)


async def _read(page: Page, scenes: Scenes, content: bytes) -> None:
    await _rosters(page, scenes)
    await page.set_input_files("#file", {"name": "people.csv", "mimeType": "text/csv", "buffer": content})
    await page.click("main form[enctype] button[type=submit]")


async def _previewed(page: Page, scenes: Scenes) -> None:
    await _read(page, scenes, _list())
    await page.wait_for_selector("#letters")


async def _taken(page: Page, scenes: Scenes) -> None:
    await _previewed(page, scenes)
    await page.click("main form.card button[type=submit]")
    await page.wait_for_selector("[role=status]")


async def _refused(page: Page, scenes: Scenes) -> None:
    await _read(page, scenes, b"%PDF-1.7 \x00")
    await page.wait_for_selector(".error-summary")


PAGES: dict[str, Open] = {
    "sign-in": lambda page, scenes: page.goto(f"{scenes.home}/sign-in"),
    "sign-in-sent": lambda page, scenes: page.goto(f"{scenes.home}/sign-in/sent"),
    "sign-in-over": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/sign-in/{uuid4().hex}"),
    "problem": lambda page, scenes: page.goto(f"{scenes.home}/cohorts/{uuid4()}"),
    "rosters": _rosters,
    "rosters-refused": _refused,
    "roster": _previewed,
    "roster-taken": _taken,
}
