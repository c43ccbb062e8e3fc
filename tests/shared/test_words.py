"""Sentences from pure code: English by themselves, in the reader's language with a catalog."""

import msgspec

from shared.pages.rendering import translations
from shared.problems import InvalidInputError, ProblemType, body_of, fields_of
from shared.words import in_words_of, said, said_of

ENGLISH, SPANISH = translations("en"), translations("es")


def test_a_sentence_reads_as_english_and_is_said_in_spanish() -> None:
    sentence = said("Choose at most %(most)s at once.", most=7)
    assert sentence == "Choose at most 7 at once."
    assert in_words_of(ENGLISH, sentence) == sentence
    assert in_words_of(SPANISH, sentence) == "Elija como máximo 7 a la vez."


def test_a_number_chooses_the_form() -> None:
    one = said_of("%(num)s of %(all)s seat left", "%(num)s of %(all)s seats left", 1, all=4)
    many = said_of("%(num)s of %(all)s seat left", "%(num)s of %(all)s seats left", 3, all=4)
    assert (one, many) == ("1 of 4 seat left", "3 of 4 seats left")
    assert in_words_of(SPANISH, one) == "Queda 1 de 4 plazas"
    assert in_words_of(SPANISH, many) == "Quedan 3 de 4 plazas"


def test_a_sentence_within_a_sentence_is_said_too() -> None:
    whole = said("Choose %(name)s", name=said("My data"))
    assert in_words_of(SPANISH, whole) == "Elegir a Mis datos"


def test_what_no_catalog_has_stays_as_it_is_with_its_percent_signs() -> None:
    for sentence in ("", "100 % of %(nothing)s", said("Nobody translated %(this)s.", this="100 %")):
        assert in_words_of(SPANISH, sentence) == sentence


def test_an_error_carries_it_to_the_api_in_english() -> None:
    error = InvalidInputError(("chosen", said("Choose at most %(most)s at once.", most=7)))
    kind = ProblemType(code="x", status=422, title="X", advice="X.")
    found = msgspec.json.decode(body_of(kind, fields_of(error), request_id=None))
    assert found["errors"] == [{"field": "chosen", "detail": "Choose at most 7 at once."}]
