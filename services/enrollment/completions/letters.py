"""What we write to participants about their badge."""

from collections.abc import Callable

from services.enrollment.completions.model import Reader
from services.enrollment.notices.model import Addressee, Link, Mail, Part, Quote, letter, read_by
from shared.pages.rendering import translations


def badge_issued(reader: Reader, *, badge_url: str, own_url: str) -> Mail:
    """The letter that the badge is there; `own_url` is the enrollment service's address."""
    _ = _translate(reader)
    names = {"cohort": reader.cohort_name}
    learning = f"{own_url}/{reader.organization_slug}/learning"
    return _mail(
        reader,
        _("Your badge for %(cohort)s") % names,
        Link(words=_("you completed %(cohort)s. Congratulations! Your badge is here:") % names, url=badge_url),
        _("On its page you can download it, print a certificate, and share it. Anyone can verify it there."),
        Link(words=_("Your hours and your statement of completion are in My learning:"), url=learning),
    )


def reversed_(reader: Reader, *, reason: str) -> Mail:
    """The letter that a completion was taken back."""
    _ = _translate(reader)
    names = {"cohort": reader.cohort_name}
    return _mail(
        reader,
        _("Your completion of %(cohort)s was taken back") % names,
        _("%(cohort)s no longer counts as completed, and its badge is revoked. The reason is:") % names,
        Quote(text=reason),
        _("If you think that this is a mistake, write to whoever runs the cohort."),
    )


def badge_revoked(reader: Reader, *, reason: str) -> Mail:
    """The letter that a badge was revoked while the completion stays."""
    _ = _translate(reader)
    names = {"cohort": reader.cohort_name}
    return _mail(
        reader,
        _("Your badge for %(cohort)s was revoked") % names,
        _("Your badge for %(cohort)s was revoked: whoever verifies it is told so. The reason is:") % names,
        Quote(text=reason),
        _("Your completion and your hours stay as they were decided."),
        _("If you think that this is a mistake, write to whoever runs the cohort."),
    )


def _translate(reader: Reader) -> Callable[[str], str]:
    return translations(read_by(reader.language)).gettext


def _mail(reader: Reader, subject: str, *parts: Part) -> Mail:
    _ = _translate(reader)
    return letter(
        Addressee(email=reader.email, language=reader.language, person_id=reader.person_id),
        kind="badge",
        sender_name=reader.organization_name,
        subject=subject,
        parts=[_("Hello %(name)s,") % {"name": reader.name}, *parts],
    )
