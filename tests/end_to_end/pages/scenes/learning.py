"""Pages of one's own learning, the directory and erasure."""

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {}
