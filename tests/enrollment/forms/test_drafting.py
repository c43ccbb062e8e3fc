"""A form as staff write it: nothing is lost between the form and its page, and what cannot be is named."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.forms.drafting import Asked, clashes, draft_from, draft_of, form_from, fresh_key
from services.enrollment.forms.model import KEY, STARTER, Answers, Consent, Field, Filled, Form, Kind, checked
from shared.problems import InvalidInputError

WORDS = st.text(st.sampled_from("abc dé?ñ学"), min_size=1, max_size=12).map(lambda text: f"Q{' '.join(text.split())}")


@st.composite
def forms(draw: st.DrawFn) -> Form:
    labels = draw(st.lists(WORDS, max_size=6, unique=True))
    fields = []
    for number, label in enumerate(labels):
        kind: Kind = draw(st.sampled_from(get_args(Kind)))
        choices = tuple(draw(st.lists(WORDS, min_size=2, max_size=4, unique=True))) if kind == "choice" else ()
        fields.append(Field(key=f"key-{number}", label=label, kind=kind, required=draw(st.booleans()), choices=choices))
    consents = tuple(
        Consent(key=f"c-{number}", version=0, label=label, texts={"en": label})
        for number, label in enumerate(draw(st.lists(WORDS, max_size=2)))
    )
    return Form(version=0, fields=tuple(fields), consents=consents)


def asked(form: Form, *, is_now: bool = True) -> list[Asked]:
    """What a form asked."""
    return [Asked(key=one.key, label=one.label, kind=one.kind, is_now=is_now) for one in form.fields]


@given(forms())
def test_what_the_page_shows_is_the_form(form: Form) -> None:
    assert form_from(draft_of(form), asked(form)) == form


@given(st.text(max_size=80), st.sets(st.sampled_from(("question", "question-2", "role")), max_size=3))
def test_a_fresh_key_is_a_key_and_is_free(label: str, taken: set[str]) -> None:
    key = fresh_key(label, taken)
    assert KEY.fullmatch(key)
    assert len(key) <= 40
    assert key not in taken


def sent(**more: str) -> dict[str, str]:
    return {"key-0": "", "label-0": "Role", "kind-0": "text", "position-0": "", **more}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"label-0": "x" * 201}, "label-0"),
        ({"label-0": "a\x00b"}, "label-0"),
        ({"kind-0": "choice", "choices-0": "One"}, "choices-0"),
        ({"kind-0": "choice", "choices-0": "One\nOne"}, "choices-0"),
        ({"kind-0": "choice", "choices-0": "\n".join(str(number) for number in range(21))}, "choices-0"),
        ({"hint-0": "x" * 301}, "hint-0"),
        ({"key-0": "../etc"}, "label-0"),
        ({"key-0": "role", "label-1": "Again", "key-1": "role"}, "label-0"),
        ({"key-0": "license-number", "kind-0": "text"}, "label-0"),
        ({"consent-label-0": "Photographs"}, "consent-en-0"),
        ({"consent-label-0": "", "consent-en-0": "I agree"}, "consent-label-0"),
    ],
)
def test_what_cannot_be_asked_is_named(more: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        form_from(draft_from(sent(**more)), asked(STARTER))
    assert field in dict(refused.value.errors)


def test_questions_are_put_in_the_places_that_were_typed() -> None:
    given = sent(**{"position-0": "2", "label-1": "First", "position-1": "1", "label-2": "Last", "label-3": " "})
    assert [one.label for one in form_from(draft_from(given), []).fields] == ["First", "Role", "Last"]


ROLE = Field(key="role", label="Role", kind="choice", choices=("A", "B"), required=True)
SECRET = Field(key="needs", label="Needs", kind="private")
ASKED = Form(
    version=3,
    fields=(ROLE, SECRET, Field(key="box", label="Box", kind="check")),
    consents=(Consent(key="c", version=2, label="C", required=True, texts={"en": "Yes", "es": "Sí"}),),
)


@pytest.mark.parametrize(
    ("version", "values", "wrong"),
    [
        (3, {}, {"answer-role", "consent-c"}),
        (2, {"answer-role": "A", "consent-c": "yes"}, {"form_version"}),
        (3, {"answer-role": "C", "consent-c": "yes"}, {"answer-role"}),
        (3, {"answer-role": "A", "consent-c": "yes", "answer-needs": "x" * 501}, {"answer-needs"}),
        (3, {"answer-role": "A", "consent-c": "yes", "answer-needs": "\u202eabc"}, {"answer-needs"}),
    ],
)
def test_each_answer_that_does_not_fit_is_named(version: int, values: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked(ASKED, Filled(version=version, values=values, language="es"))
    assert set(dict(refused.value.errors)) == wrong
    assert not any(
        value in sentence for value in values.values() if len(value) > 3 for _, sentence in refused.value.errors
    )


def test_what_is_private_is_kept_apart_and_shown_by_no_repr() -> None:
    filled = Filled(
        version=3, values={"answer-role": "B", "answer-needs": " Hidden  7 ", "consent-c": "yes"}, language="es"
    )
    found = checked(ASKED, filled)
    assert isinstance(found, Answers)
    assert (found.plain, found.private) == ({"role": "B", "box": ""}, {"needs": "Hidden 7"})
    assert [(one.key, one.version, one.language) for one in found.consents] == [("c", 2, "es")]
    assert "Hidden" not in repr(found) + repr(filled) + str(found) + f"{filled}"


def test_a_new_question_takes_no_key_that_another_ever_had() -> None:
    before = [Asked(key="role", label="Role in the play", kind="text", is_now=False)]
    for kind, label, key in (("text", "Role", "role-2"), ("private", "Role", "role-2"), ("text", "Town", "town")):
        (field,) = form_from(draft_from(sent(**{"label-0": label, "kind-0": kind})), before).fields
        assert field.key == key
    again = Asked(key="role", label="Role", kind="text", is_now=False)
    (field,) = form_from(draft_from(sent()), [again]).fields
    assert field.key == "role"


@pytest.mark.parametrize(
    ("kind", "label", "is_now", "is_right"),
    [
        ("text", "Role", False, True),
        ("text", "Your role", True, True),
        ("text", "Your role", False, False),
        ("private", "Role", True, False),
        ("private", "Role", False, False),
    ],
)
def test_a_key_keeps_its_question_once_it_was_left_out(kind: Kind, label: str, is_now: bool, is_right: bool) -> None:
    before = [Asked(key="role", label="Role", kind="text", is_now=is_now)]
    form = Form(version=0, fields=(Field(key="role", label=label, kind=kind),), consents=())
    assert (clashes(form, before) == []) is is_right
