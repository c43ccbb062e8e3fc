"""The SQL of the lists that staff and instructors see of a cohort's places: pages of at most so many rows, by a key."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.admission.model import Admission, Vacancy
from services.enrollment.cohorts.model import State
from services.enrollment.enrollments.model import Left, Outcome, Place
from shared.postgres import Connection, Pool

Reader = Connection | Pool

HEAD = """
SELECT c.id, c.name, c.state, c.time_zone, c.admission, c.vacancy, c.offer_hours, l.program_id,
    p.name AS program_name, l.name AS level_name,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $3) AS teaches,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id) AS seats,
    n.seated, n.offered, n.in_line, n.gone
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id JOIN program p ON p.id = l.program_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE place = 'seated') AS seated, count(*) FILTER (WHERE place = 'offered') AS offered,
        count(*) FILTER (WHERE place = 'in line') AS in_line, count(*) FILTER (WHERE place = 'none') AS gone
    FROM enrollment e WHERE e.cohort_id = c.id
) AS n
WHERE c.organization_id = $1 AND c.id = $2
"""
_ROW = """
SELECT e.id, p.name, p.email, e.place, e.outcome, e.region, e.enrolled_at, e.offer_expires_at,
    e.selected_at IS NOT NULL AS is_selected, e.invitation_id IS NOT NULL AS is_invited,
    EXISTS (SELECT FROM program_member m WHERE m.program_id = $2 AND m.email = p.email) AS is_member,
    e.left_because, e.left_at, s.number AS seat_number, e.line_rank
"""
_JOINED = "FROM enrollment e JOIN person p ON p.id = e.person_id LEFT JOIN seat s ON s.id = e.seat_id"
SEATED = f"""{_ROW}, NULL::bigint AS number_in_line {_JOINED}
WHERE e.cohort_id = $1 AND e.place = $5 AND s.number > $3 ORDER BY s.number LIMIT $4
"""
IN_LINE = f"""{_ROW}, row_number() OVER (ORDER BY e.line_rank) + $5::bigint AS number_in_line {_JOINED}
WHERE e.cohort_id = $1 AND e.place = 'in line' AND e.line_rank > $3 ORDER BY e.line_rank LIMIT $4
"""
BEFORE = "SELECT count(*) FROM enrollment WHERE cohort_id = $1 AND place = 'in line' AND line_rank <= $2"
GONE = f"""{_ROW}, NULL::bigint AS number_in_line {_JOINED}
WHERE e.cohort_id = $1 AND e.place = 'none' AND ($3::uuid IS NULL OR e.id > $3) ORDER BY e.id LIMIT $4
"""
CHOSEN = f"""{_ROW}, NULL::bigint AS number_in_line {_JOINED}
WHERE e.cohort_id = $1 AND e.id = ANY ($3) ORDER BY p.name, e.id
"""
TARGETS = """
SELECT c.id, c.name, (
    SELECT count(*) FROM seat s
    WHERE s.cohort_id = c.id AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = s.id)
) AS seats_left
FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
WHERE c.organization_id = $1 AND l.program_id = $2 AND c.id <> $3 AND c.state IN ('open', 'running')
ORDER BY c.name, c.id LIMIT 200
"""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as the lists of its places begin: its rules, and how many have which place."""

    id: UUID
    name: str
    state: State
    time_zone: str
    program_id: UUID
    program_name: str
    level_name: str
    admission: Admission
    vacancy: Vacancy
    offer_hours: int | None
    teaches: bool
    seats: int
    seated: int
    offered: int
    in_line: int
    gone: int

    @property
    def free(self) -> int:
        """How many seats nobody holds."""
        return self.seats - self.seated - self.offered


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a cohort, as staff see them."""

    id: UUID
    name: str
    email: str
    place: Place
    outcome: Outcome
    region: str | None
    enrolled_at: datetime
    offer_expires_at: datetime | None
    is_selected: bool
    is_invited: bool
    is_member: bool
    left_because: Left | None
    left_at: datetime | None
    seat_number: int | None
    line_rank: int | None
    number_in_line: int | None


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort to which people may be moved."""

    id: UUID
    name: str
    seats_left: int


async def head(connection: Reader, organization_id: UUID, cohort_id: UUID, viewer_id: UUID | None) -> Head | None:
    """A cohort with the numbers of its places, and whether the viewer teaches it."""
    row = await connection.fetchrow(HEAD, organization_id, cohort_id, viewer_id)
    return None if row is None else msgspec.convert(dict(row), Head)


async def rows(
    connection: Reader, head: Head, place: Place, *, after: int, after_id: UUID | None, most: int
) -> list[Row]:
    """Who has a place: by seat, by rank in line, or by id for those who left."""
    if place == "none":
        found = await connection.fetch(GONE, head.id, head.program_id, after_id, most)
    elif place == "in line":
        before = await connection.fetchval(BEFORE, head.id, after)
        found = await connection.fetch(IN_LINE, head.id, head.program_id, after, most, before)
    else:
        found = await connection.fetch(SEATED, head.id, head.program_id, after, most, place)
    return [msgspec.convert(dict(row), Row) for row in found]


async def chosen(connection: Reader, head: Head, enrollment_ids: Sequence[UUID]) -> list[Row]:
    """These people of the cohort, by name."""
    found = await connection.fetch(CHOSEN, head.id, head.program_id, list(enrollment_ids))
    return [msgspec.convert(dict(row), Row) for row in found]


async def targets(connection: Reader, organization_id: UUID, head: Head) -> list[Target]:
    """The cohorts of the program to which people may be moved from this one."""
    found = await connection.fetch(TARGETS, organization_id, head.program_id, head.id)
    return [msgspec.convert(dict(row), Target) for row in found]
