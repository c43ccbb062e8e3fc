"""The SQL of reminders."""

from datetime import datetime
from typing import Any

import msgspec

from services.enrollment.cohorts.model import Session
from services.enrollment.messages.model import Reminded
from services.enrollment.notices.model import Addressee
from shared.postgres import Connection

# A week before a session, and a day; the first of them only until the second is due. Who enrolled, or was told of a
# change, after that time knows the date already. Another worker that takes the same waits here and then has none.
TAKE_DUE = """
WITH due AS (
    SELECT s.organization_id, s.cohort_id, s.id AS cohort_session_id, e.id AS enrollment_id, d.days, s.starts_at
    FROM cohort_session s
    JOIN cohort c ON c.id = s.cohort_id AND c.state IN ('open', 'running')
    JOIN enrollment e ON e.cohort_id = s.cohort_id AND e.place = 'seated' AND e.outcome = 'none'
    JOIN (VALUES (7, 1), (1, 0)) AS d (days, next)
        ON s.starts_at <= $1::timestamptz + make_interval(days => d.days)
        AND s.starts_at > $1::timestamptz + make_interval(days => d.next)
    WHERE s.cancelled_at IS NULL AND s.starts_at > $1 AND s.starts_at <= $1::timestamptz + make_interval(days => 7)
        AND greatest(e.enrolled_at, s.changed_at) <= s.starts_at - make_interval(days => d.days)
        AND NOT EXISTS (
            SELECT FROM reminder r WHERE r.enrollment_id = e.id AND r.cohort_session_id = s.id AND r.days = d.days
                AND r.starts_at = s.starts_at
        )
    ORDER BY s.starts_at, e.id LIMIT $2
), taken AS (
    INSERT INTO reminder (organization_id, cohort_id, cohort_session_id, enrollment_id, days, starts_at, sent_at)
    SELECT organization_id, cohort_id, cohort_session_id, enrollment_id, days, starts_at, $1 FROM due
    ON CONFLICT DO NOTHING
    RETURNING organization_id, cohort_id, cohort_session_id, enrollment_id
)
SELECT t.organization_id, o.slug AS organization_slug, o.name AS organization_name, t.cohort_id,
    c.name AS cohort_name, c.time_zone, p.id AS person_id, p.email, p.language,
    s.id, s.title, s.starts_at, s.ends_at, s.credit_minutes, s.mode, s.place, s.link
FROM taken t
JOIN organization o ON o.id = t.organization_id
JOIN cohort c ON c.id = t.cohort_id
JOIN cohort_session s ON s.id = t.cohort_session_id
JOIN enrollment e ON e.id = t.enrollment_id
JOIN person p ON p.id = e.person_id
ORDER BY s.starts_at, p.id
"""


async def take_due(connection: Connection, *, now: datetime, most: int) -> list[Reminded]:
    """Whom to remind of which session now; each is noted, so that nobody takes it again."""
    return [_reminded(dict(row)) for row in await connection.fetch(TAKE_DUE, now, most)]


def _reminded(row: dict[str, Any]) -> Reminded:
    return msgspec.convert(
        {
            **row,
            "addressee": Addressee(email=row["email"], language=row["language"], person_id=row["person_id"]),
            "session": msgspec.convert(row, Session),
        },
        Reminded,
    )
