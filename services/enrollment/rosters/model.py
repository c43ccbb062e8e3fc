"""What a roster is: a file of people, which of its columns say what, and what becomes of each row. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.admission.model import Admission, Waiting, admissible

#: What a column may say of a person.
Part = Literal["name", "first", "last", "email", "region"]
#: Where each part stands, counted from 0.
Columns = dict[Part, int]
#: Why a file is no roster.
Problem = Literal["not text", "not a workbook", "too large inside", "no rows", "too many rows"]
#: What keeps a row from being taken, as far as the file itself says it.
Flaw = Literal["no address", "malformed address", "likely typo", "double in file", "name missing", "name unreadable",
               "too many"]  # fmt: skip
#: The same, and what only the cohort's people say.
Reason = Literal[Flaw, "already enrolled", "left before", "badge missing", "same person"]
Outcome = Literal["seated", "in line", "not taken"]

MOST_BYTES = 10 * 1024 * 1024
#: Rows that one file may have at all, and those of them that are taken.
MOST_READ, MOST_ROWS = 10_000, 5_000
MOST_COLUMNS, LONGEST_CELL = 60, 320


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file; `number` is how the file counts it."""

    number: int
    name: str
    email: str
    region: str | None = None
    flaw: Flaw | None = None
    #: The address that was probably meant.
    suggestion: str | None = None
    #: The row that said the same before.
    double_of: int | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says, or why it is no roster."""

    problem: Problem | None = None
    headings: tuple[str, ...] = ()
    first_rows: tuple[tuple[str, ...], ...] = ()
    columns: Columns = {}
    rows: tuple[Row, ...] = ()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is asked: to read a file, with the columns that it recognizes or with these."""

    content: bytes
    columns: Columns | None = None


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """A file that staff uploaded for a cohort, read but perhaps not taken."""

    id: UUID
    organization_id: UUID
    cohort_id: UUID
    file_name: str
    headings: tuple[str, ...]
    first_rows: tuple[tuple[str, ...], ...]
    columns: Columns
    uploaded_by: UUID
    uploaded_at: datetime
    taken_at: datetime | None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A roster in the list of a cohort's rosters."""

    id: UUID
    file_name: str
    uploaded_at: datetime
    taken_at: datetime | None
    rows: int
    taken: int


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A row and what is known of its address: the person, and their place in the cohort."""

    number: int
    name: str
    email: str
    region: str | None
    flaw: Flaw | None
    suggestion: str | None
    double_of: int | None
    person_id: UUID | None
    person_email: str | None
    person_language: str | None
    is_member: bool
    #: Whether they are or were in the cohort, and have a place there now.
    is_enrolled: bool
    has_place: bool
    #: Whether the cohort needs a badge that we do not have of them.
    lacks_badge: bool = False
    #: Once the roster is taken; the name is the person's then.
    outcome: Outcome | None = None
    reason: Reason | None = None
    was_known: bool | None = None
    seat_number: int | None = None


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What staff ticked: take addresses that look mistyped, select everybody, write to everybody."""

    takes_typos: bool = False
    selects: bool = False
    writes: bool = False


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a row, or became of it."""

    row: Looked
    outcome: Outcome
    reason: Reason | None = None
    is_known: bool = False


class NotTakingPeopleError(Exception):
    """Nobody can be put into the cohort as it is (`state`)."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class RosterTakenError(Exception):
    """The roster was taken; upload the file again to look at it anew."""


def reason_of(row: Looked, choices: Choices) -> Reason | None:
    """What keeps a row from being taken; None where nothing does, as far as it is seen alone."""
    if row.flaw is not None and not (row.flaw == "likely typo" and choices.takes_typos):
        return row.flaw
    if row.has_place:
        return "already enrolled"
    if row.is_enrolled:
        return "left before"
    return "badge missing" if row.lacks_badge else None


def checked(rows: Sequence[Looked], choices: Choices) -> list[tuple[Looked, Reason | None]]:
    """Each row with what keeps it from being taken; a second address of somebody who stands above is one such thing."""
    seen: set[UUID] = set()
    found: list[tuple[Looked, Reason | None]] = []
    for row in rows:
        reason = reason_of(row, choices)
        if reason is None and row.person_id is not None:
            if row.person_id in seen:
                reason = "same person"
            seen.add(row.person_id)
        found.append((row, reason))
    return found


def planned(
    rows: Sequence[Looked],
    choices: Choices,
    *,
    waiting: Sequence[Waiting],
    free: int,
    held: Mapping[str, int],
    policy: Admission,
    now: datetime,
) -> list[Planned]:
    """What would become of each row if the roster were taken now, behind those who wait already."""
    sorted_out = checked(rows, choices)
    newcomers = {
        UUID(int=row.number): Waiting(
            id=UUID(int=row.number), region=row.region, is_member=row.is_member, is_selected=choices.selects
        )
        for row, reason in sorted_out
        if reason is None
    }
    seated = set(admissible([*waiting, *newcomers.values()], free=free, held=held, policy=policy, now=now))
    return [
        Planned(
            row=row,
            outcome="not taken" if reason else "seated" if UUID(int=row.number) in seated else "in line",
            reason=reason,
            is_known=row.person_id is not None,
        )
        for row, reason in sorted_out
    ]


def taken(rows: Sequence[Looked]) -> list[Planned]:
    """What became of the rows of a roster that was taken."""
    return [
        Planned(row=row, outcome=row.outcome or "not taken", reason=row.reason, is_known=row.was_known is True)
        for row in rows
    ]


def counts(plans: Sequence[Planned]) -> dict[str, int]:
    """How many rows have each outcome, are of people known or new, and are left out for each reason."""
    found = Counter[str]()
    for one in plans:
        found[one.outcome] += 1
        if one.reason is not None:
            found[one.reason] += 1
        else:
            found["known" if one.is_known else "new"] += 1
    return dict(found)


def problems_of(columns: Columns, *, width: int) -> list[tuple[str, str]]:
    """What keeps columns from being read, as (field, sentence) pairs."""
    found = []
    if "email" not in columns:
        found.append(("email", "Choose the column of e-mail addresses."))
    if "name" not in columns and not {"first", "last"} <= columns.keys():
        found.append(("name", "Choose the column of names, or those of first and last names."))
    if any(not 0 <= place < width for place in columns.values()):
        found.append(("email", "Choose columns of this file."))
    return found
