"""Names that stand for what another name means: each was signed as the one and read, or processed, as the other."""

import copy
from typing import Any

import pytest

from services.credentials.proofs import contexts, jsonld
from services.credentials.proofs.jsonld import JsonLdError
from tests.conformance import pyld_oracle, signed_documents
from tests.conformance.pyld_oracle import RefusedError
from tests.conformance.test_engine_against_oracles import BADGE

OB_302 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"
ACHIEVEMENT = ("credentialSubject", "achievement")


def criteria_as(name: str, open_badges: str) -> dict[str, Any]:
    made = copy.deepcopy(BADGE)
    made["@context"] = [contexts.CREDENTIALS_V2, open_badges]
    achievement = made["credentialSubject"]["achievement"]
    achievement[name] = achievement.pop("criteria")
    return made


@pytest.mark.parametrize("open_badges", [contexts.OPEN_BADGES, OB_302])
def test_a_member_under_the_name_of_its_class_is_refused(open_badges: str) -> None:
    """Open Badges has one IRI for both: the signature stood, and the badge showed no criteria any more."""
    made, other = criteria_as("criteria", open_badges), criteria_as("Criteria", open_badges)
    assert pyld_oracle.canonicalize(other) == jsonld.canonicalize(made)
    with pytest.raises(JsonLdError, match="class_as_member") as refused:
        jsonld.canonicalize(other)
    assert refused.value.path == ACHIEVEMENT


def test_a_signed_badge_does_not_hide_its_criteria() -> None:
    signed = signed_documents.of_suite("eddsa-rdfc-2022", BADGE)
    assert signed_documents.verifies(signed)
    achievement = signed["credentialSubject"]["achievement"]
    hidden = {name.replace("criteria", "Criteria"): held for name, held in achievement.items()}
    assert not signed_documents.verifies(signed_documents.with_value(signed, ACHIEVEMENT, hidden))


def test_a_class_is_a_type_all_the_same() -> None:
    made = copy.deepcopy(BADGE)
    made["type"] = ["VerifiableCredential", "AchievementCredential"]
    made["credentialSubject"]["achievement"]["criteria"]["type"] = "Criteria"
    assert jsonld.canonicalize(made) == pyld_oracle.canonicalize(made)


@pytest.mark.parametrize("name", ["id", "@id"])
def test_a_prefix_that_a_type_brings_is_one_in_the_nodes_own_id(name: str) -> None:
    """Found by random documents: `cred:x` was signed as it stands, and by every other implementation in full."""
    made = {"@context": contexts.CREDENTIALS_V1, name: "cred:x", "type": "VerifiableCredential"}
    assert b"<https://www.w3.org/2018/credentials#x>" in pyld_oracle.canonicalize(made)
    with pytest.raises(JsonLdError, match="compact_iri"):
        jsonld.canonicalize(made)


def test_what_was_read_before_changes_nothing() -> None:
    """Found by random documents: a term's context may override protected terms, and the same one of a type may not."""
    named = {"@context": contexts.CREDENTIALS_V2, "id": "urn:x:a"}
    jsonld.canonicalize({**named, "type": "VerifiableCredential", "cnf": "x"})
    overriding = {**named, "type": ["VerifiableCredential", "cnf"]}
    with pytest.raises(RefusedError):
        pyld_oracle.canonicalize(overriding)
    with pytest.raises(JsonLdError, match="protected term redefinition"):
        jsonld.canonicalize(overriding)
