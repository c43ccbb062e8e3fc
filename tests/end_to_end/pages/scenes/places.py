"""Pages of admission and enrollments."""

from playwright.async_api import Page

from tests.end_to_end.pages.scenes.scene import Open, enroll


async def _with_errors(page: Page, cohort: str) -> None:
    await page.goto(cohort)
    await page.fill("#email", "nobody at home")
    await page.click("main button[type=submit]")
    await page.wait_for_selector(".error-summary")


PAGES: dict[str, Open] = {
    "cohort": lambda page, scenes: page.goto(scenes.cohort(scenes.roomy_id)),
    "cohort-full": lambda page, scenes: page.goto(scenes.cohort(scenes.full_id)),
    "cohort-mixed": lambda page, scenes: page.goto(scenes.cohort(scenes.mixed_id)),
    "cohort-errors": lambda page, scenes: _with_errors(page, scenes.cohort(scenes.roomy_id)),
    "seated": lambda page, scenes: enroll(page, scenes.cohort(scenes.roomy_id)),
    "in-line": lambda page, scenes: enroll(page, scenes.cohort(scenes.full_id)),
}
