"""What the people of the school year do with their hands: by the words and roles that they see on the page."""

import asyncio
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiohttp
from icalendar import Calendar
from playwright.async_api import Locator, Page, expect

from deploy.demo import story
from tests.end_to_end.pages.browsers import DESKTOP
from tests.end_to_end.school_year.cast import MARIA
from tests.end_to_end.school_year.post_office import address_in
from tests.end_to_end.school_year.year import TOPIC, Year

# A busy machine takes its time.
expect.set_options(timeout=20_000)


async def staff_of(year: Year) -> Page:
    """The administrator's browser."""
    return await year.at(story.ADMINISTRATOR, width=DESKTOP)


async def instructor_of(year: Year) -> Page:
    """The phone of who teaches, signed in."""
    return await year.signed_in(story.INSTRUCTOR[1])


async def heading(page: Page, words: str | re.Pattern[str]) -> None:
    """The page's heading is this."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(words)


async def press(page: Page, button: str | re.Pattern[str]) -> None:
    """Press a button of the page."""
    await page.get_by_role("main").get_by_role("button", name=button).click()


async def follow(page: Page, link: str | re.Pattern[str]) -> None:
    """Follow a link of the page."""
    await page.get_by_role("main").get_by_role("link", name=link).first.click()


async def sign_up(page: Page, number: int) -> None:
    """Fill the form in with the keyboard alone, from its first field on."""
    await page.get_by_label("Your name").wait_for()
    # Going to #enroll would take the focus away again.
    await page.wait_for_load_state()
    await page.get_by_label("Your name").focus()
    await page.keyboard.type(story.PEOPLE[number])
    await page.keyboard.press("Tab")
    await page.keyboard.type(story.email(number))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")


async def sign_up_by_form(year: Year, numbers: Iterable[int]) -> None:
    """The same form one after another, without a browser."""
    path = year.cohort.removeprefix(year.stack.url("enrollment"))
    async with aiohttp.ClientSession(year.stack.url("enrollment"), trust_env=False) as anybody:
        for number in numbers:
            shown = {} if number == story.NAME_WITHHELD else {"shows_name": "yes"}
            await year.send(anybody, path, name=story.PEOPLE[number], email=story.email(number), **shown)


async def choose(page: Page, numbers: tuple[int, ...], button: str) -> None:
    """Tick people in a table and press a button about them."""
    for number in numbers:
        await page.get_by_label(re.compile(f"^Choose .?{story.PEOPLE[number]}.?$")).check()
    await press(page, button)


async def answer_offer(year: Year, number: int, button: str) -> Page:
    """Open the letter's link on the phone and answer."""
    letter = await year.post.letter(story.email(number), "A seat in")
    page = await year.at(story.email(number))
    await page.goto(address_in(letter, "/offers/"))
    await heading(page, "A seat is held for you")
    await page.get_by_role("main").get_by_text(button, exact=True).click()
    return page


async def calendar(page: Page, address: str) -> list[Any]:
    """The dates of a calendar's address, by time."""
    answer = await page.request.get(address)
    found: list[Any] = Calendar.from_ical(await answer.text()).walk("VEVENT")
    return sorted(found, key=lambda one: one["dtstart"].dt)


def row(page: Page, number: int) -> Locator:
    """Somebody's line of the attendance sheet."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=story.PEOPLE[number], exact=True))


async def open_sheet(year: Year, session: int) -> Page:
    """Go to the sheet of a session, by its number."""
    page = await instructor_of(year)
    await page.goto(f"{year.taught}/grid")
    await follow(page, f"Session {session}")
    await heading(page, f"Session {session}")
    return page


async def tap(page: Page, number: int, state: str) -> None:
    """Say of somebody whether they came, and see it saved."""
    button = row(page, number).get_by_role("button", name=state, exact=True)
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("[data-state]")).to_have_text("Saved.")


async def hand_in(year: Year, text: str, button: str) -> None:
    """Maria hands a text in, from her own page on."""
    maria = await year.signed_in(story.email(MARIA))
    await maria.goto(f"{year.home}/learning")
    await maria.get_by_role("link", name=re.compile(rf"Hand in\s*: {TOPIC}")).click()
    await maria.get_by_label("Your text").fill(text)
    await maria.get_by_label("What I hand in holds no students' data").check()
    await press(maria, button)
    await expect(maria.get_by_role("heading", name="Handed in", exact=True)).to_be_visible()


async def open_queue(year: Year) -> Page:
    """Go to what waits for review."""
    page = await instructor_of(year)
    await page.goto(f"{year.taught}/grid")
    await follow(page, "Evidence")
    return page


async def text_of_pdf(path: Path) -> str:
    """What a PDF says."""
    reading = await asyncio.create_subprocess_exec("pdftotext", "-layout", path, "-", stdout=subprocess.PIPE)
    text, _ = await reading.communicate()
    return text.decode()


async def apply(year: Year, number: int, amount: str) -> None:
    """Ask for a stipend, from one's own page on."""
    page = await year.signed_in(story.email(number))
    await page.goto(f"{year.home}/learning")
    await follow(page, "Stipend")
    await page.get_by_label("What the stipend is for").fill("Books for our circle")
    await page.get_by_label("Amount in dollars").fill(amount)
    await press(page, "Apply for the stipend")
    await expect(page.get_by_role("heading", name="Your application was received")).to_be_visible()


async def add_budget(year: Year, page: Page, *, source: str, amount: str) -> None:
    """The administrator adds a source of money, and what the program may give out of it this year."""
    await page.goto(f"{year.home}/staff/stipends")
    await follow(page, "Budgets")
    await page.get_by_label("Name of the source").fill(source)
    await press(page, "Add the source")
    await page.get_by_label("Program").select_option(label=story.PROGRAM)
    await page.get_by_label("Funding source").select_option(label=source)
    await page.get_by_label("Amount in dollars").fill(amount)
    await press(page, "Add the budget")
    await expect(page.get_by_role("row", name=source)).to_be_visible()
