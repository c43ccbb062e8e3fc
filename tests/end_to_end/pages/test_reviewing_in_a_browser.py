"""Handing in and reviewing in a browser: with the keys j, k, a and r, with a file, and without JavaScript."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.end_to_end.pages.browsers import Watched
from tests.end_to_end.pages.scenes import evidence
from tests.end_to_end.pages.scenes.scene import Scenes, open_as
from tests.enrollment.evidence.documents import pdf

#: As long as the script waits before a key accepts what has just opened.
_SETTLED_MS = 700


@pytest.fixture
async def more(scenes: Scenes) -> dict[str, Any]:
    """A cohort of this test's own, where two pieces wait."""
    return await evidence.add(scenes)


async def piece(page: Page) -> str:
    """What the page asks to decide about."""
    return await page.locator("#piece").inner_text()


async def test_a_queue_is_worked_through_with_keys(scenes: Scenes, watched: Watched, more: dict[str, Any]) -> None:
    page = watched.page
    await open_as(page, scenes, scenes.instructor_id, more["evidence_review"])
    assert await piece(page) == "Bias"
    await page.keyboard.press("j")
    await expect(page.locator("#piece")).to_have_text("Topic 2")
    await page.keyboard.press("k")
    await expect(page.locator("#piece")).to_have_text("Bias")
    await page.wait_for_timeout(_SETTLED_MS)
    await page.keyboard.press("a")
    await expect(page.locator(".error-summary")).to_contain_text("Choose a level of “Clarity”.")
    await page.get_by_label("Clear (3 points)").check()
    await page.get_by_label("Tried").check()
    await page.wait_for_timeout(_SETTLED_MS)
    await page.keyboard.press("a")
    await expect(page.locator("#piece")).to_have_text("Topic 2")
    await expect(page.get_by_role("status")).to_contain_text("Accepted: Bias")
    # At once a key accepts nothing: nobody has seen this piece yet.
    await page.keyboard.press("a")
    await page.keyboard.press("r")
    await page.keyboard.type("Say more, j and a.")
    await page.get_by_role("button", name="Return it with the comment").click()
    await expect(page.locator("main")).to_contain_text("Nothing waits for review.")
    states = await scenes.pool.fetch(
        "SELECT v.state, v.comment FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id"
        " JOIN module m ON m.id = v.module_id WHERE e.person_id <> $1 AND m.id = ANY ($2) ORDER BY m.position",
        scenes.participant_id, more["evidence_modules"],
    )  # fmt: skip
    assert [tuple(row) for row in states] == [("accepted", None), ("returned", "Say more, j and a.")]


async def test_a_file_is_handed_in_and_destroyed_without_javascript(
    scenes: Scenes, unscripted: Watched, more: dict[str, Any]
) -> None:
    page = unscripted.page
    topic = f"{more['evidence_learning']}/{more['evidence_modules'][0]}"
    await open_as(page, scenes, scenes.participant_id, topic)
    await page.get_by_role("link", name="Send a file").click()
    await page.set_input_files("#file", {"name": "essay.pdf", "mimeType": "application/pdf", "buffer": pdf()})
    await page.get_by_label("What I hand in holds no students' data").check()
    await page.get_by_role("button", name="Hand in for review").click()
    await expect(page.locator("main")).to_contain_text("Waiting for review")
    await open_as(page, scenes, scenes.instructor_id, more["evidence_review"])
    await page.get_by_role("link", name=re.compile("Bias$")).last.click()
    await expect(page.get_by_role("link", name="essay.pdf")).to_be_visible()
    await page.get_by_role("link", name="It holds students' data: destroy it").click()
    await page.get_by_role("button", name="Destroy this evidence").click()
    await expect(page.get_by_role("status")).to_contain_text("Destroyed: Bias")
    await open_as(page, scenes, scenes.participant_id, topic)
    await expect(page.get_by_role("heading", name="Destroyed and returned to you")).to_be_visible()
    await expect(page.get_by_role("button", name="Hand in again")).to_be_visible()
