"""The shape rules of VC Data Model 2.0 and 1.1: for each rule what it accepts and what it refuses, and nothing else."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from services.credentials.proofs import contexts, data_model, multikey, strict_json
from services.credentials.proofs.data_model import CREDENTIAL_RULES, ENVELOPE_RULES, PRESENTATION_RULES, Fault, Rule
from services.credentials.proofs.data_model.rule import Version
from tests.conformance.data_model_cases import BASE, BASES, CASES, Case
from tests.conformance.documents import Shapes
from tests.credentials.web_issuer import WebIssuer

PEERS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "peers.json").read_text())
RULES: dict[str, Rule] = {one.name: one for one in (*CREDENTIAL_RULES, *PRESENTATION_RULES, *ENVELOPE_RULES)}
CONTENT = b'{"some": "thing"}'


def judged(case: Case) -> list[Fault]:
    if "presentation" in case.kind:
        return data_model.presentation_faults(case.document)
    return data_model.faults(case.document)


@pytest.mark.parametrize("case", CASES, ids=[f"{one.rule}-{one.kind}-{one.code or 'ok'}" for one in CASES])
def test_a_rule_finds_what_is_off_and_nothing_else(case: Case) -> None:
    found = [(one.rule, one.code, one.where) for one in judged(case)]
    assert found == ([(case.rule, case.code, case.where)] if case.code else [])


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("version", ["2.0", "1.1"])
def test_every_rule_has_a_passing_and_a_failing_fixture(name: str, version: Version) -> None:
    rule = RULES[name]
    cases = [one for one in CASES if one.rule == name and ("older" in one.kind) == (version == "1.1")]
    if rule.cited(version) is None:
        assert not any(one.code for one in cases)
    else:
        assert {bool(one.code) for one in cases} == {True, False}


def test_no_two_rules_share_a_name() -> None:
    for rules in (CREDENTIAL_RULES, PRESENTATION_RULES):
        assert len({one.name for one in rules}) == len(rules)
    assert {one.rule for one in CASES} == set(RULES)


def test_a_fault_names_the_clause_of_its_version() -> None:
    for kind, clause in (("newer", "VCDM 2.0, section 4.7"), ("older", "VCDM 1.1, section 4.5")):
        document = {**BASES[kind], "issuer": 5}  # type: ignore[index]  # the two kinds are literals
        assert data_model.faults(document) == [Fault("issuer", "not_a_url", "issuer", clause)]


def test_faults_are_bounded() -> None:
    assert len(data_model.faults({**BASE, "evidence": [5] * 5000})) == data_model.MOST_FAULTS
    signed = {**BASE, "evidence": [5] * 500}
    presentation = {**BASES["presentation"], "verifiableCredential": [signed] * 50}
    assert len(data_model.presentation_faults(presentation)) == data_model.MOST_FAULTS


def test_no_value_of_a_document_gets_into_a_fault() -> None:
    secret = "a-name-that-is-nobodys-business"
    document = dict.fromkeys((*BASE, "validFrom", "evidence", "proof", "name", "relatedResource"), secret)
    found = data_model.faults({**document, "credentialStatus": {"type": "BitstringStatusListEntry", secret: secret}})
    assert len(found) > 8
    assert secret not in repr(found)


@pytest.mark.parametrize("value", [None, 5, 1.5, True, "text", [], {}, [[]], [{}], {"id": []}, {"type": {}}, [None]])
def test_nothing_in_a_document_breaks_the_rules(value: Any) -> None:
    members = {name for case in CASES for name in case.document}
    for name in members:
        for kind in BASES:
            data_model.faults({**BASES[kind], name: value})
            data_model.presentation_faults({**BASES[kind], name: value})
    data_model.faults({})
    assert data_model.presentation_faults({})


@pytest.mark.parametrize("name", PEERS)
def test_what_a_peer_signed_has_the_shape(name: str) -> None:
    assert data_model.faults(PEERS[name]) == []


@pytest.mark.parametrize("seed", range(50))
def test_a_badge_of_any_shape_has_this_one(seed: int) -> None:
    assert data_model.faults(Shapes(seed).badge()) == []


def test_what_we_sign_has_the_shape() -> None:
    issuer = WebIssuer()
    assert data_model.faults(strict_json.parse(issuer.badge().json.encode())) == []
    assert data_model.faults(issuer.status_list(7)) == []


def digests(algorithm: str, code: bytes) -> list[dict[str, Any]]:
    digest = hashlib.new(algorithm, CONTENT).digest()
    hashed = code + bytes([len(digest)]) + digest
    return [
        {"digestSRI": f"{algorithm}-{base64.b64encode(digest).decode()}"},
        {"digestSRI": f"{algorithm}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"},
        {"digestMultibase": multikey.base58_encode(hashed)},
        {"digestMultibase": "u" + base64.urlsafe_b64encode(hashed).decode().rstrip("=")},
    ]


@pytest.mark.parametrize(("algorithm", "code"), [("sha256", b"\x12"), ("sha384", b"\x20"), ("sha512", b"\x13")])
def test_content_is_held_to_its_digest(algorithm: str, code: bytes) -> None:
    for entry in digests(algorithm, code):
        assert data_model.related_resource_matches(entry, CONTENT)
        assert not data_model.related_resource_matches(entry, CONTENT + b" ")


def test_every_kind_of_digest_that_is_stated_must_match() -> None:
    right, _, multibase, _ = digests("sha256", b"\x12")
    stale = {"digestMultibase": multikey.base58_encode(b"\x12\x20" + bytes(32))}
    assert data_model.related_resource_matches({**right, **multibase}, CONTENT)
    assert not data_model.related_resource_matches({**right, **stale}, CONTENT)
    assert not data_model.related_resource_matches({**right, "digestMultibase": "uAAAA"}, CONTENT)


def test_of_several_digests_the_strongest_decides() -> None:
    weak, strong = digests("sha256", b"\x12")[0]["digestSRI"], digests("sha512", b"\x13")[0]["digestSRI"]
    wrong = f"sha512-{base64.b64encode(bytes(64)).decode()}"
    assert data_model.related_resource_matches({"digestSRI": f"{weak} {strong}"}, CONTENT)
    assert data_model.related_resource_matches({"digestSRI": f"{wrong} {strong}"}, CONTENT)
    assert not data_model.related_resource_matches({"digestSRI": f"{weak} {wrong}"}, CONTENT)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"digestSRI": ""},
        {"digestSRI": "sha256-"},
        {"digestSRI": f"sha256-{hashlib.sha256(CONTENT).hexdigest()}"},
        {"digestSRI": f"sha256-M{base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()}"},
        {"digestMultibase": multikey.base58_encode(hashlib.sha256(CONTENT).digest())},
    ],
)
def test_no_digest_is_no_match(entry: dict[str, Any]) -> None:
    assert not data_model.related_resource_matches(entry, CONTENT)


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_a_pinned_context_is_held_to_the_longer_digests_too(algorithm: str) -> None:
    file, _ = contexts.PINNED[contexts.CREDENTIALS_V2]
    content = (Path(contexts.__file__).parents[1] / "contexts" / file).read_bytes()
    for told, found in ((content, []), (content + b" ", ["not_the_pinned_context"])):
        digest = base64.b64encode(hashlib.new(algorithm, told).digest()).decode()
        entry = {"id": contexts.CREDENTIALS_V2, "digestSRI": f"{algorithm}-{digest}"}
        assert [one.code for one in data_model.faults({**BASE, "relatedResource": entry})] == found
