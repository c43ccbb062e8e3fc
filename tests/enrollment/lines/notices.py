"""Routes of e-mail."""

from tests.enrollment.lines.line import Line

OBJECTS: dict[str, Line] = {}
LISTS: set[str] = set()
DOORS: set[str] = {
    "GET /api/mailbox",
    "GET /mailbox",
}
