"""What we write to people about signing in."""

from datetime import datetime

from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person, shown_code
from shared.pages.rendering import LANGUAGES, translations


def sign_in(organization: Organization, person: Person, *, url: str, code: str, useful_until: datetime) -> Mail:
    """The letter with the sign-in link and its code."""
    language = person.language if person.language in LANGUAGES else LANGUAGES[0]
    _ = translations(language).gettext
    paragraphs = [
        _("Hello %(name)s,") % {"name": person.name},
        _("open this link to sign in to %(organization)s:") % {"organization": organization.name} + f"\n{url}",
        _("In the browser in which you asked for it, one press of a button is enough. Anywhere else, type this code:")
        + f"\n{shown_code(code)}",
        _("Link and code work once, for 15 minutes. Tell the code to nobody: we never ask for it."),
        _("If you did not ask for this, you need not do anything. Nobody was signed in."),
    ]
    return Mail(
        recipient=person.email,
        subject=_("Sign in to %(organization)s") % {"organization": organization.name},
        text="\n\n".join(paragraphs) + "\n",
        sender_name=organization.name,
        useful_until=useful_until,
    )
