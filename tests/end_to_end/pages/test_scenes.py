"""The scenes' own means: a browser that is signed in is known, and one that is not is not."""

import pytest

from tests.end_to_end.pages.browsers import PHONE, Watched
from tests.end_to_end.pages.scenes.scene import Scenes, open_as


async def test_a_page_is_opened_as_somebody(scenes: Scenes, watched: Watched) -> None:
    page = watched.page
    unknown = await page.goto(f"{scenes.enrollment_url}/api/me")
    assert unknown is not None
    assert unknown.status == 401
    for person_id in (scenes.participant_id, scenes.instructor_id, scenes.coordinator_id, scenes.administrator_id):
        await open_as(page, scenes, person_id, "")
        known = await page.goto(f"{scenes.enrollment_url}/api/me")
        assert known is not None
        assert (await known.json())["id"] == str(person_id)
    with pytest.raises(AssertionError, match="404"):
        await open_as(page, scenes, scenes.participant_id, "/nowhere/at/all")


async def test_a_list_that_must_be_pushed_sideways_on_a_phone_is_found(scenes: Scenes, watched: Watched) -> None:
    """The control: a list of people is one again, where its rows are laid out as those of a table."""
    await open_as(watched.page, scenes, scenes.administrator_id, "/staff/people")
    await watched.show(width=PHONE, dark=False)
    assert await watched.sideways() == []
    await watched.page.evaluate("() => document.querySelector('.listed').classList.remove('listed')")
    assert len(await watched.sideways()) == 1
