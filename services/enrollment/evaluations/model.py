"""What participants are asked about a session or a cohort, and how their answers are told: in numbers only. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.problems import InvalidInputError
from shared.words import N_, said

About = Literal["session", "cohort"]
#: From "strongly disagree" to "strongly agree".
ANSWERS = (1, 2, 3, 4, 5)
#: Fewer answers would tell who gave which.
LEAST_TOLD = 5
_MOST_QUESTIONS = 20
_LONGEST_QUESTION = 300

#: What Illinois asks of the participants of professional development, in plain words; each program may ask otherwise.
STANDARD: dict[About, tuple[str, ...]] = {
    "cohort": (
        N_("I know and can do more than before in what I teach or in how I work."),
        N_("It was clear how this serves the standards of my profession."),
        N_("Those who presented knew the subject from education or experience."),
        N_("The material was well organized and easy to understand."),
        N_("We discussed, tried out or applied what was presented."),
    ),
    "session": (
        N_("The session was worth my time."),
        N_("The material was well organized and easy to understand."),
        N_("We discussed, tried out or applied what was presented."),
    ),
}


class AlreadyTurnedInError(Exception):
    """They have handed this evaluation in; it cannot be told which answers are theirs, so none can be changed."""


class NotOpenError(Exception):
    """The session, or the last one of the cohort, has not begun."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: statements that people agree with, from 1 to 5. A form never changes."""

    id: UUID
    version: int
    about: About
    questions: tuple[str, ...]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A session or a cohort that somebody may evaluate."""

    about_id: UUID
    about: About
    title: str
    #: Of the session, or of the last one; None while there is none.
    starts_at: datetime | None
    form: Form
    is_in: bool

    def is_open(self, now: datetime) -> bool:
        """Whether it can be evaluated."""
        return self.starts_at is not None and self.starts_at <= now


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The enrollment whose person evaluates."""

    enrollment_id: UUID
    organization_id: UUID
    person_id: UUID
    cohort_id: UUID
    cohort_name: str
    time_zone: str
    place: str


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as the page of its results needs it."""

    id: UUID
    name: str
    state: str
    time_zone: str
    program_id: UUID
    seated: int
    teaches: bool


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many people gave an answer to a question of a form."""

    about_id: UUID
    about: About
    title: str
    starts_at: datetime | None
    form_id: UUID
    questions: tuple[str, ...]
    question: int
    answer: int
    people: int


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to one question: how many people gave each, from 1 to 5."""

    question: str
    people: tuple[int, ...]

    @property
    def mean(self) -> float:
        """The mean answer, to a tenth."""
        return round(sum(number * people for number, people in zip(ANSWERS, self.people, strict=True)) / self.all, 1)

    @property
    def all(self) -> int:
        """How many answered."""
        return sum(self.people)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of one session or cohort; without `answered` where too few answered."""

    about_id: UUID
    about: About
    title: str
    starts_at: datetime | None
    people: int
    answered: tuple[Answered, ...]


def results(tallies: Sequence[Tally]) -> list[Result]:
    """The answers by subject and form, as far as they may be told; tallies come in the order to tell them in."""
    by_form: dict[tuple[UUID, UUID], list[Tally]] = {}
    for one in tallies:
        by_form.setdefault((one.about_id, one.form_id), []).append(one)
    return [_result(found) for found in by_form.values()]


def _result(found: Sequence[Tally]) -> Result:
    first = found[0]
    counts = {(one.question, one.answer): one.people for one in found}
    answered = tuple(
        Answered(question=question, people=tuple(counts.get((number, answer), 0) for answer in ANSWERS))
        for number, question in enumerate(first.questions, 1)
    )
    people = max(one.all for one in answered)
    return Result(
        about_id=first.about_id,
        about=first.about,
        title=first.title,
        starts_at=first.starts_at,
        people=people,
        answered=answered if people >= LEAST_TOLD else (),
    )


def answers_of(form: Form, given: Mapping[str, str]) -> list[int]:
    """The answers in the order of the form, out of fields `answer-1`, `answer-2` ...; InvalidInputError names each."""
    wrong = []
    found = []
    for number in range(1, len(form.questions) + 1):
        text = given.get(f"answer-{number}", "")
        if text in {str(one) for one in ANSWERS}:
            found.append(int(text))
        else:
            wrong.append((f"answer-{number}", said("Choose an answer to question %(number)s.", number=number)))
    if wrong:
        raise InvalidInputError(*wrong)
    return found


def questions_of(field: str, text: str) -> tuple[str, ...]:
    """The questions that staff typed, one on each line; InvalidInputError."""
    found = tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
    if len(found) > _MOST_QUESTIONS:
        raise InvalidInputError((field, said("Ask at most %(most)s questions.", most=_MOST_QUESTIONS)))
    if any(len(one) > _LONGEST_QUESTION for one in found):
        raise InvalidInputError((field, said("A question has at most %(most)s characters.", most=_LONGEST_QUESTION)))
    if len(set(found)) != len(found):
        raise InvalidInputError((field, N_("Ask each question once.")))
    return found
