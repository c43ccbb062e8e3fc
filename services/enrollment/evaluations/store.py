"""The SQL of evaluations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.enrollment.evaluations.model import About, Cohort, Form, Holder, Subject, Tally
from shared.postgres import Connection, Pool

Reader = Connection | Pool

HOLDER = """
SELECT e.id AS enrollment_id, e.organization_id, e.person_id, e.cohort_id, e.place, c.name AS cohort_name, c.time_zone
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id
WHERE e.organization_id = $1 AND e.id = $2
"""
_ABOUTS = """
abouts AS (
    SELECT s.cohort_id, s.id AS about_id, 'session' AS about, s.title, s.starts_at FROM cohort_session s
    UNION ALL
    SELECT c.id, c.id, 'cohort', c.name, (SELECT max(s.starts_at) FROM cohort_session s WHERE s.cohort_id = c.id)
    FROM cohort c
)
"""
# The newest form of what it is about; one without questions asks nothing.
SUBJECTS = f"""
WITH {_ABOUTS}
SELECT a.about_id, a.about, a.title, a.starts_at, jsonb_build_object(
        'id', f.id, 'version', f.version, 'about', f.about, 'questions', f.questions) AS form,
    EXISTS (SELECT FROM evaluation_turn_in t WHERE t.enrollment_id = e.id AND t.about_id = a.about_id) AS is_in
FROM enrollment e
JOIN abouts a ON a.cohort_id = e.cohort_id
JOIN cohort c ON c.id = e.cohort_id
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN evaluation_form f ON f.program_id = l.program_id AND f.about = a.about AND f.version = (
    SELECT max(n.version) FROM evaluation_form n WHERE n.program_id = l.program_id AND n.about = a.about
)
WHERE e.id = $1 AND f.questions <> '[]' ORDER BY a.about DESC, a.starts_at, a.about_id
"""  # noqa: S608  # put together from constants only
TURN_IN = """
INSERT INTO evaluation_turn_in (enrollment_id, about_id, organization_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
# In the order of the questions, so that two who hand in at once wait for each other and never for ever.
COUNT = """
INSERT INTO evaluation_tally AS t (organization_id, cohort_id, about_id, form_id, question, answer, people)
SELECT $1, $2, $3, $4, one.question, one.answer, 1
FROM unnest($5::integer[]) WITH ORDINALITY AS one (answer, question) ORDER BY one.question
ON CONFLICT ON CONSTRAINT evaluation_tally_once DO UPDATE SET people = t.people + 1
"""
COHORT = """
SELECT c.id, c.name, c.state, c.time_zone, l.program_id,
    (SELECT count(*) FROM enrollment e WHERE e.cohort_id = c.id AND e.place = 'seated') AS seated,
    EXISTS (SELECT FROM cohort_instructor i WHERE i.cohort_id = c.id AND i.person_id = $3) AS teaches
FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
WHERE c.organization_id = $1 AND c.id = $2
"""
TALLIES = f"""
WITH {_ABOUTS}
SELECT t.about_id, a.about, a.title, a.starts_at, t.form_id, f.questions, t.question, t.answer, t.people
FROM evaluation_tally t
JOIN abouts a ON a.about_id = t.about_id AND a.cohort_id = t.cohort_id
JOIN evaluation_form f ON f.id = t.form_id
WHERE t.cohort_id = $1 ORDER BY a.about, a.starts_at, t.about_id, f.version, t.question, t.answer
"""  # noqa: S608  # put together from constants only
PROGRAM = "SELECT name FROM program WHERE organization_id = $1 AND id = $2"
# Two who write at once wait for each other.
LOCK_PROGRAM = "SELECT id FROM program WHERE organization_id = $1 AND id = $2 FOR UPDATE"
FORMS = """
SELECT DISTINCT ON (about) id, version, about, questions FROM evaluation_form
WHERE organization_id = $1 AND program_id = $2 ORDER BY about, version DESC
"""
INSERT_FORM = """
INSERT INTO evaluation_form (id, organization_id, program_id, version, about, questions, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
DATA = """
WITH abouts AS (SELECT id, title AS name FROM cohort_session UNION ALL SELECT id, name FROM cohort)
SELECT a.name AS about FROM evaluation_turn_in t
JOIN enrollment e ON e.id = t.enrollment_id JOIN abouts a ON a.id = t.about_id
WHERE e.organization_id = $1 AND e.person_id = $2 ORDER BY a.name
"""
FORGET = """
DELETE FROM evaluation_turn_in t USING enrollment e
WHERE e.id = t.enrollment_id AND e.organization_id = $1 AND e.person_id = $2
"""


async def holder(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Holder | None:
    """The enrollment whose person evaluates."""
    row = await connection.fetchrow(HOLDER, organization_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Holder)


async def subjects(connection: Reader, enrollment_id: UUID) -> list[Subject]:
    """What somebody may evaluate, sooner or later: sessions by their start, then the cohort."""
    return [msgspec.convert(dict(row), Subject) for row in await connection.fetch(SUBJECTS, enrollment_id)]


async def turn_in(connection: Connection, holder: Holder, subject: Subject, answers: Sequence[int]) -> bool:
    """Count answers, and note who handed in; False where they had done so before."""
    status = await connection.execute(TURN_IN, holder.enrollment_id, subject.about_id, holder.organization_id)
    if status != "INSERT 0 1":
        return False
    await connection.execute(
        COUNT, holder.organization_id, holder.cohort_id, subject.about_id, subject.form.id, list(answers)
    )
    return True


async def cohort(
    connection: Reader, organization_id: UUID, cohort_id: UUID, *, viewer_id: UUID | None
) -> Cohort | None:
    """The cohort whose results are read."""
    row = await connection.fetchrow(COHORT, organization_id, cohort_id, viewer_id)
    return None if row is None else msgspec.convert(dict(row), Cohort)


async def tallies(connection: Reader, cohort_id: UUID) -> list[Tally]:
    """All that was counted in a cohort, in the order to tell it in."""
    return [msgspec.convert(dict(row), Tally) for row in await connection.fetch(TALLIES, cohort_id)]


async def program_name(connection: Reader, organization_id: UUID, program_id: UUID) -> str | None:
    """The program whose forms they are."""
    found: str | None = await connection.fetchval(PROGRAM, organization_id, program_id)
    return found


async def lock_program(connection: Connection, organization_id: UUID, program_id: UUID) -> bool:
    """Hold the program's forms until the transaction ends; False where there is no such program."""
    return await connection.fetchval(LOCK_PROGRAM, organization_id, program_id) is not None


async def forms(connection: Reader, organization_id: UUID, program_id: UUID) -> dict[About, Form]:
    """The newest form about sessions and about cohorts, as far as there are such."""
    found = [msgspec.convert(dict(row), Form) for row in await connection.fetch(FORMS, organization_id, program_id)]
    return {one.about: one for one in found}


async def insert_form(
    connection: Connection, organization_id: UUID, program_id: UUID, form: Form, *, at: datetime
) -> None:
    """Write the next version of a form."""
    await connection.execute(
        INSERT_FORM, form.id, organization_id, program_id, form.version, form.about, form.questions, at
    )


async def data_of(connection: Reader, organization_id: UUID, person_id: UUID) -> dict[str, Any]:
    """What somebody evaluated, for their own download; nobody can say with which answers."""
    rows = await connection.fetch(DATA, organization_id, person_id)
    return {"evaluations handed in": [row["about"] for row in rows]}


async def forget(connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]) -> list[UUID]:
    """Remove that somebody handed in, but for tables to `keep`; no files. The counts name nobody and stay."""
    if "evaluation_turn_in" not in keep:
        await connection.execute(FORGET, organization_id, person_id)
    return []
