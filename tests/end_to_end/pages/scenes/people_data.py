"""Pages of people, signing in, forms, rosters and merges."""

from uuid import uuid4

from tests.end_to_end.pages.scenes.scene import Open

PAGES: dict[str, Open] = {
    "sign-in": lambda page, scenes: page.goto(f"{scenes.home}/sign-in"),
    "sign-in-sent": lambda page, scenes: page.goto(f"{scenes.home}/sign-in/sent"),
    "sign-in-over": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/sign-in/{uuid4().hex}"),
    "problem": lambda page, scenes: page.goto(f"{scenes.home}/cohorts/{uuid4()}"),
}
