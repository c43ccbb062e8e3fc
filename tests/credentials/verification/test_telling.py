"""Every sentence of a verdict can be said in Spanish, with what was found in its place."""

import pytest

from services.credentials.proofs.data_model import Fault
from services.credentials.verification.model import Check, Facts, Note, verdict
from services.credentials.verification.sentences import CLAUSES, NO_KEYS, NOTES, SENTENCES, check, note, shape_check
from services.credentials.verification.telling import told, told_verdict
from shared.clock import system_clock
from shared.pages.rendering import translations

SPANISH, ENGLISH = translations("es"), translations("en")
CHECKS = [check("proof", "failed", code, where) for code in SENTENCES for where in ("", "Hours", "שרה")]
FAULTS = [
    Fault("rule", code, where, "VCDM 1") for code in NOTES for where in ("credentialSubject.name", "שרה")
]  # fmt: skip


@pytest.mark.parametrize("found", [*CHECKS, *map(note, FAULTS), *(shape_check("failed", one) for one in FAULTS)])
def test_a_sentence_is_the_same_in_its_own_language_and_another_in_spanish(found: Check | Note) -> None:
    assert told(ENGLISH, found) == found.sentence
    spanish = told(SPANISH, found)
    assert spanish != found.sentence
    assert "{}" not in spanish
    for where in ("Hours", "\u2068שרה\u2069", "credentialSubject.name"):
        assert (where in spanish) == (where in found.sentence)


def test_words_of_the_badge_stay_and_those_of_the_verifier_do_not() -> None:
    # "Hours" stands in the catalog of pages; a member of that name is no text of ours.
    assert told(SPANISH, check("shape", "failed", "member_missing", "Hours")).count("Hours") == 1
    said = told(SPANISH, check("issuer", "unknown", "document_unreadable", NO_KEYS))
    assert said == "La lista de claves del propio emisor no se puede leer: no incluye ninguna clave."
    assert told(SPANISH, check("status", "failed", "revoked")) == "El emisor la revocó."
    assert told(SPANISH, check("container", "failed", "truncated_png")).startswith("El PNG termina antes de tiempo")


def test_a_verdicts_sentence_is_that_of_the_check_that_decided_it() -> None:
    good = [check(name, "passed", "verified") for name in CLAUSES]
    for checks, start in (
        (good, "La firma está intacta, la clave es del emisor"),
        ([*good[:3], check("proof", "failed", "no_proof")], "No está firmada."),
        ([*good[:5], check("status", "failed", "revoked", "2026-11-25: X")], "El emisor la revocó el 2026-11-25: X."),
    ):  # fmt: skip
        made = verdict(checks, Facts(), container=None, sha256="", checked_at=system_clock())
        assert told_verdict(SPANISH, made).startswith(start)
        assert told_verdict(ENGLISH, made) == made.sentence
