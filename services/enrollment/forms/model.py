"""A program's form: its questions and consents, what an answer may be, and a form to begin with. Pure."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from shared.names import is_legible, one_line
from shared.problems import InvalidInputError
from shared.words import N_, said

Kind = Literal["text", "choice", "check", "private"]

MOST_FIELDS, MOST_CONSENTS, MOST_CHOICES = 20, 5, 20
LONGEST_LABEL, LONGEST_HINT, LONGEST_CHOICE, LONGEST_BODY = 200, 300, 100, 2_000
LONGEST_ANSWER = 500
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_KEY = 40
#: What is stored of a box that is ticked.
TICKED = "yes"


class FormChangedError(Exception):
    """The form was changed meanwhile; `version` is its newest."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A question. The answer to a private one is sealed, and is the person's rather than the enrollment's."""

    key: str
    label: str
    kind: Kind
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that people are asked to consent to; another wording is another version."""

    key: str
    version: int
    #: What staff call it.
    label: str
    #: Whether one can enroll only with it.
    required: bool = False
    #: The words by language.
    texts: dict[str, str]

    def said_in(self, language: str) -> tuple[str, str]:
        """The language and the words that somebody of this language reads."""
        chosen = language if language in self.texts else min(self.texts)
        return chosen, self.texts[chosen]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What a program asks. A version never changes."""

    version: int
    fields: tuple[Field, ...] = ()
    consents: tuple[Consent, ...] = ()

    @property
    def asks_anything(self) -> bool:
        """Whether there is something to fill in."""
        return bool(self.fields or self.consents)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that was given: which wording, in which language."""

    key: str
    version: int
    language: str


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answered to a version of a form; every field has its key, unanswered ones an empty text."""

    version: int
    plain: dict[str, str]
    private: dict[str, str]
    consents: tuple[Given, ...] = ()

    # What is private must not come into a log by way of a message.
    def __repr__(self) -> str:
        return f"Answers(version={self.version})"

    __str__ = __repr__


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it was sent: by name of its fields, `answer-` and `consent-` before their keys."""

    version: int | None
    values: Mapping[str, str]
    #: In which the consents were read.
    language: str

    def __repr__(self) -> str:
        return f"Filled(version={self.version})"

    __str__ = __repr__


def checked(form: Form, filled: Filled) -> Answers:
    """The answers; InvalidInputError names all that do not fit, by the names of their fields."""
    errors: list[tuple[str, str]] = []
    if filled.version != form.version:
        # A consent is given only to words that were read.
        errors.append(("form_version", N_("The questions were changed meanwhile. Look at them and send again.")))
    plain, private, wrong = _fields(form, filled.values)
    errors += wrong
    given: list[Given] = []
    for consent in form.consents:
        if filled.values.get(f"consent-{consent.key}", ""):
            language, _ = consent.said_in(filled.language)
            given.append(Given(key=consent.key, version=consent.version, language=language))
        elif consent.required:
            errors.append((f"consent-{consent.key}", N_("Tick this box: one can take part only with this consent.")))
    if errors:
        raise InvalidInputError(*errors)
    return Answers(version=form.version, plain=plain, private=private, consents=tuple(given))


def checked_fields(form: Form, values: Mapping[str, str]) -> Answers:
    """The answers without the consents, which have their own page; InvalidInputError."""
    plain, private, errors = _fields(form, values)
    if errors:
        raise InvalidInputError(*errors)
    return Answers(version=form.version, plain=plain, private=private)


def _fields(form: Form, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]:
    plain: dict[str, str] = {}
    private: dict[str, str] = {}
    errors: list[tuple[str, str]] = []
    for field in form.fields:
        name = f"answer-{field.key}"
        answer = one_line(values.get(name, "")[: LONGEST_ANSWER + 1])
        if field.kind == "check":
            answer = TICKED if answer else ""
        if (wrong := _wrong(field, answer)) is not None:
            errors.append((name, wrong))
        (private if field.kind == "private" else plain)[field.key] = answer
    return plain, private, errors


def _wrong(field: Field, answer: str) -> str | None:
    """What is wrong with an answer. The sentence never tells it."""
    if not answer:
        return said("Answer this: %(question)s", question=field.label) if field.required else None
    if field.kind == "choice":
        return None if answer in field.choices else said("Choose one: %(question)s", question=field.label)
    if len(answer) > LONGEST_ANSWER:
        return said("Answer in at most %(most)s characters.", most=LONGEST_ANSWER)
    if not is_legible(answer):
        return N_("Answer in letters and digits, none of them invisible.")
    return None


#: What educators are usually asked; version 0 is nobody's.
STARTER = Form(
    version=0,
    fields=(
        Field(key="local-association", label=N_("Local association"), kind="text"),
        Field(key="school-district", label=N_("School district"), kind="text", required=True),
        Field(
            key="role",
            label=N_("Your role at school"),
            kind="choice",
            required=True,
            choices=(
                N_("Teacher"), N_("Education support professional"), N_("Counselor or social worker"),
                N_("School leader"), N_("Student who will teach"), N_("Another role"),
            ),
        ),
        Field(
            key="accessibility-needs",
            label=N_("What you need to take part well"),
            kind="private",
            hint=N_("For example captions, a seat near the front, or a room without stairs."),
        ),
        Field(
            key="license-number",
            label=N_("Number of your educator license"),
            kind="private",
            hint=N_("It is printed on your statement of completion. You can give it later."),
        ),
    ),
    consents=(
        Consent(
            key="photographs",
            version=0,
            label=N_("Photographs"),
            texts={
                "en": "Photographs and videos of the sessions on which I can be seen may be shown to the public.",
                "es": "Se pueden mostrar en público fotografías y videos de las sesiones en los que se me vea.",
            },
        ),
    ),
)  # fmt: skip
