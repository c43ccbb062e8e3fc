"""What counts as success, judged by a cohort's policy; the award that a decision asks for. Pure."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET

from services.enrollment.cohorts.model import CompletionPolicy, Mode, State
from shared.contracts import (
    MOST_TOPICS,
    AwardRequest,
    AwardState,
    EvidenceClaim,
    Provider,
    ResultClaim,
    RevocationCategory,
    RuleFinding,
)

Outcome = Literal["completed", "not completed"]
Requirement = Literal["sessions", "credit_minutes", "in_person", "virtual", "modules", "evaluation"]


class NotEligibleError(Exception):
    """The policy is not met by `enrollment_ids`; nothing was decided for anybody."""

    def __init__(self, enrollment_ids: Sequence[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = list(enrollment_ids)


class AlreadyDecidedError(Exception):
    """`enrollment_ids` were decided otherwise before; nothing was changed for anybody."""

    def __init__(self, enrollment_ids: Sequence[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = list(enrollment_ids)


class AlreadyAwardedError(Exception):
    """`enrollment_ids` had the badge, and it was revoked for good; nothing was decided for anybody."""

    def __init__(self, enrollment_ids: Sequence[UUID]) -> None:
        super().__init__(len(enrollment_ids))
        self.enrollment_ids = list(enrollment_ids)


class NotCompletedError(Exception):
    """They have not completed the cohort: there is nothing to take back, and no statement to make."""


class NotRefusedError(Exception):
    """Their badge is not refused (any more), so there is nothing to ask for again."""


class SelfApprovalError(Exception):
    """Nobody decides about their own completion."""


class NoAchievementError(Exception):
    """The cohort's level awards nothing yet: give it an achievement first."""


class NoSessionsError(Exception):
    """The cohort has no session yet, so nothing could be attended, and a badge could not say when."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement of the policy: what it asks for and what there is. Minutes for `credit_minutes`, else counts."""

    requirement: Requirement
    wanted: int
    found: int
    #: Names of the modules whose evidence is not accepted yet.
    missing: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether this requirement is fulfilled."""
        return self.found >= self.wanted


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """A session that counts to somebody, attended or made up for, and its minutes."""

    session_id: UUID
    held_on: date
    credit_minutes: int
    title: str
    #: None where work made up for all of it.
    mode: Mode | None
    #: False where only a part of it was made up: its minutes count, the session does not.
    is_attended: bool = True


class AcceptedEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that counts for a module."""

    module_id: UUID
    genre: Literal["text", "link", "file"]
    accepted_on: date


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """A topic module of the cohort's curriculum."""

    id: UUID
    name: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one seated person stands: what they did, and the decision if there is one."""

    enrollment_id: UUID
    person_id: UUID
    person_name: str
    shows_name: bool
    outcome: Literal["none", "completed", "not completed"]
    presences: tuple[Presence, ...]
    evidence: tuple[AcceptedEvidence, ...]
    #: What reviewers found by the rubrics, as far as badges of the level's achievement may tell it.
    results: tuple[ResultClaim, ...] = ()
    award_id: UUID | None
    award_state: Literal["requested", "issued", "revoked"] | None
    badge_url: str | None
    #: Of the badge; set as soon as staff ask for it.
    revocation_reason: str | None
    #: Why the issuer's rules refuse the badge that is asked for.
    refusal: tuple[RuleFinding, ...] | None = None
    #: Whether their evaluation of the cohort is handed in.
    is_evaluation_in: bool
    decided_at: datetime | None
    reversed_at: datetime | None

    @property
    def is_refused(self) -> bool:
        """Whether the badge waits for somebody to mend what the issuer's rules found."""
        return self.refusal is not None and self.award_state == "requested" and not self.is_being_revoked

    @property
    def is_being_revoked(self) -> bool:
        """Whether the badge waits for its revocation."""
        return self.revocation_reason is not None and self.award_state != "revoked"

    @property
    def credit_minutes(self) -> int:
        """All minutes that count."""
        return sum(one.credit_minutes for one in self.presences)

    def attended(self, mode: Mode) -> int:
        """How many sessions they attended in this way."""
        return sum(one.is_attended and one.mode == mode for one in self.presences)


class CohortFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision needs to know of the cohort."""

    cohort_id: UUID
    organization_id: UUID
    name: str
    region: str
    state: State
    time_zone: str
    policy: CompletionPolicy
    modules: tuple[Module, ...]
    achievement_id: UUID | None
    achievement_version: int | None
    #: Of its sessions, in its time zone; None while there is none.
    first_day: date | None
    last_day: date | None
    #: Of its sessions.
    titles: dict[UUID, str]
    #: The provider of record; None where that is the organization.
    provider: Provider | None = None
    #: How long badges of its program are valid; None: without an end.
    badge_months: int | None = None

    @property
    def id(self) -> UUID:
        """What the frame of a cohort's pages calls it."""
        return self.cohort_id


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The decision about one person, with what the policy found."""

    enrollment_id: UUID
    organization_id: UUID
    outcome: Outcome
    decided_by: UUID
    decided_at: datetime
    credit_minutes: int
    findings: tuple[Finding, ...]
    #: The sessions that count.
    attended: tuple[Presence, ...]
    #: Why, as staff wrote it for themselves.
    reason: str | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One enrollment with its decision, as the reversal of it needs them."""

    organization_id: UUID
    cohort_id: UUID
    person_id: UUID
    outcome: Literal["none", "completed", "not completed"]
    #: None while nothing was decided, or nothing reversed.
    reversed_at: datetime | None
    credit_minutes: int | None
    findings: tuple[Finding, ...] | None


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a letter goes to, and what it is about."""

    person_id: UUID
    name: str
    email: str
    language: str
    cohort_name: str
    organization_name: str
    organization_slug: str
    time_zone: str = "UTC"


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that was made about one person, with who made it and why."""

    decision: Literal["completed", "not completed", "reversed"]
    decided_by_name: str
    decided_at: datetime
    credit_minutes: int
    findings: tuple[Finding, ...]
    reason: str | None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement of completion says of one person, as it was decided."""

    enrollment_id: UUID
    person_id: UUID
    person_name: str
    person_language: str
    outcome: Literal["none", "completed", "not completed"]
    cohort_id: UUID
    cohort_name: str
    region: str
    program_name: str
    level_name: str
    time_zone: str
    credit_minutes: int
    decided_at: datetime
    attended: tuple[Presence, ...]
    topics: tuple[str, ...]
    instructors: tuple[str, ...]
    #: Only where it was opened for whoever reads the statement.
    license_number: str | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Why a badge is taken back: in public, as one of a few kinds, and for colleagues only."""

    reason: str
    category: RevocationCategory | None = None
    note: str | None = None


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """An award as enrollment knows it. `revision` is the highest that the issuer told."""

    id: UUID
    organization_id: UUID
    enrollment_id: UUID
    person_id: UUID
    cohort_id: UUID
    state: Literal["requested", "issued", "revoked"]
    revision: int
    payload_sha256: str
    badge_url: str | None
    revocation_reason: str | None
    is_erased: bool = False


def findings(standing: Standing, frame: CohortFrame) -> tuple[Finding, ...]:
    """The cohort's policy applied to one person, requirement by requirement."""
    policy = frame.policy
    wanted = [one for one in frame.modules if policy.modules == "all" or one.id in policy.modules]
    accepted = {one.module_id for one in standing.evidence}
    missing = tuple(one.name for one in wanted if one.id not in accepted)
    attended = sum(one.is_attended for one in standing.presences)
    found = [
        Finding(requirement="sessions", wanted=policy.min_sessions, found=attended),
        Finding(requirement="credit_minutes", wanted=policy.min_credit_minutes, found=standing.credit_minutes),
        Finding(requirement="modules", wanted=len(wanted), found=len(wanted) - len(missing), missing=missing),
    ]
    if policy.min_in_person:
        found.append(
            Finding(requirement="in_person", wanted=policy.min_in_person, found=standing.attended("in person"))
        )
    if policy.min_virtual:
        found.append(Finding(requirement="virtual", wanted=policy.min_virtual, found=standing.attended("virtual")))
    if policy.wants_evaluation:
        found.append(Finding(requirement="evaluation", wanted=1, found=int(standing.is_evaluation_in)))
    return tuple(found)


def is_eligible(standing: Standing, frame: CohortFrame) -> bool:
    """Whether every requirement is met."""
    return all(one.is_met for one in findings(standing, frame))


def award_request(standing: Standing, frame: CohortFrame, *, decided_at: datetime) -> AwardRequest:
    """What the issuer is asked to award; NoAchievementError, NoSessionsError."""
    if frame.achievement_id is None or frame.achievement_version is None:
        raise NoAchievementError
    if frame.first_day is None or frame.last_day is None:
        raise NoSessionsError
    names = {one.id: one.name for one in frame.modules}
    days = [one.held_on for one in standing.presences if one.is_attended]
    return AwardRequest(
        enrollment_id=standing.enrollment_id,
        achievement_id=frame.achievement_id,
        achievement_version=frame.achievement_version,
        holder_name=standing.person_name if standing.shows_name else None,
        credit_minutes=standing.credit_minutes,
        activity_start=min(days, default=frame.first_day),
        activity_end=max(days, default=frame.last_day),
        awarded_at=decided_at.replace(microsecond=0),
        cohort_name=frame.name,
        region=frame.region,
        evidence=tuple(
            EvidenceClaim(module_name=names[one.module_id], genre=one.genre, accepted_on=one.accepted_on)
            for one in standing.evidence
            if one.module_id in names
        ),
        results=standing.results or UNSET,
        provider=frame.provider or UNSET,
        topics=tuple(one.name for one in frame.modules[:MOST_TOPICS]) or UNSET,
        valid_until=UNSET if frame.badge_months is None else months_after(decided_at, frame.badge_months),
    )


def months_after(moment: datetime, months: int) -> datetime:
    """The same day and second so many months later, or the last day of a shorter month."""
    years, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(years, month + 1)[1])
    return moment.replace(year=years, month=month + 1, day=day, microsecond=0)


#: How the issuer's words for an award's state read here.
STATES: dict[AwardState, Literal["requested", "issued", "revoked"]] = {
    "pending": "requested",
    "issued": "issued",
    "revoked": "revoked",
}
