"""The SQL of evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.evidence.model import (
    Evidence,
    EvidenceStandsError,
    Holder,
    Queue,
    Review,
    State,
    Submission,
    Topic,
)
from services.enrollment.evidence.rubric import Score
from shared.contracts import ResultClaim
from shared.postgres import Connection, Pool

Reader = Connection | Pool

HOLDER = """
SELECT e.id AS enrollment_id, e.organization_id, e.cohort_id, e.person_id, e.place, e.outcome,
    c.name AS cohort_name, c.state AS cohort_state, c.time_zone,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = e.cohort_id AND i.person_id = $3) AS teaches
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.id = $2
"""
# A decision about completion and a withdrawal wait for it, and two submissions for each other.
HOLD = f"{HOLDER} FOR NO KEY UPDATE OF e"
HAS_MODULE = """
SELECT EXISTS (SELECT FROM module m JOIN cohort c ON c.curriculum_id = m.curriculum_id WHERE c.id = $1 AND m.id = $2)
"""
_COLUMNS = """
v.id, v.enrollment_id, e.cohort_id, e.person_id, p.name AS person_name, v.module_id, m.name AS module_name, v.kind,
v.text, v.link, v.file_id, v.file_name, v.file_media_type, v.file_size, v.file_sha256, v.state, v.submitted_at,
v.reviewed_by, v.reviewed_at, v.comment, v.attested_at, v.content_removed_at,
EXISTS (SELECT FROM evidence_sealed z WHERE z.evidence_id = v.id) AS is_sealed,
coalesce((
    SELECT jsonb_agg(jsonb_build_object('criterion_id', s.criterion_id, 'level_id', s.level_id, 'points', s.points)
        ORDER BY s.criterion_id)
    FROM evidence_score s WHERE s.evidence_id = v.id
), '[]') AS scores
"""
_TABLES = """
evidence v JOIN enrollment e ON e.id = v.enrollment_id JOIN person p ON p.id = e.person_id
JOIN module m ON m.id = v.module_id
"""
EVIDENCE = f"SELECT {_COLUMNS} FROM {_TABLES} WHERE v.organization_id = $1 AND v.id = $2"  # noqa: S608  # constants only
SOME_EVIDENCE = f"SELECT {_COLUMNS} FROM {_TABLES} WHERE v.organization_id = $1 AND v.id = ANY ($2)"  # noqa: S608
OF_ENROLLMENT = f"""
SELECT {_COLUMNS} FROM {_TABLES}
WHERE v.organization_id = $1 AND v.enrollment_id = $2 ORDER BY m.position, v.submitted_at, v.id
"""  # noqa: S608  # put together from constants only
# Oldest first. The cursor is the id of the last piece read: evidence keeps its time of submission.
OF_COHORT = f"""
SELECT {_COLUMNS} FROM {_TABLES}
WHERE v.organization_id = $1 AND e.cohort_id = $2 AND v.state = $3
    AND ($4::uuid IS NULL OR (v.submitted_at, v.id) > (
        SELECT b.submitted_at, b.id FROM evidence b WHERE b.organization_id = $1 AND b.id = $4
    ))
ORDER BY v.submitted_at, v.id LIMIT $5
"""  # noqa: S608  # put together from constants only
OF_MODULE = f"""
SELECT {_COLUMNS} FROM {_TABLES} WHERE v.enrollment_id = $1 AND v.module_id = $2 ORDER BY v.submitted_at, v.id
"""  # noqa: S608  # put together from constants only
QUEUE = """
SELECT jsonb_build_object('id', c.id, 'name', c.name, 'state', c.state) AS cohort, c.time_zone,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $3) AS teaches,
    n.submitted, n.accepted, n.returned
FROM cohort c CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE v.state = 'submitted') AS submitted,
        count(*) FILTER (WHERE v.state = 'accepted') AS accepted,
        count(*) FILTER (WHERE v.state = 'returned') AS returned
    FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id WHERE e.cohort_id = c.id
) n
WHERE c.organization_id = $1 AND c.id = $2
"""
# The lines around a piece where one is named: those behind it are what comes next.
LINES = """
SELECT v.id, p.name AS person_name, m.name AS module_name, v.submitted_at
FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id JOIN person p ON p.id = e.person_id
JOIN module m ON m.id = v.module_id
WHERE v.organization_id = $1 AND e.cohort_id = $2 AND v.state = $3
    AND ($4::uuid IS NULL OR (v.submitted_at, v.id) >= coalesce((
        SELECT (b.submitted_at, b.id) FROM (
            SELECT w.submitted_at, w.id FROM evidence w JOIN enrollment f ON f.id = w.enrollment_id
            WHERE f.cohort_id = $2 AND w.state = $3
                AND (w.submitted_at, w.id) <= (SELECT x.submitted_at, x.id FROM evidence x WHERE x.id = $4)
            ORDER BY w.submitted_at DESC, w.id DESC LIMIT 10
        ) b ORDER BY b.submitted_at, b.id LIMIT 1
    ), (v.submitted_at, v.id)))
ORDER BY v.submitted_at, v.id LIMIT $5
"""
TEACHES = """
SELECT EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $3) AS teaches
FROM cohort c WHERE c.organization_id = $1 AND c.id = $2
"""
INSERT = """
INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, link, file_id, file_name,
    file_media_type, file_size, file_sha256, attested_at, state, submitted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $14 THEN $13::timestamptz END, 'submitted', $13)
ON CONFLICT (id) DO NOTHING
"""
STANDING = "SELECT id FROM evidence WHERE enrollment_id = $1 AND module_id = $2 AND state <> 'returned'"
REVIEW = "UPDATE evidence SET state = $2, comment = $3, reviewed_by = $4, reviewed_at = $5 WHERE id = $1"
DELETE_SCORES = "DELETE FROM evidence_score WHERE evidence_id = $1"
INSERT_SCORES = """
INSERT INTO evidence_score (organization_id, evidence_id, criterion_id, level_id, points)
SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::integer[])
"""
SEAL = """
INSERT INTO evidence_sealed (evidence_id, organization_id, text, link, file_id, file_name, sealed_at)
SELECT id, organization_id, text, link, file_id, file_name, $2 FROM evidence WHERE id = $1
"""
REMOVE_CONTENT = """
UPDATE evidence SET content_removed_at = $2, content_removed_by = $3, text = NULL, link = NULL, file_id = NULL,
    file_name = NULL
WHERE id = $1
"""
TOPICS = """
SELECT m.id, m.name, m.description, m.evidence_wanted, m.rubric
FROM module m JOIN cohort c ON c.curriculum_id = m.curriculum_id
WHERE c.organization_id = $1 AND c.id = $2 ORDER BY m.position
"""
TOPIC = """
SELECT id, name, description, evidence_wanted, rubric FROM module WHERE organization_id = $1 AND id = $2
"""
# Only what the achievement's version describes: the issuer signs nothing else.
RESULTS = """
SELECT DISTINCT ON (v.enrollment_id, s.criterion_id) v.enrollment_id, s.criterion_id AS description_id, s.level_id
FROM evidence v
JOIN enrollment e ON e.id = v.enrollment_id
JOIN module m ON m.id = v.module_id
JOIN evidence_score s ON s.evidence_id = v.id
JOIN unnest($1::uuid[], $2::uuid[], $3::integer[]) AS awarded (cohort_id, achievement_id, achievement_version)
    ON awarded.cohort_id = e.cohort_id
JOIN achievement_result r ON r.achievement_id = awarded.achievement_id
    AND r.achievement_version = awarded.achievement_version AND r.description_id = s.criterion_id
    AND s.level_id = ANY (r.level_ids)
WHERE v.state = 'accepted' AND ($4::uuid[] IS NULL OR v.enrollment_id = ANY ($4))
ORDER BY v.enrollment_id, s.criterion_id, m.position
"""
OF_PERSON = f"""
SELECT {_COLUMNS} FROM {_TABLES}
WHERE v.organization_id = $1 AND e.person_id = $2 ORDER BY v.submitted_at, v.id
"""  # noqa: S608  # put together from constants only
WAS_REMOVED = """
SELECT EXISTS (
    SELECT FROM evidence WHERE enrollment_id = $1 AND file_sha256 = $2 AND content_removed_at IS NOT NULL
)
"""
HAS_FILE = """
SELECT EXISTS (SELECT FROM evidence WHERE organization_id = $1 AND id = $2 AND file_id = $3)
    OR EXISTS (SELECT FROM evidence_sealed WHERE organization_id = $1 AND evidence_id = $2 AND file_id = $3)
"""


async def holder(
    connection: Reader, organization_id: UUID, enrollment_id: UUID, *, viewer_id: UUID | None
) -> Holder | None:
    """The enrollment that evidence is of."""
    row = await connection.fetchrow(HOLDER, organization_id, enrollment_id, viewer_id)
    return None if row is None else msgspec.convert(dict(row), Holder)


async def hold(
    connection: Connection, organization_id: UUID, enrollment_id: UUID, *, viewer_id: UUID | None
) -> Holder | None:
    """The same, held until the transaction ends."""
    row = await connection.fetchrow(HOLD, organization_id, enrollment_id, viewer_id)
    return None if row is None else msgspec.convert(dict(row), Holder)


async def has_module(connection: Reader, cohort_id: UUID, module_id: UUID) -> bool:
    """Whether the module belongs to what the cohort goes through."""
    return await connection.fetchval(HAS_MODULE, cohort_id, module_id) is True


async def teaches(connection: Reader, organization_id: UUID, cohort_id: UUID, person_id: UUID | None) -> bool | None:
    """Whether the person is an instructor of the cohort; None where there is no such cohort."""
    found: bool | None = await connection.fetchval(TEACHES, organization_id, cohort_id, person_id)
    return found


async def evidence(connection: Reader, organization_id: UUID, evidence_id: UUID) -> Evidence | None:
    """One piece of evidence."""
    row = await connection.fetchrow(EVIDENCE, organization_id, evidence_id)
    return None if row is None else _evidence(row)


async def some(connection: Reader, organization_id: UUID, evidence_ids: Sequence[UUID]) -> dict[UUID, Evidence]:
    """Several pieces of evidence, by their ids."""
    rows = await connection.fetch(SOME_EVIDENCE, organization_id, evidence_ids)
    return {one.id: one for one in map(_evidence, rows)}


async def of_enrollment(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> list[Evidence]:
    """All that one person handed in, module by module, what was returned before what came after it."""
    return [_evidence(row) for row in await connection.fetch(OF_ENROLLMENT, organization_id, enrollment_id)]


async def of_cohort(
    connection: Reader, organization_id: UUID, cohort_id: UUID, *, state: State, after: UUID | None, most: int
) -> list[Evidence]:
    """A cohort's evidence in one state, longest waiting first, from behind the piece `after`."""
    rows = await connection.fetch(OF_COHORT, organization_id, cohort_id, state, after, most)
    return [_evidence(row) for row in rows]


async def of_module(connection: Reader, enrollment_id: UUID, module_id: UUID) -> list[Evidence]:
    """All that one person handed in for a module, in that order."""
    return [_evidence(row) for row in await connection.fetch(OF_MODULE, enrollment_id, module_id)]


async def queue(
    connection: Reader, organization_id: UUID, cohort_id: UUID, *, viewer_id: UUID | None, state: State,
    piece: UUID | None, most: int,
) -> Queue | None:  # fmt: skip
    """A cohort's evidence in one state, in two queries: from the start, or from ten before `piece`."""
    row = await connection.fetchrow(QUEUE, organization_id, cohort_id, viewer_id)
    if row is None:
        return None
    lines = [dict(one) for one in await connection.fetch(LINES, organization_id, cohort_id, state, piece, most)]
    return msgspec.convert({**dict(row), "state": state, "lines": lines}, Queue)


def _evidence(row: asyncpg.Record) -> Evidence:
    columns = dict(row)
    parts = {name: columns.pop(f"file_{name}") for name in ("id", "name", "media_type", "size", "sha256")}
    file = None if parts["id"] is None else parts
    return msgspec.convert({**columns, "file": file, "file_sha256": parts["sha256"]}, Evidence)


async def insert(connection: Connection, handed_in: Submission, *, organization_id: UUID, at: datetime) -> bool:
    """Whether it was stored; False where its id is taken. EvidenceStandsError. Ask it with the enrollment held."""
    standing = await connection.fetchval(STANDING, handed_in.enrollment_id, handed_in.module_id)
    if standing is not None:
        raise EvidenceStandsError(standing)
    file = handed_in.file
    status = await connection.execute(
        INSERT,
        handed_in.id,
        organization_id,
        handed_in.enrollment_id,
        handed_in.module_id,
        handed_in.kind,
        handed_in.text,
        handed_in.link,
        *((None,) * 5 if file is None else (file.id, file.name, file.media_type, file.size, file.sha256)),
        at,
        handed_in.is_attested,
    )
    return status == "INSERT 0 1"


async def set_review(connection: Connection, evidence_id: UUID, review: Review, *, by: UUID, at: datetime) -> None:
    """Write what a reviewer says."""
    await connection.execute(REVIEW, evidence_id, review.decision, review.comment, by, at)


async def set_scores(connection: Connection, organization_id: UUID, evidence_id: UUID, scores: Sequence[Score]) -> None:
    """Write what a reviewer chose, in place of what they chose before."""
    await connection.execute(DELETE_SCORES, evidence_id)
    columns = [list(one) for one in zip(*((one.criterion_id, one.level_id, one.points) for one in scores), strict=True)]
    if columns:
        await connection.execute(INSERT_SCORES, organization_id, evidence_id, *columns)


async def remove_content(connection: Connection, evidence_id: UUID, *, by: UUID, at: datetime) -> None:
    """Forget text, link, file and its name; the decision stays, and a file's hash. Review it before."""
    await connection.execute(REMOVE_CONTENT, evidence_id, at, by)


async def seal_content(connection: Connection, evidence_id: UUID, *, by: UUID, at: datetime) -> None:
    """The same, but keep it apart where nothing reads it, since a legal hold forbids to destroy it."""
    await connection.execute(SEAL, evidence_id, at)
    await connection.execute(REMOVE_CONTENT, evidence_id, at, by)


async def topics(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[Topic]:
    """The modules that a cohort goes through, in order."""
    rows = await connection.fetch(TOPICS, organization_id, cohort_id)
    return [msgspec.convert(dict(row), Topic) for row in rows]


async def topic(connection: Reader, organization_id: UUID, module_id: UUID) -> Topic | None:
    """One module."""
    row = await connection.fetchrow(TOPIC, organization_id, module_id)
    return None if row is None else msgspec.convert(dict(row), Topic)


async def results(
    connection: Reader, achievements: Mapping[UUID, tuple[UUID | None, int | None]], *, only: Sequence[UUID] | None
) -> dict[UUID, tuple[ResultClaim, ...]]:
    """What badges may tell of cohorts' scores, by enrollment, in one query; `achievements` are what cohorts award."""
    found: dict[UUID, tuple[ResultClaim, ...]] = {}
    awarded = [[one[number] for one in achievements.values()] for number in (0, 1)]
    for row in await connection.fetch(RESULTS, list(achievements), *awarded, only):
        claim = ResultClaim(description_id=row["description_id"], level_id=row["level_id"])
        found[row["enrollment_id"]] = (*found.get(row["enrollment_id"], ()), claim)
    return found


async def was_removed(connection: Reader, enrollment_id: UUID, file_sha256: str) -> bool:
    """Whether this file was destroyed before, because it held students' data."""
    return await connection.fetchval(WAS_REMOVED, enrollment_id, file_sha256) is True


async def has_file(connection: Reader, organization_id: UUID, evidence_id: UUID, file_id: UUID) -> bool:
    """Whether the evidence refers to this blob."""
    return await connection.fetchval(HAS_FILE, organization_id, evidence_id, file_id) is True


async def of_person(connection: Reader, organization_id: UUID, person_id: UUID) -> list[Evidence]:
    """All that a person handed in, the oldest first."""
    return [_evidence(row) for row in await connection.fetch(OF_PERSON, organization_id, person_id)]
