"""What we write to people about addresses of theirs."""

from collections.abc import Callable
from datetime import datetime

from services.enrollment.notices.model import Addressee, Link, Mail, Part, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations


def confirm_address(
    organization: Organization, person: Person, email: str, *, url: str, useful_until: datetime
) -> Mail:
    """The letter to an address that somebody wants to add. Who asked may be anybody, so no name is repeated."""
    _ = _translate(person)
    return _letter(
        organization,
        _at(person, email),
        _("Add this address at %(organization)s?") % {"organization": organization.name},
        _("Hello,"),
        Link(
            words=_("somebody, perhaps you, wants to add this address to their record. Open this link to do so:"),
            url=url,
        ),
        _("It works for a day, in the browser in which you are signed in."),
        _("If you did not ask for this, you need not do anything. Nothing was added."),
        useful_until=useful_until,
    )


def address_taken(organization: Organization, holder: Person, email: str) -> Mail:
    """The letter to an address that somebody wants to add, and that is another record's."""
    _ = _translate(holder)
    return _letter(
        organization,
        _at(holder, email),
        _("This address is known at %(organization)s") % {"organization": organization.name},
        _("Hello,"),
        _("somebody, perhaps you, wanted to add this address to their record. It belongs to another record here."),
        _("If both are yours, ask whoever runs your program to merge the two. Nothing was changed."),
    )


def address_changed(organization: Organization, person: Person) -> Mail:
    """The letter to the address to which we wrote before."""
    _ = _translate(person)
    return _letter(
        organization,
        person.addressee,
        _("We write to another address of yours now"),
        _("Hello,"),
        _("you chose another of your addresses at %(organization)s. We write to that one from now on.")
        % {"organization": organization.name},
        _("If it was not you, sign in with this address and look at your addresses under My data."),
    )


def _at(person: Person, email: str) -> Addressee:
    return Addressee(email=email, language=person.language, person_id=person.id)


def _translate(person: Person) -> Callable[[str], str]:
    return translations(read_by(person.language)).gettext


def _letter(
    organization: Organization, to: Addressee, subject: str, *parts: Part, useful_until: datetime | None = None
) -> Mail:
    return letter(
        to,
        kind="sign-in",
        sender_name=organization.name,
        subject=subject,
        parts=parts,
        useful_until=useful_until,
    )
