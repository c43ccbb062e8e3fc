"""The letter that lets somebody sign in."""

from datetime import datetime

from services.enrollment.notices.model import Code, Link, Mail, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person, shown_code
from shared.pages.rendering import translations


def sign_in(organization: Organization, person: Person, *, url: str, code: str, useful_until: datetime) -> Mail:
    """The letter with the sign-in link and its code."""
    _ = translations(read_by(person.language)).gettext
    names = {"organization": organization.name}
    anywhere = _(
        "In the browser in which you asked for it, one press of a button is enough. Anywhere else, type this code:"
    )
    return letter(
        person.addressee,
        kind="sign-in",
        sender_name=organization.name,
        subject=_("Sign in to %(organization)s") % names,
        parts=(
            _("Hello %(name)s,") % {"name": person.name},
            Link(words=_("open this link to sign in to %(organization)s:") % names, url=url),
            Code(words=anywhere, code=shown_code(code)),
            _("Link and code work once, for 15 minutes. Tell the code to nobody: we never ask for it."),
            _("If you did not ask for this, you need not do anything. Nobody was signed in."),
        ),
        useful_until=useful_until,
    )
