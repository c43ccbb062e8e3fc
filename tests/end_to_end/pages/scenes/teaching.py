"""Pages of attendance and messages: a cohort whose session has just begun."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from playwright.async_api import Page

from services.enrollment.attendance import codes
from services.enrollment.house import sealing_key
from shared.clock import system_clock
from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Open, Scenes, open_as
from tests.enrollment.staff import plan, put, session_body, signed_in

_REPORT = f"Name,Email,Duration (Minutes)\n{HEBREW},,170\nAna’s iPad,,95\n"


async def add(scenes: Scenes) -> dict[str, Any]:
    """Four people with a seat, one of whom came late; a meeting report; a message that was sent."""
    starts_at = (system_clock() - timedelta(minutes=20)).replace(microsecond=0)
    begun: dict[str, Any] = {
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
    }
    sessions = [session_body(title="Self Exposure", **begun), session_body(days=40, title="Dialogue", mode="virtual")]
    async with signed_in(
        scenes.served, scenes.pool, scenes.organization_id, person_id=scenes.coordinator_id
    ) as session:
        planned = await plan(session, seats=6, name="Midwest teaching", sessions=sessions)
        path = f"/{scenes.slug}/cohorts/{planned.cohort_id}"
        people = {"Ana Lim": f"{uuid4()}@example.org", ARABIC: scenes.participant, HEBREW: None, LONG: None}
        for name, email in people.items():
            form = {"name": name, "email": email or f"{uuid4()}@example.org", "shows_name": "yes"}
            async with session.post(path, data=form) as answer:
                assert answer.ok
        sheet = f"/api/cohorts/{planned.cohort_id}/sessions/{sessions[0]['id']}/attendance"
        async with session.get(sheet) as answer:
            lines = (await answer.json())["items"]
        by_name = {one["person_name"]: one["enrollment_id"] for one in lines}
        late = (starts_at + timedelta(minutes=15)).isoformat()
        entries = [
            {"enrollment_id": by_name["Ana Lim"], "mode": "in person", "arrived_at": late},
            {"enrollment_id": by_name[LONG], "mode": "excused"},
        ]
        await put(session, sheet, {"entries": entries})
        message = {"subject": "Bring a pen", "body": "Dear all,\nplease bring a pen.", "audience": "seated"}
        await put(session, f"/api/cohorts/{planned.cohort_id}/messages/{uuid4()}", message)
        teach = f"/teach/cohorts/{planned.cohort_id}"
        begun_path = f"{teach}/sessions/{sessions[0]['id']}"
        report_form = aiohttp.FormData()
        report_form.add_field("file", _REPORT.encode(), filename="meeting.csv", content_type="text/csv")
        async with session.post(f"/{scenes.slug}{begun_path}/reports", data=report_form) as answer:
            assert answer.ok
            report = answer.url.path.removeprefix(f"/{scenes.slug}")
    return {
        "teach": teach,
        "begun": begun_path,
        "begun_id": UUID(str(sessions[0]["id"])),
        "virtual": f"{teach}/sessions/{sessions[1]['id']}",
        "absent_id": by_name[LONG],
        "report": report,
    }


def _as_staff(where: str, behind: str = "") -> Open:
    async def opened(page: Page, scenes: Scenes) -> None:
        await open_as(page, scenes, scenes.coordinator_id, f"{scenes.more[where]}{behind}")

    return opened


async def _makeup(page: Page, scenes: Scenes) -> None:
    path = f"{scenes.more['begun']}/makeup/{scenes.more['absent_id']}"
    await open_as(page, scenes, scenes.coordinator_id, path)


async def _check_in(page: Page, scenes: Scenes) -> None:
    session_id = scenes.more["begun_id"]
    code = codes.code_at(sealing_key(scenes.served.settings), session_id, system_clock())
    await open_as(page, scenes, scenes.participant_id, f"/check-in/{session_id}/{code}")


PAGES: dict[str, Open] = {
    "attendance-sheet": _as_staff("begun", "/attendance"),
    "attendance-grid": _as_staff("teach", "/grid"),
    "attendance-code": _as_staff("begun", "/code"),
    "attendance-code-later": _as_staff("virtual", "/code"),
    "attendance-reports": _as_staff("begun", "/reports"),
    "attendance-report": _as_staff("report"),
    "attendance-makeup": _makeup,
    "check-in": _check_in,
    "messages": _as_staff("teach", "/messages"),
}
