"""What we write to people about their place. Strangers fill in the form, so nothing that they typed is repeated."""

from collections.abc import Callable

import msgspec

from services.enrollment.cohorts.letters import dates, language_of
from services.enrollment.cohorts.model import Cohort, Listing
from services.enrollment.enrollments.model import Told
from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """What every letter about a place says: who writes, about which cohort, and where to sign in."""

    organization: Organization
    cohort: Cohort | Listing
    #: The enrollment service's own address.
    own_url: str

    @property
    def sign_in_url(self) -> str:
        """The page that signs in and then shows the cohort."""
        slug = self.organization.slug
        return f"{self.own_url}/{slug}/sign-in?return_path=/{slug}/cohorts/{self.cohort.id}"


def enrolled(head: Letterhead, person: Person, told: Told) -> Mail:
    """The letter that confirms an enrollment."""
    _ = _translate(person)
    names = {"cohort": head.cohort.name}
    subject = _("Your seat in %(cohort)s") if told.place == "seated" else _("Waiting list of %(cohort)s")
    return _mail(
        head,
        person,
        subject % names,
        _where(_, head, told),
        _if_not_you(_),
    )


def seat_came_free(head: Letterhead, person: Person, told: Told) -> Mail:
    """The letter that somebody in line has a seat now."""
    _ = _translate(person)
    return _mail(
        head,
        person,
        _("You have a seat in %(cohort)s") % {"cohort": head.cohort.name},
        _("A seat came free, and you were the first in line."),
        _where(_, head, told),
    )


def enrolled_again(head: Letterhead, person: Person, told: Told) -> Mail:
    """The letter that the form was filled in with an address that has a place already."""
    _ = _translate(person)
    return _mail(
        head,
        person,
        _("You are already enrolled in %(cohort)s") % {"cohort": head.cohort.name},
        _("Somebody, perhaps you, enrolled again with this address. Nothing was changed."),
        _where(_, head, told),
    )


def withdrawn(head: Letterhead, person: Person) -> Mail:
    """The letter that somebody gave up their place."""
    _ = _translate(person)
    return _mail(
        head,
        person,
        _("You left %(cohort)s") % {"cohort": head.cohort.name},
        _("Your place in %(cohort)s was given up. You can enroll again while registration is open.")
        % {"cohort": head.cohort.name},
        has_dates=False,
    )


def _translate(person: Person) -> Callable[[str], str]:
    return translations(language_of(person)).gettext


def _where(_: Callable[[str], str], head: Letterhead, told: Told) -> str:
    if told.place == "seated":
        return _("Seat %(number)s in %(cohort)s is yours.") % {"number": told.seat_number, "cohort": head.cohort.name}
    number = (told.in_line_before or 0) + 1
    line = _("You are number %(number)s in line for %(cohort)s.") % {"number": number, "cohort": head.cohort.name}
    return line + " " + _("When a seat comes free, the first in line gets it at once, and we write to you.")


def _if_not_you(_: Callable[[str], str]) -> str:
    return _("If you did not enroll, sign in and give the place up, or ask whoever runs the cohort to do it.")


def _mail(head: Letterhead, person: Person, subject: str, *paragraphs: str, has_dates: bool = True) -> Mail:
    _ = _translate(person)
    told = [_("Hello,"), *paragraphs]
    if has_dates:
        listed = dates(head.cohort.sessions, head.cohort.time_zone, language_of(person))
        told += [_("Dates:") + f"\n{listed}"]
    told += [_("Confirm your address and sign in:") + f"\n{head.sign_in_url}"]
    return Mail(
        recipient=person.email,
        subject=subject,
        text="\n\n".join(told) + "\n",
        sender_name=head.organization.name,
    )
