"""Pages of people, signing in, forms, rosters and merges."""

import re
from typing import Any
from uuid import uuid4

from playwright.async_api import Page

from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Open, Scenes, open_as
from tests.enrollment.staff import mails, plan, signed_in
from tests.enrollment.visitors import add_person, fresh_email

_LINK = re.compile(r"https?://[^/\s]+/[^/\s]+(/learning/addresses/\S+)")


async def add(scenes: Scenes) -> dict[str, Any]:
    """A cohort for a list of people; two records of one name, one of which wants one more address."""
    async with signed_in(scenes.served, scenes.pool, scenes.organization_id, person_id=scenes.coordinator_id) as staff:
        planned = await plan(staff, seats=3, name="Prairie 1", region="Prairie")
    email, organization_id = fresh_email(), scenes.organization_id
    keep = await add_person(scenes.pool, organization_id, email, name=LONG)
    away = await add_person(scenes.pool, organization_id, fresh_email(), name=LONG)
    async with signed_in(scenes.served, scenes.pool, organization_id, person_id=keep) as session:
        other = fresh_email()
        async with session.post(f"/{scenes.slug}/learning/addresses", data={"email": other}) as answer:
            assert answer.status == 200
        link = _LINK.search((await mails(session, other, "Add this address"))[0]["body"])
    assert link is not None
    return {"roster_cohort": planned.cohort_id, "keep": keep, "away": away, "address_link": link[1]}


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


def _as_keep(path: str) -> Open:
    return lambda page, scenes: open_as(page, scenes, scenes.more["keep"], path)


async def _mistaken(page: Page, scenes: Scenes) -> None:
    await _as_keep("/learning/addresses")(page, scenes)
    await page.fill("#email", "nobody at home")
    await page.click("section.card button[type=submit]")
    await page.wait_for_selector(".error-summary")


async def _merge(page: Page, scenes: Scenes, keep: str, away: str) -> None:
    path = f"/staff/people/{scenes.more[keep]}/merge/{scenes.more[away]}"
    await open_as(page, scenes, scenes.coordinator_id, path)


async def _give(page: Page, scenes: Scenes) -> None:
    await open_as(page, scenes, scenes.administrator_id, "/staff/roles")
    await page.fill("#email", fresh_email())
    await page.fill("#name", LONG)
    await page.check("#role")
    await page.click("form[action$='/roles'] button[type=submit]")


PAGES: dict[str, Open] = {
    "roles": lambda page, scenes: open_as(page, scenes, scenes.administrator_id, "/staff/roles"),
    "roles-give": _give,
    "roles-person": lambda page, scenes: open_as(
        page, scenes, scenes.administrator_id, f"/staff/people/{scenes.coordinator_id}/roles"
    ),
    "sign-in": lambda page, scenes: page.goto(f"{scenes.home}/sign-in"),
    "sign-in-sent": lambda page, scenes: page.goto(f"{scenes.home}/sign-in/sent"),
    "sign-in-over": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/sign-in/{uuid4().hex}"),
    "problem": lambda page, scenes: page.goto(f"{scenes.home}/cohorts/{uuid4()}"),
    "addresses": _as_keep("/learning/addresses"),
    "addresses-errors": _mistaken,
    "address-link": lambda page, scenes: open_as(page, scenes, scenes.more["keep"], scenes.more["address_link"]),
    "doubles": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, "/staff/people/doubles"),
    "merge": lambda page, scenes: _merge(page, scenes, "keep", "away"),
    "merge-refused": lambda page, scenes: _merge(page, scenes, "keep", "keep"),
    "rosters": _rosters,
    "rosters-refused": _refused,
    "roster": _previewed,
    "roster-taken": _taken,
}
