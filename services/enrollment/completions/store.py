"""The SQL of standings, decisions and awards."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from services.enrollment.attendance import store as attendance
from services.enrollment.attendance.model import Credit
from services.enrollment.cohorts.model import Mode
from services.enrollment.completions.model import (
    STATES,
    AcceptedEvidence,
    Award,
    CohortFrame,
    Decision,
    Held,
    Module,
    Presence,
    Reader,
    Standing,
    Taken,
)
from services.enrollment.evidence import store as evidence
from shared.contracts import AwardAnswer, AwardRequest, canonical, sha256
from shared.postgres import Connection, Pool

#: How somebody was there; None for who was not.
_PRESENT: dict[str | None, Mode] = {"in person": "in person", "virtual": "virtual"}

FRAMES = """
SELECT c.id, c.organization_id, c.name, c.region, c.state, c.policy, c.time_zone, c.curriculum_id,
       coalesce(c.achievement_id, l.achievement_id) AS achievement_id,
       coalesce(c.achievement_version, l.achievement_version) AS achievement_version,
       g.badge_months, g.provider, min(s.starts_at) AS first_start, max(s.starts_at) AS last_start,
       coalesce(jsonb_object_agg(s.id, s.title) FILTER (WHERE s.id IS NOT NULL), '{}') AS titles
FROM cohort c
JOIN curriculum k ON k.id = c.curriculum_id
JOIN level l ON l.id = k.level_id
JOIN program g ON g.id = l.program_id
LEFT JOIN cohort_session s ON s.cohort_id = c.id AND s.cancelled_at IS NULL
WHERE c.organization_id = $1 AND c.id = ANY ($2)
GROUP BY c.id, l.id, g.id
"""
MODULES = "SELECT curriculum_id, id, name FROM module WHERE curriculum_id = ANY ($1) ORDER BY position"
# Locked in one order, so that two decisions over the same cohort wait for each other instead of deadlocking.
LOCK_SEATED = """
SELECT id FROM enrollment WHERE cohort_id = $1 AND place = 'seated' ORDER BY id FOR UPDATE
"""
STANDINGS = """
SELECT e.id AS enrollment_id, e.cohort_id, e.person_id, p.name AS person_name, e.shows_name, e.outcome,
       a.id AS award_id, a.state AS award_state, a.badge_url, a.revocation_reason, a.refusal,
       EXISTS (SELECT FROM evaluation_turn_in t WHERE t.enrollment_id = e.id AND t.about_id = e.cohort_id)
           AS is_evaluation_in,
       d.decided_at, d.reversed_at
FROM enrollment e
JOIN person p ON p.id = e.person_id
LEFT JOIN award a ON a.enrollment_id = e.id
LEFT JOIN completion d ON d.enrollment_id = e.id
WHERE e.cohort_id = ANY ($1) AND e.place = 'seated' AND ($2::uuid[] IS NULL OR e.id = ANY ($2))
ORDER BY p.name, e.id
"""
ACCEPTED = """
SELECT v.enrollment_id, v.module_id, v.kind AS genre, v.reviewed_at
FROM evidence v
JOIN enrollment e ON e.id = v.enrollment_id
JOIN module m ON m.id = v.module_id
WHERE e.cohort_id = ANY ($1) AND v.state = 'accepted' AND ($2::uuid[] IS NULL OR v.enrollment_id = ANY ($2))
ORDER BY m.position
"""
SET_OUTCOMES = "UPDATE enrollment SET outcome = $2 WHERE id = ANY ($1)"
INSERT_COMPLETION = """
INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes, findings,
    attended)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (enrollment_id) DO UPDATE SET outcome = excluded.outcome, decided_by = excluded.decided_by,
    decided_at = excluded.decided_at, credit_minutes = excluded.credit_minutes, findings = excluded.findings,
    attended = excluded.attended
"""
INSERT_PAST = """
INSERT INTO completion_decision
    (id, organization_id, enrollment_id, decision, decided_by, decided_at, credit_minutes, findings, has_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
INSERT_REASON = """
INSERT INTO completion_reason (decision_id, organization_id, enrollment_id, reason) VALUES ($1, $2, $3, $4)
"""
HOLD = """
SELECT e.organization_id, e.cohort_id, e.person_id, e.outcome, d.reversed_at, d.credit_minutes, d.findings
FROM enrollment e LEFT JOIN completion d ON d.enrollment_id = e.id
WHERE e.organization_id = $1 AND e.id = $2 FOR UPDATE OF e
"""
REVERSE = """
UPDATE completion SET outcome = 'not completed', reversed_by = $2, reversed_at = $3, reversal_reason = $4
WHERE enrollment_id = $1
"""
LOCK_AWARDS = "SELECT id FROM award WHERE enrollment_id = $1 ORDER BY id FOR UPDATE"
READER = """
SELECT p.id AS person_id, p.name, p.email, p.language, c.name AS cohort_name, o.name AS organization_name,
    o.slug AS organization_slug, c.time_zone
FROM enrollment e
JOIN person p ON p.id = e.person_id
JOIN cohort c ON c.id = e.cohort_id
JOIN organization o ON o.id = e.organization_id
WHERE e.id = $1
"""
INSERT_AWARD = """
INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version,
                   payload, payload_sha256, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_AWARD_COLUMNS = """
a.id, a.organization_id, a.enrollment_id, e.person_id, e.cohort_id, a.state, a.revision, a.payload_sha256,
a.badge_url, a.revocation_reason, a.erased_at IS NOT NULL AS is_erased
"""
AWARD = f"""
SELECT {_AWARD_COLUMNS} FROM award a JOIN enrollment e ON e.id = a.enrollment_id
WHERE a.organization_id = $1 AND a.id = $2
"""  # noqa: S608  # put together from constants only
LOCK_AWARD = f"{AWARD} FOR UPDATE OF a"
AWARDS_PAGE = f"""
SELECT {_AWARD_COLUMNS} FROM award a JOIN enrollment e ON e.id = a.enrollment_id
WHERE a.organization_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT $3
"""  # noqa: S608  # put together from constants only
SET_OUTCOME = """
UPDATE award SET state = $2, revision = $3, credential_id = $4, badge_url = $5, issued_at = $6, signed_sha256 = $7,
    revocation_reason = coalesce($8, revocation_reason), valid_until = $9
WHERE id = $1 AND revision < $3
"""
ASK_REVOCATION = """
UPDATE award SET revocation_reason = $2, revocation_requested_at = $3, revocation_category = $4, revocation_note = $5
WHERE id = $1 AND revocation_requested_at IS NULL
"""


async def frame(connection: Connection | Pool, organization_id: UUID, cohort_id: UUID) -> CohortFrame | None:
    """The cohort as decisions see it."""
    return (await frames(connection, organization_id, [cohort_id])).get(cohort_id)


async def frames(
    connection: Connection | Pool, organization_id: UUID, cohort_ids: Sequence[UUID]
) -> dict[UUID, CohortFrame]:
    """Cohorts as decisions see them, in two queries."""
    rows = await connection.fetch(FRAMES, organization_id, cohort_ids)
    modules: dict[UUID, list[Module]] = {row["curriculum_id"]: [] for row in rows}
    for one in await connection.fetch(MODULES, list(modules)) if rows else ():
        modules[one["curriculum_id"]].append(Module(id=one["id"], name=one["name"]))
    return {row["id"]: _frame(row, modules[row["curriculum_id"]]) for row in rows}


def _frame(row: asyncpg.Record, modules: list[Module]) -> CohortFrame:
    zone = ZoneInfo(row["time_zone"])
    return msgspec.convert(
        {
            **dict(row),
            "cohort_id": row["id"],
            "modules": modules,
            "first_day": None if row["first_start"] is None else _day(row["first_start"], zone),
            "last_day": None if row["last_start"] is None else _day(row["last_start"], zone),
        },
        CohortFrame,
    )


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


async def lock_seated(connection: Connection, cohort_id: UUID) -> None:
    """Hold every seated enrollment of the cohort until the decision is written."""
    await connection.execute(LOCK_SEATED, cohort_id)


async def standings(
    connection: Connection | Pool, cohort: CohortFrame, *, only: list[UUID] | None = None
) -> list[Standing]:
    """How the seated people stand, by name, in four queries whatever their number."""
    return (await standings_of(connection, [cohort], only=only))[cohort.cohort_id]


async def standings_of(
    connection: Connection | Pool, cohorts: Sequence[CohortFrame], *, only: list[UUID] | None = None
) -> dict[UUID, list[Standing]]:
    """The same of several cohorts, in as many queries."""
    identifiers = [one.cohort_id for one in cohorts]
    zones = {one.cohort_id: ZoneInfo(one.time_zone) for one in cohorts}
    credited: dict[UUID, list[Credit]] = {}
    for credit in await attendance.credits(connection, identifiers, only=only):
        credited.setdefault(credit.enrollment_id, []).append(credit)
    accepted = _group(await connection.fetch(ACCEPTED, identifiers, only))
    achievements = {one.cohort_id: (one.achievement_id, one.achievement_version) for one in cohorts}
    claims = await evidence.results(connection, achievements, only=only)
    found: dict[UUID, list[Standing]] = {one: [] for one in identifiers}
    for row in await connection.fetch(STANDINGS, identifiers, only):
        identifier, zone = row["enrollment_id"], zones[row["cohort_id"]]
        counted = [one for one in credited.get(identifier, ()) if one.is_attended or one.credit_minutes]
        more = {
            "presences": tuple(_presence(one, zone) for one in counted),
            "evidence": tuple(_accepted(one, zone) for one in accepted.get(identifier, ())),
            "results": claims.get(identifier, ()),
        }
        found[row["cohort_id"]].append(msgspec.convert({**dict(row), **more}, Standing))
    return found


def _presence(one: Credit, zone: ZoneInfo) -> Presence:
    return Presence(
        session_id=one.session_id,
        held_on=_day(one.starts_at, zone),
        credit_minutes=one.credit_minutes,
        title=one.title,
        mode=_PRESENT.get(one.mode),
        is_attended=one.is_attended,
    )


def _group(rows: list[asyncpg.Record]) -> dict[UUID, list[asyncpg.Record]]:
    found: dict[UUID, list[asyncpg.Record]] = {}
    for row in rows:
        found.setdefault(row["enrollment_id"], []).append(row)
    return found


def _accepted(row: asyncpg.Record, zone: ZoneInfo) -> AcceptedEvidence:
    return AcceptedEvidence(module_id=row["module_id"], genre=row["genre"], accepted_on=_day(row["reviewed_at"], zone))


async def insert_decisions(connection: Connection, decisions: list[Decision]) -> None:
    """Write decisions, and the enrollments' outcomes with them."""
    for outcome in ("completed", "not completed"):
        chosen = [one.enrollment_id for one in decisions if one.outcome == outcome]
        if chosen:
            await connection.execute(SET_OUTCOMES, chosen, outcome)
    await connection.executemany(
        INSERT_COMPLETION,
        [
            (
                one.enrollment_id,
                one.organization_id,
                one.outcome,
                one.decided_by,
                one.decided_at,
                one.credit_minutes,
                one.findings,
                one.attended,
            )
            for one in decisions
        ],
    )
    await _insert_past(
        connection,
        [
            (
                one.organization_id,
                one.enrollment_id,
                one.outcome,
                one.decided_by,
                one.decided_at,
                one.credit_minutes,
                one.findings,
                one.reason,
            )
            for one in decisions
        ],
    )


async def _insert_past(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Write what was decided, for good, and apart from it the reasons, which go when the person is erased."""
    numbered = [(uuid4(), *row) for row in rows]
    await connection.executemany(INSERT_PAST, [(*row[:-1], row[-1] is not None) for row in numbered])
    reasons = [(row[0], row[1], row[2], row[-1]) for row in numbered if row[-1] is not None]
    if reasons:
        await connection.executemany(INSERT_REASON, reasons)


async def hold(connection: Connection, organization_id: UUID, enrollment_id: UUID) -> Held | None:
    """One enrollment with its decision, held until the transaction ends."""
    row = await connection.fetchrow(HOLD, organization_id, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Held)


async def reverse(
    connection: Connection, enrollment_id: UUID, held: Held, *, by: UUID, reason: str, at: datetime
) -> list[UUID]:
    """Take the completion back; the awards that it asked for, which are held until the transaction ends."""
    # The award before the completion, as whoever takes over a correction of it.
    awards = [row["id"] for row in await connection.fetch(LOCK_AWARDS, enrollment_id)]
    await connection.execute(REVERSE, enrollment_id, by, at, reason)
    await connection.execute(SET_OUTCOMES, [enrollment_id], "not completed")
    past = (held.organization_id, enrollment_id, "reversed", by, at, held.credit_minutes or 0, held.findings, reason)
    await _insert_past(connection, [past])
    return awards


async def reader(connection: Connection, enrollment_id: UUID) -> Reader | None:
    """Whom a letter about an enrollment goes to."""
    row = await connection.fetchrow(READER, enrollment_id)
    return None if row is None else msgspec.convert(dict(row), Reader)


async def insert_award(
    connection: Connection, identifier: UUID, organization_id: UUID, request: AwardRequest, *, at: datetime
) -> bytes:
    """Write an award that is asked for; returns its canonical payload."""
    payload = canonical(request)
    await connection.execute(
        INSERT_AWARD,
        identifier,
        organization_id,
        request.enrollment_id,
        request.achievement_id,
        request.achievement_version,
        payload,
        sha256(payload),
        at,
    )
    return payload


async def award(connection: Connection | Pool, organization_id: UUID, identifier: UUID) -> Award | None:
    """One award."""
    row = await connection.fetchrow(AWARD, organization_id, identifier)
    return None if row is None else msgspec.convert(dict(row), Award)


async def lock_award(connection: Connection, organization_id: UUID, identifier: UUID) -> Award | None:
    """One award, held until the transaction ends."""
    row = await connection.fetchrow(LOCK_AWARD, organization_id, identifier)
    return None if row is None else msgspec.convert(dict(row), Award)


async def awards(connection: Connection | Pool, organization_id: UUID, *, after: UUID | None, most: int) -> list[Award]:
    """A page of the organization's awards, by id."""
    rows = await connection.fetch(AWARDS_PAGE, organization_id, after, most)
    return [msgspec.convert(dict(row), Award) for row in rows]


async def set_outcome(connection: Connection, answer: AwardAnswer) -> bool:
    """Take over what became of an award; False where as much or more is known already."""
    reason = answer.revocation.reason if answer.revocation is not None else None
    status = await connection.execute(
        SET_OUTCOME,
        answer.award_id,
        STATES[answer.state],
        answer.revision,
        answer.credential_id,
        answer.badge_url,
        answer.issued_at,
        answer.signed_sha256,
        reason,
        answer.valid_until or None,
    )
    return status == "UPDATE 1"


async def ask_revocation(connection: Connection, identifier: UUID, taken: Taken, *, at: datetime) -> bool:
    """Note that staff revoked an award; False where they had done so before."""
    status = await connection.execute(ASK_REVOCATION, identifier, taken.reason, at, taken.category, taken.note)
    return status == "UPDATE 1"
