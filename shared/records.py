"""The messages about official records: what a person has one organization send to another, as both services read it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.contracts import (
    MOST_TOPICS,
    Address,
    Color,
    Language,
    Line,
    Minutes,
    Moment,
    Provider,
    Sha256,
)

#: Scope of service tokens.
RECORDS_WRITE = "records.write"
#: How long a link is good for, unless its holder says otherwise.
DAYS = 30


class RecordSession(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session that counted; made up for by work where no mode is said."""

    held_on: date
    title: Line
    credit_minutes: Minutes
    mode: Literal["in person", "virtual"] | None = None


class RecordResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was looked at, and what was found: a criterion of a rubric and the level that was reached."""

    name: Line
    found: Line


class RecordEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cohort that was completed."""

    program_name: Line
    level_name: Line
    cohort_name: Line
    region: Line
    activity_start: date
    activity_end: date
    completed_on: date
    credit_minutes: Minutes
    provider: Provider
    sessions: Annotated[tuple[RecordSession, ...], Meta(max_length=100)] = ()
    topics: Annotated[tuple[Line, ...], Meta(max_length=MOST_TOPICS)] = ()
    results: Annotated[tuple[RecordResult, ...], Meta(max_length=60)] = ()


class RecordContact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to ask about a record."""

    name: Line
    url: Address
    email: Line | UnsetType = UNSET


class RecordRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /records/{id}`: sign this transcript and show it to whoever has the token, until the link expires.

    The token itself goes to the recipient alone; the issuer is told its SHA-256.
    """

    holder_name: Line
    recipient_name: Line
    contact: RecordContact
    entries: Annotated[tuple[RecordEntry, ...], Meta(min_length=1, max_length=30)]
    made_at: Moment
    expires_at: Moment
    token_sha256: Sha256
    language: Language = "en"
    accent: Color = "#1f5c4d"

    @property
    def credit_minutes(self) -> int:
        """All minutes together."""
        return sum(one.credit_minutes for one in self.entries)

    @property
    def activity_start(self) -> date:
        """The first day of all."""
        return min(one.activity_start for one in self.entries)

    @property
    def activity_end(self) -> date:
        """The last day of all."""
        return max(one.activity_end for one in self.entries)


class RecordWithdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /records/{id}/withdrawal`: final. What the record said is gone, and its link answers 410."""

    withdrawn_at: Moment


class RecordOpening(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody with the link read the record, and in which form."""

    opened_at: Moment
    form: Literal["page", "pdf", "json"]


class RecordAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a record: the answer to its PUTs, and `PUT /records/{id}/outcome` to enrollment.

    `revision` grows with every change; a receiver ignores one not above what it has.
    """

    record_id: UUID
    revision: int
    state: Literal["pending", "issued", "withdrawn"]
    #: SHA-256 of the signed JSON, while there is one.
    signed_sha256: Sha256 | None = None
    #: The newest ones.
    openings: tuple[RecordOpening, ...] = ()
