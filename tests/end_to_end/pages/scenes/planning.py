"""Pages of programs and cohorts."""

from typing import Any
from uuid import uuid4

from services.enrollment.cohorts import calendars
from tests.end_to_end.pages.scenes.scene import ARABIC, LONG, MIXED, Open, Scenes, open_as, sign_in

_TEMPLATE = "rhythm=quarter&weekday=5&school_year=2026-27&starts=09:00&ends=12:00&region=Midwest"


def _as_staff(path: str) -> Open:
    """Open a page of staff; `path` may name what `add` found."""
    return lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, path.format(**scenes.more, s=scenes))


def _as_teacher(path: str) -> Open:
    return lambda page, scenes: open_as(page, scenes, scenes.instructor_id, path.format(**scenes.more, s=scenes))


async def _refused(page: Any, scenes: Scenes) -> None:
    """The draft with nothing but mistakes."""
    await sign_in(page, scenes, scenes.coordinator_id)
    await page.goto(f"{scenes.home}/staff/cohorts/new?curriculum={scenes.more['curriculum_id']}&{_TEMPLATE}")
    await page.fill("#name", "")
    await page.fill("#seats", "0")
    await page.click("main form[method=post] button[type=submit]")


PAGES: dict[str, Open] = {
    "catalog": lambda page, scenes: page.goto(scenes.home),
    "pathway": lambda page, scenes: page.goto(f"{scenes.home}/programs/{scenes.more['program_slug']}"),
    "staff-cohorts": _as_staff("/staff/cohorts"),
    "staff-cohorts-none": _as_staff("/staff/cohorts?words=zzzz"),
    "cohort-new": _as_staff("/staff/cohorts/new"),
    "cohort-draft": _as_staff("/staff/cohorts/new?curriculum={curriculum_id}&" + _TEMPLATE),
    "cohort-draft-refused": _refused,
    "cohort-dates": _as_staff("/staff/cohorts/{s.roomy_id}?done=dates"),
    "cohort-dates-mixed": _as_staff("/staff/cohorts/{s.mixed_id}"),
    "cohort-settings": _as_staff("/staff/cohorts/{s.roomy_id}/settings"),
    "cohort-cancel": _as_staff("/staff/cohorts/{s.roomy_id}/cancel"),
    "teach": _as_teacher("/teach"),
    "teach-dates": _as_teacher("/teach/cohorts/{s.roomy_id}"),
    "session": _as_teacher("/teach/cohorts/{s.roomy_id}/sessions/{first_session_id}"),
    "session-new": _as_teacher("/teach/cohorts/{s.roomy_id}/sessions/new"),
    "session-cancel": _as_teacher("/teach/cohorts/{s.roomy_id}/sessions/{first_session_id}/cancel"),
    "profile": _as_teacher("/staff/profiles/{s.instructor_id}"),
    "calendar": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/learning/calendar"),
    "level-badge": lambda page, scenes: open_as(page, scenes, scenes.participant_id, "/learning/level-badge"),
    "level-badges": _as_staff("/staff/level-badges"),
    "staff-programs": _as_staff("/staff/programs"),
    "program-rules": _as_staff("/staff/programs/{program_id}/rules"),
    "program-new": _as_staff("/staff/programs/new"),
    "level": _as_staff("/staff/programs/{program_id}/levels/{level_id}"),
    "curriculum-followed": _as_staff("/staff/curricula/{curriculum_id}"),
    "curriculum-new": _as_staff("/staff/levels/{level_id}/curricula/new"),
}


async def add(scenes: Scenes) -> dict[str, Any]:
    """A module with activities and a rubric, a profile, and the address of the participant's calendar."""
    row = await scenes.pool.fetchrow(
        "SELECT k.id AS curriculum_id, l.id AS level_id, p.id AS program_id, p.slug AS program_slug"
        " FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id"
        " JOIN program p ON p.id = l.program_id WHERE c.id = $1",
        scenes.roomy_id,
    )
    assert row is not None
    levels = [{"id": "c-1-1", "name": MIXED, "points": 2, "description": LONG}, {"id": "c-1-2", "name": "Not yet"}]
    await scenes.pool.execute(
        "UPDATE module SET activity_in_person = 'A circle.', activity_virtual = $2, rubric = $3"
        " WHERE curriculum_id = $1",
        row["curriculum_id"], LONG, {"criteria": [{"id": "c-1", "name": ARABIC, "levels": levels}]},
    )  # fmt: skip
    token = calendars.feed_token(b"x" * 32, scenes.participant_id, 1)
    await scenes.pool.execute(
        "INSERT INTO calendar_feed VALUES ($1, $2, $3, 1, now())",
        calendars.token_sha256(token), scenes.organization_id, scenes.participant_id,
    )  # fmt: skip
    await scenes.pool.execute(
        "INSERT INTO instructor_profile VALUES ($1, $2, 'Teacher of the year', $3, now())",
        scenes.instructor_id, scenes.organization_id, f"{MIXED} {LONG}",
    )  # fmt: skip
    await scenes.pool.execute(
        "INSERT INTO level (id, organization_id, program_id, number, name, description, requires_level_id)"
        " VALUES ($1, $2, $3, 2, 'Level Two', 'The second.', $4)",
        uuid4(), scenes.organization_id, row["program_id"], row["level_id"],
    )  # fmt: skip
    await scenes.pool.execute(
        "INSERT INTO level_claim (id, organization_id, person_id, level_id, file_sha256, verdict, issuer, achievement,"
        " holder, checked_at) VALUES ($1, $2, $3, $4, '0', 'genuine_issuer_unknown', $5, $6, $5, now())",
        uuid4(), scenes.organization_id, scenes.participant_id, row["level_id"], MIXED, LONG,
    )  # fmt: skip
    session_id = await scenes.pool.fetchval(
        "SELECT id FROM cohort_session WHERE cohort_id = $1 ORDER BY position LIMIT 1", scenes.roomy_id
    )
    return {**dict(row), "first_session_id": session_id}
