"""Sessions as iCalendar objects (RFC 5545, sent by the rules of RFC 5546): a cohort's, a person's, and what changed.

A session keeps its id as UID and counts its revisions as SEQUENCE: a later file moves what an earlier one added.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from services.enrollment.cohorts.model import Cohort, Entry, Listed, Listing

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
Known = Cohort | Listing | Listed
#: How often a calendar that is subscribed to may be asked for again.
_FRESH = timedelta(hours=4)


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a change and to whom: RFC 5546 wants both in a REQUEST or CANCEL."""

    organizer_name: str
    organizer: str
    attendee_name: str
    attendee: str


def calendar(
    cohorts: Sequence[tuple[Known, Sequence[Entry]]],
    *,
    name: str,
    pages_url: str,
    joins: bool,
    now: datetime,
    method: Method = "PUBLISH",
    parties: Parties | None = None,
) -> bytes:
    """The sessions of cohorts, cancelled ones as such; the addresses of video calls are in it for who `joins`.

    `pages_url` is what the addresses of cohorts' pages begin with.
    """
    found = Calendar()
    found.add("prodid", "-//Laurel//Cohorts//EN")
    found.add("version", "2.0")
    found.add("method", method)
    found.add("name", name)
    found.add("x-wr-calname", name)
    found.add("refresh-interval", _FRESH, parameters={"VALUE": "DURATION"})
    for cohort, entries in cohorts:
        for entry in entries:
            event = _event(cohort, entry, page_url=f"{pages_url}/{cohort.id}", joins=joins, now=now)
            if parties is not None:
                _address(event, parties)
            found.add_component(event)
    # Only around our own dates: the whole history of a time zone would be longer than all of them.
    moments = [one.starts_at for _, entries in cohorts for one in entries] or [now]
    margin = timedelta(days=400)
    found.add_missing_timezones(first_date=(min(moments) - margin).date(), last_date=(max(moments) + margin).date())
    for zone in found.timezones:
        _mend(zone)
    content: bytes = found.to_ical()
    return content


def _mend(zone: Timezone) -> None:
    """Say when the clock is put forward in the time before it (RFC 5545, section 3.6.5).

    The library says it in the time after, an hour late; where the clock is put back it is right.
    """
    for rule in zone.subcomponents:
        leap = rule.TZOFFSETTO - rule.TZOFFSETFROM
        if leap <= timedelta(0):
            continue
        again: Any = rule.pop("RDATE", None)
        rule.DTSTART -= leap
        if again is not None:
            rule.add("RDATE", [each.dt - leap for each in again.dts])


def _event(cohort: Known, entry: Entry, *, page_url: str, joins: bool, now: datetime) -> Event:
    event, zone = Event(), ZoneInfo(cohort.time_zone)
    event.add("uid", f"urn:uuid:{entry.id}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("sequence", entry.revision)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", f"{cohort.name}: {entry.title}")
    if entry.changed_at is not None:
        event.add("last-modified", entry.changed_at.astimezone(UTC))
    if entry.mode == "in person" and entry.place:
        event.add("location", entry.place)
    if entry.mode == "virtual" and entry.link and joins:
        event.add("location", entry.link)
        event.add("conference", entry.link, parameters={"VALUE": "URI", "FEATURE": "VIDEO"})
    event.add("url", page_url)
    is_cancelled = cohort.state == "cancelled" or entry.cancelled_at is not None
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    return event


def _address(event: Event, parties: Parties) -> None:
    organizer, attendee = vCalAddress(f"mailto:{parties.organizer}"), vCalAddress(f"mailto:{parties.attendee}")
    organizer.params["CN"] = vText(parties.organizer_name)
    attendee.params["CN"] = vText(parties.attendee_name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("organizer", organizer)
    event.add("attendee", attendee)


def for_reader(
    cohorts: Sequence[tuple[Known, Sequence[Entry]]], *, pages_url: str, joins: bool, parties: Parties, now: datetime
) -> str:
    """The sessions of one cohort or more as they travel with a letter."""
    (first, entries), *others = cohorts
    return calendar(
        cohorts,
        name=first.name,
        pages_url=pages_url,
        joins=joins,
        now=now,
        method="PUBLISH" if others else method_of(first, entries),
        parties=parties,
    ).decode()


def coming(entries: Sequence[Entry], *, now: datetime, is_over: bool = False) -> tuple[Entry, ...]:
    """The sessions that are still to come; as cancelled ones for somebody whose place `is_over`.

    Their SEQUENCE stays: with a higher one, who comes back could not be told of the same sessions again. A later
    DTSTAMP is enough (RFC 5546, section 2.1.5).
    """
    found = [one for one in entries if one.ends_at > now and one.cancelled_at is None]
    return tuple(msgspec.structs.replace(one, cancelled_at=now) if is_over else one for one in found)


def method_of(cohort: Known, entries: Sequence[Entry]) -> Method:
    """How what changed is sent: RFC 5546 has one session in a REQUEST or CANCEL, several only PUBLISHed."""
    if len(entries) != 1:
        return "PUBLISH"
    return "CANCEL" if cohort.state == "cancelled" or entries[0].cancelled_at is not None else "REQUEST"


def feed_token(key: bytes, person_id: UUID, number: int) -> str:
    """The secret part of the address of somebody's calendar: the same for the same number, none without the key."""
    return hmac.new(key, f"calendar feed {person_id} {number}".encode(), hashlib.sha256).hexdigest()[:40]


def token_sha256(token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).digest()
