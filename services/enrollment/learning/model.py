"""A person's own way through their cohorts: what is behind them, and the one thing to do next. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.cohorts.model import CompletionPolicy, Mode, State
from services.enrollment.completions.model import Finding, Requirement
from shared.contracts import AwardVisibility

Place = Literal["seated", "offered", "in line", "none"]
Outcome = Literal["none", "completed", "not completed", "withdrawn"]
TopicState = Literal["wanted", "submitted", "accepted", "returned"]
NextStep = Literal[
    "answer the offer",
    "wait in line",
    "hand in again",
    "come to the session",
    "hand in",
    "wait for the review",
    "wait for the decision",
    "wait for the badge",
    "use the badge",
    "nothing",
]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A session of one's own cohort."""

    id: UUID
    cohort_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    place: str | None
    link: str | None


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of one's own cohort, and what became of the newest piece handed in for it."""

    id: UUID
    name: str
    state: TopicState
    comment: str | None


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """One's own award, as far as the issuer told what became of it."""

    id: UUID
    state: Literal["requested", "issued", "revoked"]
    url: str | None
    revocation_reason: str | None
    visibility: AwardVisibility


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """One's own enrollment with all that its page shows."""

    enrollment_id: UUID
    cohort_id: UUID
    cohort_name: str
    cohort_state: State
    region: str
    time_zone: str
    program_id: UUID
    program_name: str
    level_name: str
    place: Place
    outcome: Outcome
    shows_name: bool
    seat_number: int | None
    in_line_before: int | None
    policy: CompletionPolicy
    sessions: tuple[Own, ...]
    topics: tuple[Topic, ...]
    badge: Badge | None
    #: Whether they may apply for a stipend, or did.
    has_stipend: bool = False
    #: What completing it takes and what there is of it, as the decision will judge; empty without a seat.
    findings: tuple[Finding, ...] = ()
    #: Whether the program has a form, which they filled in or may.
    is_asked: bool = False

    @property
    def is_current(self) -> bool:
        """Whether something may still come of it."""
        return self.place != "none" and self.outcome == "none" and self.cohort_state in ("open", "running")

    @property
    def sessions_attended(self) -> int:
        """How many of its sessions count."""
        return self._found("sessions")

    @property
    def minutes(self) -> int:
        """All minutes that count so far."""
        return self._found("credit_minutes")

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What completing it still takes."""
        return tuple(one for one in self.findings if not one.is_met)

    @property
    def topics_accepted(self) -> int:
        """For how many topics evidence was accepted."""
        return sum(one.state == "accepted" for one in self.topics)

    @property
    def wanted_topics(self) -> list[Topic]:
        """The topics whose evidence the policy asks for."""
        wanted = self.policy.modules
        return [one for one in self.topics if wanted == "all" or one.id in wanted]

    @property
    def has_all(self) -> bool:
        """Whether what the policy asks for is there."""
        return bool(self.findings) and not self.missing

    def _found(self, requirement: Requirement) -> int:
        return next((one.found for one in self.findings if one.requirement == requirement), 0)


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """The one thing to do, and what with."""

    step: NextStep
    topic: Topic | None = None
    session: Own | None = None


def next_session(journeys: Sequence[Journey], *, now: datetime) -> tuple[Journey, Own] | None:
    """The session that comes first, or is being held, among those where one has a seat."""
    coming = [
        (session.starts_at, str(session.id), journey, session)
        for journey in journeys
        if journey.place == "seated" and journey.is_current
        for session in journey.sessions
        if session.ends_at > now
    ]
    if not coming:
        return None
    *_, journey, session = min(coming, key=lambda one: one[:2])
    return journey, session


def next_of(journey: Journey, *, now: datetime) -> Next:
    """The one thing to do next in a cohort: what somebody waits for from this person comes first."""
    if journey.outcome != "none" or not journey.is_current:
        return Next(step=_after(journey))
    if journey.place == "offered":
        return Next(step="answer the offer")
    if journey.place == "in line":
        return Next(step="wait in line")
    topics = journey.wanted_topics
    if returned := next((one for one in topics if one.state == "returned"), None):
        return Next(step="hand in again", topic=returned)
    begun = any(one.starts_at <= now for one in journey.sessions)
    if begun and (wanted := next((one for one in topics if one.state == "wanted"), None)):
        return Next(step="hand in", topic=wanted)
    if coming := next((one for one in journey.sessions if one.ends_at > now), None):
        return Next(step="come to the session", session=coming)
    if journey.has_all:
        return Next(step="wait for the decision")
    if any(one.state == "submitted" for one in topics):
        return Next(step="wait for the review")
    return Next(step="nothing")


def _after(journey: Journey) -> NextStep:
    """What is left to do once it was decided, or over."""
    badge = journey.badge
    if journey.outcome != "completed" or badge is None or badge.state == "revoked":
        return "nothing"
    return "use the badge" if badge.state == "issued" else "wait for the badge"
