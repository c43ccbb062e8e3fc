"""The SQL that gives seats to a line and takes places back. All of it runs while the cohort's row is held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from services.enrollment.admission.model import Waiting
from services.enrollment.enrollments.model import Ended, Enrollment, Frame, Left
from services.enrollment.people.model import Person
from shared.postgres import Connection, Pool

FREE_SEATS = """
SELECT s.id, s.number FROM seat s
WHERE s.cohort_id = $1 AND NOT EXISTS (SELECT FROM enrollment h WHERE h.seat_id = s.id)
ORDER BY s.number LIMIT $2
"""
# Nobody while no seat is free. Where everybody is admitted in order, no more than can be seated.
WAITING = """
SELECT e.id, e.region, e.selected_at IS NOT NULL AS is_selected, e.invitation_id IS NOT NULL AS is_invited,
    EXISTS (SELECT FROM program_member m WHERE m.program_id = $2 AND m.email = p.email) AS is_member
FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.cohort_id = $1 AND e.place = 'in line'
ORDER BY e.line_rank
LIMIT (
    SELECT CASE WHEN count(*) = 0 OR $3 THEN count(*) END FROM seat s
    WHERE s.cohort_id = $1 AND NOT EXISTS (SELECT FROM enrollment h WHERE h.seat_id = s.id)
)
"""
HELD_BY_REGION = """
SELECT region, count(*) AS held FROM enrollment
WHERE cohort_id = $1 AND place IN ('seated', 'offered') AND region = ANY ($2) GROUP BY region
"""
GIVE_SEATS = """
UPDATE enrollment SET seat_id = given.seat_id, line_rank = NULL, offer_expires_at = given.expires_at,
    place = CASE WHEN given.expires_at IS NULL THEN 'seated' ELSE 'offered' END
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS given (id, seat_id, expires_at)
WHERE enrollment.id = given.id
"""
_LEFT = "UPDATE enrollment SET place = 'none', seat_id = NULL, line_rank = NULL, offer_expires_at = NULL"
END_OFFERS = f"""
{_LEFT}, outcome = 'withdrawn', left_because = 'offer expired', left_at = $2
WHERE cohort_id = $1 AND place = 'offered' AND offer_expires_at <= $2 RETURNING id, person_id
"""
END_WAITING = f"""
{_LEFT}, outcome = 'withdrawn', left_because = 'cancelled', left_at = $2
WHERE cohort_id = $1 AND place IN ('offered', 'in line') RETURNING id, person_id
"""
LEAVE = f"{_LEFT}, outcome = 'withdrawn', left_because = $2, left_at = $3, transferred_to = $4 WHERE id = $1"
ACCEPT = "UPDATE enrollment SET place = 'seated', offer_expires_at = NULL WHERE id = $1"
SELECT_PEOPLE = "UPDATE enrollment SET selected_at = $2 WHERE id = ANY ($1) AND selected_at IS NULL"
FIRST_OFFER_END = "SELECT min(offer_expires_at) FROM enrollment WHERE cohort_id = $1 AND place = 'offered'"
SET_CLOCK = "UPDATE cohort SET next_clock_at = $2 WHERE id = $1"
DUE = "SELECT organization_id, id FROM cohort WHERE next_clock_at <= $1 ORDER BY next_clock_at, id LIMIT $2"
PEOPLE = "SELECT id, organization_id, name, email, language FROM person WHERE id = ANY ($1)"
# A room below may look at who was in a session: such a person is no no-show.
ATTENDED = """
SELECT DISTINCT enrollment_id FROM attendance
WHERE enrollment_id = ANY ($1) AND mode IN ('in person', 'virtual') ORDER BY 1
"""
_CHOSEN = """
SELECT e.id, e.organization_id, e.cohort_id, e.person_id, p.name AS person_name, e.place, e.outcome, e.shows_name,
    e.enrolled_at, s.number AS seat_number, e.region, e.offer_expires_at, e.left_because,
    CASE WHEN e.place = 'in line' THEN (
        SELECT count(*) FROM enrollment b WHERE b.cohort_id = e.cohort_id AND b.line_rank < e.line_rank
    ) END AS in_line_before
FROM enrollment e JOIN person p ON p.id = e.person_id LEFT JOIN seat s ON s.id = e.seat_id
"""
LOCK_CHOSEN = f"{_CHOSEN} WHERE e.cohort_id = $1 AND e.id = ANY ($2) ORDER BY e.id FOR UPDATE OF e"
OF_PEOPLE = f"{_CHOSEN} WHERE e.cohort_id = $1 AND e.person_id = ANY ($2) ORDER BY e.id FOR UPDATE OF e"


async def waiting(connection: Connection, frame: Frame) -> list[Waiting]:
    """Who stands in line, in its order; nobody while no seat is free."""
    rows = await connection.fetch(WAITING, frame.id, frame.program_id, frame.admission.is_open())
    return [msgspec.convert(dict(row), Waiting) for row in rows]


async def free_seats(connection: Connection, cohort_id: UUID, *, most: int) -> list[tuple[UUID, int]]:
    """The ids and numbers of free seats, the lowest first."""
    return [(row["id"], row["number"]) for row in await connection.fetch(FREE_SEATS, cohort_id, most)]


async def held_by_region(connection: Connection, cohort_id: UUID, regions: Mapping[str, int]) -> dict[str, int]:
    """How many of each of these regions hold a seat, or are offered one."""
    if not regions:
        return {}
    rows = await connection.fetch(HELD_BY_REGION, cohort_id, list(regions))
    return {row["region"]: row["held"] for row in rows}


async def give_seats(connection: Connection, given: Sequence[tuple[UUID, UUID, datetime | None]]) -> None:
    """Give seats to enrollments: (enrollment, seat, when the offer ends; None for a seat that is theirs at once)."""
    enrollments, seats, ends = zip(*given, strict=True)
    await connection.execute(GIVE_SEATS, enrollments, seats, ends)


async def end_offers(connection: Connection, cohort_id: UUID, *, now: datetime) -> list[Ended]:
    """Take back the seats of offers that nobody accepted in time."""
    return [msgspec.convert(dict(row), Ended) for row in await connection.fetch(END_OFFERS, cohort_id, now)]


async def end_waiting(connection: Connection, cohort_id: UUID, *, now: datetime) -> list[Ended]:
    """End every offer and the line of a cohort that was cancelled."""
    return [msgspec.convert(dict(row), Ended) for row in await connection.fetch(END_WAITING, cohort_id, now)]


async def leave(
    connection: Connection, enrollment_id: UUID, because: Left, *, now: datetime, transferred_to: UUID | None = None
) -> None:
    """Take somebody out of their seat or the line."""
    await connection.execute(LEAVE, enrollment_id, because, now, transferred_to)


async def accept(connection: Connection, enrollment_id: UUID) -> None:
    """Make an offered seat somebody's own."""
    await connection.execute(ACCEPT, enrollment_id)


async def select(connection: Connection, enrollment_ids: Sequence[UUID], *, now: datetime) -> None:
    """Note that staff chose these people."""
    await connection.execute(SELECT_PEOPLE, list(enrollment_ids), now)


async def first_offer_end(connection: Connection, cohort_id: UUID) -> datetime | None:
    """When the next offer of a cohort ends."""
    found: datetime | None = await connection.fetchval(FIRST_OFFER_END, cohort_id)
    return found


async def set_clock(connection: Connection, cohort_id: UUID, at: datetime | None) -> None:
    """Write when the cohort must be looked at again."""
    await connection.execute(SET_CLOCK, cohort_id, at)


async def due(pool: Pool, *, now: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """The organizations and ids of cohorts in which something is due."""
    return [(row["organization_id"], row["id"]) for row in await pool.fetch(DUE, now, most)]


async def people(connection: Connection, person_ids: Sequence[UUID]) -> dict[UUID, Person]:
    """People by id."""
    rows = await connection.fetch(PEOPLE, list(person_ids))
    return {row["id"]: msgspec.convert(dict(row), Person) for row in rows}


async def attended(connection: Connection, enrollment_ids: Sequence[UUID]) -> list[UUID]:
    """Which of these people were in a session."""
    return [row["enrollment_id"] for row in await connection.fetch(ATTENDED, list(enrollment_ids))]


async def lock_chosen(connection: Connection, cohort_id: UUID, enrollment_ids: Sequence[UUID]) -> list[Enrollment]:
    """Which of these enrollments the cohort has, held until the transaction ends; by id."""
    rows = await connection.fetch(LOCK_CHOSEN, cohort_id, list(enrollment_ids))
    return [msgspec.convert(dict(row), Enrollment) for row in rows]


async def of_people(connection: Connection, cohort_id: UUID, person_ids: Sequence[UUID]) -> list[Enrollment]:
    """These people's enrollments in the cohort, with or without a place, held until the transaction ends."""
    rows = await connection.fetch(OF_PEOPLE, cohort_id, list(person_ids))
    return [msgspec.convert(dict(row), Enrollment) for row in rows]
