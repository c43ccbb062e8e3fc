"""What we write to people about a cohort's sessions, and how its dates read in a letter."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale
from babel.dates import format_datetime, format_time

from services.enrollment.cohorts.model import Change, Cohort, Session
from services.enrollment.notices.model import Link, Listing, Mail, Part, Quote, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations
from shared.pages.times import zone_name

_DAYS = {"es": "EEEE d 'de' MMMM 'de' y"}


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What every letter about a cohort's sessions says: who writes, about what, and where all the dates are."""

    organization: Organization
    cohort: Cohort
    page_url: str


def moment(value: datetime, zone: str, language: str) -> str:
    """`Saturday 7 March 2026, 9:00 AM Central Time`."""
    locale, local = Locale.parse(language, sep="-"), value.astimezone(ZoneInfo(zone))
    day = format_datetime(local, _DAYS.get(language, "EEEE d MMMM y"), locale=locale)
    return f"{day}, {format_time(local, 'short', locale=locale)} {zone_name(value, zone, language)}"


def dates(sessions: Iterable[Session], zone: str, language: str) -> Part:
    """The sessions as a list: when, what, and where. Without the addresses of video calls."""
    _ = translations(language).gettext
    lines = []
    for one in sessions:
        where = _("online") if one.mode == "virtual" else one.place
        lines.append(f"{moment(one.starts_at, zone, language)}: {one.title}" + (f" ({where})" if where else ""))
    return Listing(words=_("Dates:"), items=tuple(lines)) if lines else _("The dates are to be announced.")


def sessions_changed(heading: Heading, person: Person, told: Sequence[Change], *, calendar: str) -> Mail:
    """The letter that sessions are new, cancelled, at another time, or held in another way; `calendar` follows it."""
    language = read_by(person.language)
    _ = translations(language).gettext
    cohort, zone = heading.cohort, heading.cohort.time_zone
    names = {"cohort": cohort.name, "session": told[0].session.title}
    if len(told) > 1:
        subject = _("Changed dates: %(cohort)s")
    elif told[0].after is None:
        subject = _("Cancelled: %(session)s, %(cohort)s")
    elif told[0].before is None:
        subject = _("New date: %(session)s, %(cohort)s")
    else:
        subject = _("Changed: %(session)s, %(cohort)s")
    return letter(
        person.addressee,
        kind="dates",
        sender_name=heading.organization.name,
        subject=subject % names,
        parts=[
            _("Hello,"),
            _("something changes in %(cohort)s.") % names,
            *(_said(_, one, zone, language) for one in told),
            _(
                "The attached file brings your calendar up to date; "
                "a calendar that you subscribed to follows by itself."
            ),
            Link(words=_("All dates:"), url=heading.page_url),
        ],
        calendar=calendar,
        useful_until=max(one.session.ends_at for one in told),
    )


def _said(_: Callable[[str], str], change: Change, zone: str, language: str) -> str:
    """One change: the session, what becomes of it, when and where it is now."""
    session, lines = change.session, [change.session.title]
    when = moment(session.starts_at, zone, language)
    if change.after is None:
        return "\n".join([*lines, _("does not take place: %(when)s.") % {"when": when}])
    if change.before is not None and change.is_moved:
        before = moment(change.before.starts_at, zone, language)
        lines.append(_("was moved. Before: %(before)s. Now: %(when)s.") % {"before": before, "when": when})
    else:
        lines.append(when)
    if change.before is not None and not change.is_elsewhere:
        return "\n".join(lines)
    if session.mode == "virtual":
        lines += [_("It is held online now."), *([session.link] if session.link else [])]
    else:
        lines += [_("It is held in person now:"), session.place or _("The place is to be announced.")]
    return "\n".join(lines)


def cohort_cancelled(heading: Heading, person: Person, *, calendar: str) -> Mail:
    """The letter to who sits in or teaches a cohort that it does not take place."""
    _ = translations(read_by(person.language)).gettext
    names = {"cohort": heading.cohort.name}
    because = heading.cohort.cancelled_because
    return letter(
        person.addressee,
        kind="dates",
        sender_name=heading.organization.name,
        subject=_("Cancelled: %(cohort)s") % names,
        parts=[
            _("Hello,"),
            _("%(cohort)s was cancelled: its sessions do not take place.") % names,
            *([Quote(text=because)] if because else []),
            _("The attached file takes the dates out of your calendar."),
            Link(words=_("Other cohorts:"), url=heading.page_url.rpartition("/cohorts/")[0]),
        ],
        calendar=calendar,
    )
