"""The story that the demonstration plays: who, what and when. Data only; `play` tells it over HTTP.

It is history: the activities are of the school year 2021-22, while the awards are made when the story is played.
Everybody is invented; addresses end in example.org, which RFC 2606 keeps for examples.
"""

from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

ZONE = "America/Chicago"
_NAMESPACE = UUID("0d6a3a52-0a9c-4f0e-9a67-2f1d3a6f9a20")

SLUG = "leaders-for-just-schools"
ORGANIZATION = "Leaders for Just Schools (demonstration)"
URL = "https://just-schools.example.org"
ADMINISTRATOR = "staff@just-schools.example.org"
ADMINISTRATOR_NAME = "Renata Alvarez"
INSTRUCTOR = ("Dolores Whitfield", "dolores.whitfield@just-schools.example.org")

PROGRAM = "Leaders for Just Schools"
PROGRAM_DESCRIPTION = (
    "A program of four levels for educators who lead equity and resilience work, from looking at oneself to changing "
    "the system. Level One participants learn together in local cohorts."
)
LEVELS = (
    ("Self Exposure", "Learn in a local cohort what racism, bias and relationships do in a school."),
    ("Team Growth", "Build a local coalition."),
    ("Organization Application", "Lead equity and resilience work at school, district and association level."),
    ("System Transformation", "Lead equity and resilience work at community level."),
)
ACHIEVEMENT_NAME = "Leaders for Just Schools, Level One: Self Exposure"
ACHIEVEMENT_DESCRIPTION = (
    "The holder took part in a Level One cohort and showed, in evidence that an instructor accepted, what four topics "
    "mean for their own practice."
)
ACHIEVEMENT_CRITERIA = (
    "Attend at least three of four sessions, take part for at least nine hours, and have evidence accepted for each "
    "topic: Six Layers of Racism; Implicit Bias; Microaggressions; Creating Strong Relationships with Students and "
    "the Community."
)


class Module(msgspec.Struct, frozen=True):
    """A topic."""

    name: str
    description: str
    evidence_wanted: str


MODULES = (
    Module(
        "Six Layers of Racism",
        "From the personal to the structural: six layers at which racism works, and where a school meets each.",
        "Describe one layer as you have met it in your school, in about 200 words.",
    ),
    Module(
        "Implicit Bias",
        "What we judge before we think, how to notice it, and what helps.",
        "Keep a log for one week and say what surprised you.",
    ),
    Module(
        "Microaggressions",
        "Small slights and their weight; how to interrupt them and how to repair.",
        "Rewrite a conversation that you heard so that it repairs what it broke.",
    ),
    Module(
        "Creating Strong Relationships with Students and the Community",
        "Families and neighbors as partners; listening before planning.",
        "Plan a first conversation with a family or a partner in your community, and say how it went.",
    ),
)

CLOSURE_SESSION = 3


class Session(msgspec.Struct, frozen=True):
    """A Saturday morning."""

    title: str
    starts_at: datetime
    ends_at: datetime
    mode: Literal["in person", "virtual"]
    credit_minutes: int = 180
    place: str | None = None


def _saturday(title: str, day: date, *, place: str | None) -> Session:
    zone = ZoneInfo(ZONE)
    return Session(
        title,
        datetime.combine(day, time(9), zone),
        datetime.combine(day, time(12), zone),
        "in person" if place else "virtual",
        place=place,
    )


COHORT = "Level One, Metro East 2021–22"
SCHOOL_YEAR = "2021-22"
REGION = "Metro East"
PLACE = "Association Hall, Room 2"
SEATS = 25
MIN_SESSIONS = 3
MIN_CREDIT_MINUTES = 540
SESSIONS = tuple(
    _saturday(module.name, day, place=PLACE)
    for module, day in zip(
        MODULES, (date(2021, 9, 18), date(2021, 11, 13), date(2022, 2, 5), date(2022, 4, 30)), strict=True
    )
)

#: Everybody who wants in, in the order in which they sign up: 25 find a seat, seven stand in line.
PEOPLE = (
    "Maria Ellington",
    "Siân Llŷr Gwynfryn",
    "Łukasz Wójcik",
    "فاطمة الزهراء",
    "Tanya Brooks",
    "דוד בן־עמי",
    "សុខា វណ្ណា",
    "José Ángel Núñez",
    "สมชาย ใจดี",
    "अनन्या शर्मा",
    "王小明",
    "Kwame Mensah",
    "Ingrid Sørensen",
    "Zoë Brontë-Fairchild",
    "محمد عبد الرحمن",
    "Marcus Freeman",
    "Nguyễn Thị Hồng",
    "Özge Yıldız",
    "Rhiannon Ŵyn Prŷs",
    "ចាន់ ស្រីមុំ",
    "Keisha Washington",
    "שירה כהן",
    "Patrick O’Dowd",
    "李美玲",
    "Agnieszka Żółć",
    "राहुल वर्मा",
    "Elena Petrović",
    "พิมพ์ชนก ศรีสุข",
    "Dwayne Carter",
    "François Lefèvre",
    "ليلى حداد",
    "Hannah Schröder",
)
#: By number in PEOPLE, from 0. Two give their seats back, so the first two in line get them.
WITHDRAW = (4, 17)
#: Attended two sessions only: short of the policy.
MISSED_TOO_MUCH = (10, 20)
#: Left every session an hour early: enough sessions, too few hours.
LEFT_EARLY = (15,)
#: Never handed in evidence for the last topic.
WITHOUT_LAST_EVIDENCE = (12, 23)
#: Handed in something that was returned with a comment, then did it again.
RETURNED_ONCE = (1, 5, 7)
#: Excused from one session.
EXCUSED_ONCE = (2, 8, 13)
#: Wants no name on the badge.
NAME_WITHHELD = 3
#: Its badge is revoked in the end.
REVOKED = 22
REVOCATION_REASON = "Awarded in error: the evidence was another participant's"
RETURN_COMMENT = "A good start. Please add what you would do differently next time."


def email(number: int) -> str:
    """The synthetic address of a person of PEOPLE."""
    return f"participant{number + 1:02d}@example.org"


def identifier(*parts: object) -> UUID:
    """A stable id for a thing of the story, so that playing it again meets what is there."""
    return uuid5(_NAMESPACE, "/".join(str(part) for part in parts))


COMING_COHORT = "Level One, North Shore"
COMING_REGION = "North Shore"
#: How many of PEOPLE's like sign up to the cohort ahead.
COMING_ENROLLED = 6


COMING_PLACE = "Lakeside Library, Hall"


def coming_sessions(today: date, *, place: str = COMING_PLACE, weeks: int = 6) -> tuple[Session, ...]:
    """Four Saturdays ahead of `today`, one a quarter, the first in so many weeks."""
    first = today + timedelta(days=(5 - today.weekday()) % 7 + 7 * weeks)
    return tuple(
        _saturday(module.name, first + timedelta(weeks=13 * quarter), place=place)
        for quarter, module in enumerate(MODULES)
    )


#: A small cohort ahead whose seats are offered to who waits: the second of these people gives theirs back.
VALLEY_COHORT = "Level One, River Valley"
VALLEY_REGION = "River Valley"
VALLEY_PLACE = "River Valley School, Library"
VALLEY_SEATS = 4
VALLEY_WITHDRAW = 1
VALLEY_OFFER_HOURS = 168
VALLEY_PEOPLE = (
    "Beatriz Aguilar",
    "Owen Pritchard",
    "نور الهاشمي",
    "Thandiwe Nkosi",
    "Mei-Ling Chen",
    "יעל רוזן",
    "Tomasz Gajewski",
)


class Written(msgspec.Struct, frozen=True):
    """A message to a cohort."""

    subject: str
    body: str


CLOSURE_MESSAGE = Written(
    "Our third morning is online",
    "The hall is closed for snow. We meet at the same time in the video call that your calendar leads to.\n"
    "Bring the log of your week.",
)
VALLEY_MESSAGE = Written(
    "Where to park, and what to bring",
    "The school's lot is open to us on Saturdays; come in by the library's door.\n"
    "Bring something to write with, and a story from your first year of teaching.",
)


class Reading(msgspec.Struct, frozen=True):
    """Something that a program gives its people to read."""

    title: str
    about: str
    link: str


RESOURCES = (
    Reading(
        "A week's log of first thoughts",
        "One page to print for the second topic: what I thought, when, and what it did.",
        "https://just-schools.example.org/reading/log",
    ),
    Reading(
        "Forty questions that open a conversation",
        "For the fourth topic: what to ask a family before you plan anything.",
        "https://just-schools.example.org/reading/questions",
    ),
)

#: Approves what the administrator prepared: it takes two.
TREASURER = ("Samuel Okafor", "samuel.okafor@just-schools.example.org")
FUNDING_SOURCE = "Opportunity Coalition"
BUDGET_CENTS = 2_000_00


class Application(msgspec.Struct, frozen=True):
    """What somebody of PEOPLE wants an organizing stipend for, and what becomes of it."""

    number: int
    plan: str
    cents: int
    becomes: Literal["paid", "declined", "applied"]


APPLICATIONS = (
    Application(0, "Three evenings with the families of our school, with supper and somebody who interprets.", 450_00,
        "paid"),
    Application(6, "A laptop of my own.", 1_200_00, "declined"),
    Application(2, "A reading circle for the new teachers of our district, six afternoons.", 300_00, "applied"),
)  # fmt: skip
PAYMENT_REFERENCE = "Check 1041"
DECLINE_REASON = "The coalition pays for organizing, not for equipment. Please apply again with a plan for it."
