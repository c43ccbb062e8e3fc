"""Rules of dates, and of the keys that sign on one."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.rules.model import Facts, KeyFact, Kind, Rule

_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
#: Two clocks of one installation may be so far apart.
_SKEW = timedelta(minutes=5)
_YEARS = (1900, 2200)


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """A dateTimeStamp; None for anything else, or of a year that no program can have had."""
    if not _STAMP.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if _YEARS[0] <= found.year <= _YEARS[1] else None


def _is_stamp(text: str) -> bool:
    return moment(text) is not None


def _is_whole(text: str) -> bool:
    return "." not in text


def _of(document: JsonObject, name: str) -> datetime | None:
    text = document.get(name)
    return moment(text) if isinstance(text, str) else None


def _begun(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    start = _of(document, "validFrom")
    return ("validFrom",) if start is not None and start > facts.now + _SKEW else ()


def _period(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    start, end = _of(document, "validFrom"), _of(document, "validUntil")
    return ("validUntil",) if start is not None and end is not None and end <= start else ()


def _awarded(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    awarded, start = _of(document, "awardedDate"), _of(document, "validFrom")
    return ("awardedDate",) if awarded is not None and start is not None and awarded > start + _SKEW else ()


def _after_achievement(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    since, start = facts.achievement_since, _of(document, "validFrom")
    return ("validFrom",) if since is not None and start is not None and start < since - _SKEW else ()


def _activity(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    subject = document["credentialSubject"]
    start, end = _of(subject, "activityStartDate"), _of(subject, "activityEndDate")
    return ("credentialSubject.activityEndDate",) if start is not None and end is not None and end < start else ()


def _signed_at(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    return ("proof.created",) if facts.signed_at > facts.now + _SKEW or facts.signed_at.microsecond else ()


def _keys(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    may_sign = facts.keys and all(_may_sign(one, facts) for one in facts.keys)
    return () if may_sign else ("proof.verificationMethod",)


def _may_sign(key: KeyFact, facts: Facts) -> bool:
    # A proof's date is in whole seconds.
    if key.since > facts.signed_at and key.since.replace(microsecond=0) > facts.signed_at:
        return False
    return key.compromised_since is None and (key.retired is None or key.retired > facts.now)


_DATE = frozenset({"date"})
_BADGE: frozenset[Kind] = frozenset({"badge"})
RULES = (
    Rule(
        id="date-zone",
        asks="Every date is a date and time with a time zone, of the years 1900 to 2200.",
        citation="VCDM 2.0, section 4.9; XML Schema 1.1 part 2, section 3.4.28 (dateTimeStamp)",
        advice="A date is none, lacks its time zone, or is of a year that no program can have had. Correct the date.",
        on=_DATE,
        accepts=_is_stamp,
    ),
    Rule(
        id="whole-seconds",
        asks="Dates are in whole seconds, as the JWT beside says them.",
        citation="RFC 7519, section 4.1.5 (nbf); Open Badges 3.0, section 8.2.4",
        advice="A date has fractions of a second. This is a mistake in our program: tell us.",
        on=_DATE,
        accepts=_is_whole,
    ),
    Rule(
        id="valid-by-now",
        asks="validFrom is not in the future, except for five minutes that clocks may differ.",
        citation="VCDM 2.0, section 4.9 (validFrom)",
        advice="It would be valid only later than now. Check the clock of the machine.",
        check=_begun,
        reads=("validFrom",),
        asks_facts=True,
    ),
    Rule(
        id="validity-period",
        asks="validUntil is later than validFrom.",
        citation="VCDM 2.0, section 4.9 (validUntil)",
        advice="It would end before it begins. Correct the day on which it expires.",
        check=_period,
        reads=("validFrom", "validUntil"),
    ),
    Rule(
        id="awarded-before-valid",
        asks="awardedDate is not later than validFrom.",
        citation="Open Badges 3.0, data model of AchievementCredential (awardedDate)",
        advice="It says that it was awarded after it was signed. Check the clocks of the machines.",
        kinds=_BADGE,
        check=_awarded,
        reads=("awardedDate", "validFrom"),
    ),
    Rule(
        id="after-achievement",
        asks="validFrom is not before the achievement's version was made.",
        citation="Open Badges 3.0, data model of Achievement (version)",
        advice="It would be valid before this version of its achievement was made. Award an earlier version.",
        kinds=_BADGE,
        check=_after_achievement,
        reads=("validFrom",),
        asks_facts=True,
    ),
    Rule(
        id="activity-order",
        asks="activityEndDate is not before activityStartDate.",
        citation="Open Badges 3.0, data model of AchievementSubject (activityEndDate)",
        advice="The activity ends before it begins. Correct the cohort's dates.",
        kinds=_BADGE,
        check=_activity,
        reads=("credentialSubject.activityStartDate", "credentialSubject.activityEndDate"),
    ),
    Rule(
        id="proof-date",
        asks="The proof's date is in whole seconds and not in the future.",
        citation="VC Data Integrity 1.0, section 2.1 (created)",
        advice="It would be signed at a time that is not now. Check the clock of the machine.",
        check=_signed_at,
        asks_facts=True,
    ),
    Rule(
        id="key-valid",
        asks="Each key that signs was made by the proof's date, and is neither retired nor compromised.",
        citation="Controlled Identifiers 1.0, section 2.2 (expires, revoked)",
        advice="The issuer's key must not sign any more. Make a new one (./run keys), then try again.",
        check=_keys,
        asks_facts=True,
    ),
)
