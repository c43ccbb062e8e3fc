"""Pages of program forms, what people answered, and private fields."""

from typing import Any
from uuid import uuid4

import msgspec
from playwright.async_api import Page

from services.enrollment.forms.model import STARTER
from tests.end_to_end.pages.scenes.scene import ARABIC, MIXED, Open, Scenes, open_as
from tests.enrollment.staff import call, plan, put, signed_in
from tests.enrollment.visitors import fresh_email


async def add(scenes: Scenes) -> dict[str, Any]:
    """A program that asks what educators are usually asked, a person who answered, and one who may open it."""
    async with signed_in(scenes.served, scenes.pool, scenes.organization_id, "coordinator") as staff:
        planned, bare = await plan(staff, seats=5, name="East 2"), await plan(staff, seats=1, name="East 3")
        fields = [msgspec.to_builtins(one) for one in STARTER.fields]
        consents = [{"key": one.key, "label": one.label, "texts": one.texts} for one in STARTER.consents]
        body = {"based_on": 0, "fields": fields, "consents": consents}
        await put(staff, f"/api/programs/{planned.program_id}/form", body)
        enrollment_id = uuid4()
        answers = {
            "local-association": MIXED, "school-district": ARABIC, "role": "Teacher",
            "license-number": "IL 4711 0815", "accessibility-needs": "Captions",
        }  # fmt: skip
        wish = {
            "name": ARABIC, "email": fresh_email(), "form_version": 1, "answers": answers, "consents": ["photographs"],
        }  # fmt: skip
        path = f"/api/{scenes.slug}/cohorts/{planned.cohort_id}/enrollments/{enrollment_id}"
        assert (await call(staff, "PUT", path, wish))[0] == 200
    person_id = await scenes.pool.fetchval("SELECT person_id FROM enrollment WHERE id = $1", enrollment_id)
    await scenes.pool.execute(
        "INSERT INTO field_reader VALUES ($1, $2, 'license-number', $3, now())",
        scenes.organization_id, scenes.coordinator_id, scenes.administrator_id,
    )  # fmt: skip
    return {
        "form_program_id": planned.program_id,
        "form_bare_id": bare.program_id,
        "form_cohort_id": planned.cohort_id,
        "form_enrollment_id": enrollment_id,
        "form_person_id": person_id,
    }


async def _preview(page: Page, scenes: Scenes) -> None:
    path = f"/staff/programs/{scenes.more['form_bare_id']}/form"
    await open_as(page, scenes, scenes.coordinator_id, path)
    await page.click("button[value=begin]")


async def _refused(page: Page, scenes: Scenes) -> None:
    await page.goto(scenes.cohort(scenes.more["form_cohort_id"]))
    await page.fill("#name", "Ana Lim")
    await page.click("main button[type=submit]")


async def _open(page: Page, scenes: Scenes) -> None:
    path = f"/staff/cohorts/{scenes.more['form_cohort_id']}/answers"
    await open_as(page, scenes, scenes.coordinator_id, path)
    await page.click("form[action*='/private/'] button")


PAGES: dict[str, Open] = {
    "form": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"/staff/programs/{scenes.more['form_program_id']}/form"
    ),
    "form-preview": _preview,
    "enroll-asked": lambda page, scenes: page.goto(scenes.cohort(scenes.more["form_cohort_id"])),
    "enroll-asked-refused": _refused,
    "answers": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"/staff/cohorts/{scenes.more['form_cohort_id']}/answers"
    ),
    "private-field": _open,
    "field-readers": lambda page, scenes: open_as(page, scenes, scenes.administrator_id, "/staff/readers"),
    "own-answers": lambda page, scenes: open_as(
        page, scenes, scenes.more["form_person_id"], f"/learning/{scenes.more['form_enrollment_id']}/answers"
    ),
}
