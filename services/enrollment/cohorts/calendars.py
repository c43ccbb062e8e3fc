"""A cohort's sessions as an iCalendar file (RFC 5545), without the addresses of video calls."""

from datetime import UTC, datetime

from icalendar import Calendar, Event

from services.enrollment.cohorts.model import Listing, Session


def calendar(cohort: Listing, *, page_url: str, now: datetime) -> bytes:
    """One event for each session, in UTC; a session keeps its id, so a later file moves what an earlier one added."""
    found = Calendar()
    found.add("prodid", "-//Laurel//Cohorts//EN")
    found.add("version", "2.0")
    for session in cohort.sessions:
        found.add_component(_event(cohort, session, page_url=page_url, now=now))
    content: bytes = found.to_ical()
    return content


def _event(cohort: Listing, session: Session, *, page_url: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"urn:uuid:{session.id}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", session.starts_at.astimezone(UTC))
    event.add("dtend", session.ends_at.astimezone(UTC))
    event.add("summary", f"{cohort.name}: {session.title}")
    if session.mode == "in person" and session.place:
        event.add("location", session.place)
    event.add("url", page_url)
    if cohort.state == "cancelled":
        event.add("status", "CANCELLED")
    return event
