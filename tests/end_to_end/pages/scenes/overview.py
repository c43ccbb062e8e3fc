"""Pages of the overview, exports and the journal."""

from typing import Any
from uuid import uuid4

from services.enrollment.journal import actions as journal
from tests.end_to_end.pages.scenes.scene import ARABIC, Open, Scenes, open_as


def _staff(path: str) -> Open:
    return lambda page, scenes: open_as(page, scenes, scenes.administrator_id, f"/staff{path}")


PAGES: dict[str, Open] = {
    "overview": _staff(""),
    "overview-exports": _staff("/exports"),
    "people": _staff("/people"),
    "person": lambda page, scenes: open_as(
        page, scenes, scenes.administrator_id, f"/staff/people/{scenes.participant_id}"
    ),
    "journal": _staff("/journal"),
}


async def add(scenes: Scenes) -> dict[str, Any]:
    """A cohort that ran: sessions with and without attendance, badges, evidence that waits; and entries of the log."""
    cohort_id, now = uuid4(), "now() - interval '40 days'"
    await scenes.pool.execute(
        "INSERT INTO cohort (id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,"
        " policy) SELECT $1, organization_id, curriculum_id, $2, $3, school_year, delivery, time_zone, 'running',"
        " policy FROM cohort WHERE id = $4",
        cohort_id, f"West {ARABIC}", f"West {ARABIC}", scenes.roomy_id,
    )  # fmt: skip
    sessions = [uuid4(), uuid4()]
    for number, session_id in enumerate(sessions, 1):
        await scenes.pool.execute(
            "INSERT INTO cohort_session (id, organization_id, cohort_id, position, title, starts_at, ends_at,"
            f" credit_minutes, mode) VALUES ($1, $2, $3, $4, 'Meeting', {now} + $5 * interval '20 days',"
            f" {now} + $5 * interval '20 days' + interval '3 hours', 180, 'virtual')",
            session_id, scenes.organization_id, cohort_id, number, number - 1,
        )  # fmt: skip
    for number in range(1, 4):
        person_id, seat_id, enrollment_id = uuid4(), uuid4(), uuid4()
        await scenes.pool.execute(
            "INSERT INTO person (id, organization_id, name, email) VALUES ($1, $2, $3, $4)",
            person_id, scenes.organization_id, f"{ARABIC} {number}", f"west-{person_id}@example.org",
        )  # fmt: skip
        await scenes.pool.execute(
            "INSERT INTO seat VALUES ($1, $2, $3, $4)", seat_id, scenes.organization_id, cohort_id, number
        )
        await scenes.pool.execute(
            "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, shows_name,"
            " enrolled_at, outcome) VALUES ($1, $2, $3, $4, 'seated', $5, true, now(), $6)",
            enrollment_id, scenes.organization_id, cohort_id, person_id, seat_id,
            "completed" if number < 3 else "none",
        )  # fmt: skip
        await scenes.pool.execute(
            "INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, recorded_by,"
            " recorded_at) VALUES ($1, $2, $3, $4, $5, $6, now())",
            scenes.organization_id, cohort_id, sessions[0], enrollment_id, "virtual" if number < 3 else "absent",
            scenes.coordinator_id,
        )  # fmt: skip
        if number < 3:
            await _completed(scenes, enrollment_id)
    for action, kind in (("cohort.open", "cohort"), ("export.make", "people"), ("something.new", "cohort")):
        await journal.note(
            scenes.pool, organization_id=scenes.organization_id, person_id=scenes.coordinator_id, action=action,
            object_kind=kind, object_id=cohort_id, fields=("name", "email"), note={"format": "csv"},
        )  # fmt: skip
    return {"overview_cohort": cohort_id}


async def _completed(scenes: Scenes, enrollment_id: object) -> None:
    await scenes.pool.execute(
        "INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes,"
        " findings) VALUES ($1, $2, 'completed', $3, now(), 165, '[]')",
        enrollment_id, scenes.organization_id, scenes.coordinator_id,
    )  # fmt: skip
    await scenes.pool.execute(
        "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
        " payload_sha256, requested_at, state, credential_id, badge_url, issued_at)"
        " VALUES ($1, $2, $3, $4, 1, '{}', 'x', now(), 'issued', $5, 'https://badge.example/1', now())",
        uuid4(), scenes.organization_id, enrollment_id, uuid4(), uuid4(),
    )  # fmt: skip
