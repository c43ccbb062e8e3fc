"""Whoever gets a seat, gives it up or is moved has it in their calendar: the file travels with the letter."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import icalendar

from services.enrollment.enrollments import moving
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.houses import house_at
from tests.enrollment.staff import Planned, mails, plan, put, session_body, signed_in
from tests.enrollment.visitors import Served, browser, fresh_email, slug_of

CALL = "https://video.example/secret-room"


async def enroll(staff: aiohttp.ClientSession, slug: str, planned: Planned) -> tuple[str, UUID]:
    """Somebody who enrolls under a name that could do harm; their address and enrollment."""
    email, identifier = fresh_email(), uuid4()
    wish = {"name": "Buy pills", "email": email}
    await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{identifier}", wish)
    return email, identifier


def read(mail: dict[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """The file's method, and each session's title, status and attendee."""
    found = icalendar.Calendar.from_ical(mail["calendar"])
    assert isinstance(found, icalendar.Calendar)
    events = [(str(one["summary"]), str(one["status"]), str(one["attendee"])) for one in found.walk("VEVENT")]
    return str(found["method"]), sorted(events)


async def test_a_seat_comes_with_its_dates_and_goes_with_them(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    past = session_body(days=-3, title="Past")
    async with signed_in(served, pool, organization, "coordinator") as staff, browser(served) as anybody:
        one = await plan(staff, seats=1, sessions=[past, session_body(mode="virtual", link=CALL)])
        sessions, two = [session_body(title="A"), session_body(title="B", days=20)], uuid4()
        await put(staff, f"/api/cohorts/{two}", {**one.body, "name": "South 2", "sessions": sessions})
        await put(staff, f"/api/cohorts/{two}/seats", {"seats": 1})
        first, first_id = await enroll(staff, slug, one)
        second, second_id = await enroll(staff, slug, one)
        (letter,) = await mails(anybody, first, "Your seat in")
        assert read(letter) == ("REQUEST", [("Midwest 1: Beginning", "CONFIRMED", f"mailto:{first}")])
        # anybody may have filled in the form
        assert not any(told in letter["calendar"] + letter["html"] for told in ("Buy pills", CALL))
        assert (await mails(anybody, second, "Waiting list"))[0]["calendar"] is None
        await put(staff, f"/api/enrollments/{first_id}/withdrawal", {})
        (letter,) = await mails(anybody, first, "You left")
        assert read(letter) == ("CANCEL", [("Midwest 1: Beginning", "CANCELLED", f"mailto:{first}")])
        (letter,) = await mails(anybody, second, "You have a seat")
        assert read(letter)[0] == "REQUEST"
        async with house_at(pool, system_clock) as house:
            await moving.transfer(house, organization, one.cohort_id, [second_id], to=two)
        (letter,) = await mails(anybody, second, "You are in South 2 now")
        assert read(letter) == (
            "PUBLISH",
            [
                ("Midwest 1: Beginning", "CANCELLED", f"mailto:{second}"),
                ("South 2: A", "CONFIRMED", f"mailto:{second}"),
                ("South 2: B", "CONFIRMED", f"mailto:{second}"),
            ],
        )
        async with anybody.get(f"/mailbox/{letter['id']}") as page:
            assert "style-src 'unsafe-inline'" in page.headers["Content-Security-Policy"]
            assert await page.text() == letter["html"]
        async with anybody.get(f"/mailbox/{letter['id']}/dates.ics") as file:
            assert (await file.text()).splitlines() == letter["calendar"].splitlines()
        for gone in (f"/mailbox/{uuid4()}", f"/mailbox/{uuid4()}/dates.ics"):
            async with anybody.get(gone) as missing:
                assert missing.status == 404
