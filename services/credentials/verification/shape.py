"""Whether a document has the form of an Open Badge, what it says, and what it points at. Pure.

The rules are those without which nothing else can be checked; the published JSON Schema asks for more.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from services.credentials.proofs import contexts
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.verification import reading
from services.credentials.verification.model import Check, Facts
from services.credentials.verification.sentences import check

_BADGE_TYPES = frozenset({"OpenBadgeCredential", "AchievementCredential"})
_LONGEST = 500


class DateError(Exception):
    """A date that cannot be read."""


def check_shape(credential: Mapping[str, Any]) -> Check:
    """The check `shape`: passed, or failed with the first member that is off; unknown for a learner record."""
    for code, member in _faults(credential):
        return check("shape", "failed", code, member)
    if is_learner_record(credential):
        return check("shape", "unknown", "learner_record")
    return check("shape", "passed", "open_badge")


def is_learner_record(credential: Mapping[str, Any]) -> bool:
    """Whether it is a credential of CLR 2.0, and not a badge."""
    kinds = listed(credential.get("type"))
    return "ClrCredential" in kinds and not any(one in kinds for one in _BADGE_TYPES)


def _faults(credential: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    named = credential.get("@context")
    first = named[0] if isinstance(named, list) and named else named
    if first not in (contexts.CREDENTIALS_V2, contexts.CREDENTIALS_V1):
        yield "context_missing", "@context"
    kinds = listed(credential.get("type"))
    if "VerifiableCredential" not in kinds or not any(one in kinds for one in (*_BADGE_TYPES, "ClrCredential")):
        yield "not_an_open_badge", "type"
    if not isinstance(credential.get("id"), str):
        yield "member_missing", "id"
    if issuer_id(credential) is None:
        yield "member_missing", "issuer"
    yield from _date_faults(credential)
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict):
        yield "member_missing", "credentialSubject"
        return
    if is_learner_record(credential):
        return
    achievement = subject.get("achievement")
    if not isinstance(achievement, dict):
        yield "member_missing", "credentialSubject.achievement"
        return
    for name in ("id", "name"):
        if not isinstance(achievement.get(name), str):
            yield "member_missing", f"credentialSubject.achievement.{name}"


def _date_faults(credential: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    start, _ = date_members(is_older=is_older(credential))
    if start not in credential:
        yield "member_missing", start
    # Of both models: a date that another reader goes by must be one.
    for name in (*date_members(is_older=True), *date_members(is_older=False), "awardedDate"):
        if name in credential:
            try:
                moment(credential[name])
            except DateError:
                yield "member_malformed", name


def date_members(*, is_older: bool) -> tuple[str, str]:
    """The names of the members that bound validity: those of VCDM 2.0, or of 1.1."""
    return ("issuanceDate", "expirationDate") if is_older else ("validFrom", "validUntil")


def is_older(credential: Mapping[str, Any]) -> bool:
    """Whether a credential is of VC Data Model 1.1: its first context decides, not which members it brings."""
    named = credential.get("@context")
    return (named[0] if isinstance(named, list) and named else named) == contexts.CREDENTIALS_V1


def period(credential: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """From when, and until when, a credential of good shape is valid; None where it does not say."""
    start, end = date_members(is_older=is_older(credential))
    return (
        moment(credential[start]) if start in credential else None,
        moment(credential[end]) if end in credential else None,
    )


def moment(text: Any) -> datetime:
    """A date and time as UTC; DateError where it is none.

    Without a time zone it is one of UTC, as every verifier must read it (VC Data Model 2.0, "Representing Time").
    """
    if not isinstance(text, str) or len(text) > 40 or "T" not in text:
        raise DateError
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise DateError from None
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        # The first and the last hours of the calendar, elsewhere than in UTC: some write "for ever" so.
        return found.replace(tzinfo=UTC)


def issuer_id(credential: Mapping[str, Any]) -> str | None:
    """The issuer's id, whether it stands alone or in a profile."""
    issuer = credential.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) and found else None


def listed(value: Any) -> list[Any]:
    """A member that may be one thing or a list of them, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def facts(credential: JsonObject) -> Facts:
    """What the badge says, as far as it is said in the expected form."""
    nodes = reading.Nodes(credential)
    subject = nodes.first(credential.get("credentialSubject"))
    achievement, issuer = nodes.first(subject.get("achievement")), nodes.first(credential.get("issuer"))
    start, end = date_members(is_older=is_older(credential))
    return Facts(
        credential_id=_text(credential.get("id")),
        achievement=_text(achievement.get("name")),
        description=_text(achievement.get("description")),
        criteria=_text([one.get("narrative") for one in nodes.all(achievement.get("criteria"))]),
        holder=_holder(nodes.all(subject.get("identifier"))),
        hours=reading.number(subject.get("creditsEarned")),
        activity_start=_day(subject.get("activityStartDate")),
        activity_end=_day(subject.get("activityEndDate")),
        awarded_at=_moment(credential.get("awardedDate")),
        valid_from=_moment(credential.get(start)),
        valid_until=_moment(credential.get(end)),
        issuer_id=_text(issuer_id(credential)),
        issuer_name=_text(issuer.get("name")),
        issuer_url=_text(issuer.get("url")),
    )


def _holder(identities: list[JsonObject]) -> str | None:
    return _text(
        [
            one.get("identityHash")
            for one in identities
            if reading.text(one.get("identityType")) == "name" and reading.truth(one.get("hashed")) is False
        ]
    )


def _text(value: Any) -> str | None:
    found = reading.text(value)
    return None if found is None else found[:_LONGEST]


def _moment(value: Any) -> datetime | None:
    try:
        return moment(value)
    except DateError:
        return None


def _day(value: Any) -> date | None:
    """The day as it was written: in its own time zone, not in ours."""
    text = reading.text(value)
    try:
        moment(text)
    except DateError:
        return None
    assert text is not None
    return datetime.fromisoformat(text).date()
