"""Routes of stipends."""

from tests.enrollment.lines.line import Line

OBJECTS: dict[str, Line] = {}
LISTS: set[str] = set()
DOORS: set[str] = set()
