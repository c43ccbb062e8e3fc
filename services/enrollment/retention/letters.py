"""What we write to somebody who asked to be forgotten: the last letter to their address."""

from services.enrollment.cohorts.letters import language_of
from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from services.enrollment.retention.model import Plan
from shared.pages.rendering import translations


def erased(organization: Organization, person: Person, plan: Plan) -> Mail:
    """The letter that says it is done, and what is kept until when."""
    _ = translations(language_of(person)).gettext
    paragraphs = [
        _("Hello,"),
        _("%(organization)s has erased what it kept of you. Your badges are no longer shown.")
        % {"organization": organization.name},
    ]
    if plan.kept_until is not None:
        kept = "\n".join(f"- {_(group.what)}" for group in plan.kept)
        until = _("This is kept until %(day)s, because the law asks for it, and then erased too:")
        paragraphs.append(until % {"day": plan.kept_until.isoformat()} + f"\n{kept}")
    paragraphs.append(_("This is our last letter to this address."))
    return Mail(
        recipient=person.email,
        subject=_("Your data was erased"),
        text="\n\n".join(paragraphs) + "\n",
        sender_name=organization.name,
    )
