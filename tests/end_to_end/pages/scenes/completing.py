"""Pages of completions, evaluations and audits."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from playwright.async_api import Page

from services.enrollment.completions import actions
from services.enrollment.evaluations import actions as evaluations
from services.enrollment.evaluations import store
from services.enrollment.evaluations.model import STANDARD
from services.enrollment.people.model import Viewer
from shared.clock import system_clock
from shared.postgres import Pool
from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Open, Scenes, open_as
from tests.enrollment.staff import plan, session_body, signed_in
from tests.enrollment.visitors import add_person, fresh_email

_NAMES = ("Ana Lim", ARABIC, HEBREW, LONG, "Nguyễn Thị Ánh", "Zoë Ångström", "Sokha ចាន់", "Omar Diaz", "Test User")
_REFUSED = 8


async def add(scenes: Scenes) -> dict[str, Any]:
    """A cohort that is over: two badges issued, one being signed, one refused, one revoked; two eligible, two not."""
    days = [session_body(days=days, title=f"Session {n}") for n, days in enumerate((-100, -60, -20), 1)]
    policy = {"min_sessions": 2, "min_credit_minutes": 360, "min_in_person": 1, "modules": "all"}
    async with signed_in(scenes.served, scenes.pool, scenes.organization_id, "coordinator") as staff:
        planned = await plan(staff, seats=10, name="Central 7", sessions=days, policy=policy)
    pool, organization_id, cohort_id = scenes.pool, scenes.organization_id, planned.cohort_id
    await pool.execute(
        "UPDATE level SET achievement_id = $2, achievement_version = 1 WHERE id = $1", planned.level_id, uuid4()
    )
    enrollments = [await _seat(scenes, cohort_id, name) for name in _NAMES]
    for number, enrollment_id in enumerate(enrollments):
        is_whole = number < 6 or number == _REFUSED
        await _take_part(scenes, enrollment_id, sessions=3 if is_whole or number == 6 else 1, has_evidence=is_whole)
    viewer = Viewer(organization_id=organization_id, person_id=scenes.coordinator_id, roles=frozenset({"coordinator"}))
    choice = actions.Choice(completed=frozenset([*enrollments[:4], enrollments[_REFUSED]]))
    await actions.decide(pool, viewer, cohort_id, choice, now=system_clock())
    await pool.execute(
        "UPDATE award SET state = 'issued', revision = 1, credential_id = gen_random_uuid(), badge_url = $2,"
        " issued_at = now() WHERE enrollment_id = ANY ($1)",
        enrollments[:2], scenes.badge_page(scenes.badge),
    )  # fmt: skip
    await pool.execute(
        "UPDATE completion SET outcome = 'not completed', reversed_at = now(), reversed_by = $2,"
        " reversal_reason = 'Awarded by mistake' WHERE enrollment_id = $1",
        enrollments[3], scenes.coordinator_id,
    )  # fmt: skip
    await pool.execute(
        "UPDATE award SET state = 'revoked', revocation_reason = 'Awarded by mistake' WHERE enrollment_id = $1",
        enrollments[3],
    )
    await pool.execute("UPDATE enrollment SET outcome = 'not completed' WHERE id = $1", enrollments[3])
    await pool.execute(
        "UPDATE award SET refused_at = now(), refusal = $2::text::jsonb WHERE enrollment_id = $1",
        enrollments[_REFUSED],
        '[{"rule": "recipient-name", "where": "credentialSubject.identifier[0].identityHash", "advice": "Correct it."},'
        ' {"rule": "hours", "where": "credentialSubject.creditsEarned", "advice": "Correct it."}]',
    )
    await _evaluate(scenes, planned.program_id, cohort_id, enrollments)
    return {
        "over_id": cohort_id,
        "asking_id": planned.program_id,
        "completed_id": enrollments[1],
        "eligible_id": enrollments[4],
        "refused_id": enrollments[_REFUSED],
        "own_id": await pool.fetchval("SELECT person_id FROM enrollment WHERE id = $1", enrollments[1]),
    }


async def _evaluate(scenes: Scenes, program_id: UUID, cohort_id: UUID, enrollments: list[UUID]) -> None:
    """Six evaluate the cohort, two its first session."""
    asked = {"cohort": STANDARD["cohort"], "session": (f"{ARABIC} (100 %)", "Good.")}
    house = _House(scenes.pool)
    await evaluations.write(house, scenes.organization_id, program_id, asked)  # type: ignore[arg-type]  # all it uses
    for number, enrollment_id in enumerate(enrollments[2:8]):
        holder = await store.holder(scenes.pool, scenes.organization_id, enrollment_id)
        assert holder is not None
        for subject in await store.subjects(scenes.pool, enrollment_id):
            if subject.about == "cohort" or (number < 2 and subject.title == "Session 1"):
                given = {f"answer-{at}": str(5 - (number + at) % 4) for at in range(1, 6)}
                await evaluations.turn_in(house, holder, subject, given)  # type: ignore[arg-type]  # all it uses
    await scenes.pool.execute(
        "INSERT INTO audit_file (id, organization_id, cohort_id, jurisdiction, file_id, file_size, file_sha256,"
        " made_by, made_at, keep_until) VALUES ($1, $2, $3, 'illinois', $1, 48128, $4, $5, now(), now())",
        uuid4(), scenes.organization_id, cohort_id, "a1" * 32, scenes.coordinator_id,
    )  # fmt: skip


class _House:
    """What evaluations ask of a house."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.clock = system_clock


async def _seat(scenes: Scenes, cohort_id: UUID, name: str) -> UUID:
    person_id = await add_person(scenes.pool, scenes.organization_id, fresh_email(), name=name)
    enrollment_id: UUID = await scenes.pool.fetchval(
        "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, shows_name, enrolled_at)"
        " SELECT $1, $2, $3, $4, 'seated', s.id, true, now() FROM seat s WHERE s.cohort_id = $3"
        " AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id) ORDER BY s.number LIMIT 1 RETURNING id",
        uuid4(), scenes.organization_id, cohort_id, person_id,
    )  # fmt: skip
    return enrollment_id


async def _take_part(scenes: Scenes, enrollment_id: UUID, *, sessions: int, has_evidence: bool) -> None:
    await scenes.pool.execute(
        "INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, recorded_by,"
        " recorded_at) SELECT e.organization_id, e.cohort_id, s.id, e.id, 'in person', $2, now() FROM enrollment e"
        " JOIN cohort_session s ON s.cohort_id = e.cohort_id WHERE e.id = $1 ORDER BY s.starts_at LIMIT $3",
        enrollment_id, scenes.coordinator_id, sessions,
    )  # fmt: skip
    if has_evidence:
        await scenes.pool.execute(
            "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at,"
            " reviewed_by, reviewed_at) SELECT gen_random_uuid(), e.organization_id, e.id, m.id, 'text', 'A page',"
            " 'accepted', $3, $2, $3 FROM enrollment e JOIN cohort c ON c.id = e.cohort_id"
            " JOIN module m ON m.curriculum_id = c.curriculum_id WHERE e.id = $1",
            enrollment_id, scenes.coordinator_id, system_clock() - timedelta(days=5),
        )  # fmt: skip


def _path(scenes: Scenes) -> str:
    return f"/staff/cohorts/{scenes.more['over_id']}/completion"


async def _ask(page: Page, scenes: Scenes) -> None:
    await open_as(page, scenes, scenes.coordinator_id, _path(scenes))
    await page.click("button[value=completed]")


def _badge(scenes: Scenes) -> str:
    return f"{_path(scenes)}/{scenes.more['completed_id']}/badge"


async def _correct(page: Page, scenes: Scenes) -> None:
    await open_as(page, scenes, scenes.coordinator_id, _badge(scenes))
    await page.fill("#holder_name", LONG)
    await page.fill("#hours", "12.5")
    await page.click("form[action$=correction] button[type=submit]")


PAGES: dict[str, Open] = {
    "completion": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, _path(scenes)),
    "completion-sure": _ask,
    "completion-person": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"{_path(scenes)}/{scenes.more['completed_id']}"
    ),
    "completion-person-refused": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"{_path(scenes)}/{scenes.more['refused_id']}"
    ),
    "completion-person-eligible": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"{_path(scenes)}/{scenes.more['eligible_id']}"
    ),
    "completion-badge": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, _badge(scenes)),
    "completion-correction": _correct,
    "evaluations": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"/staff/cohorts/{scenes.more['over_id']}/evaluations"
    ),
    "evaluation-questions": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"/staff/programs/{scenes.more['asking_id']}/evaluations"
    ),
    "evaluations-own": lambda page, scenes: open_as(
        page, scenes, scenes.more["own_id"], f"/learning/{scenes.more['completed_id']}/evaluations"
    ),
    "evaluation-form": lambda page, scenes: open_as(
        page,
        scenes,
        scenes.more["own_id"],
        f"/learning/{scenes.more['completed_id']}/evaluations/{scenes.more['over_id']}",
    ),
    "audits": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"/staff/cohorts/{scenes.more['over_id']}/audits"
    ),
}
