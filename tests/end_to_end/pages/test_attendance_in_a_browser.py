"""Attendance in a browser: each tap is saved by itself, undone, kept while offline; and without JavaScript."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.end_to_end.pages.browsers import PHONE, Watched
from tests.end_to_end.pages.scenes.scene import HEBREW, Scenes, open_as


async def sheet(watched: Watched, scenes: Scenes) -> Page:
    await watched.show(width=PHONE, dark=False)
    await open_as(watched.page, scenes, scenes.coordinator_id, f"{scenes.more['begun']}/attendance")
    return watched.page


def row(page: Page, name: str = HEBREW) -> Locator:
    return page.locator("[data-roll] > li", has=page.get_by_role("heading", name=name))


def button(page: Page, words: str) -> Locator:
    return row(page).get_by_role("button", name=words)


async def modes(scenes: Scenes) -> dict[str, str]:
    rows: list[Any] = await scenes.pool.fetch(
        "SELECT p.name, a.mode FROM attendance a JOIN enrollment e ON e.id = a.enrollment_id"
        " JOIN person p ON p.id = e.person_id WHERE a.cohort_session_id = $1",
        scenes.more["begun_id"],
    )
    return {one["name"]: one["mode"] for one in rows}


async def test_a_tap_saves_counts_and_is_undone(scenes: Scenes, watched: Watched) -> None:
    page = await sheet(watched, scenes)
    here, state = page.locator("[data-tally=there]"), page.locator("[data-state]")
    before = int(await here.inner_text())
    await button(page, "In person").click()
    await expect(button(page, "In person")).to_have_attribute("aria-pressed", "true")
    await expect(state).to_have_text("Saved.")
    await expect(here).to_have_text(str(before + 1))
    await expect(row(page).locator("[data-note]")).to_have_text("Counts 180 of 180 minutes.")
    assert (await modes(scenes))[HEBREW] == "in person"
    await page.get_by_role("button", name="Undo").click()
    await expect(state).to_have_text("Undone.")
    await expect(button(page, "In person")).to_have_attribute("aria-pressed", "false")
    await expect(here).to_have_text(str(before))
    assert HEBREW not in await modes(scenes)
    assert watched.complaints == []


async def test_taps_made_offline_wait_and_only_the_last_is_sent(scenes: Scenes, watched: Watched) -> None:
    page = await sheet(watched, scenes)
    await page.context.set_offline(True)
    for words in ("In person", "Online", "Excused"):
        await button(page, words).click()
    await expect(page.locator("[data-state]")).to_contain_text("You are offline. Not saved yet: 1.")
    await expect(button(page, "Excused")).to_have_attribute("aria-pressed", "true")
    assert HEBREW not in await modes(scenes)
    await page.context.set_offline(False)
    await expect(page.locator("[data-state]")).to_have_text("Saved.", timeout=10_000)
    assert (await modes(scenes))[HEBREW] == "excused"
    await button(page, "Excused").click()
    await expect(row(page).locator("[data-note]")).to_have_text("")
    assert HEBREW not in await modes(scenes)


async def test_what_the_server_refuses_is_shown_as_it_stands(scenes: Scenes, watched: Watched) -> None:
    page = await sheet(watched, scenes)
    await page.context.clear_cookies()
    await button(page, "Absent").click()
    await expect(page.locator("[data-state]")).to_have_text("This was not saved. Load the page again.")
    await expect(button(page, "Absent")).to_have_attribute("aria-pressed", "false")
    assert HEBREW not in await modes(scenes)


async def test_without_javascript_a_tap_comes_back_to_its_row(scenes: Scenes, unscripted: Watched) -> None:
    page = await sheet(unscripted, scenes)
    await button(page, "Online").click()
    await expect(button(page, "Online")).to_have_attribute("aria-pressed", "true")
    await expect(row(page)).to_be_in_viewport()
    await page.get_by_role("button", name="Undo").click()
    await expect(button(page, "Online")).to_have_attribute("aria-pressed", "false")
    assert HEBREW not in await modes(scenes)
