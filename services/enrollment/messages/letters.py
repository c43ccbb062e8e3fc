"""What is written to a cohort as e-mail to one person: a message, and the reminder of a session."""

from services.enrollment.cohorts.letters import moment
from services.enrollment.messages.model import Message, Reminded
from services.enrollment.notices.model import Link, Mail, Part, Quote, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations


def message(
    organization: Organization, person: Person, written: Message, *, cohort_name: str, sender_name: str, page_url: str
) -> Mail:
    """The letter: what was written, who wrote it, and why this person gets it."""
    _ = translations(read_by(person.language)).gettext
    names = {"sender": sender_name, "cohort": cohort_name, "organization": organization.name}
    because = _("You get this because you have a place in %(cohort)s, or wait for one.") % names
    return letter(
        person.addressee,
        kind="message",
        sender_name=organization.name,
        subject=written.subject,
        parts=[
            Quote(text=written.body),
            _("%(sender)s, %(organization)s") % names,
            Link(words=because, url=page_url),
        ],
    )


def reminder(reminded: Reminded, *, own_url: str) -> Mail:
    """The letter that a session is near; `own_url` is the enrollment service's address."""
    session, to = reminded.session, reminded.addressee
    language = read_by(to.language)
    _ = translations(language).gettext
    when = moment(session.starts_at, reminded.time_zone, language)
    names = {"cohort": reminded.cohort_name, "session": session.title, "when": when}
    if session.mode == "virtual":
        where: list[Part] = [_("It is held online.")]
        if session.link:
            where = [Link(words=_("It is held online. Join here:"), url=session.link)]
    else:
        where = [_("It is held in person: %(place)s") % {"place": session.place or _("The place is to be announced.")}]
    slug = reminded.organization_slug
    return letter(
        to,
        kind="reminder",
        sender_name=reminded.organization_name,
        subject=_("Reminder: %(session)s, %(when)s") % names,
        parts=[
            _("Hello,"),
            _("the next session of %(cohort)s is near: %(session)s.") % names,
            when,
            *where,
            Link(words=_("What is still to do, and your hours:"), url=f"{own_url}/{slug}/learning"),
            Link(
                words=_("If you cannot take part any more, give your seat to somebody who waits for one:"),
                url=f"{own_url}/{slug}/cohorts/{reminded.cohort_id}",
            ),
        ],
        useful_until=session.starts_at,
    )
