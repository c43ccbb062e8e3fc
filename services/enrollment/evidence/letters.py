"""What we write to participants about their evidence."""

from services.enrollment.evidence.model import HOLDS_STUDENT_DATA, Evidence
from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import LANGUAGES, translations


def returned(organization: Organization, person: Person, evidence: Evidence, *, cohort_name: str, url: str) -> Mail:
    """The letter that says what is missing; `url` is the page of the module."""
    language = person.language if person.language in LANGUAGES else LANGUAGES[0]
    _ = translations(language).gettext
    names = {"module": evidence.module_name, "cohort": cohort_name}
    paragraphs = [
        _("Hello %(name)s,") % {"name": person.name},
        _("what you handed in for %(module)s in %(cohort)s was returned to you with this comment:") % names,
        evidence.comment or "",
        _("You can hand in again here:") + f"\n{url}",
    ]
    return Mail(
        recipient=person.email,
        subject=_("Please hand in again: %(module)s") % names,
        text="\n\n".join(paragraphs) + "\n",
        sender_name=organization.name,
    )


def removed(organization: Organization, person: Person, evidence: Evidence, *, cohort_name: str, url: str) -> Mail:
    """The letter that says that content was destroyed, and whether to hand in again; `url` is the module's page."""
    language = person.language if person.language in LANGUAGES else LANGUAGES[0]
    _ = translations(language).gettext
    names = {"module": evidence.module_name, "cohort": cohort_name}
    paragraphs = [
        _("Hello %(name)s,") % {"name": person.name},
        _("what you handed in for %(module)s in %(cohort)s holds students' data, so we destroyed it.") % names,
    ]
    if evidence.state == "accepted":
        paragraphs.append(_("It had been accepted, and that stays. There is nothing you need to do."))
    else:
        if evidence.comment and evidence.comment != HOLDS_STUDENT_DATA:
            paragraphs += [_("The reviewer says:"), evidence.comment]
        paragraphs.append(_("Please take the names and other data of students out, and hand in again:") + f"\n{url}")
    return Mail(
        recipient=person.email,
        subject=_("Destroyed, for it held students' data: %(module)s") % names,
        text="\n\n".join(paragraphs) + "\n",
        sender_name=organization.name,
    )
