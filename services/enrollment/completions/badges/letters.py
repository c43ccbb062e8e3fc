"""What we write to holders when their badge changes or ends."""

from collections.abc import Sequence
from datetime import datetime

from services.enrollment.cohorts.letters import moment
from services.enrollment.completions.badges.model import PARTS, ChangeKind, Ending
from services.enrollment.completions.model import Reader
from services.enrollment.notices.model import Addressee, Link, Mail, Part, letter, read_by
from shared.pages.rendering import translations


def changed(
    reader: Reader, kind: ChangeKind, members: Sequence[str], *, badge_url: str, until: datetime | None
) -> Mail:
    """The letter that a badge was corrected or renewed."""
    _ = translations(read_by(reader.language)).gettext
    names = {"cohort": reader.cohort_name}
    parts: list[Part]
    if kind == "correction":
        subject = _("Your badge for %(cohort)s was corrected") % names
        told = ", ".join(_(PARTS[one]) for one in members if one in PARTS)
        parts = [
            _("Your badge for %(cohort)s was corrected. What changed: %(changes)s.") % {**names, "changes": told},
            Link(words=_("Its link is the same, and shows the new badge:"), url=badge_url),
            _(
                "Files of the badge that you downloaded before now verify as replaced. Download it anew where you use"
                " it."
            ),
        ]
    else:
        subject = _("Your badge for %(cohort)s was renewed") % names
        parts = [
            _("Your badge for %(cohort)s was renewed.") % names
            if until is None
            else _("Your badge for %(cohort)s was renewed and is valid until %(day)s.")
            % {**names, "day": moment(until, reader.time_zone, read_by(reader.language))},
            Link(words=_("Its link is the same:"), url=badge_url),
        ]
    to = Addressee(email=reader.email, language=reader.language, person_id=reader.person_id)
    return _letter(to, reader.organization_name, subject, reader.name, parts)


def ends(one: Ending, *, own_url: str) -> Mail:
    """The letter that a badge expires."""
    language = read_by(one.addressee.language)
    catalog = translations(language)
    _ = catalog.gettext
    names = {"cohort": one.cohort_name, "num": one.days}
    day = moment(one.valid_until, one.time_zone, language)
    return _letter(
        one.addressee,
        one.organization_name,
        catalog.ngettext(
            "Your badge for %(cohort)s expires in %(num)s day",
            "Your badge for %(cohort)s expires in %(num)s days",
            one.days,
        )
        % names,
        one.person_name,
        [
            _("Your badge for %(cohort)s is valid until %(day)s.") % {**names, "day": day},
            Link(words=_("You find it here:"), url=one.badge_url),
            _("If you want to have it renewed, write to %(organization)s.") % {"organization": one.organization_name},
            Link(
                words=_("Your hours and your badges are in My learning:"),
                url=f"{own_url}/{one.organization_slug}/learning",
            ),
        ],
    )


def _letter(to: Addressee, sender: str, subject: str, name: str, parts: Sequence[Part]) -> Mail:
    _ = translations(read_by(to.language)).gettext
    return letter(
        to, kind="badge", sender_name=sender, subject=subject, parts=[_("Hello %(name)s,") % {"name": name}, *parts]
    )
