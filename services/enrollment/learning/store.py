"""The SQL of a person's own learning: all their cohorts in nine statements, however many there are."""

from uuid import UUID

import msgspec

from services.enrollment.completions.progress import progress_in
from services.enrollment.learning.model import Badge, Journey, Own, Topic
from shared.postgres import Connection, Pool

Reader = Connection | Pool

JOURNEYS = """
SELECT e.id AS enrollment_id, e.cohort_id, c.name AS cohort_name, c.state AS cohort_state, c.region, c.time_zone,
    p.id AS program_id, p.name AS program_name, l.name AS level_name, e.place, e.outcome, e.shows_name,
    s.number AS seat_number, c.policy,
    EXISTS (SELECT FROM program_form f WHERE f.program_id = p.id) AS is_asked,
    CASE WHEN e.place = 'in line' THEN (
        SELECT count(*) FROM enrollment b WHERE b.cohort_id = e.cohort_id AND b.line_rank < e.line_rank
    ) END AS in_line_before,
    a.id AS award_id, a.state AS award_state, a.badge_url, a.revocation_reason, a.visibility,
    EXISTS (SELECT FROM stipend t WHERE t.enrollment_id = e.id)
        OR e.outcome = 'completed' AND EXISTS (SELECT FROM stipend_budget b WHERE b.program_id = p.id) AS has_stipend
FROM enrollment e
JOIN cohort c ON c.id = e.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
LEFT JOIN seat s ON s.id = e.seat_id
LEFT JOIN award a ON a.enrollment_id = e.id AND a.erased_at IS NULL
WHERE e.organization_id = $1 AND e.person_id = $2
ORDER BY e.enrolled_at DESC, e.id LIMIT 100
"""
# The address of the video call is for those who sit in the session.
SESSIONS = """
SELECT s.id, s.cohort_id, s.title, s.starts_at, s.ends_at, s.mode, s.place,
    CASE WHEN e.place = 'seated' THEN s.link END AS link
FROM enrollment e
JOIN cohort_session s ON s.cohort_id = e.cohort_id AND s.cancelled_at IS NULL
WHERE e.organization_id = $1 AND e.person_id = $2
ORDER BY s.starts_at, s.id
"""
TOPICS = """
SELECT e.id AS enrollment_id, m.id, m.name, coalesce(v.state, 'wanted') AS state, v.comment
FROM enrollment e
JOIN cohort c ON c.id = e.cohort_id
JOIN module m ON m.curriculum_id = c.curriculum_id
LEFT JOIN LATERAL (
    SELECT state, comment FROM evidence
    WHERE enrollment_id = e.id AND module_id = m.id ORDER BY (state <> 'returned') DESC, submitted_at DESC LIMIT 1
) v ON true
WHERE e.organization_id = $1 AND e.person_id = $2
ORDER BY m.position
"""


async def journeys(connection: Reader, organization_id: UUID, person_id: UUID) -> list[Journey]:
    """All that somebody enrolled in, the newest first."""
    rows = await connection.fetch(JOURNEYS, organization_id, person_id)
    sessions: dict[UUID, list[Own]] = {}
    for row in await connection.fetch(SESSIONS, organization_id, person_id) if rows else ():
        sessions.setdefault(row["cohort_id"], []).append(msgspec.convert(dict(row), Own))
    topics: dict[UUID, list[Topic]] = {}
    for row in await connection.fetch(TOPICS, organization_id, person_id) if rows else ():
        topics.setdefault(row["enrollment_id"], []).append(msgspec.convert(dict(row), Topic))
    seats = {row["enrollment_id"]: row["cohort_id"] for row in rows if row["place"] == "seated"}
    stand = await progress_in(connection, organization_id, seats)
    return [
        msgspec.convert(
            {
                **dict(row),
                "sessions": sessions.get(row["cohort_id"], []),
                "topics": topics.get(row["enrollment_id"], []),
                "findings": stand[row["enrollment_id"]].findings if row["enrollment_id"] in stand else (),
                "badge": None
                if row["award_id"] is None
                else Badge(
                    id=row["award_id"],
                    state=row["award_state"],
                    url=row["badge_url"],
                    revocation_reason=row["revocation_reason"],
                    visibility=row["visibility"],
                ),
            },
            Journey,
        )
        for row in rows
    ]
