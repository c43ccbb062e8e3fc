"""Tells those whom a cohort's dates concern what became of them, in the transaction that changed it."""

from collections.abc import Sequence
from datetime import datetime

from services.enrollment.cohorts import calendars, letters, store, store_sessions
from services.enrollment.cohorts.letters import Heading
from services.enrollment.cohorts.model import Change, Cohort, Entry, changes
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.notices.model import Mail
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.postgres import Connection


async def tell(house: House, connection: Connection, before: Cohort, after: Cohort, *, now: datetime) -> None:
    """Write to everybody who is seated or teaches: what changed of the sessions to come, or that all is cancelled."""
    is_cancelled = after.state == "cancelled"
    if is_cancelled and before.state == "cancelled":
        return
    told = [] if is_cancelled else [one for one in changes(before.sessions, after.sessions) if _matters(one, now)]
    if is_cancelled:
        await store_sessions.revise_sessions(connection, after.id, now=now)
    elif not told:
        return
    organization = await organizations.by_id(connection, after.organization_id)
    people = await store.people_of_sessions(connection, after.id)
    if organization is None or not people:
        return
    page_url = f"{house.settings.enrollment_url}/{organization.slug}/cohorts/{after.id}"
    heading = Heading(organization=organization, cohort=after, page_url=page_url)
    entries = (await store_sessions.entries(connection, [after.id])).get(after.id, ())
    if is_cancelled:
        shown = calendars.coming(entries, now=now)
    else:
        shown = tuple(one for one in entries if one.id in {change.session.id for change in told})
    mails = [_mail(house, heading, person, told, shown, now=now) for person in people]
    await notices.post_many(connection, mails, organization_id=after.organization_id, sealing_key=house.sealing_key)


def _matters(change: Change, now: datetime) -> bool:
    """Whether the session is, or was, still to come."""
    return any(one is not None and one.ends_at > now for one in (change.before, change.after))


def _mail(
    house: House, heading: Heading, person: Person, told: Sequence[Change], entries: Sequence[Entry], *, now: datetime
) -> Mail:
    cohort = heading.cohort
    calendar = calendars.for_reader(
        [(cohort, entries)],
        pages_url=heading.page_url.rpartition("/")[0],
        joins=True,
        parties=parties(house, heading.organization, person, name=person.name),
        now=now,
    )
    if cohort.state == "cancelled":
        return letters.cohort_cancelled(heading, person, calendar=calendar)
    return letters.sessions_changed(heading, person, told, calendar=calendar)


def parties(house: House, organization: Organization, person: Person, *, name: str) -> calendars.Parties:
    """Who sends somebody the dates of an organization's cohort; `name` is what the file calls them."""
    return calendars.Parties(
        organizer_name=organization.name,
        organizer=house.settings.mail_from,
        attendee_name=name,
        attendee=person.email,
    )
