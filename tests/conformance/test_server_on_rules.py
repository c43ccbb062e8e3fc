"""Every shape rule over HTTP: what it refuses is refused for that alone, what it accepts is issued and verifies."""

import copy
from typing import Any

import pytest

from services.credentials.proofs import contexts, data_model
from services.credentials.proofs.data_integrity import Purpose
from services.credentials.proofs.data_model import CREDENTIAL_RULES, ENVELOPE_RULES, PRESENTATION_RULES, Rule
from tests.conformance.data_model_cases import CASES, Case
from tests.conformance.server import problems
from tests.conformance.suite_client import NOW, OTHER, V2, Answer, Document, Suite
from tests.conformance.test_credential_jwts import CLAIMS, ISSUER, token

RULES: dict[str, Rule] = {one.name: one for one in (*CREDENTIAL_RULES, *PRESENTATION_RULES, *ENVELOPE_RULES)}
REFUSED = sorted({(one.rule, one.kind) for one in CASES if one.code})
ACCEPTED = sorted({(one.rule, one.kind) for one in CASES if not one.code})
#: The words that fixtures use and no published context defines.
VOCABULARY = {"@vocab": "https://words.example/#"}
#: Of the types, codes and clauses of the rules, and of nothing else.
OF_RULES = {problems.MALFORMED, problems.OUT_OF_RANGE}


def of(rule: str, kind: str, *, is_refused: bool) -> list[Case]:
    return [one for one in CASES if (one.rule, one.kind, bool(one.code)) == (rule, kind, is_refused)]


def asked(suite: Suite, case: Case) -> list[Answer]:
    """What the server says of a fixture, at each address that takes its kind."""
    if "presentation" in case.kind:
        return [suite.verify_presentation(case.document)]
    return [
        suite.issue(case.document),
        suite.issue(case.document, below="/status-issuer"),
        suite.verify(case.document),
    ]


@pytest.mark.parametrize(("rule", "kind"), REFUSED)
def test_what_a_rule_refuses_is_refused_for_that_and_nothing_else(suite: Suite, rule: str, kind: str) -> None:
    for case in of(rule, kind, is_refused=True):
        clause = RULES[rule].cited(data_model.version(case.document))
        for status, body in asked(suite, case):
            assert (status, body["verified"]) == (400, False)
            (found,) = body["problemDetails"]
            assert found["type"] in OF_RULES
            assert found["detail"] == f"{case.where}: {case.code} ({clause})"


@pytest.mark.parametrize(("rule", "kind"), ACCEPTED)
def test_no_rule_refuses_what_is_accepted(suite: Suite, rule: str, kind: str) -> None:
    for case in of(rule, kind, is_refused=False):
        for _, body in asked(suite, case):
            assert not OF_RULES & {one["type"] for one in body.get("problemDetails", [])}, case.document


@pytest.mark.parametrize(("rule", "kind"), [one for one in ACCEPTED if "presentation" not in one[1]])
def test_what_a_rule_accepts_is_issued_and_verifies(suite: Suite, rule: str, kind: str) -> None:
    """Without the fixture's own proof, which nobody made, so that the server's is the one that is judged."""
    for case in of(rule, kind, is_refused=False):
        if rule == "enveloped_credential":
            assert suite.verify({**case.document, "id": HELD}) == (200, {"verified": True, "problemDetails": []})
            continue
        issued = suite.issued(worded(case.document))
        assert suite.verify(issued) == (200, {"verified": True, "problemDetails": []})


@pytest.mark.parametrize(
    ("rule", "kind"),
    [one for one in ACCEPTED if "presentation" in one[1] and one[0] != "enveloped_presentation"],
)
def test_what_a_rule_accepts_of_a_presentation_verifies(suite: Suite, rule: str, kind: str) -> None:
    for case in of(rule, kind, is_refused=False):
        unsigned = worded(case.document)
        held = unsigned.get("verifiableCredential")
        if isinstance(held, list) and any(isinstance(one, str) for one in held):
            # Only a presentation that is itself a JWT can hold one as a text: an embedded proof cannot cover it.
            continue
        if held is not None:
            unsigned["verifiableCredential"] = embedded(suite, held)
        signed = OTHER.signed(unsigned, created=NOW, purpose=Purpose(name="authentication"))
        assert suite.verify_presentation(signed) == (200, {"verified": True, "problemDetails": []})


def test_a_presentation_in_an_envelope_is_not_called_malformed(suite: Suite) -> None:
    for case in of("enveloped_presentation", "presentation", is_refused=False):
        status, body = suite.verify_presentation(case.document)
        assert (status, {one["type"] for one in body["problemDetails"]}) == (400, {problems.VERIFICATION})


def worded(document: Document) -> Document:
    """A fixture whose every word means something, and whose proof is still to be made."""
    kept = [one for one in document["@context"] if isinstance(one, dict) or one in contexts.PINNED]
    if contexts.CREDENTIALS_V1 in kept:
        kept.append(contexts.DATA_INTEGRITY_V2)
    made = {**copy.deepcopy(document), "@context": [*kept, VOCABULARY]}
    made.pop("proof", None)
    return made


def embedded(suite: Suite, held: Any) -> Any:
    """The credentials of a presentation, with proofs that stand where the fixture's say that they do."""
    if isinstance(held, list):
        return [embedded(suite, one) for one in held]
    if "proof" in held:
        return suite.issued(worded(held))
    return {**held, "id": HELD} if held["type"] == "EnvelopedVerifiableCredential" else held


HELD = "data:application/vc+jwt," + token(
    {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": CLAIMS["sub"]},
        "id": CLAIMS["jti"],
        "validFrom": "2026-01-01T00:00:00Z",
        **{name: CLAIMS[name] for name in ("iss", "jti", "sub", "nbf")},
    }
)
