"""What we write to participants about their badge."""

from collections.abc import Callable

from services.enrollment.completions.model import Reader
from services.enrollment.notices.model import Mail
from shared.pages.rendering import LANGUAGES, translations


def badge_issued(reader: Reader, *, badge_url: str, own_url: str) -> Mail:
    """The letter that the badge is there; `own_url` is the enrollment service's address."""
    _ = _translate(reader)
    names = {"cohort": reader.cohort_name}
    learning = f"{own_url}/{reader.organization_slug}/learning"
    return _mail(
        reader,
        _("Your badge for %(cohort)s") % names,
        _("you completed %(cohort)s. Congratulations! Your badge is here:") % names + f"\n{badge_url}",
        _("On its page you can download it, print a certificate, and share it. Anyone can verify it there."),
        _("Your hours and your statement of completion are in My learning:") + f"\n{learning}",
    )


def reversed_(reader: Reader, *, reason: str) -> Mail:
    """The letter that a completion was taken back."""
    _ = _translate(reader)
    names = {"cohort": reader.cohort_name}
    return _mail(
        reader,
        _("Your completion of %(cohort)s was taken back") % names,
        _("%(cohort)s no longer counts as completed, and its badge is revoked. The reason is:") % names + f"\n{reason}",
        _("If you think that this is a mistake, write to whoever runs the cohort."),
    )


def _translate(reader: Reader) -> Callable[[str], str]:
    return translations(reader.language if reader.language in LANGUAGES else LANGUAGES[0]).gettext


def _mail(reader: Reader, subject: str, *paragraphs: str) -> Mail:
    _ = _translate(reader)
    told = [_("Hello %(name)s,") % {"name": reader.name}, *paragraphs]
    return Mail(
        recipient=reader.email,
        subject=subject,
        text="\n\n".join(told) + "\n",
        sender_name=reader.organization_name,
    )
