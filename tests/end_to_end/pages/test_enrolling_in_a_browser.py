"""Enrolling in a browser: with the keyboard alone, without JavaScript, and after a mistake; then the calendar."""

import re

from icalendar import Calendar
from playwright.async_api import Page, expect

from tests.end_to_end.pages.browsers import Watched
from tests.end_to_end.pages.scenes.scene import ARABIC, MIXED, Scenes, enroll
from tests.enrollment.visitors import fresh_email

_MOST_TABS = 20


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    wanted = page.locator(selector)
    for _ in range(_MOST_TABS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not reached with {_MOST_TABS} tabs")


async def test_a_seat_is_taken_with_the_keyboard_alone(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await page.goto(scenes.home)
    await tab_to(page, f'.card a.button[href*="{scenes.roomy_id}"]')
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/cohorts/{scenes.roomy_id}#enroll")
    await tab_to(page, "#name")
    await page.keyboard.type(ARABIC)
    await tab_to(page, "#email")
    await page.keyboard.type(fresh_email())
    await tab_to(page, "#shows_name")
    await page.keyboard.press("Space")
    await expect(page.locator("#shows_name")).to_be_checked()
    await tab_to(page, "main button[type=submit]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You have a seat")
    await expect(page.locator("#verdict")).to_be_focused()


async def test_the_first_tab_leads_past_the_navigation(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await page.goto(scenes.home)
    await tab_to(page, "a.skip")
    await expect(page.locator("a.skip")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def test_a_seat_is_taken_without_javascript(scenes: Scenes, unscripted: Watched) -> None:
    await enroll(unscripted.page, scenes.cohort(scenes.roomy_id))
    await expect(unscripted.page.get_by_role("heading", level=1)).to_have_text("You have a seat")


async def test_a_full_cohort_gives_a_number_in_line(scenes: Scenes, watched: Watched) -> None:
    await enroll(watched.page, scenes.cohort(scenes.full_id))
    await expect(watched.page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"Waiting list, number \d+ in line")
    )


async def test_a_mistake_is_summed_up_with_links_and_keeps_what_was_typed(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await page.goto(scenes.cohort(scenes.roomy_id))
    await page.fill("#email", "nobody at home")
    await page.check("#shows_name")
    await page.click("main button[type=submit]")
    summary = page.locator(".error-summary")
    await expect(summary).to_be_focused()
    await expect(page).to_have_title(re.compile("^Error:"))
    await expect(page.locator("#email")).to_have_value("nobody at home")
    await expect(page.locator("#shows_name")).to_be_checked()
    await expect(page.locator("#email")).to_have_accessible_description(re.compile("Enter an e-mail address"))
    await tab_to(page, ".error-summary a[href='#name']")
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_be_focused()


async def test_the_dates_go_into_a_calendar(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await enroll(page, scenes.cohort(scenes.roomy_id))
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Add the dates to your calendar").click()
    download = await coming.value
    assert download.suggested_filename == "cohort.ics"
    answer = await page.request.get(f"{scenes.cohort(scenes.roomy_id)}/calendar.ics")
    text = await answer.text()
    events = Calendar.from_ical(text).walk("VEVENT")
    assert [str(one["summary"]) for one in events] == [f"Midwest 1: Session {n}" for n in (1, 2, 3, 4)]
    assert len({str(one["uid"]) for one in events}) == 4
    assert {one["dtstart"].params["TZID"] for one in events} == {"America/Chicago"}
    assert len(Calendar.from_ical(text).walk("VTIMEZONE")) == 1
    assert "call.example" not in text


async def test_a_cohort_without_dates_has_no_calendar(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await enroll(page, scenes.cohort(scenes.mixed_id))
    await expect(page.get_by_role("link", name="calendar")).to_have_count(0)
    answer = await page.request.get(f"{scenes.cohort(scenes.mixed_id)}/calendar.ics")
    assert answer.status == 404


async def test_a_name_of_mixed_direction_does_not_reorder_its_sentence(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await enroll(page, scenes.cohort(scenes.mixed_id))
    sentence = page.locator("#verdict p").first
    await expect(sentence).to_contain_text(MIXED)
    assert await sentence.locator("bdi").inner_text() == MIXED
    places = await sentence.evaluate(_PLACES)
    # "Seat 1 of 2 in", then the name, then "is yours.", as they stand on the screen from left to right.
    assert places == sorted(places)


async def test_without_isolation_the_same_name_would_reorder_it(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    await page.set_content(f"<p style='font: 10px sans-serif'>{ARABIC} <span>1</span> <span>{ARABIC}</span></p>")
    places = await page.locator("p").evaluate(
        "(one) => [...one.childNodes].map((part) => "
        "{ const range = document.createRange(); range.selectNodeContents(part);"
        " return range.getBoundingClientRect().left })"
    )
    assert places != sorted(places)


#: Where the parts of a sentence begin, in the order in which they are written.
_PLACES = """(one) => [...one.childNodes].map((part) => {
  const range = document.createRange();
  range.selectNodeContents(part);
  return range.getClientRects()[0].left;
})"""
