"""Pages of stipends."""

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {}
