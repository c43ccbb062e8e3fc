"""The tables that can be taken out as files: which columns each has, who may have it, and its rows batch by batch.

A room that has a further table adds its statement to `store_exports` and its row to `EXPORTS`. Fields of a program's
form that are private stand in none of them. Names of columns are the same in every language, so that what was made for
one file fits the next.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from services.enrollment.attendance.model import credited_minutes, with_makeup
from services.enrollment.cohorts.model import HourRule
from services.enrollment.overview import store_exports as store
from shared.postgres import Pool
from shared.tables import Cell
from shared.words import N_

#: How many rows are held at once.
AT_ONCE = 5_000
#: For staff only: an instructor's file of their own cohort goes without.
_STAFF_ONLY = frozenset({"email"})
_COHORT = ("cohort", "program", "level", "region", "school_year")


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A table that can be taken out."""

    title: str
    columns: tuple[str, ...]
    statement: str
    audience: Literal["administrators", "staff", "instructors"] = "staff"
    #: Whether its filters are those of cohorts.
    is_of_cohorts: bool = True
    #: Adds to a row what only code can tell.
    more: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None

    def seen(self, *, by_staff: bool) -> tuple[str, ...]:
        """The columns that somebody gets."""
        return tuple(one for one in self.columns if by_staff or one not in _STAFF_ONLY)


def _credited(row: Mapping[str, Any]) -> dict[str, Any]:
    rule = msgspec.convert(row["rule"], HourRule)
    attended = credited_minutes(row, rule) if row["mode"] is not None else 0
    return {"credited_minutes": with_makeup(attended, row["makeup_minutes"], of=row["credit_minutes"])}


def _dollars(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"usd": row["cents"] / 100}


def _asked(row: Mapping[str, Any]) -> dict[str, Any]:
    amount = row["amount_cents"]
    return {"asked_usd": row["asked_cents"] / 100, "amount_usd": None if amount is None else amount / 100}


def _hours(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"hours": row["credit_minutes"] / 60}


EXPORTS: dict[str, Export] = {
    "people": Export(
        title=N_("People"),
        columns=(
            "name", "email", "language", "roles", "enrollments", "completed", "known_since", "person_id",
        ),
        statement=store.PEOPLE,
    ),
    "cohorts": Export(
        title=N_("Cohorts"),
        columns=(
            *_COHORT, "state", "delivery", "registration_opens_at", "registration_closes_at", "seats", "seated",
            "offered", "in_line", "completed", "first_session", "last_session", "instructors", "cohort_id",
        ),
        statement=store.COHORTS,
    ),
    "sessions": Export(
        title=N_("Sessions"),
        columns=(
            *_COHORT, "session", "starts_at", "ends_at", "credit_minutes", "mode", "place", "cancelled_at", "present",
            "recorded", "cohort_id", "session_id",
        ),
        statement=store.SESSIONS,
        audience="instructors",
    ),
    "enrollments": Export(
        title=N_("Enrollments"),
        columns=(
            "name", "email", *_COHORT, "place", "seat", "line_rank", "offer_expires_at", "outcome", "region_given",
            "enrolled_at", "left_because", "left_at", "name_on_badge", "enrollment_id", "person_id", "cohort_id",
        ),
        statement=store.ENROLLMENTS,
        audience="instructors",
    ),
    "answers": Export(
        title=N_("Answers to the forms"),
        columns=("name", "email", *_COHORT, "field", "answer", "enrollment_id"),
        statement=store.ANSWERS,
    ),
    "attendance": Export(
        title=N_("Attendance"),
        columns=(
            "name", "email", *_COHORT, "session", "starts_at", "ends_at", "mode", "arrived_at", "departed_at",
            "minutes_present", "makeup_minutes", "makeup", "credited_minutes", "source", "recorded_at", "recorded_by",
            "enrollment_id", "session_id",
        ),
        statement=store.ATTENDANCE,
        audience="instructors",
        more=_credited,
    ),
    "evidence": Export(
        title=N_("Evidence"),
        columns=(
            "name", "email", *_COHORT, "topic", "kind", "state", "submitted_at", "reviewed_at", "reviewed_by", "points",
            "comment", "bytes", "content_removed_at", "evidence_id", "enrollment_id",
        ),
        statement=store.EVIDENCE,
        audience="instructors",
    ),
    "level-badges": Export(
        title=N_("Badges from elsewhere"),
        columns=(
            "name", "email", "program", "level", "verdict", "issuer", "achievement", "checked_at", "decision",
            "decided_by", "decided_at", "claim_id", "person_id",
        ),
        statement=store.CLAIMS,
    ),
    "completions": Export(
        title=N_("Completions"),
        columns=(
            "name", "email", *_COHORT, "outcome", "hours", "decided_at", "decided_by", "reversed_at", "reversed_by",
            "reversal_reason", "enrollment_id",
        ),
        statement=store.COMPLETIONS,
        more=_hours,
    ),
    "badges": Export(
        title=N_("Badges"),
        columns=(
            "name", "email", *_COHORT, "state", "visibility", "badge_url", "requested_at", "issued_at",
            "revocation_requested_at", "revocation_reason", "achievement_version", "award_id", "enrollment_id",
        ),
        statement=store.AWARDS,
    ),
    "stipends": Export(
        title=N_("Stipends"),
        columns=(
            "name", "email", *_COHORT, "state", "asked_usd", "amount_usd", "funding_source", "budget_year",
            "applied_at", "prepared_by", "approved_by", "approved_at", "paid_at", "paid_reference", "declined_because",
            "stipend_id", "enrollment_id",
        ),
        statement=store.STIPENDS,
        more=_asked,
    ),
    "stipend-ledger": Export(
        title=N_("Ledger of stipends"),
        columns=(
            "at", "kind", "usd", "name", "email", *_COHORT, "funding_source", "budget_year", "reference", "entered_by",
            "entry_id", "stipend_id",
        ),
        statement=store.LEDGER,
        more=_dollars,
    ),
    "messages": Export(
        title=N_("Messages"),
        columns=(
            "sent_at", *_COHORT, "sent_by", "audience", "recipients", "subject", "body", "message_id",
        ),
        statement=store.MESSAGES,
        audience="instructors",
    ),
    "evaluations": Export(
        title=N_("Evaluations, in numbers"),
        columns=(
            *_COHORT, "about", "subject", "number", "question", "people", "mean", "answered_1", "answered_2",
            "answered_3", "answered_4", "answered_5",
        ),
        statement=store.EVALUATIONS,
        audience="instructors",
    ),
    "journal": Export(
        title=N_("Log"),
        columns=(
            "at", "who", "action", "object_kind", "object_id", "fields", "note", "person_id", "entry_id",
        ),
        statement=store.JOURNAL,
        audience="administrators",
        is_of_cohorts=False,
    ),
}  # fmt: skip


async def batches(
    pool: Pool, export: Export, organization_id: UUID, filters: Sequence[Any], *, columns: Sequence[str], zone: str
) -> AsyncIterator[Sequence[Sequence[Cell]]]:
    """The head, then the rows, no more than AT_ONCE in memory; no connection is held between two batches."""
    yield [columns]
    after: tuple[str, UUID] | None = None
    while rows := await store.batch(pool, export.statement, organization_id, filters, after=after, most=AT_ONCE):
        yield [_row(export, dict(row), columns, zone) for row in rows]
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["key"], rows[-1]["row_id"]


def _row(export: Export, row: dict[str, Any], columns: Sequence[str], zone: str) -> list[Cell]:
    if export.more is not None:
        row |= export.more(row)
    where = ZoneInfo(row["zone"] or zone)
    return [_cell(row[column], where) for column in columns]


def _cell(value: Any, zone: ZoneInfo) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        # With its offset: a spreadsheet's own times have no zone.
        return value.astimezone(zone).isoformat(timespec="seconds")
    return str(value)
