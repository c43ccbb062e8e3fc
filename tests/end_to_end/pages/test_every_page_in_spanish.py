"""Every page in Spanish, chosen in its own footer: it fits a phone's window, and nothing on it stayed English."""

import pytest

import services.credentials
import services.enrollment
from shared.pages import catalogs
from tests.end_to_end.pages.browsers import PHONE, Watched
from tests.end_to_end.pages.scenes import PAGES
from tests.end_to_end.pages.scenes.scene import Scenes
from tests.end_to_end.pages.test_every_page import picture

#: Each text of the page and of what stands for its pictures, but for what says its own language or was typed.
_TEXTS = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("bdi, [dir=auto], code, pre, script, .languages")) texts.push(walker.currentNode.data);
  }
  for (const one of document.querySelectorAll("[aria-label], [alt]")) {
    texts.push(one.getAttribute("aria-label") ?? one.getAttribute("alt"));
  }
  return [document.title.split(" · ")[0], ...texts].map((one) => one.trim().replace(/\\s+/g, " "));
}"""


def english() -> set[str]:
    """The texts that are others in Spanish."""
    assert services.credentials.__file__, "its texts are read where it is imported"
    assert services.enrollment.__file__
    said = {message.id: message.string for _, message in catalogs.messages("es") if isinstance(message.id, str)}
    return {text for text, told in said.items() if told != text and "%(" not in text}


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_in_spanish_is_wholly_so_and_fits(name: str, scenes: Scenes, unscripted: Watched) -> None:
    page = unscripted.page
    await PAGES[name](page, scenes)
    try:
        await page.get_by_role("button", name="Español").click()
        await page.wait_for_selector("html[lang=es]")
        await unscripted.show(width=PHONE, dark=False)
        await picture(unscripted, f"{name}-{PHONE}-es")
        assert await unscripted.overflowing() == []
        assert set(await page.evaluate(_TEXTS)) & english() == set()
    finally:
        await scenes.pool.execute(
            "UPDATE person SET language = 'en' WHERE organization_id = $1", scenes.organization_id
        )
