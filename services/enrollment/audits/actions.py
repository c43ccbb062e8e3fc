"""The verb of audits: make the file of a cohort, keep it, and note who did."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from services.enrollment.audits import store
from services.enrollment.audits.model import Attended, Audit, ErasedMeanwhileError, Jurisdiction, packed, table
from services.enrollment.completions import store as completions
from services.enrollment.completions import store_records
from services.enrollment.completions.model import CohortFrame, Standing
from services.enrollment.completions.statements import drawing as statement
from services.enrollment.evaluations import store as evaluations
from services.enrollment.evaluations.model import ANSWERS, LEAST_TOLD, Result, results
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.people import store_personal as people_personal
from services.enrollment.people.model import Viewer
from services.enrollment.programs import store_rules
from shared.contracts import Provider
from shared.postgres import Connection, transaction
from shared.problems import NotFoundError

_MOST_BYTES = 64 << 20
#: How often a file is made anew, where somebody in it is erased meanwhile.
_MOST_ROUNDS = 3


async def make(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, rules: Jurisdiction) -> UUID:
    """Make a cohort's audit file by a jurisdiction's rules; its id.

    NotFoundError, ErasedMeanwhileError, errors of the document pool.
    """
    for _ in range(_MOST_ROUNDS):
        if (made := await _make(house, organization, viewer, cohort_id, rules)) is not None:
            return made
    raise ErasedMeanwhileError


async def _make(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, rules: Jurisdiction
) -> UUID | None:
    """None where somebody whom the file names was erased while it was made: nothing of it is kept."""
    now = house.clock()
    named = await store.named(house.pool, organization.id, cohort_id)
    erased = await store.erased(house.pool, organization.id, named)
    cohort = await completions.frame(house.pool, organization.id, cohort_id)
    if cohort is None or viewer.person_id is None:
        raise NotFoundError
    provider = await store_rules.provider(house.pool, organization.id, cohort_id) or Provider(name=organization.name)
    files = await _files(house, organization, cohort, rules, provider)
    audit = Audit(
        id=uuid4(),
        cohort_id=cohort_id,
        jurisdiction=rules.key,
        file_id=uuid4(),
        file_size=0,
        file_sha256="",
        made_by_name=viewer.name,
        made_at=now,
        keep_until=rules.keep_until(now.astimezone(ZoneInfo(cohort.time_zone)).date()),
    )
    manifest = _manifest(organization, cohort, rules, audit, provider)
    content = await asyncio.to_thread(packed, files, manifest, made_at=now)
    stored = await house.storage.keep(_chunks(content), most_bytes=_MOST_BYTES)
    try:
        async with transaction(house.pool) as connection:
            # Who is being erased just now is erased before; whoever is erased later takes this file with them.
            await people_personal.hold_still(connection, organization.id)
            named |= await store.named(connection, organization.id, cohort_id)
            is_true = await store.erased(connection, organization.id, named) <= erased
            if is_true:
                await store.insert(
                    connection, audit, stored, organization_id=organization.id, named=named, by=viewer.person_id, at=now
                )
                await _note(connection, organization, viewer, audit)
    except BaseException:
        await house.storage.remove(stored.id)
        raise
    if not is_true:
        await house.storage.remove(stored.id)
        return None
    return audit.id


async def _note(connection: Connection, organization: Organization, viewer: Viewer, audit: Audit) -> None:
    await journal.note(
        connection,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="audit.make",
        object_kind="cohort",
        object_id=audit.cohort_id,
        fields=("name", "email", "attendance"),
        note={"jurisdiction": audit.jurisdiction, "audit_id": str(audit.id)},
    )


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _manifest(
    organization: Organization, cohort: CohortFrame, rules: Jurisdiction, audit: Audit, provider: Provider
) -> dict[str, Any]:
    return {
        "jurisdiction": {"key": rules.key, "name": rules.name, "authority": rules.authority},
        "hours_counted_in_minutes": rules.step_minutes,
        "keep_until": audit.keep_until,
        "made_at": audit.made_at,
        "provider": {"name": provider.name, "number": provider.number, "url": organization.url},
        "cohort": {
            "id": cohort.cohort_id,
            "name": cohort.name,
            "region": cohort.region,
            "time_zone": cohort.time_zone,
            "first_day": cohort.first_day,
            "last_day": cohort.last_day,
        },
    }


async def _files(
    house: House, organization: Organization, cohort: CohortFrame, rules: Jurisdiction, provider: Provider
) -> Mapping[str, bytes]:
    pool, cohort_id, zone = house.pool, cohort.cohort_id, ZoneInfo(cohort.time_zone)
    standings = await completions.standings(pool, cohort)
    statements = await store_records.statements(pool, organization.id, cohort_id)
    files = {
        "agenda.csv": table(
            ("date", "begins", "ends", "session", "how", "place", "hours"),
            [
                (
                    _local(row["starts_at"], zone, "%Y-%m-%d"),
                    _local(row["starts_at"], zone, "%H:%M"),
                    _local(row["ends_at"], zone, "%H:%M"),
                    row["title"],
                    row["mode"],
                    row["place"],
                    rules.hours(row["credit_minutes"]),
                )
                for row in await store.agenda(pool, organization.id, cohort_id)
            ],
        ),
        "topics.csv": table(
            ("topic", "description", "evidence"),
            [tuple(row.values()) for row in await store.topics(pool, organization.id, cohort_id)],
        ),
        "instructors.csv": table(
            ("name", "email"),
            [tuple(row.values()) for row in await store.instructors(pool, organization.id, cohort_id)],
        ),
        "roster.csv": _roster(await store.roster(pool, organization.id, cohort_id), standings, rules, zone),
        "people.csv": table(
            ("name", "hours", "sessions", "outcome", "statement"),
            [
                (
                    one.person_name,
                    rules.hours(one.credit_minutes),
                    len(one.presences),
                    one.outcome,
                    one.enrollment_id if one.outcome == "completed" else "",
                )
                for one in standings
            ],
        ),
        "evaluations.csv": _evaluations(results(await evaluations.tallies(pool, cohort_id))),
    }
    if statements:
        files["statements.pdf"] = await statement.render(
            house.documents,
            organization,
            statements,
            provider=provider,
            wording=rules.wording,
            language=organization.language,
        )
    return files


def _local(moment: datetime | None, zone: ZoneInfo, form: str) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime(form)


def _roster(rows: Sequence[Attended], standings: Sequence[Standing], rules: Jurisdiction, zone: ZoneInfo) -> bytes:
    """A line for each person in each session. Who was there all the time arrived when it began."""
    credit = {
        (standing.enrollment_id, one.session_id): one.credit_minutes
        for standing in standings
        for one in standing.presences
    }
    lines = []
    for row in rows:
        was_there = row.how in ("in person", "virtual")
        cells = {
            "name": row.name,
            "email": row.email,
            "session": row.session,
            "date": _local(row.starts_at, zone, "%Y-%m-%d"),
            "how": row.how,
            "arrived": _local(row.arrived_at or row.starts_at, zone, "%H:%M") if was_there else "",
            "departed": _local(row.departed_at or row.ends_at, zone, "%H:%M") if was_there else "",
            "hours": rules.hours(credit.get((row.enrollment_id, row.session_id), 0)),
        }
        lines.append([cells[column] for column in rules.roster])
    return table(rules.roster, lines)


def _evaluations(found: Sequence[Result]) -> bytes:
    """Numbers only, and nothing of what fewer people evaluated than may be told."""
    rows: list[tuple[Any, ...]] = []
    for result in found:
        if not result.answered:
            rows.append((result.title, f"fewer than {LEAST_TOLD} answered", "", *("" for _ in ANSWERS), result.people))
        rows += [(result.title, one.question, one.mean, *one.people, one.all) for one in result.answered]
    return table(("about", "question", "mean", *(f"answered {one}" for one in ANSWERS), "people"), rows)
