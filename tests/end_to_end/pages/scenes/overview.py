"""Pages of the overview, exports and the journal."""

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {}
