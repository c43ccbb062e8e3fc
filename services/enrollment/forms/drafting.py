"""A form as staff write it on its page: read, checked, and told apart from what is asked now. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import cast, get_args

import msgspec

from services.enrollment.forms.model import (
    KEY,
    LONGEST_BODY,
    LONGEST_CHOICE,
    LONGEST_HINT,
    LONGEST_KEY,
    LONGEST_LABEL,
    MOST_CHOICES,
    MOST_CONSENTS,
    MOST_FIELDS,
    Consent,
    Field,
    Form,
    Kind,
)
from shared.names import one_line
from shared.pages.rendering import LANGUAGES
from shared.problems import InvalidInputError
from shared.words import N_, said

_KINDS = get_args(Kind)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it stands on the page that writes the form."""

    key: str = ""
    label: str = ""
    kind: str = "text"
    hint: str = ""
    choices: str = ""
    required: bool = False
    position: str = ""


class Paragraph(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as it stands on that page; `texts` by language."""

    key: str = ""
    label: str = ""
    required: bool = False
    texts: dict[str, str] = {}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question as some version of the form asked it, and whether the newest does."""

    key: str
    label: str
    kind: Kind
    is_now: bool


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows: as many lines as there are questions, and some to add."""

    lines: list[Line]
    paragraphs: list[Paragraph]


def draft_of(form: Form | None) -> Draft:
    """A form on its page, with room for three more questions and a consent."""
    fields, consents = (form.fields, form.consents) if form is not None else ((), ())
    lines = [
        Line(
            key=one.key,
            label=one.label,
            kind=one.kind,
            hint=one.hint,
            choices="\n".join(one.choices),
            required=one.required,
            position=str(number),
        )
        for number, one in enumerate(fields, 1)
    ]
    paragraphs = [Paragraph(key=one.key, label=one.label, required=one.required, texts=one.texts) for one in consents]
    lines += [Line()] * min(3, MOST_FIELDS - len(lines))
    paragraphs += [Paragraph()] * min(1, MOST_CONSENTS - len(paragraphs))
    return Draft(lines=lines, paragraphs=paragraphs)


def draft_from(given: Mapping[str, str]) -> Draft:
    """What was sent; whatever is left out on it is empty."""

    def get(name: str, number: int) -> str:
        # A little more than any of them may be: enough to be told that it is too long.
        return given.get(f"{name}-{number}", "")[: LONGEST_BODY + LONGEST_CHOICE]

    lines = [
        Line(
            key=get("key", number),
            label=get("label", number),
            kind=get("kind", number) or "text",
            hint=get("hint", number),
            choices=get("choices", number),
            required=bool(get("required", number)),
            position=get("position", number),
        )
        for number in range(MOST_FIELDS)
        if f"label-{number}" in given
    ]
    paragraphs = [
        Paragraph(
            key=get("consent-key", number),
            label=get("consent-label", number),
            required=bool(get("consent-required", number)),
            texts={language: get(f"consent-{language}", number) for language in LANGUAGES},
        )
        for number in range(MOST_CONSENTS)
        if f"consent-label-{number}" in given
    ]
    return Draft(lines=lines, paragraphs=paragraphs)


def form_from(draft: Draft, asked: Sequence[Asked]) -> Form:
    """The form that a draft makes, whose version is not told yet; a question without words is left out.

    `asked` is what every version asked: a new question has a key that none of them used, unless it is that one again.
    InvalidInputError by the names of the page's fields.
    """
    errors: list[tuple[str, str]] = []
    taken = {one.key for one in draft.lines if one.key}
    placed: list[tuple[float, int, Field]] = []
    for number, line in enumerate(draft.lines):
        if not line.label.strip():
            continue
        kind = cast(Kind, line.kind if line.kind in _KINDS else "text")
        choices = tuple(filter(None, map(one_line, line.choices.splitlines()))) if kind == "choice" else ()
        label = one_line(line.label)
        key = line.key or fresh_key(label, taken | _others(asked, label, kind))
        taken.add(key)
        field = Field(
            key=key,
            label=label,
            kind=kind,
            hint=one_line(line.hint),
            required=line.required,
            choices=choices,
        )
        errors += [(f"{part}-{number}", sentence) for part, sentence in flaws(field)]
        position = line.position.strip()
        placed.append((float(position[:6]) if position[:6].isdecimal() else MOST_FIELDS + number, number, field))
    fields = tuple(field for _, _, field in sorted(placed, key=lambda one: one[:2]))
    consents = _consents(draft.paragraphs, errors)
    form = Form(version=0, fields=fields, consents=consents)
    errors += [(f"label-{_line_of(draft, key)}", sentence) for key, sentence in clashes(form, asked)]
    if errors:
        raise InvalidInputError(*errors)
    return form


def _line_of(draft: Draft, key: str) -> int:
    return next((number for number, line in enumerate(draft.lines) if line.key == key), 0)


def _consents(paragraphs: Iterable[Paragraph], errors: list[tuple[str, str]]) -> tuple[Consent, ...]:
    found: list[Consent] = []
    taken = {one.key for one in paragraphs if one.key}
    for number, one in enumerate(paragraphs):
        texts = {language: body.strip() for language, body in one.texts.items() if body.strip()}
        if not one.label.strip() and not texts:
            continue
        key = one.key or fresh_key(one.label, taken)
        taken.add(key)
        consent = Consent(key=key, version=0, label=one_line(one.label), required=one.required, texts=texts)
        errors += [(f"consent-{part}-{number}", sentence) for part, sentence in flaws_of_consent(consent)]
        found.append(consent)
    return tuple(found)


def fresh_key(label: str, taken: Iterable[str]) -> str:
    """A key that tells the question in small letters, and is not taken."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
    stem = words[: LONGEST_KEY - 3].strip("-") or "question"
    held = set(taken)
    return next(key for key in (stem, *(f"{stem}-{number}" for number in range(2, 100))) if key not in held)


def flaws(field: Field) -> list[tuple[str, str]]:
    """What is wrong with a question, by its part."""
    found: list[tuple[str, str]] = []
    if len(field.label) > LONGEST_LABEL or _is_broken(field.label):
        found.append(("label", said("Ask in at most %(most)s characters.", most=LONGEST_LABEL)))
    if len(field.hint) > LONGEST_HINT or _is_broken(field.hint):
        found.append(("hint", said("Explain in at most %(most)s characters.", most=LONGEST_HINT)))
    if len(field.key) > LONGEST_KEY or KEY.fullmatch(field.key) is None:
        found.append(("label", N_("Load the page again, and write once more.")))
    if field.kind == "choice":
        few, many = len(field.choices) < 2, len(field.choices) > MOST_CHOICES
        if few or many or len(set(field.choices)) != len(field.choices):
            found.append(
                ("choices", said("Give 2 to %(most)s different choices, one on each line.", most=MOST_CHOICES))
            )
        elif any(len(one) > LONGEST_CHOICE or _is_broken(one) for one in field.choices):
            found.append(("choices", said("A choice has at most %(most)s characters.", most=LONGEST_CHOICE)))
    return found


def flaws_of_consent(consent: Consent) -> list[tuple[str, str]]:
    """What is wrong with a consent, by its part."""
    found: list[tuple[str, str]] = []
    if not consent.label or len(consent.label) > LONGEST_LABEL or _is_broken(consent.label):
        found.append(("label", N_("Give the consent a short name.")))
    if len(consent.key) > LONGEST_KEY or KEY.fullmatch(consent.key) is None:
        found.append(("label", N_("Load the page again, and write once more.")))
    if not consent.texts:
        found.append((LANGUAGES[0], N_("Write what people consent to, in one language at least.")))
    for language, body in consent.texts.items():
        if len(body) > LONGEST_BODY or _is_broken(body.replace("\n", "").replace("\r", "")):
            found.append((language, said("Write at most %(most)s characters.", most=LONGEST_BODY)))
    return found


def _others(asked: Iterable[Asked], label: str, kind: Kind) -> set[str]:
    """The keys of other questions than this one: those of now, and those that once stood for other words."""
    return {one.key for one in asked if one.is_now or (one.label, one.kind) != (label, kind)}


def clashes(form: Form, asked: Sequence[Asked]) -> list[tuple[str, str]]:
    """What cannot be in one form, or not after all that was asked before, by the key of the question.

    What people answered to any version stays under its key.
    """
    keys = [one.key for one in form.fields]
    found = [(key, N_("Load the page again, and write once more.")) for key in set(keys) if keys.count(key) > 1]
    now = {one.key for one in asked if one.is_now}
    for field in form.fields:
        before = [one for one in asked if one.key == field.key]
        if any((one.kind == "private") != (field.kind == "private") for one in before):
            said_so = N_("What is private stays so, and the other way round. Ask in a new question instead.")
            found.append((field.key, said_so))
        elif before and field.key not in now and (field.label, field.kind) not in {(a.label, a.kind) for a in before}:
            said_so = N_("People answered another question under this key. Ask in a new question instead.")
            found.append((field.key, said_so))
    return found


def _is_broken(text: str) -> bool:
    """Whether a text has what cannot be stored or would change how the page is shown."""
    return any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)
