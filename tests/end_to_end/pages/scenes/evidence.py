"""Pages of evidence: what a participant hands in, and the queue in which it is reviewed."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
from playwright.async_api import Page

from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, Open, Scenes, open_as
from tests.enrollment.cast import make_instructor
from tests.enrollment.evidence.rubrics import give_rubric
from tests.enrollment.staff import plan, signed_in
from tests.enrollment.visitors import fresh_email

TEXT = f"In my classroom I began to notice who speaks first.\n\n{LONG}\n\n{HEBREW} and {ARABIC} said so too."


async def add(scenes: Scenes) -> dict[str, Any]:
    """A cohort of its own: the participant has had one topic accepted and one returned, and others wait."""
    async with signed_in(scenes.served, scenes.pool, scenes.organization_id, "coordinator") as staff:
        planned = await plan(staff, seats=25, name="Evidence 1")
    await make_instructor(scenes.pool, scenes.organization_id, planned.cohort_id, scenes.instructor_id)
    modules = [planned.module_id, *[await _module(scenes, planned.curriculum_id, number) for number in (2, 3)]]
    await give_rubric(scenes.pool, modules[0])
    mine = await _enrolled(scenes, planned.cohort_id, scenes.participant, ARABIC)
    other = await _enrolled(scenes, planned.cohort_id, fresh_email(), f"{HEBREW} {LONG}")
    accepted = await _piece(scenes, mine, modules[1])
    returned = await _piece(scenes, mine, modules[2])
    await _decide(scenes, accepted, "accepted", "Well done.")
    await _decide(scenes, returned, "returned", "Say which school it was, and what came of it.")
    first = await _piece(scenes, other, modules[0])
    await _piece(scenes, other, modules[1])
    return {
        "evidence_learning": f"/learning/{mine}/evidence",
        "evidence_modules": modules,
        "evidence_review": f"/teach/cohorts/{planned.cohort_id}/review",
        "evidence_waiting": first,
    }


async def _module(scenes: Scenes, curriculum_id: UUID, number: int) -> UUID:
    identifier = uuid4()
    await scenes.pool.execute(
        "INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)"
        " VALUES ($1, $2, $3, $4, $5, 'About', 'A page on what you noticed, and what you did.')",
        identifier, scenes.organization_id, curriculum_id, number, f"Topic {number}",
    )  # fmt: skip
    return identifier


async def _enrolled(scenes: Scenes, cohort_id: UUID, email: str, name: str) -> UUID:
    form = {"name": name, "email": email, "shows_name": "yes"}
    async with aiohttp.ClientSession() as http, http.post(scenes.cohort(cohort_id), data=form) as answer:
        assert answer.ok, answer.status
    found: UUID = await scenes.pool.fetchval(
        "SELECT e.id FROM enrollment e JOIN person p ON p.id = e.person_id WHERE e.cohort_id = $1 AND p.email = $2",
        cohort_id, email,
    )  # fmt: skip
    return found


async def _piece(scenes: Scenes, enrollment_id: UUID, module_id: UUID) -> UUID:
    identifier = uuid4()
    await scenes.pool.execute(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at,"
        " attested_at) VALUES ($1, $2, $3, $4, 'text', $5, 'submitted', now(), now())",
        identifier, scenes.organization_id, enrollment_id, module_id, TEXT,
    )  # fmt: skip
    return identifier


async def _decide(scenes: Scenes, evidence_id: UUID, state: str, comment: str) -> None:
    await scenes.pool.execute(
        "UPDATE evidence SET state = $2, comment = $3, reviewed_by = $4, reviewed_at = now() WHERE id = $1",
        evidence_id, state, comment, scenes.instructor_id,
    )  # fmt: skip


def _learning(module: int | None = None, *, way: str = "text") -> Open:
    async def opened(page: Page, scenes: Scenes) -> None:
        path = scenes.more["evidence_learning"]
        if module is not None:
            path += f"/{scenes.more['evidence_modules'][module]}?way={way}"
        await open_as(page, scenes, scenes.participant_id, path)

    return opened


def _reviewing(path: str = "") -> Open:
    async def opened(page: Page, scenes: Scenes) -> None:
        wanted = path.format(piece=scenes.more["evidence_waiting"])
        await open_as(page, scenes, scenes.instructor_id, scenes.more["evidence_review"] + wanted)

    return opened


async def _hand_in_nothing(page: Page, scenes: Scenes) -> None:
    await _learning(0, way="file")(page, scenes)
    await page.click("main form button[type=submit]")


async def _accept_without_levels(page: Page, scenes: Scenes) -> None:
    await _reviewing("?piece={piece}")(page, scenes)
    await page.click("button[value=accepted]")


PAGES: dict[str, Open] = {
    "evidence-topics": _learning(),
    "evidence-text": _learning(0),
    "evidence-file": _learning(0, way="file"),
    "evidence-errors": _hand_in_nothing,
    "evidence-accepted": _learning(1),
    "evidence-returned": _learning(2, way="link"),
    "review": _reviewing("?piece={piece}"),
    "review-errors": _accept_without_levels,
    "review-returned": _reviewing("?wanted=returned"),
    "review-removal": _reviewing("/{piece}/removal"),
}
