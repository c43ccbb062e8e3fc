"""The verifier's sentences in another language: each is known again, with what was put into it."""

import pytest

from services.credentials.public import wording
from services.credentials.verification.sentences import SENTENCES, check
from shared.pages.rendering import translations
from shared.words import in_words_of

SPANISH = translations("es")


@pytest.mark.parametrize(
    ("code", "where"),
    [(code, where) for code in SENTENCES for where in ("achievement.id", "Ñandú: is empty")]
    + [(code, "") for code, form in SENTENCES.items() if "{}" not in form or ": {}" in form or " on {}" in form],
)
def test_a_sentence_is_known_again(code: str, where: str) -> None:
    found = check("proof", "failed", code, where)
    said = wording.of_finding(found)
    assert said == found.sentence
    told = in_words_of(SPANISH, said)
    assert told != found.sentence
    assert where in told or "{}" not in SENTENCES[code]


def test_a_reason_within_a_sentence_is_told_too() -> None:
    found = check("issuer", "unknown", "document_unavailable", "its server did not answer in time")
    assert in_words_of(SPANISH, wording.of_finding(found)).endswith("propio emisor: su servidor no respondió a tiempo.")
