"""What we write to participants about their evidence."""

from services.enrollment.evidence.model import HOLDS_STUDENT_DATA, HOLDS_STUDENT_DATA_SEALED, Evidence
from services.enrollment.notices.model import Link, Mail, Part, Quote, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations


def returned(organization: Organization, person: Person, evidence: Evidence, *, cohort_name: str, url: str) -> Mail:
    """The letter that says what is missing; `url` is the page of the module."""
    _ = translations(read_by(person.language)).gettext
    names = {"module": evidence.module_name, "cohort": cohort_name}
    return letter(
        person.addressee,
        kind="evidence",
        sender_name=organization.name,
        subject=_("Please hand in again: %(module)s") % names,
        parts=[
            _("Hello %(name)s,") % {"name": person.name},
            _("what you handed in for %(module)s in %(cohort)s was returned to you with this comment:") % names,
            Quote(text=evidence.comment or ""),
            Link(words=_("You can hand in again here:"), url=url),
        ],
    )


def removed(organization: Organization, person: Person, evidence: Evidence, *, cohort_name: str, url: str) -> Mail:
    """The letter that says that content is gone or sealed, and whether to hand in again; `url` is the module's page."""
    _ = translations(read_by(person.language)).gettext
    names = {"module": evidence.module_name, "cohort": cohort_name}
    gone = _("what you handed in for %(module)s in %(cohort)s holds students' data, so we destroyed it.")
    subject = _("Destroyed, for it held students' data: %(module)s")
    if evidence.is_sealed:
        gone = _(
            "what you handed in for %(module)s in %(cohort)s holds students' data, so nobody can open it any more."
        )
        subject = _("Taken away, for it held students' data: %(module)s")
    parts: list[Part] = [_("Hello %(name)s,") % {"name": person.name}, gone % names]
    if evidence.is_sealed:
        parts.append(_("A legal hold forbids us to destroy it now. It is destroyed as soon as the hold is lifted."))
    if evidence.state == "accepted":
        parts.append(_("It had been accepted, and that stays. There is nothing you need to do."))
    else:
        if evidence.comment and evidence.comment not in (HOLDS_STUDENT_DATA, HOLDS_STUDENT_DATA_SEALED):
            parts += [_("The reviewer says:"), Quote(text=evidence.comment)]
        again = _("Please take the names and other data of students out, and hand in again:")
        parts.append(Link(words=again, url=url))
    return letter(
        person.addressee,
        kind="evidence",
        sender_name=organization.name,
        subject=subject % names,
        parts=parts,
    )
