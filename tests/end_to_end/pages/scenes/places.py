"""Pages of admission and enrollments."""

import re
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from playwright.async_api import Page

from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Open, Scenes, enroll, open_as
from tests.enrollment.enrollments.test_levels import requiring
from tests.enrollment.staff import mails, plan, put, signed_in
from tests.enrollment.visitors import fresh_email

_LINK = re.compile(r"https?://\S+/offers/\S+")
_NAMES = ("Ana Lim", ARABIC, LONG, HEBREW, "Ben Lim", "Cyd Lim")


async def add(scenes: Scenes) -> dict[str, Any]:
    """A cohort that offers its seats, to members first, with a line; and one that asks for a region and a code."""
    async with signed_in(scenes.served, scenes.pool, scenes.organization_id, person_id=scenes.coordinator_id) as staff:
        offering = await plan(staff, seats=2, name="Lakes 2", region="Lakes")
        by_code = await plan(staff, seats=9, name="Lakes 3", region="Lakes")
        by_level, _ = await requiring(staff)
        beside = {**offering.body, "name": "Lakes 4", "sessions": []}
        await put(staff, f"/api/cohorts/{uuid4()}", beside)
        people = [fresh_email() for _ in _NAMES]
        ids = [uuid4() for _ in _NAMES]
        for name, email, identifier in zip(_NAMES, people, ids, strict=True):
            path = f"/api/{scenes.slug}/cohorts/{offering.cohort_id}/enrollments/{identifier}"
            await put(staff, path, {"name": name, "email": email})
        rules = {"admission": {"quotas": {"North": 3, "South": 4}}, "vacancy": "offer", "offer_hours": 72}
        await put(staff, f"/api/cohorts/{offering.cohort_id}/admission", rules)
        await put(staff, f"/api/enrollments/{ids[0]}/withdrawal", {})
        rules = {"admission": {"needs_code": True, "quotas": {"North": 3, "South": 4}}}
        await put(staff, f"/api/cohorts/{by_code.cohort_id}/admission", rules)
        body = {"code": "LAKES2026", "most_uses": 30}
        await put(staff, f"/api/cohorts/{by_code.cohort_id}/invitations/{uuid4()}", body)
        return {
            "offering": offering.cohort_id,
            "by_code": by_code.cohort_id,
            "by_level": by_level.cohort_id,
            "offer": await _offer(staff, people[2]),
            "waiting": str(ids[3]),
        }


async def _offer(staff: aiohttp.ClientSession, email: str) -> str:
    found = _LINK.search((await mails(staff, email, "A seat in"))[0]["body"])
    assert found is not None
    return found[0]


def _as_staff(which: str, page: str) -> Open:
    """A page of one of the cohorts above, as the coordinator sees it."""

    async def opened(browser: Page, scenes: Scenes) -> None:
        cohort_id: UUID = scenes.more[which]
        await open_as(browser, scenes, scenes.coordinator_id, f"/staff/cohorts/{cohort_id}/{page}")

    return opened


async def _moving(page: Page, scenes: Scenes) -> None:
    await _as_staff("offering", "places?place=line")(page, scenes)
    await page.check(f"#c-{scenes.more['waiting']}")
    await page.click("button[value=transfer]")
    await page.wait_for_selector("#to")


async def _wrong_rules(page: Page, scenes: Scenes) -> None:
    await _as_staff("offering", "admission")(page, scenes)
    await page.fill("#offer_hours", "")
    await page.fill("#quotas", "North")
    await page.click("form[action$=admission] button[type=submit]")
    await page.wait_for_selector(".error-summary")


async def _mistyped(page: Page, scenes: Scenes) -> None:
    await page.goto(scenes.cohort(scenes.roomy_id))
    await page.fill("#name", "Ana Lim")
    await page.fill("#email", "ana@gmial.com")
    await page.click("main button[type=submit]")
    await page.wait_for_selector("input[name=is_sure]", state="attached")


async def _lacking_the_level(page: Page, scenes: Scenes) -> None:
    await open_as(page, scenes, scenes.participant_id, f"/cohorts/{scenes.more['by_level']}")
    await page.fill("#name", "Ana Lim")
    await page.fill("#email", scenes.participant)
    await page.click("main form button[type=submit]")
    await page.wait_for_selector("#level[role=alert]")


async def _with_errors(page: Page, cohort: str) -> None:
    await page.goto(cohort)
    await page.fill("#email", "nobody at home")
    await page.click("main button[type=submit]")
    await page.wait_for_selector(".error-summary")


PAGES: dict[str, Open] = {
    "cohort": lambda page, scenes: page.goto(scenes.cohort(scenes.roomy_id)),
    "cohort-full": lambda page, scenes: page.goto(scenes.cohort(scenes.full_id)),
    "cohort-mixed": lambda page, scenes: page.goto(scenes.cohort(scenes.mixed_id)),
    "cohort-errors": lambda page, scenes: _with_errors(page, scenes.cohort(scenes.roomy_id)),
    "seated": lambda page, scenes: enroll(page, scenes.cohort(scenes.roomy_id)),
    "in-line": lambda page, scenes: enroll(page, scenes.cohort(scenes.full_id)),
    "cohort-by-code": lambda page, scenes: page.goto(f"{scenes.cohort(scenes.more['by_code'])}?code=LAKES2026"),
    "cohort-mistyped": _mistyped,
    "cohort-by-level": lambda page, scenes: page.goto(scenes.cohort(scenes.more["by_level"])),
    "cohort-by-level-refused": _lacking_the_level,
    "offer": lambda page, scenes: page.goto(scenes.more["offer"]),
    "offer-declining": lambda page, scenes: page.goto(f"{scenes.more['offer']}?answer=decline"),
    "places-seated": _as_staff("offering", "places"),
    "places-offered": _as_staff("offering", "places?place=offered"),
    "places-in-line": _as_staff("offering", "places?place=line"),
    "places-left": _as_staff("offering", "places?place=left"),
    "places-moving": _moving,
    "admission": _as_staff("by_code", "admission"),
    "admission-errors": _wrong_rules,
}
