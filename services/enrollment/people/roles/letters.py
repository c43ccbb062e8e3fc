"""What we write to people whose roles were changed: no secret, only where to sign in."""

from services.enrollment.notices.model import Link, Listing, Mail, Part, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person, Role
from services.enrollment.people.roles.model import MEANINGS, NAMES
from shared.pages.rendering import translations


def roles_changed(
    organization: Organization, person: Person, *, before: frozenset[Role], after: frozenset[Role], home: str
) -> Mail:
    """The letter to somebody who was given a role, or from whom one was taken back; `home` is the first page."""
    _ = translations(read_by(person.language)).gettext
    names = {"organization": organization.name}
    is_given = not after <= before
    parts: list[Part] = [_("Hello %(name)s,") % {"name": person.name}]
    if is_given:
        subject = _("You have a new role at %(organization)s")
        parts.append(_("an administrator of %(organization)s gave you a role there.") % names)
    else:
        subject = _("A role of yours at %(organization)s was taken back")
        parts.append(_("an administrator of %(organization)s took a role back that you had there.") % names)
    if after:
        items = tuple(f"{_(NAMES[role])}: {_(MEANINGS[role])}" for role in sorted(after))
        parts.append(Listing(words=_("Your roles now:"), items=items))
        words = _("You need no password. Open this page, enter the address of this e-mail, and we send you a link:")
        parts.append(Link(words=words, url=f"{home}/sign-in?return_path=/{organization.slug}/staff"))
    else:
        parts.append(_("You have no role there any more. What you learn there or teach stays as it is."))
    parts.append(_("If you did not expect this, ask an administrator of %(organization)s.") % names)
    return letter(person.addressee, kind="role", sender_name=organization.name, subject=subject % names, parts=parts)
