"""The SQL of forms, of what people answered, and of their consents."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec

from services.enrollment.forms.drafting import Asked
from services.enrollment.forms.model import Answers, Consent, Form, Given
from shared.postgres import Connection, Pool

Reader = Connection | Pool

_FORM = """
SELECT f.version, f.fields, f.consents, (
    SELECT coalesce(jsonb_agg(jsonb_build_array(t.key, t.version, t.language, t.body)), '[]') FROM consent_text t
    WHERE t.organization_id = f.organization_id AND t.program_id = f.program_id
) AS texts
FROM program_form f
"""
FORM = f"{_FORM} WHERE f.organization_id = $1 AND f.program_id = $2 ORDER BY f.version DESC LIMIT 1"
ASKED = """
SELECT field ->> 'key' AS key, field ->> 'label' AS label, field ->> 'kind' AS kind, bool_or(f.version = (
    SELECT max(n.version) FROM program_form n WHERE n.organization_id = $1 AND n.program_id = $2
)) AS is_now
FROM program_form f CROSS JOIN LATERAL jsonb_array_elements(f.fields) AS field
WHERE f.organization_id = $1 AND f.program_id = $2 GROUP BY 1, 2, 3
"""
FORM_OF_COHORT = f"""
{_FORM} WHERE f.organization_id = $1 AND f.program_id = (
    SELECT l.program_id FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
    WHERE c.organization_id = $1 AND c.id = $2
) ORDER BY f.version DESC LIMIT 1
"""  # noqa: S608  # put together from constants only
FORM_OF_ENROLLMENT = f"""
{_FORM} JOIN enrollment_form e ON e.program_id = f.program_id AND e.version = f.version
WHERE e.organization_id = $1 AND e.enrollment_id = $2
"""
FORMS_OF_COHORT = f"""
{_FORM} WHERE f.organization_id = $1 AND EXISTS (
    SELECT FROM enrollment_form x JOIN enrollment e ON e.id = x.enrollment_id
    WHERE e.cohort_id = $2 AND x.program_id = f.program_id AND x.version = f.version
) ORDER BY f.version DESC LIMIT 20
"""
LOCK_PROGRAM = "SELECT id FROM program WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"
PROGRAM = "SELECT name, slug FROM program WHERE organization_id = $1 AND id = $2"
INSERT_FORM = """
INSERT INTO program_form (organization_id, program_id, version, fields, consents, made_by, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
NEWEST_TEXT = """
SELECT coalesce(max(version), 0) FROM consent_text WHERE organization_id = $1 AND program_id = $2 AND key = $3
"""
INSERT_TEXT = """
INSERT INTO consent_text (organization_id, program_id, key, version, language, body) VALUES ($1, $2, $3, $4, $5, $6)
"""
PRIVATE_FIELDS = """
SELECT DISTINCT ON (field ->> 'key') field ->> 'key' AS key, field ->> 'label' AS label
FROM program_form f CROSS JOIN LATERAL jsonb_array_elements(f.fields) AS field
WHERE f.organization_id = $1 AND field ->> 'kind' = 'private'
ORDER BY field ->> 'key', f.version DESC, f.made_at DESC
LIMIT 200
"""

DELETE_FILLED = "DELETE FROM enrollment_form WHERE organization_id = $1 AND enrollment_id = $2"
INSERT_FILLED = """
INSERT INTO enrollment_form (enrollment_id, organization_id, program_id, version)
SELECT e.id, e.organization_id, l.program_id, $3
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id WHERE e.organization_id = $1 AND e.id = $2
"""
BEGIN_FILLED = f"{INSERT_FILLED} ON CONFLICT (enrollment_id) DO NOTHING"
DELETE_ANSWERS = "DELETE FROM enrollment_answer WHERE organization_id = $1 AND enrollment_id = $2"
INSERT_ANSWERS = """
INSERT INTO enrollment_answer (organization_id, enrollment_id, field, answer)
SELECT $1, $2, field, answer FROM unnest($3::text[], $4::text[]) AS given (field, answer)
"""
ANSWERS = "SELECT field, answer FROM enrollment_answer WHERE organization_id = $1 AND enrollment_id = $2"
CONSENTS = """
SELECT key, version, language, given_at, withdrawn_at FROM consent
WHERE organization_id = $1 AND enrollment_id = $2 ORDER BY given_at, id
"""
# The words in which it is given are those that its form has.
GIVE = """
INSERT INTO consent (id, organization_id, enrollment_id, program_id, key, version, language, given_at)
SELECT $3, $1, $2, f.program_id, $4, $5, $6, $7 FROM enrollment_form f
WHERE f.organization_id = $1 AND f.enrollment_id = $2
ON CONFLICT (enrollment_id, key) WHERE withdrawn_at IS NULL DO NOTHING
"""
TAKE_BACK = """
UPDATE consent SET withdrawn_at = $4
WHERE organization_id = $1 AND enrollment_id = $2 AND key = $3 AND withdrawn_at IS NULL
"""
TAKE_BACK_OTHERS = """
UPDATE consent SET withdrawn_at = $4
WHERE organization_id = $1 AND enrollment_id = $2 AND key <> ALL ($3) AND withdrawn_at IS NULL
"""
CARRY_FORM = """
INSERT INTO enrollment_form (enrollment_id, organization_id, program_id, version)
SELECT $2, organization_id, program_id, version FROM enrollment_form WHERE enrollment_id = $1
ON CONFLICT (enrollment_id) DO NOTHING
"""
CARRY_ANSWERS = """
INSERT INTO enrollment_answer (organization_id, enrollment_id, field, answer)
SELECT organization_id, $2, field, answer FROM enrollment_answer WHERE enrollment_id = $1
ON CONFLICT DO NOTHING
"""
CARRY_CONSENTS = """
INSERT INTO consent (id, organization_id, enrollment_id, program_id, key, version, language, given_at)
SELECT gen_random_uuid(), organization_id, $2, program_id, key, version, language, given_at FROM consent
WHERE enrollment_id = $1 AND withdrawn_at IS NULL
ON CONFLICT (enrollment_id, key) WHERE withdrawn_at IS NULL DO NOTHING
"""
HOLDER = """
SELECT e.id AS enrollment_id, e.person_id, e.cohort_id, c.name AS cohort_name, c.time_zone
FROM enrollment e JOIN cohort c ON c.id = e.cohort_id WHERE e.organization_id = $1 AND e.id = $2
"""
COHORT = "SELECT id, name, state, time_zone FROM cohort WHERE organization_id = $1 AND id = $2"
ROWS = """
SELECT e.id, e.person_id, p.name,
    (SELECT coalesce(jsonb_object_agg(a.field, a.answer), '{}') FROM enrollment_answer a WHERE a.enrollment_id = e.id)
        AS answers,
    array(SELECT s.field FROM person_secret s WHERE s.person_id = e.person_id) AS private,
    (SELECT coalesce(jsonb_object_agg(x.key, x.said), '{}') FROM (
        SELECT DISTINCT ON (o.key) o.key,
            CASE WHEN o.withdrawn_at IS NULL THEN 'given' ELSE 'withdrawn' END AS said
        FROM consent o WHERE o.enrollment_id = e.id ORDER BY o.key, o.given_at DESC, o.withdrawn_at DESC
    ) x) AS consents
FROM enrollment e JOIN person p ON p.id = e.person_id
WHERE e.organization_id = $1 AND e.cohort_id = $2 AND e.place <> 'none' AND ($3::uuid IS NULL OR e.id > $3)
ORDER BY e.id LIMIT $4
"""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The enrollment whose person answered."""

    enrollment_id: UUID
    person_id: UUID
    cohort_id: UUID
    cohort_name: str
    time_zone: str


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as the page of its answers needs it."""

    id: UUID
    name: str
    state: str
    time_zone: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one person of a cohort answered."""

    id: UUID
    person_id: UUID
    name: str
    answers: dict[str, str]
    #: the private fields of which something is kept
    private: list[str]
    #: by key: `given` or `withdrawn`
    consents: dict[str, str]


class ConsentGiven(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody consented, and until when."""

    key: str
    version: int
    language: str
    given_at: datetime
    withdrawn_at: datetime | None


async def form_of(connection: Reader, organization_id: UUID, program_id: UUID) -> Form | None:
    """What a program asks now."""
    return _form(await connection.fetchrow(FORM, organization_id, program_id))


async def asked(connection: Reader, organization_id: UUID, program_id: UUID) -> list[Asked]:
    """Every question that some version of a program's form asked."""
    rows = await connection.fetch(ASKED, organization_id, program_id)
    return [msgspec.convert(dict(row), Asked) for row in rows]


async def form_of_cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Form | None:
    """What the program of a cohort asks now."""
    return _form(await connection.fetchrow(FORM_OF_COHORT, organization_id, cohort_id))


async def form_of_enrollment(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Form | None:
    """The version that somebody filled in."""
    return _form(await connection.fetchrow(FORM_OF_ENROLLMENT, organization_id, enrollment_id))


async def forms_of_cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[Form]:
    """The versions that were filled in by somebody of a cohort, the newest first."""
    rows = await connection.fetch(FORMS_OF_COHORT, organization_id, cohort_id)
    return [found for row in rows if (found := _form(row)) is not None]


def _form(row: asyncpg.Record | None) -> Form | None:
    if row is None:
        return None
    texts: dict[tuple[str, int], dict[str, str]] = {}
    for key, version, language, body in row["texts"]:
        texts.setdefault((key, version), {})[language] = body
    consents = [{**one, "texts": texts[one["key"], one["version"]]} for one in row["consents"]]
    return msgspec.convert({"version": row["version"], "fields": row["fields"], "consents": consents}, Form)


async def lock_program(connection: Connection, organization_id: UUID, program_id: UUID) -> bool:
    """Hold a program, so that its forms are written one after another; False where there is none."""
    return await connection.fetchval(LOCK_PROGRAM, organization_id, program_id) is not None


async def program(connection: Reader, organization_id: UUID, program_id: UUID) -> str | None:
    """The name of a program."""
    row = await connection.fetchrow(PROGRAM, organization_id, program_id)
    return None if row is None else row["name"]


async def insert_form(
    connection: Connection, organization_id: UUID, program_id: UUID, form: Form, *, by: UUID, now: datetime
) -> None:
    """Ask this from now on; the words of its consents are stored before."""
    consents = [{"key": c.key, "version": c.version, "label": c.label, "required": c.required} for c in form.consents]
    fields = [msgspec.to_builtins(one) for one in form.fields]
    await connection.execute(INSERT_FORM, organization_id, program_id, form.version, fields, consents, by, now)


async def insert_texts(connection: Connection, organization_id: UUID, program_id: UUID, consent: Consent) -> int:
    """Store new words of a consent; the version that they are."""
    newest: int = await connection.fetchval(NEWEST_TEXT, organization_id, program_id, consent.key)
    rows = [
        (organization_id, program_id, consent.key, newest + 1, language, body)
        for language, body in consent.texts.items()
    ]
    await connection.executemany(INSERT_TEXT, rows)
    return newest + 1


async def private_fields(connection: Reader, organization_id: UUID) -> dict[str, str]:
    """The label of each private field that any program asks, or asked."""
    return {row["key"]: row["label"] for row in await connection.fetch(PRIVATE_FIELDS, organization_id)}


async def put_filled(connection: Connection, organization_id: UUID, enrollment_id: UUID, version: int) -> None:
    """Note which version an enrollment was made with; what was answered before goes."""
    await connection.execute(DELETE_FILLED, organization_id, enrollment_id)
    await connection.execute(INSERT_FILLED, organization_id, enrollment_id, version)


async def begin_filled(connection: Connection, organization_id: UUID, enrollment_id: UUID, version: int) -> None:
    """Let somebody who was never asked answer this version; whoever filled in one keeps theirs."""
    await connection.execute(BEGIN_FILLED, organization_id, enrollment_id, version)


async def put_answers(connection: Connection, organization_id: UUID, enrollment_id: UUID, answers: Answers) -> None:
    """Keep what is not private, instead of what was kept before."""
    kept = {field: answer for field, answer in answers.plain.items() if answer}
    await connection.execute(DELETE_ANSWERS, organization_id, enrollment_id)
    await connection.execute(INSERT_ANSWERS, organization_id, enrollment_id, list(kept), list(kept.values()))


async def answers(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> dict[str, str]:
    """What was answered and is not private."""
    rows = await connection.fetch(ANSWERS, organization_id, enrollment_id)
    return {row["field"]: row["answer"] for row in rows}


async def consents(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> list[ConsentGiven]:
    """What was consented to, in the order of giving."""
    rows = await connection.fetch(CONSENTS, organization_id, enrollment_id)
    return [msgspec.convert(dict(row), ConsentGiven) for row in rows]


async def give(
    connection: Connection, organization_id: UUID, enrollment_id: UUID, given: Given, *, now: datetime
) -> None:
    """Note a consent; one in force stays as it is."""
    await connection.execute(
        GIVE, organization_id, enrollment_id, uuid4(), given.key, given.version, given.language, now
    )


async def take_back(
    connection: Connection, organization_id: UUID, enrollment_id: UUID, key: str, *, now: datetime
) -> None:
    """End a consent."""
    await connection.execute(TAKE_BACK, organization_id, enrollment_id, key, now)


async def take_back_others(
    connection: Connection, organization_id: UUID, enrollment_id: UUID, keys: Sequence[str], *, now: datetime
) -> None:
    """End all consents but these."""
    await connection.execute(TAKE_BACK_OTHERS, organization_id, enrollment_id, list(keys), now)


async def carry(connection: Connection, enrollment_id: UUID, to: UUID) -> None:
    """Take answers and consents along to another enrollment of the same person."""
    for statement in (CARRY_FORM, CARRY_ANSWERS, CARRY_CONSENTS):
        await connection.execute(statement, enrollment_id, to)


async def holder(connection: Reader, organization_id: UUID, enrollment_id: UUID) -> Holder | None:
    """Whose enrollment it is."""
    row = await connection.fetchrow(HOLDER, organization_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Holder)


async def cohort(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Cohort | None:
    """A cohort of the organization."""
    row = await connection.fetchrow(COHORT, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Cohort)


async def rows(
    connection: Reader, organization_id: UUID, cohort_id: UUID, *, after: UUID | None, most: int
) -> list[Row]:
    """What those who have a place answered, by id from behind `after`."""
    found = await connection.fetch(ROWS, organization_id, cohort_id, after, most)
    return [msgspec.convert(dict(row), Row) for row in found]
