"""Pages of e-mail."""

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {
    "mailbox": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/mailbox"),
}
