"""A message to a cohort as an e-mail to one person."""

from services.enrollment.cohorts.letters import language_of
from services.enrollment.messages.model import Message
from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations


def message(
    organization: Organization, person: Person, written: Message, *, cohort_name: str, sender_name: str, page_url: str
) -> Mail:
    """The letter: what was written, who wrote it, and why this person gets it."""
    _ = translations(language_of(person)).gettext
    names = {"sender": sender_name, "cohort": cohort_name, "organization": organization.name}
    paragraphs = [
        written.body.strip(),
        _("%(sender)s, %(organization)s") % names,
        _("You get this because you have a place in %(cohort)s, or wait for one.") % names + f"\n{page_url}",
    ]
    return Mail(
        recipient=person.email,
        subject=written.subject,
        text="\n\n".join(paragraphs) + "\n",
        sender_name=organization.name,
    )
