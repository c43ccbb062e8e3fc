"""Pages of attendance and messages."""

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {}
