"""What we write to people about a cohort's sessions, and how its dates read in a letter."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_time, get_timezone_name

from services.enrollment.cohorts.model import Session
from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import LANGUAGES, translations


def language_of(person: Person) -> str:
    """The language in which we write to somebody."""
    return person.language if person.language in LANGUAGES else LANGUAGES[0]


def moment(value: datetime, zone: str, language: str) -> str:
    """`Saturday 7 March 2026, 9:00 AM Central Time`."""
    locale, local = Locale.parse(language, sep="-"), value.astimezone(ZoneInfo(zone))
    name = get_timezone_name(local, width="long", zone_variant="generic", locale=locale)
    day = format_datetime(local, "EEEE d MMMM y", locale=locale)
    return f"{day}, {format_time(local, 'short', locale=locale)} {name}"


def dates(sessions: Iterable[Session], zone: str, language: str) -> str:
    """The sessions, one to a line: when, what, and where. Without the addresses of video calls."""
    _ = translations(language).gettext
    lines = []
    for one in sessions:
        where = _("online") if one.mode == "virtual" else one.place
        lines.append(f"- {moment(one.starts_at, zone, language)}: {one.title}" + (f" ({where})" if where else ""))
    return "\n".join(lines) or _("The dates are to be announced.")


def switched(
    organization: Organization, person: Person, session: Session, *, cohort_name: str, zone: str, page_url: str
) -> Mail:
    """The letter that a session is held in another way than was said."""
    language = language_of(person)
    _ = translations(language).gettext
    names = {"cohort": cohort_name, "session": session.title}
    if session.mode == "virtual":
        how = _("It is held online now.") + f"\n{session.link}"
    else:
        how = _("It is held in person now:") + f"\n{session.place}"
    paragraphs = [
        _("Hello,"),
        _("the session %(session)s of %(cohort)s changes how you take part.") % names,
        moment(session.starts_at, zone, language),
        how,
        _("All dates: %(url)s") % {"url": page_url},
    ]
    return Mail(
        recipient=person.email,
        subject=_("Changed: %(session)s, %(cohort)s") % names,
        text="\n\n".join(paragraphs) + "\n",
        sender_name=organization.name,
        useful_until=session.ends_at,
    )
