"""Routes of one's own learning, the directory and erasure."""

from tests.enrollment.lines.line import Line

OBJECTS: dict[str, Line] = {}
LISTS: set[str] = set()
DOORS: set[str] = set()
