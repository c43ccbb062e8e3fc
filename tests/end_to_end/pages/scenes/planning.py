"""Pages of programs and cohorts."""

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {
    "catalog": lambda page, scenes: page.goto(scenes.home),
}
