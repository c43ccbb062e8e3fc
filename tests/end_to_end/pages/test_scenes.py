"""The scenes' own means: who is signed in is known, and a browser knows nothing of who sat there before."""

import pytest

from tests.end_to_end.pages.browsers import PHONE, Profile, Watched, watch
from tests.end_to_end.pages.scenes.scene import Scenes, open_as, sign_in


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


async def test_a_page_finds_nothing_of_the_page_before(scenes: Scenes, profile: Profile) -> None:
    """The tests of pages share a profile. What each would find is shown first, or its being gone shows nothing."""
    found: list[tuple[object, ...]] = []
    for is_emptied in (True, False, True):
        if is_emptied:
            await profile.empty()
        watched = await watch(profile.context)
        await watched.page.goto(scenes.home)
        await watched.page.wait_for_load_state("load")
        kept = await watched.page.evaluate("() => localStorage.length")
        found.append((await watched.weight(), len(await profile.context.cookies()), kept, len(profile.context.pages)))
        await watched.page.evaluate("() => localStorage.setItem('left', 'behind')")
        await sign_in(watched.page, scenes, scenes.participant_id)
    first, second, third = found
    assert first == third
    assert all(one != other for one, other in zip(first, second, strict=True)), found
