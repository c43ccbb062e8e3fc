"""Routes of the overview, exports and the journal."""

from tests.enrollment.lines.line import Line

OBJECTS: dict[str, Line] = {}
LISTS: set[str] = set()
DOORS: set[str] = set()
