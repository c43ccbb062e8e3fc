"""What we write to participants about their stipend."""

from decimal import Decimal

from babel.numbers import format_currency

from services.enrollment.notices.model import Link, Mail, Part, Quote, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from services.enrollment.stipends.model import Stipend
from shared.pages.rendering import translations


def decided(organization: Organization, person: Person, stipend: Stipend, *, own_url: str) -> Mail:
    """The letter that a stipend was approved, paid or declined; `own_url` is the enrollment service's address."""
    language = read_by(person.language)
    _ = translations(language).gettext
    amount = format_currency(Decimal(stipend.amount_cents or stipend.asked_cents) / 100, "USD", locale=language)
    names = {"cohort": stipend.cohort_name, "amount": amount}
    parts: list[Part]
    if stipend.state == "approved":
        subject = _("Your stipend was approved")
        parts = [
            _("your stipend of %(amount)s for your work after %(cohort)s was approved.") % names,
            _("We write to you again when it is paid."),
        ]
    elif stipend.state == "paid":
        subject = _("Your stipend was paid")
        parts = [_("your stipend of %(amount)s for your work after %(cohort)s was paid.") % names]
    else:
        subject = _("Your application for a stipend was declined")
        parts = [
            _("your application for a stipend after %(cohort)s was declined. The reason is:") % names,
            Quote(text=stipend.declined_because or ""),
        ]
    page = f"{own_url}/{organization.slug}/learning/{stipend.enrollment_id}/stipend"
    return letter(
        person.addressee,
        kind="stipend",
        sender_name=organization.name,
        subject=subject,
        parts=[
            _("Hello %(name)s,") % {"name": person.name},
            *parts,
            Link(words=_("All about your stipend:"), url=page),
        ],
    )
