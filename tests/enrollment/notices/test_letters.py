"""Every letter in both languages: its text and its HTML say the same, and the HTML loads nothing.

With PICTURES=folder each is written there, to look at.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import msgspec
import pytest

from services.enrollment.cohorts import letters as cohorts
from services.enrollment.cohorts.model import Change, Cohort, CompletionPolicy, Session
from services.enrollment.completions import letters as completions
from services.enrollment.completions.badges import letters as badges
from services.enrollment.completions.badges.model import Ending
from services.enrollment.completions.model import Reader
from services.enrollment.enrollments import letters as enrollments
from services.enrollment.enrollments.model import Told
from services.enrollment.evidence import letters as evidence
from services.enrollment.evidence.model import Evidence
from services.enrollment.messages import letters as messages
from services.enrollment.messages.model import Message, Reminded
from services.enrollment.notices.composing import html
from services.enrollment.notices.model import Addressee, Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Person
from services.enrollment.people.roles import letters as roles
from services.enrollment.people.sign_in import letters as sign_in
from services.enrollment.retention import letters as retention
from services.enrollment.retention.model import Ties, plan
from services.enrollment.retention.schedule import SCHEDULE, YEARS
from services.enrollment.stipends import letters as stipends
from services.enrollment.stipends.model import Stipend

OWN, NOW = "https://laurel.example", datetime(2026, 11, 25, 12, tzinfo=UTC)
ORGANIZATION = Organization(
    id=uuid4(), slug="o", name="Statewide Coalition", url="https://o.example", description=None,
    time_zone="America/Chicago", language="en", is_demonstration=False,
)  # fmt: skip
SESSION = Session(
    id=uuid4(), title="Implicit Bias", starts_at=NOW + timedelta(days=20), ends_at=NOW + timedelta(days=20, hours=3),
    credit_minutes=180, mode="in person", place="Room 4, مدرسة النور",
)  # fmt: skip
ONLINE = msgspec.structs.replace(SESSION, mode="virtual", link="https://video.example/j/1234567890?pwd=abcdef")
COHORT = Cohort(
    id=uuid4(), organization_id=ORGANIZATION.id, curriculum_id=uuid4(), name="Midwest 1", region="Midwest",
    school_year="2026-27", delivery="hybrid", time_zone="America/Chicago", state="open", registration_opens_at=None,
    registration_closes_at=None, policy=CompletionPolicy(min_sessions=1, min_credit_minutes=60, modules="all"),
    sessions=(SESSION, ONLINE), cancelled_because="Too few people.\nWe are sorry.",
)  # fmt: skip
HEAD = enrollments.Letterhead(organization=ORGANIZATION, cohort=COHORT, own_url=OWN)
HEADING = cohorts.Heading(organization=ORGANIZATION, cohort=COHORT, page_url=f"{OWN}/o/cohorts/{COHORT.id}")
SEAT = Told(place="seated", seat_number=4, in_line_before=None)
HELD = Told(place="offered", seat_number=4, in_line_before=None, offer_expires_at=NOW + timedelta(days=2))
LINE = Told(place="in line", seat_number=None, in_line_before=2)
COMMENT = "Please say more about page 2.\n\nSee https://example.org/rubric for <what> counts."
_WHERE = {"cohort_name": COHORT.name, "url": f"{OWN}/o/learning/1/evidence/2"}


def _evidence(**more: Any) -> Evidence:
    return cast(
        "Evidence", SimpleNamespace(module_name="Bias", comment=COMMENT, state="returned", is_sealed=False, **more)
    )


def _stipend(state: str) -> Stipend:
    return cast(
        "Stipend",
        SimpleNamespace(
            state=state, cohort_name=COHORT.name, amount_cents=125_000, asked_cents=150_000,
            declined_because="The budget of this year is spent.", enrollment_id=uuid4(),
        ),
    )  # fmt: skip


def _ending(person: Person) -> Ending:
    return Ending(
        organization_id=uuid4(),
        organization_name=ORGANIZATION.name,
        organization_slug=ORGANIZATION.slug,
        cohort_name=COHORT.name,
        time_zone="America/Chicago",
        person_name=person.name,
        addressee=Addressee(email=person.email, language=person.language, person_id=person.id),
        badge_url=f"{OWN}/badges/{uuid4()}",
        valid_until=NOW,
        days=30,
    )


def _reader(person: Person) -> Reader:
    return Reader(
        person_id=person.id, name=person.name, email=person.email, language=person.language, cohort_name=COHORT.name,
        organization_name=ORGANIZATION.name, organization_slug="o",
    )  # fmt: skip


def _reminded(person: Person, session: Session) -> Reminded:
    return Reminded(
        organization_id=ORGANIZATION.id, organization_slug="o", organization_name=ORGANIZATION.name,
        cohort_id=COHORT.id, cohort_name=COHORT.name, time_zone=COHORT.time_zone, session=session,
        addressee=person.addressee,
    )  # fmt: skip


def _changed(person: Person, *told: Change) -> Mail:
    return cohorts.sessions_changed(HEADING, person, told, calendar="BEGIN:VCALENDAR")


LETTERS: dict[str, Callable[[Person], Mail]] = {
    "sign-in": lambda to: sign_in.sign_in(
        ORGANIZATION, to, url=f"{OWN}/sign-in/{'a' * 43}", code="ABCD2345", useful_until=NOW
    ),
    "role-given": lambda to: roles.roles_changed(
        ORGANIZATION, to, before=frozenset(), after=frozenset({"coordinator"}), home=f"{OWN}/o"
    ),
    "role-taken": lambda to: roles.roles_changed(
        ORGANIZATION, to, before=frozenset({"coordinator"}), after=frozenset(), home=f"{OWN}/o"
    ),
    "enrolled": lambda to: enrollments.enrolled(HEAD, to, SEAT, calendar="BEGIN:VCALENDAR"),
    "in-line": lambda to: enrollments.enrolled(HEAD, to, LINE),
    "noted": lambda to: enrollments.noted(HEAD, to),
    "again": lambda to: enrollments.enrolled_again(HEAD, to, SEAT),
    "offered": lambda to: enrollments.offered(HEAD, to, HELD, url=f"{OWN}/o/offers/{'b' * 120}"),
    "seat": lambda to: enrollments.seat_came_free(HEAD, to, SEAT, calendar="BEGIN:VCALENDAR"),
    "transferred": lambda to: enrollments.transferred(HEAD, to, SEAT, came_from="South 2", calendar="BEGIN:VCALENDAR"),
    "withdrew": lambda to: enrollments.ended(HEAD, to, "withdrew", calendar="BEGIN:VCALENDAR"),
    "declined": lambda to: enrollments.ended(HEAD, to, "declined"),
    "offer-expired": lambda to: enrollments.ended(HEAD, to, "offer expired"),
    "no-show": lambda to: enrollments.ended(HEAD, to, "no-show", calendar="BEGIN:VCALENDAR"),
    "line-cancelled": lambda to: enrollments.ended(HEAD, to, "cancelled"),
    "moved": lambda to: _changed(
        to, Change(before=SESSION, after=msgspec.structs.replace(SESSION, starts_at=NOW + timedelta(days=21)))
    ),
    "switched": lambda to: _changed(to, Change(before=SESSION, after=ONLINE)),
    "session-cancelled": lambda to: _changed(to, Change(before=SESSION, after=None)),
    "dates": lambda to: _changed(to, Change(before=None, after=SESSION), Change(before=ONLINE, after=SESSION)),
    "cohort-cancelled": lambda to: cohorts.cohort_cancelled(HEADING, to, calendar="BEGIN:VCALENDAR"),
    "reminder": lambda to: messages.reminder(_reminded(to, SESSION), own_url=OWN),
    "reminder-online": lambda to: messages.reminder(_reminded(to, ONLINE), own_url=OWN),
    "evidence-returned": lambda to: evidence.returned(ORGANIZATION, to, _evidence(), **_WHERE),
    "evidence-removed": lambda to: evidence.removed(ORGANIZATION, to, _evidence(), **_WHERE),
    "badge": lambda to: completions.badge_issued(_reader(to), badge_url=f"{OWN}/badges/{uuid4()}", own_url=OWN),
    "corrected": lambda to: badges.changed(
        _reader(to), "correction", ("holder_name", "evidence"), badge_url=f"{OWN}/badges/{uuid4()}", until=None
    ),
    "renewed": lambda to: badges.changed(
        _reader(to), "renewal", ("valid_until",), badge_url=f"{OWN}/badges/{uuid4()}", until=NOW
    ),
    "badge-ends": lambda to: badges.ends(_ending(to), own_url=OWN),
    "reversed": lambda to: completions.reversed_(_reader(to), reason="Awarded by mistake."),
    "stipend-approved": lambda to: stipends.decided(ORGANIZATION, to, _stipend("approved"), own_url=OWN),
    "stipend-paid": lambda to: stipends.decided(ORGANIZATION, to, _stipend("paid"), own_url=OWN),
    "stipend-declined": lambda to: stipends.decided(ORGANIZATION, to, _stipend("declined"), own_url=OWN),
    "message": lambda to: messages.message(
        ORGANIZATION, to, Message(id=uuid4(), audience="seated", subject="Bring a pen", body=COMMENT),
        cohort_name=COHORT.name, sender_name="أمل حداد", page_url=HEADING.page_url,
    ),
    "erased": lambda to: retention.erased(
        ORGANIZATION, to, plan(SCHEDULE, Ties(last_day=NOW.date(), years=YEARS, is_held=False), today=NOW.date())
    ),
}  # fmt: skip


class _Read(HTMLParser):
    """What a reader of the HTML sees, where it leads, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        self._is_hidden = tag in ("style", "title")
        self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Note its end."""
        self._is_hidden = False
        self.text.append(" ")

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if not self._is_hidden:
            self.text.append(data)


def words(text: str) -> list[str]:
    return re.sub(r"^- ", "", text, flags=re.MULTILINE).split()


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_the_same_in_both_forms_and_another_thing_in_each_language(name: str) -> None:
    found = {}
    for language in ("en", "es"):
        to = Person(
            id=uuid4(), organization_id=ORGANIZATION.id, name="ليلى 李 O'Neil", email="l@example.org", language=language
        )
        mail = LETTERS[name](to)
        page = html(mail)
        read = _Read()
        read.feed(page)
        assert words("".join(read.text)) == [*ORGANIZATION.name.split(), *words(mail.text)]
        assert set(re.findall(r"https://[^\s]+", mail.text)) == set(read.links)
        assert not read.tags & {"img", "script", "link", "iframe", "form", "input"}
        assert not read.attributes & {"style", "src", "background", "onclick"}
        assert not re.search(r"url\(|@import", page)
        assert len(page) < 20_000
        assert (mail.language, f'<html lang="{language}"' in page) == (language, True)
        # an erased person is not named again
        assert mail.person_id == (None if name == "erased" else to.id)
        found[language] = mail
        if folder := os.environ.get("PICTURES"):
            (Path(folder) / f"{name}-{language}.html").write_text(page)
    if name != "message":
        assert found["en"].subject != found["es"].subject
    changed = [a != b for a, b in zip(found["en"].text.split("\n\n"), found["es"].text.split("\n\n"), strict=True)]
    # what people wrote themselves stays as it is
    assert changed.count(False) <= (3 if name == "message" else 2)


def test_who_reads_another_language_is_written_to_in_english() -> None:
    to = Person(id=uuid4(), organization_id=ORGANIZATION.id, name="Ana", email="a@example.org", language="fr")
    assert LETTERS["badge"](to).subject.startswith("Your badge")
