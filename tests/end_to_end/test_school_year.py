"""A school year as its people live it in the browser, from the cohort's plan to a stipend: each by what they see.

The processes, the database and the mail server are real. The tests are the chapters of one story: each begins where the
one before has ended.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from deploy.demo import story
from services.enrollment.cohorts.planning.dates import avoided_days
from services.enrollment.cohorts.planning.dates import school_year as days_of
from tests.conftest import require
from tests.end_to_end.pages.browsers import DESKTOP
from tests.end_to_end.school_year.cast import (
    ABSENT,
    ACCEPTS,
    AWARDED,
    COHORT,
    DECLINES,
    FIRST_IN_LINE,
    HOURS,
    LAST_OFFERED,
    LEAVE,
    LEFT_OUT,
    MARIA,
    MOVED,
    PLACE,
    SEATED,
    SECOND,
    VIDEO,
    WITHOUT_EVIDENCE,
)
from tests.end_to_end.school_year.hands import (
    add_budget,
    answer_offer,
    apply,
    calendar,
    choose,
    follow,
    hand_in,
    heading,
    open_queue,
    open_sheet,
    press,
    row,
    sign_up,
    sign_up_by_form,
    staff_of,
    tap,
    text_of_pdf,
)
from tests.end_to_end.school_year.post_office import address_in, text_of
from tests.end_to_end.school_year.year import COORDINATOR, MODULE_ID, OTHER, TOPIC, Year, school_year

_AT_ONCE = 6


@pytest.fixture(scope="module")
async def year(chromium: Browser) -> AsyncIterator[Year]:
    """The stage."""
    async with school_year(chromium) as found:
        yield found


@pytest.fixture(autouse=True)
async def no_complaints(year: Year) -> AsyncIterator[None]:
    """No chapter leaves a complaint of any browser."""
    yield
    heard = {one: page.complaints for one, page in year.pages.items()}
    # Aborted is what becomes a download, and what a page that is left was still loading.
    assert [f"{who}: {what}" for who, said in heard.items() for what in said if "ERR_ABORTED" not in what] == []


async def test_staff_plan_a_cohort_from_the_template_and_open_it(year: Year) -> None:
    page = await staff_of(year)
    await page.goto(f"{year.home}/staff/cohorts")
    await follow(page, "Plan a cohort")
    await page.get_by_label("Region").fill(COHORT)
    await page.get_by_label("Once a quarter").check()
    await page.get_by_label("Day of the week").select_option(label="Saturday")
    school = await page.get_by_label("School year").input_value()
    await press(page, "Propose dates")
    rows = [page.get_by_role("group", name=f"Session {number}", exact=True) for number in (1, 2, 3, 4, 5)]
    days = [await row.get_by_label("Day").input_value() for row in rows]
    assert days.pop() == "", "a quarter has one"
    begin, end = days_of(school) or (date.min, date.min)
    found = [date.fromisoformat(one) for one in days]
    assert {one.weekday() for one in found} == {5}
    assert all(begin <= one <= end and one not in avoided_days(begin, end) for one in found)
    await page.get_by_label("Place").fill(PLACE)
    await page.get_by_label("Last day to sign up").fill("")
    await press(page, "Make the draft")
    await expect(page.get_by_role("status")).to_contain_text("The draft is made")
    year.cohort_id = re.findall(r"/cohorts/([0-9a-f-]{36})", page.url)[0]
    await page.get_by_text("Name an instructor").click()
    await page.get_by_label("Name", exact=True).fill(story.INSTRUCTOR[0])
    await page.get_by_label("E-mail address").fill(story.INSTRUCTOR[1])
    await press(page, "Name the instructor")
    await expect(page.get_by_role("status")).to_contain_text("Who teaches was changed")
    await press(page, "Open for sign-up")
    await expect(page.get_by_role("status")).to_contain_text("The cohort is open for sign-up")
    await follow(page, "Places")
    await follow(page, "How seats are given")
    await page.get_by_label("It is offered to the next in line, who must answer in time").check()
    await page.get_by_label("How many hours an offer stands").fill("24")
    await press(page, "Save the rules")
    await expect(page.get_by_role("status")).to_contain_text("The rules hold from now on")


async def test_32_people_sign_up_and_each_learns_of_a_seat_or_a_place_in_line(year: Year) -> None:
    for number in (MARIA, SECOND):
        page = await year.at(story.email(number))
        await page.goto(year.home)
        await follow(page, re.compile(rf"Take a seat\s+in .?{COHORT}"))
        await sign_up(page, number)
        await heading(page, "You have a seat")
        await expect(page.get_by_role("main")).to_contain_text(f"Seat {number + 1} of {story.SEATS} in")
    await sign_up_by_form(year, range(SECOND + 1, story.SEATS))
    page = await year.at(story.email(FIRST_IN_LINE))
    await page.goto(year.cohort)
    await expect(page.get_by_role("main")).to_contain_text("Full")
    await sign_up(page, FIRST_IN_LINE)
    await heading(page, "Waiting list, number 1 in line")
    await sign_up_by_form(year, range(FIRST_IN_LINE + 1, len(story.PEOPLE)))
    assert "Seat 25 in" in text_of(await year.post.letter(story.email(story.SEATS - 1), "Your seat in"))
    last = await year.post.letter(story.email(len(story.PEOPLE) - 1), "Waiting list of")
    assert "You are number 7 in line" in text_of(last)


async def test_seats_that_come_free_are_offered_down_the_line(year: Year) -> None:
    page = await staff_of(year)
    await page.goto(f"{year.staff_cohort}/places")
    await choose(page, LEAVE, "Take out")
    await press(page, "Take out 2 people")
    await expect(page.get_by_role("status")).to_contain_text("2 places were given up")
    phone = await answer_offer(year, FIRST_IN_LINE, "Take the seat")
    await heading(phone, "You have a seat")
    phone = await answer_offer(year, DECLINES, "Decline the seat")
    await expect(phone.get_by_role("main")).to_contain_text("Leave the seat to the next in line?")
    await press(phone, "Decline the seat")
    await heading(phone, "You declined the seat")
    await heading(await answer_offer(year, ACCEPTS, "Take the seat"), "You have a seat")


async def test_somebody_is_moved_to_another_cohort_and_the_seat_goes_on(year: Year) -> None:
    page = await staff_of(year)
    await page.goto(f"{year.staff_cohort}/places")
    await choose(page, (MOVED,), "Move to another cohort")
    option = page.locator("option", has_text=OTHER)
    await page.get_by_label("To which cohort").select_option(await option.get_attribute("value"))
    await press(page, "Move 1 person")
    await expect(page.get_by_role("status")).to_contain_text("1 person was moved")
    await year.post.letter(story.email(MOVED), f"You are in {OTHER}")
    await heading(await answer_offer(year, LAST_OFFERED, "Take the seat"), "You have a seat")
    await page.reload()
    await expect(page.get_by_role("link", name=f"Has a seat ({story.SEATS})")).to_be_visible()
    await expect(page.get_by_role("link", name="Waits in line (3)")).to_be_visible()


async def test_a_session_goes_online_and_every_calendar_says_so(year: Year) -> None:
    maria = await year.signed_in(story.email(MARIA))
    await maria.get_by_role("link", name="My learning").first.click()
    await follow(maria, "Your dates in your calendar")
    await press(maria, "Make my calendar's address")
    own = await maria.locator("p.code").inner_text()
    before = await calendar(maria, own)
    assert [str(one["location"]) for one in before] == [PLACE] * 4
    page = await staff_of(year)
    await page.goto(year.staff_cohort)
    await follow(page, "Move or switch Session 2")
    await expect(page.get_by_role("main")).to_contain_text("25 people have a seat.")
    await page.get_by_label("Online").check()
    await page.get_by_label("Address of the video call").fill(VIDEO)
    await press(page, "Save the session")
    await expect(page.get_by_role("status")).to_contain_text(
        "Everybody who has a seat or teaches hears of what changed"
    )
    after = await calendar(maria, own)
    assert [str(one["location"]) for one in after] == [PLACE, VIDEO, PLACE, PLACE]
    assert [str(one["uid"]) for one in after] == [str(one["uid"]) for one in before]
    assert [int(new["sequence"]) - int(old["sequence"]) for old, new in zip(before, after, strict=True)] == [0, 1, 0, 0]
    public = await calendar(maria, f"{year.cohort}/calendar.ics")
    assert [str(one.get("location", "")) for one in public] == [PLACE, "", PLACE, PLACE], (
        "the call is not for everybody"
    )
    for email in (story.email(MARIA), story.email(ACCEPTS), story.INSTRUCTOR[1]):
        letter = await year.post.letter(email, "Changed: Session 2")
        assert VIDEO in text_of(letter)
        files = [part.get_content() for part in letter.walk() if part.get_content_type() == "text/calendar"]
        assert [VIDEO in str(one) for one in files] == [True], "one file, which brings the calendar up to date"
    assert year.post.letters(story.email(DECLINES), "Changed") == []


async def test_attendance_is_taken_by_tap(year: Year) -> None:
    page = await staff_of(year)
    await page.goto(year.staff_cohort)
    await press(page, "Start the cohort")
    await expect(page.get_by_role("status")).to_contain_text("The cohort runs")
    await year.pass_time_until(1)
    phone = await open_sheet(year, 1)
    await tap(phone, ABSENT, "In person")
    await press(phone, "Undo")
    await expect(phone.locator("[data-state]")).to_have_text("Undone.")
    await tap(phone, ABSENT, "Absent")
    late = row(phone, MARIA)
    await late.get_by_text("Late, left early, make-up work").click()
    await late.get_by_label("Arrived at").fill("09:20")
    await late.get_by_role("button", name="Save the times").click()
    await expect(row(phone, MARIA)).to_contain_text("Counts 150 of 180 minutes.")
    await press(phone, "Mark the 23 people left as in person")
    await expect(row(phone, SECOND).get_by_role("button", name="In person")).to_have_attribute("aria-pressed", "true")
    await expect(phone.get_by_role("region", name="Count")).to_contain_text("24 here 1 away 0 not marked")


async def test_attendance_is_taken_from_the_report_of_a_meeting(year: Year) -> None:
    await year.pass_time_until(2)
    phone = await open_sheet(year, 2)
    await follow(phone, "Meeting report")
    stranger = 2
    lines = ["Name (original name),User Email,Duration (minutes)", f"Maria E.,{story.email(MARIA)},112"]
    lines += [
        f"{story.PEOPLE[one]},{story.email(one)},181" for one in SEATED if one not in (MARIA, ABSENT, stranger)
    ] + ["A tablet,,180"]
    report = {"name": "meeting.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    await phone.get_by_label("Report (CSV)").set_input_files(report)  # type: ignore[arg-type]  # a FilePayload
    await press(phone, "Read the report")
    await expect(phone.get_by_role("main")).to_contain_text("24 people were in the meeting.")
    await expect(phone.get_by_role("main")).to_contain_text("1 was not found.")
    await phone.get_by_label(re.compile("^A tablet")).select_option(label=story.PEOPLE[stranger])
    await press(phone, "Take the minutes")
    await expect(row(phone, MARIA)).to_contain_text("112 minutes in the meeting. Counts 105 of 180 minutes.")
    await expect(row(phone, stranger)).to_contain_text("Counts 180 of 180 minutes.")
    await expect(phone.get_by_role("region", name="Count")).to_contain_text("24 here 0 away 1 not marked")


async def test_attendance_is_taken_by_those_who_point_their_phone_at_the_code(year: Year) -> None:
    await year.pass_time_until(3, has_begun=timedelta(minutes=5))
    screen = await open_sheet(year, 3)
    await follow(screen, "Self check-in")
    drawn = await screen.locator(".qr path").get_attribute("d")
    address = await year.address_of_code(3, drawn or "")
    for number in (MARIA, SECOND):
        phone = await year.signed_in(story.email(number))
        await phone.goto(address)
        await expect(phone.get_by_role("main")).to_contain_text(f"You check in as {story.PEOPLE[number]}.")
        await press(phone, "I am here")
        await heading(phone, "You are checked in")
    await screen.reload()
    await expect(screen.get_by_role("main")).to_contain_text("2 of 25 people are here")
    await open_sheet(year, 3)
    await expect(row(screen, MARIA)).to_contain_text("Checked in by themselves. Counts 180 of 180 minutes.")
    await press(screen, "Mark the 23 people left as in person")
    await expect(screen.get_by_role("region", name="Count")).to_contain_text("25 here 0 away 0 not marked")
    await year.pass_time_until(4)
    await open_sheet(year, 4)
    await press(screen, "Mark the 25 people left as in person")
    await expect(screen.get_by_role("region", name="Count")).to_contain_text("25 here")


async def test_evidence_is_returned_with_a_comment_and_accepted_by_its_rubric(year: Year) -> None:
    await hand_in(year, "A log.", "Hand in for review")
    page = await open_queue(year)
    await expect(page.get_by_role("heading", name=TOPIC)).to_be_visible()
    await page.wait_for_load_state()
    await page.keyboard.press("r")
    await expect(page.get_by_label("Comment")).to_be_focused()
    await page.keyboard.type(story.RETURN_COMMENT)
    await press(page, "Return it with the comment")
    await expect(page.get_by_role("status")).to_contain_text("Returned: ")
    letter = await year.post.letter(story.email(MARIA), f"Please hand in again: {TOPIC}")
    assert story.RETURN_COMMENT in text_of(letter)
    maria = await year.signed_in(story.email(MARIA))
    await maria.goto(f"{year.home}/learning")
    await expect(maria.get_by_role("main")).to_contain_text("it came back with a comment")
    await hand_in(year, "A log of one week, and what I would do differently.", "Hand in again")
    page = await open_queue(year)
    await expect(page.get_by_text("what I would do differently")).to_be_visible()
    await press(page, "Accept this evidence")
    await expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    await page.get_by_label("Clear (3 points)").check()
    await page.wait_for_timeout(600)  # not at once: a key pressed twice would accept what nobody has seen
    await page.keyboard.press("a")
    await expect(page.get_by_role("status")).to_contain_text("Accepted: ")
    await maria.goto(f"{year.home}/learning")
    await expect(maria.get_by_role("main")).to_contain_text("1 of 1 topic accepted")


async def test_the_others_hand_in_too_and_their_pieces_are_accepted_one_after_another(year: Year) -> None:
    enrollments, gate = await year.enrollments(), asyncio.Semaphore(_AT_ONCE)
    base = year.home.removeprefix(year.stack.url("enrollment"))

    async def send(number: int) -> None:
        async with gate, year.without_browser(story.email(number)) as http:
            path = f"{base}/learning/{enrollments[story.email(number)]}/evidence/{MODULE_ID}"
            await year.send(http, path, id=str(uuid4()), kind="text", text="A week's log.", attested="yes")

    senders = [one for one in SEATED if one not in (MARIA, *WITHOUT_EVIDENCE)]
    await asyncio.gather(*(send(one) for one in senders))
    page = await open_queue(year)
    await expect(page.get_by_role("link", name=f"Waiting ({len(senders)})")).to_be_visible()
    links = [await one.get_attribute("href") or "" for one in await page.locator("#queue ~ ol a").all()]
    pieces = [one.rpartition("piece=")[2] for one in links]
    assert len(pieces) == len(senders)
    await page.get_by_label("Clear (3 points)").check()
    await press(page, "Accept this evidence")
    await expect(page.get_by_role("status")).to_contain_text("Accepted: ")
    for piece in pieces[1:]:
        form: dict[str, str | float | bool] = {"decision": "accepted", "score-clarity": "clear"}
        answer = await page.request.post(f"{year.taught}/review/{piece}", form=form, max_redirects=0)
        assert answer.status == 303
    await open_queue(year)
    await expect(page.get_by_role("main")).to_contain_text("Nothing waits for review.")


async def test_the_cohort_is_awarded_from_one_page_and_the_badges_come_by_letter(year: Year) -> None:
    page = await staff_of(year)
    await page.goto(year.staff_cohort)
    await follow(page, "Completion")
    await expect(page.get_by_role("main")).to_contain_text(f"{len(AWARDED) + 1} eligible 3 something missing")
    await page.get_by_role("row", name=story.PEOPLE[LEFT_OUT]).get_by_role("checkbox").uncheck()
    await press(page, "Award badges")
    await expect(page.get_by_role("heading", name=f"Award {len(AWARDED)} badges?")).to_be_visible()
    await press(page, f"Award {len(AWARDED)} badges")
    await expect(page.get_by_role("status").first).to_contain_text(f"{len(AWARDED)} badges are being signed.")
    for number in AWARDED:
        await year.post.letter(story.email(number), "Your badge for")
    # The page follows by itself.
    await expect(page.get_by_role("link", name="Open the badge")).to_have_count(len(AWARDED))
    others = [one for one in range(len(story.PEOPLE)) if one not in AWARDED]
    assert [one for one in others if year.post.letters(story.email(one), "Your badge for")] == []
    maria = await year.signed_in(story.email(MARIA))
    await maria.goto(address_in(await year.post.letter(story.email(MARIA), "Your badge for"), "/badges/"))
    await expect(maria.get_by_role("main")).to_contain_text(story.PEOPLE[MARIA])
    await heading(maria, story.ACHIEVEMENT_NAME)


async def test_hours_are_right_to_the_quarter_on_badge_and_statement(year: Year, tmp_path: Path) -> None:
    require(shutil.which("pdftotext") is not None, "poppler's pdftotext")
    maria = await year.signed_in(story.email(MARIA))
    await maria.goto(f"{year.home}/learning")
    await expect(maria.get_by_role("main")).to_contain_text(f"Hours that count so far: {HOURS}")
    credential = await maria.get_by_role("link", name="Open Badges 3.0 credential (JSON)").get_attribute("href")
    document = await (await maria.request.get(credential or "")).body()
    assert (await (await maria.request.get(credential or "")).json())["credentialSubject"]["creditsEarned"] == float(
        HOURS
    )
    verdict = await maria.request.post(
        f"{year.stack.url('public')}/verify", data=document, headers={"Content-Type": "application/octet-stream"}
    )
    assert (await verdict.json())["state"] == "genuine"
    async with maria.expect_download() as coming:
        await maria.get_by_role("link", name="Statement of completion (PDF)").click()
    statement = tmp_path / "statement.pdf"
    await (await coming.value).save_as(statement)
    text = await text_of_pdf(statement)
    assert story.PEOPLE[MARIA] in text
    assert f"{HOURS} hours of professional development" in text
    assert re.findall(r"(?:In person|Online)\s+([\d.]+)", text) == ["2.5", "1.75", "3", "3"]
    assert TOPIC in text


async def test_one_stipend_is_paid_and_one_over_the_budget_is_refused(year: Year) -> None:
    page = await staff_of(year)
    await add_budget(year, page, source="State grant", amount="1000")
    other = await year.signed_in(COORDINATOR[1], width=DESKTOP)
    for number in (MARIA, SECOND):
        await apply(year, number, "600")
        await other.goto(f"{year.home}/staff/stipends")
        await follow(other, story.PEOPLE[number])
        await other.get_by_label("Out of which budget").select_option(index=1)
        await other.get_by_label("Amount in dollars").fill("600")
        await press(other, "Prepare the stipend")
        await expect(other.get_by_role("main")).to_contain_text("Another person of the staff approves it.")
        await page.goto(other.url.partition("#")[0])
        await press(page, "Approve $600.00")
    refused = page.get_by_role("alert")
    await expect(refused).to_contain_text("The budget has not that much left.")
    await page.goto(f"{year.home}/staff/stipends")
    await follow(page, story.PEOPLE[MARIA])
    await page.get_by_label("Reference of the payment").fill("Check 1042")
    await press(page, "Note that $600.00 was paid")
    await expect(page.get_by_role("table", name="What happened with the money")).to_contain_text("Check 1042")
    await follow(page, "All stipends")
    await follow(page, "Budgets")
    await expect(page.get_by_role("row", name="State grant")).to_contain_text("$400.00")
    maria = await year.signed_in(story.email(MARIA))
    await maria.goto(f"{year.home}/learning")
    await follow(maria, "Stipend")
    await expect(maria.get_by_role("heading", name="Paid: $600.00")).to_be_visible()
