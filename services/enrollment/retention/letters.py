"""What we write to somebody who asked to be forgotten: the last letter to their address."""

from services.enrollment.notices.model import Addressee, Listing, Mail, Part, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from services.enrollment.retention.model import Plan
from shared.pages.rendering import translations


def erased(organization: Organization, person: Person, plan: Plan) -> Mail:
    """The letter that says it is done, and what is kept until when."""
    _ = translations(read_by(person.language)).gettext
    parts: list[Part] = [
        _("Hello,"),
        _("%(organization)s has erased what it kept of you. Your badges are no longer shown.")
        % {"organization": organization.name},
    ]
    if plan.kept_until is not None:
        until = _("This is kept until %(day)s, because the law asks for it, and then erased too:")
        kept = tuple(_(group.what) for group in plan.kept)
        parts.append(Listing(words=until % {"day": plan.kept_until.isoformat()}, items=kept))
    parts.append(_("This is our last letter to this address."))
    return letter(
        # Not who they were: a refusal of this letter must not name them anew.
        Addressee(email=person.email, language=person.language),
        kind="data",
        sender_name=organization.name,
        subject=_("Your data was erased"),
        parts=parts,
    )
