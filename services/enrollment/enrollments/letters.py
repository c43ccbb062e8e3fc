"""What we write to people about their place. Strangers fill in the form, so nothing that they typed is repeated."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from services.enrollment.cohorts.letters import dates, moment
from services.enrollment.cohorts.model import Cohort, Listing
from services.enrollment.enrollments.model import Told
from services.enrollment.notices.model import Kind, Link, Mail, Part, letter, read_by
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from shared.pages.rendering import translations

#: How a place ends, as far as somebody is written to about it.
Ending = Literal["withdrew", "declined", "offer expired", "no-show", "cancelled"]


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


def enrolled(head: Letterhead, person: Person, told: Told, *, calendar: str | None = None) -> Mail:
    """The letter that confirms an enrollment; `calendar` has the dates, for who has a seat."""
    _ = _translate(person)
    names = {"cohort": head.cohort.name}
    subject = _("Your seat in %(cohort)s") if told.place == "seated" else _("Waiting list of %(cohort)s")
    return _mail(
        head,
        person,
        subject % names,
        _where(_, head, told, person),
        _attached(_, calendar),
        _if_not_you(_),
        calendar=calendar,
    )


def seat_came_free(head: Letterhead, person: Person, told: Told, *, calendar: str | None = None) -> Mail:
    """The letter that somebody in line has a seat now."""
    _ = _translate(person)
    return _mail(
        head,
        person,
        _("You have a seat in %(cohort)s") % {"cohort": head.cohort.name},
        _("A seat came free, and you were the first in line."),
        _where(_, head, told, person),
        _attached(_, calendar),
        calendar=calendar,
    )


def enrolled_again(head: Letterhead, person: Person, told: Told) -> Mail:
    """The letter that the form was filled in with an address that has a place already."""
    _ = _translate(person)
    return _mail(
        head,
        person,
        _("You are already enrolled in %(cohort)s") % {"cohort": head.cohort.name},
        _("Somebody, perhaps you, enrolled again with this address. Nothing was changed."),
        _where(_, head, told, person),
    )


def offered(head: Letterhead, person: Person, told: Told, *, url: str) -> Mail:
    """The letter that a seat is held for somebody until a deadline; `url` answers it."""
    _, names = _translate(person), {"cohort": head.cohort.name}
    return _mail(
        head,
        person,
        _("A seat in %(cohort)s is held for you: please answer") % names,
        _where(_, head, told, person),
        Link(words=_("Say whether you take it:"), url=url),
        _("If we hear nothing by then, the next in line gets the seat."),
        kind="offer",
        useful_until=told.offer_expires_at,
    )


def noted(head: Letterhead, person: Person) -> Mail:
    """The letter that somebody waits for the organization's answer."""
    _, names = _translate(person), {"cohort": head.cohort.name}
    return _mail(
        head,
        person,
        _("We have your application for %(cohort)s") % names,
        _("Your application for %(cohort)s came in. We write to you when you have a seat.") % names,
        _if_not_you(_),
    )


def transferred(head: Letterhead, person: Person, told: Told, *, came_from: str, calendar: str | None = None) -> Mail:
    """The letter that somebody's place is in another cohort now; `head` is that of the new one."""
    _, names = _translate(person), {"cohort": head.cohort.name, "before": came_from}
    return _mail(
        head,
        person,
        _("You are in %(cohort)s now") % names,
        _("Your place in %(before)s was moved to %(cohort)s.") % names,
        _where(_, head, told, person),
        _("The attached file brings your calendar up to date; a calendar that you subscribed to follows by itself.")
        if calendar
        else "",
        calendar=calendar,
    )


def ended(head: Letterhead, person: Person, ending: Ending, *, calendar: str | None = None) -> Mail:
    """The letter that somebody has no place any more."""
    _, names = _translate(person), {"cohort": head.cohort.name}
    again = _("You can enroll again while registration is open.")
    subjects = {
        "withdrew": _("You left %(cohort)s"),
        "declined": _("You declined the seat in %(cohort)s"),
        "offer expired": _("The offer of a seat in %(cohort)s has ended"),
        "no-show": _("Your seat in %(cohort)s was given up"),
        "cancelled": _("%(cohort)s was cancelled"),
    }
    sentences = {
        "withdrew": _("Your place in %(cohort)s was given up.") + " " + again,
        "declined": _("You declined the seat in %(cohort)s, and the next in line gets it.") + " " + again,
        "offer expired": _("We did not hear from you in time, so the next in line gets the seat in %(cohort)s.")
        + " "
        + again,
        "no-show": _("You did not come to %(cohort)s, so your seat goes to somebody who waits for one.")
        + " "
        + _("If that is a mistake, answer whoever runs the cohort soon."),
        "cancelled": _("%(cohort)s does not take place, so nobody waits for a seat in it any more."),
    }
    return _mail(
        head,
        person,
        subjects[ending] % names,
        sentences[ending] % names,
        _("The attached file takes the dates out of your calendar.") if calendar else "",
        calendar=calendar,
        has_dates=False,
    )


def _translate(person: Person) -> Callable[[str], str]:
    return translations(read_by(person.language)).gettext


def _where(_: Callable[[str], str], head: Letterhead, told: Told, person: Person) -> str:
    if told.place == "seated":
        return _("Seat %(number)s in %(cohort)s is yours.") % {"number": told.seat_number, "cohort": head.cohort.name}
    if told.offer_expires_at is not None:
        until = moment(told.offer_expires_at, head.cohort.time_zone, read_by(person.language))
        names = {"number": told.seat_number, "cohort": head.cohort.name, "moment": until}
        return _("Seat %(number)s in %(cohort)s is held for you until %(moment)s.") % names
    number = (told.in_line_before or 0) + 1
    line = _("You are number %(number)s in line for %(cohort)s.") % {"number": number, "cohort": head.cohort.name}
    return line + " " + _("When a seat comes free, it goes to the next in line, and we write to you.")


def _attached(_: Callable[[str], str], calendar: str | None) -> str:
    return _("The attached file puts the dates into your calendar.") if calendar else ""


def _if_not_you(_: Callable[[str], str]) -> str:
    return _("If you did not enroll, sign in and give the place up, or ask whoever runs the cohort to do it.")


def _mail(
    head: Letterhead,
    person: Person,
    subject: str,
    *parts: Part,
    kind: Kind = "place",
    has_dates: bool = True,
    calendar: str | None = None,
    useful_until: datetime | None = None,
) -> Mail:
    _ = _translate(person)
    told: list[Part] = [_("Hello,"), *parts]
    if has_dates:
        told.append(dates(head.cohort.sessions, head.cohort.time_zone, read_by(person.language)))
    told.append(Link(words=_("Confirm your address and sign in:"), url=head.sign_in_url))
    return letter(
        person.addressee,
        kind=kind,
        sender_name=head.organization.name,
        subject=subject,
        parts=told,
        calendar=calendar,
        useful_until=useful_until,
    )
