"""What somebody completed, as a record tells it; a record that was sent. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta

from services.enrollment.completions.model import Presence
from services.enrollment.organizations.model import Organization
from services.enrollment.programs.rubric import Rubric
from shared.contracts import MOST_TOPICS, Line, Provider, canonical
from shared.records import RecordContact, RecordEntry, RecordOpening, RecordRequest, RecordResult, RecordSession
from shared.words import N_

#: Letters that somebody may have sent to strangers within a day.
MOST_A_DAY = 10
#: How long a link may be good for, in days.
DAYS = (7, 30, 90)
_MOST_SESSIONS, _MOST_RESULTS = 100, 60
CONSENT = N_(
    "I agree that my name and the record shown here are sent to this one recipient. "
    "I can withdraw it at any time; what the recipient has kept by then I cannot take back."
)


class TooManyRecordsError(Exception):
    """As many were sent within a day as one may."""


class NothingToSendError(Exception):
    """None of what was chosen is a completed cohort of theirs."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer found by one criterion, with the rubric that it stands in."""

    enrollment_id: UUID
    criterion_id: str
    level_id: str
    rubric: Rubric


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort that somebody completed, as it was decided."""

    enrollment_id: UUID
    program_name: str
    level_name: str
    cohort_name: str
    region: str
    time_zone: str
    accent: str
    credit_minutes: int
    decided_at: datetime
    attended: tuple[Presence, ...]
    provider: Provider | None
    topics: tuple[str, ...]


class Achieved(msgspec.Struct, frozen=True, kw_only=True):
    """The same as a record tells it."""

    enrollment_id: UUID
    accent: str
    entry: RecordEntry


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody chose to send, and to whom."""

    recipient_name: Annotated[Line, Meta(min_length=2)]
    #: Normalized.
    recipient_email: str
    enrollment_ids: tuple[UUID, ...]
    days: int


class SentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was sent, as its sender sees it."""

    id: UUID
    recipient_name: str
    recipient_email: str | None
    sent_at: datetime
    expires_at: datetime
    state: Literal["requested", "sent", "withdrawn"]
    withdrawn_at: datetime | None
    openings: tuple[RecordOpening, ...]
    says: RecordRequest | None

    def is_open(self, now: datetime) -> bool:
        """Whether its link works, or soon will."""
        return self.state != "withdrawn" and self.expires_at > now


class HeldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record with what its letter needs, held for the transaction."""

    id: UUID
    organization_id: UUID
    person_id: UUID
    recipient_name: str
    recipient_email: str | None
    expires_at: datetime
    sealed_token: bytes | None
    payload: bytes | None
    state: Literal["requested", "sent", "withdrawn"]


def achieved(found: Completed, scores: Sequence[Score], organization: Organization) -> Achieved:
    """What a record tells of one cohort."""
    day = found.decided_at.astimezone(ZoneInfo(found.time_zone)).date()
    days = [one.held_on for one in found.attended] or [day]
    entry = RecordEntry(
        program_name=found.program_name,
        level_name=found.level_name,
        cohort_name=found.cohort_name,
        region=found.region,
        activity_start=min(days),
        activity_end=max(days),
        completed_on=day,
        credit_minutes=found.credit_minutes,
        provider=found.provider or Provider(name=organization.name),
        sessions=tuple(
            RecordSession(held_on=one.held_on, title=one.title, credit_minutes=one.credit_minutes, mode=one.mode)
            for one in found.attended[:_MOST_SESSIONS]
        ),
        topics=found.topics[:MOST_TOPICS],
        results=tuple(filter(None, map(_result, scores)))[:_MOST_RESULTS],
    )
    return Achieved(enrollment_id=found.enrollment_id, accent=found.accent, entry=entry)


def _result(score: Score) -> RecordResult | None:
    """The criterion and the level in words; None for a level that its rubric no longer has."""
    criterion = next((one for one in score.rubric.criteria if one.id == score.criterion_id), None)
    level = None if criterion is None else criterion.level(score.level_id)
    if criterion is None or level is None:
        return None
    most = max((one.points or 0 for one in criterion.levels), default=0)
    points = f", {level.points}/{most}" if level.points is not None and most else ""
    return RecordResult(name=criterion.name, found=f"{level.name}{points}"[:300])


def request(
    name: str,
    sending: Sending,
    chosen: Sequence[Achieved],
    *,
    contact: RecordContact,
    token_sha256: str,
    made_at: datetime,
    expires_at: datetime,
    language: str,
) -> RecordRequest:
    """What the issuer is asked to sign."""
    return RecordRequest(
        holder_name=name,
        recipient_name=sending.recipient_name,
        contact=contact,
        entries=tuple(one.entry for one in chosen),
        made_at=made_at,
        expires_at=expires_at,
        token_sha256=token_sha256,
        language=language,
        accent=chosen[0].accent,
    )


def contact_of(organization: Organization, *, email: str | None) -> RecordContact:
    """Whom a recipient asks about a record."""
    return RecordContact(name=organization.name, url=organization.url, email=email or UNSET)


def told(request: RecordRequest) -> Mapping[str, Any]:
    """What a record says, for its sender's own download; without the hash of its link."""
    said: dict[str, Any] = msgspec.json.decode(canonical(request))
    return {name: value for name, value in said.items() if name != "token_sha256"}


def last_day(moment: datetime, zone: str) -> date:
    """The day on which a link ends, where the organization is."""
    return moment.astimezone(ZoneInfo(zone)).date()
