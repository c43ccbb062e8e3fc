"""The SQL of the tables that staff take out as files.

Each statement reads the next `$9` rows behind the row whose order is `$7` (as text) and id `$8`, of the cohorts that
`$2` to `$6` choose: one cohort, a program, a level, a region, a school year. Its rows have a `zone`, in which their
times are told, and `key` and `row_id`, which the next batch begins behind.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.enrollment.evaluations.model import LEAST_TOLD
from services.enrollment.overview.store import looking
from shared.postgres import Connection, Pool

Reader = Connection | Pool

_COHORT = "c.name AS cohort, g.name AS program, l.name AS level, c.region, c.school_year, c.time_zone AS zone"
_CHOSEN = """
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program g ON g.id = l.program_id
WHERE c.organization_id = $1 AND ($2::uuid IS NULL OR c.id = $2) AND ($3::uuid IS NULL OR g.id = $3)
    AND ($4::uuid IS NULL OR l.id = $4) AND ($5::text IS NULL OR c.region = $5)
    AND ($6::text IS NULL OR c.school_year = $6)
"""
_IS_NARROWED = "coalesce($2::uuid::text, $3::uuid::text, $4::uuid::text, $5::text, $6::text) IS NOT NULL"
# Below every id: so that the index of ids leads to the next batch, of which there may be many.
_FIRST = "'00000000-0000-0000-0000-000000000000'::uuid"
PEOPLE = f"""
SELECT p.name, p.email, p.language, (
        SELECT string_agg(r.role, ', ' ORDER BY r.role) FROM role_grant r WHERE r.person_id = p.id
    ) AS roles,
    (SELECT count(*) FROM enrollment e WHERE e.person_id = p.id) AS enrollments,
    (SELECT count(*) FROM enrollment e WHERE e.person_id = p.id AND e.outcome = 'completed') AS completed,
    p.created_at AS known_since, p.id AS person_id, NULL AS zone, p.name AS key, p.id AS row_id
FROM person p
WHERE p.organization_id = $1 AND (NOT ({_IS_NARROWED}) OR EXISTS (
        SELECT FROM enrollment e JOIN cohort c ON c.id = e.cohort_id {_CHOSEN} AND e.person_id = p.id
    ))
    AND ($7::text IS NULL OR (p.name, p.id) > ($7, $8::uuid))
ORDER BY p.name, p.id LIMIT $9
"""  # noqa: S608  # put together from constants only
COHORTS = f"""
SELECT {_COHORT}, c.state, c.delivery, c.registration_opens_at, c.registration_closes_at,
    (SELECT count(*) FROM seat s WHERE s.cohort_id = c.id) AS seats,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'seated') AS seated,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'offered') AS offered,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'in line') AS in_line,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.outcome = 'completed') AS completed,
    (SELECT min(starts_at) FROM cohort_session WHERE cohort_id = c.id AND cancelled_at IS NULL) AS first_session,
    (SELECT max(ends_at) FROM cohort_session WHERE cohort_id = c.id AND cancelled_at IS NULL) AS last_session,
    (
        SELECT string_agg(p.name, '; ' ORDER BY p.name) FROM cohort_instructor i JOIN person p ON p.id = i.person_id
        WHERE i.cohort_id = c.id
    ) AS instructors,
    c.id AS cohort_id, c.name AS key, c.id AS row_id
FROM cohort c {_CHOSEN} AND ($7::text IS NULL OR (c.name, c.id) > ($7, $8::uuid))
ORDER BY c.name, c.id LIMIT $9
"""  # noqa: S608  # put together from constants only
SESSIONS = f"""
SELECT {_COHORT}, s.title AS session, s.starts_at, s.ends_at, s.credit_minutes, s.mode, s.place, s.cancelled_at,
    (
        SELECT count(*) FROM attendance a WHERE a.cohort_session_id = s.id AND a.mode IN ('in person', 'virtual')
    ) AS present,
    (SELECT count(*) FROM attendance a WHERE a.cohort_session_id = s.id) AS recorded,
    c.id AS cohort_id, s.id AS session_id, s.starts_at::text AS key, s.id AS row_id
FROM cohort c JOIN cohort_session s ON s.cohort_id = c.id {_CHOSEN}
    AND ($7::text IS NULL OR (s.starts_at, s.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY s.starts_at, s.id LIMIT $9
"""  # noqa: S608  # put together from constants only
ENROLLMENTS = f"""
SELECT p.name, p.email, {_COHORT}, e.place, t.number AS seat, e.line_rank, e.offer_expires_at, e.outcome, e.region AS
    region_given, e.enrolled_at, e.left_because, e.left_at, e.shows_name AS name_on_badge,
    e.id AS enrollment_id, p.id AS person_id, c.id AS cohort_id, e.enrolled_at::text AS key, e.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN person p ON p.id = e.person_id
LEFT JOIN seat t ON t.id = e.seat_id {_CHOSEN}
    AND ($7::text IS NULL OR (e.enrolled_at, e.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY e.enrolled_at, e.id LIMIT $9
"""  # noqa: S608  # put together from constants only
# A line for each person with a seat in each session, and what was recorded of those who left since.
ATTENDANCE = f"""
SELECT p.name, p.email, {_COHORT}, s.title AS session, s.starts_at, s.ends_at, a.mode, a.arrived_at, a.departed_at,
    a.minutes_present, a.source, a.recorded_at, y.name AS recorded_by, coalesce(m.credit_minutes, 0) AS makeup_minutes,
    m.what AS makeup, s.credit_minutes, coalesce(c.policy -> 'hours', '{{}}') AS rule,
    e.id AS enrollment_id, s.id AS session_id, e.id::text AS key, s.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN cohort_session s ON s.cohort_id = c.id
JOIN person p ON p.id = e.person_id
LEFT JOIN attendance a ON a.enrollment_id = e.id AND a.cohort_session_id = s.id
LEFT JOIN makeup m ON m.enrollment_id = e.id AND m.cohort_session_id = s.id
LEFT JOIN person y ON y.id = a.recorded_by {_CHOSEN}
    AND (a.mode IS NOT NULL OR m.what IS NOT NULL OR (e.place = 'seated' AND s.cancelled_at IS NULL))
    AND (e.id, s.id) > (coalesce($7::text::uuid, {_FIRST}), coalesce($8::uuid, {_FIRST}))
ORDER BY e.id, s.id LIMIT $9
"""  # noqa: S608  # put together from constants only
# Neither what was handed in nor a file's name: both may name a student.
EVIDENCE = f"""
SELECT p.name, p.email, {_COHORT}, m.name AS topic, v.kind, v.state, v.submitted_at, v.reviewed_at,
    y.name AS reviewed_by, v.comment, v.file_size AS bytes,
    (SELECT sum(o.points) FROM evidence_score o WHERE o.evidence_id = v.id) AS points,
    v.content_removed_at, v.id AS evidence_id, e.id AS enrollment_id, v.submitted_at::text AS key, v.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN evidence v ON v.enrollment_id = e.id
JOIN module m ON m.id = v.module_id
JOIN person p ON p.id = e.person_id
LEFT JOIN person y ON y.id = v.reviewed_by {_CHOSEN}
    AND ($7::text IS NULL OR (v.submitted_at, v.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY v.submitted_at, v.id LIMIT $9
"""  # noqa: S608  # put together from constants only
COMPLETIONS = f"""
SELECT p.name, p.email, {_COHORT}, d.outcome, d.credit_minutes, d.decided_at, y.name AS decided_by, d.reversed_at,
    z.name AS reversed_by, d.reversal_reason, e.id AS enrollment_id, d.decided_at::text AS key, e.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN completion d ON d.enrollment_id = e.id
JOIN person p ON p.id = e.person_id
LEFT JOIN person y ON y.id = d.decided_by
LEFT JOIN person z ON z.id = d.reversed_by {_CHOSEN}
    AND ($7::text IS NULL OR (d.decided_at, e.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY d.decided_at, e.id LIMIT $9
"""  # noqa: S608  # put together from constants only
AWARDS = f"""
SELECT p.name, p.email, {_COHORT}, a.state, a.visibility, a.badge_url, a.requested_at, a.issued_at,
    a.revocation_requested_at, a.revocation_reason, a.achievement_version, a.id AS award_id, e.id AS enrollment_id,
    a.requested_at::text AS key, a.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN award a ON a.enrollment_id = e.id
JOIN person p ON p.id = e.person_id {_CHOSEN}
    AND ($7::text IS NULL OR (a.requested_at, a.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY a.requested_at, a.id LIMIT $9
"""  # noqa: S608  # put together from constants only
_GIVEN = """
LEFT JOIN stipend_budget b ON b.id = s.budget_id
LEFT JOIN funding_source f ON f.id = b.funding_source_id
"""
STIPENDS = f"""
SELECT p.name, p.email, {_COHORT}, s.state, s.asked_cents, s.amount_cents, f.name AS funding_source, b.year AS
    budget_year, s.applied_at, y.name AS prepared_by, z.name AS approved_by, s.approved_at, s.paid_at, s.paid_reference,
    s.declined_because, s.id AS stipend_id, e.id AS enrollment_id, s.applied_at::text AS key, s.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN stipend s ON s.enrollment_id = e.id
JOIN person p ON p.id = e.person_id
LEFT JOIN person y ON y.id = s.prepared_by
LEFT JOIN person z ON z.id = s.approved_by {_GIVEN} {_CHOSEN}
    AND ($7::text IS NULL OR (s.applied_at, s.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY s.applied_at, s.id LIMIT $9
"""  # noqa: S608  # put together from constants only
LEDGER = f"""
SELECT n.at, n.kind, n.cents, p.name, p.email, {_COHORT}, f.name AS funding_source, b.year AS budget_year, n.reference,
    y.name AS entered_by, n.id AS entry_id, n.stipend_id, n.at::text AS key, n.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN stipend s ON s.enrollment_id = e.id
JOIN stipend_entry n ON n.stipend_id = s.id
JOIN person p ON p.id = e.person_id
JOIN stipend_budget b ON b.id = n.budget_id
JOIN funding_source f ON f.id = b.funding_source_id
LEFT JOIN person y ON y.id = n.by_person {_CHOSEN}
    AND ($7::text IS NULL OR (n.at, n.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY n.at, n.id LIMIT $9
"""  # noqa: S608  # put together from constants only
# Private fields are never among them: those are sealed, in another table.
ANSWERS = f"""
SELECT p.name, p.email, {_COHORT}, a.field, a.answer, e.id AS enrollment_id, a.field AS key, e.id AS row_id
FROM cohort c
JOIN enrollment e ON e.cohort_id = c.id
JOIN enrollment_answer a ON a.enrollment_id = e.id
JOIN person p ON p.id = e.person_id {_CHOSEN}
    AND (e.id, a.field) > (coalesce($8::uuid, {_FIRST}), coalesce($7::text, ''))
ORDER BY e.id, a.field LIMIT $9
"""  # noqa: S608  # put together from constants only
# Of no cohort: narrowed by program and level only. Neither the file nor whom it names.
CLAIMS = """
SELECT p.name, p.email, g.name AS program, l.name AS level, q.verdict, q.issuer, q.achievement, q.checked_at,
    coalesce(q.decision, 'waits') AS decision, y.name AS decided_by, q.decided_at, q.id AS claim_id, p.id AS person_id,
    NULL AS zone, q.checked_at::text AS key, q.id AS row_id
FROM level_claim q
JOIN level l ON l.id = q.level_id
JOIN program g ON g.id = l.program_id
JOIN person p ON p.id = q.person_id
LEFT JOIN person y ON y.id = q.decided_by
WHERE q.organization_id = $1 AND $2::uuid IS NULL AND ($3::uuid IS NULL OR g.id = $3)
    AND ($4::uuid IS NULL OR l.id = $4) AND $5::text IS NULL AND $6::text IS NULL
    AND ($7::text IS NULL OR (q.checked_at, q.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY q.checked_at, q.id LIMIT $9
"""
MESSAGES = f"""
SELECT m.sent_at, {_COHORT}, y.name AS sent_by, m.audience, m.recipients, m.subject, m.body, m.id AS message_id,
    m.sent_at::text AS key, m.id AS row_id
FROM cohort c
JOIN cohort_message m ON m.cohort_id = c.id
LEFT JOIN person y ON y.id = m.sent_by {_CHOSEN}
    AND ($7::text IS NULL OR (m.sent_at, m.id) > ($7::text::timestamptz, $8::uuid))
ORDER BY m.sent_at, m.id LIMIT $9
"""  # noqa: S608  # put together from constants only
_TALLIED = f"""
SELECT t.cohort_id, t.about_id, t.form_id, t.question, sum(t.people) AS people,
    round(sum(t.answer * t.people)::numeric / sum(t.people), 1) AS mean,
    coalesce(sum(t.people) FILTER (WHERE t.answer = 1), 0) AS answered_1,
    coalesce(sum(t.people) FILTER (WHERE t.answer = 2), 0) AS answered_2,
    coalesce(sum(t.people) FILTER (WHERE t.answer = 3), 0) AS answered_3,
    coalesce(sum(t.people) FILTER (WHERE t.answer = 4), 0) AS answered_4,
    coalesce(sum(t.people) FILTER (WHERE t.answer = 5), 0) AS answered_5,
    max(sum(t.people)) OVER (PARTITION BY t.about_id, t.form_id) >= {LEAST_TOLD} AS is_told
FROM evaluation_tally t WHERE t.organization_id = $1
GROUP BY t.cohort_id, t.about_id, t.form_id, t.question
"""  # noqa: S608  # put together from constants only
# Numbers only, and none where fewer answered than may be told.
EVALUATIONS = f"""
SELECT {_COHORT}, f.about, coalesce(s.title, c.name) AS subject, t.question AS number,
    f.questions ->> (t.question - 1) AS question, t.people::integer, t.mean::float, t.answered_1::integer,
    t.answered_2::integer, t.answered_3::integer, t.answered_4::integer, t.answered_5::integer,
    f.id::text || lpad(t.question::text, 4, '0') AS key, t.about_id AS row_id
FROM cohort c
JOIN ({_TALLIED}) t ON t.cohort_id = c.id AND t.is_told
JOIN evaluation_form f ON f.id = t.form_id
LEFT JOIN cohort_session s ON s.id = t.about_id {_CHOSEN}
    AND ($7::text IS NULL OR (f.id::text || lpad(t.question::text, 4, '0'), t.about_id) > ($7, $8::uuid))
ORDER BY f.id::text || lpad(t.question::text, 4, '0'), t.about_id LIMIT $9
"""  # noqa: S608  # put together from constants only
# Here `$2` to `$6` are a person, an action, an object, and from when until when.
JOURNAL = """
SELECT j.at, p.name AS who, j.action, j.object_kind, array_to_string(j.fields, ', ') AS fields, j.note::text AS note,
    j.person_id, j.object_id, j.id AS entry_id, NULL AS zone, j.at::text AS key, j.id AS row_id
FROM journal_entry j LEFT JOIN person p ON p.id = j.person_id
WHERE j.organization_id = $1 AND ($2::uuid IS NULL OR j.person_id = $2) AND ($3::text IS NULL OR j.action = $3)
    AND ($4::uuid IS NULL OR j.object_id = $4) AND ($5::timestamptz IS NULL OR j.at >= $5)
    AND ($6::timestamptz IS NULL OR j.at < $6)
    AND ($7::text IS NULL OR (j.at, j.id) < ($7::text::timestamptz, $8::uuid))
ORDER BY j.at DESC, j.id DESC LIMIT $9
"""
STANDS = """
SELECT EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $3) AS teaches
FROM cohort c WHERE c.organization_id = $1 AND c.id = $2
"""


async def batch(
    pool: Pool, statement: str, organization_id: UUID, filters: Sequence[Any], *,
    after: tuple[str, UUID] | None, most: int,
) -> list[asyncpg.Record]:  # fmt: skip
    """The next rows of one of these statements."""
    key, row_id = after or (None, None)
    async with looking(pool) as connection:
        found: list[asyncpg.Record] = await connection.fetch(statement, organization_id, *filters, key, row_id, most)
    return found


async def teaches(connection: Reader, organization_id: UUID, cohort_id: UUID, person_id: UUID | None) -> bool | None:
    """Whether somebody teaches the cohort; None where the organization has none of this id."""
    found: bool | None = await connection.fetchval(STANDS, organization_id, cohort_id, person_id)
    return found
