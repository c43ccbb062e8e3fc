"""The conformance server, started once by its command and asked as the published suites ask it."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

import pytest

from deploy.local import commands
from services.credentials.proofs import contexts, data_integrity, did
from services.credentials.status_lists import model as lists
from tests.conformance.server import problems
from tests.conformance.server.examples import EXAMPLES_V1, EXAMPLES_V2
from tests.conformance.suite_client import (
    EXAMPLES,
    NOW,
    OTHER,
    SERVER,
    V2,
    Suite,
    credential,
    kinds,
    plain,
    presentation,
    spoilt,
)
from tests.conformance.test_credential_jwts import CLAIMS, ISSUER, token

STATUS_ISSUER = "/status-issuer"
NOWHERE = UUID(int=7)
V1 = "https://www.w3.org/2018/credentials/v1"


# -- issuing


def test_only_the_proof_of_a_credential_is_new(suite: Suite) -> None:
    sent = credential()

    issued = suite.issued(sent)

    assert {name: value for name, value in issued.items() if name != "proof"} == sent
    assert issued["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert issued["proof"]["proofPurpose"] == "assertionMethod"
    assert issued["proof"]["verificationMethod"] == did.verification_method(SERVER.did, SERVER.key.public_key())
    assert suite.verify(issued) == (200, {"verified": True, "problemDetails": []})


def test_what_the_server_signs_any_process_of_ours_verifies(suite: Suite) -> None:
    issued = suite.issued(plain(issuer=SERVER.did))

    (result,) = data_integrity.verify(issued, resolve=did.key_of_did_key, now=NOW)

    assert result.outcome == "verified"


@pytest.mark.parametrize("index", [None, 5, "x", "\u0663", "9" * 13])
def test_a_status_of_an_unknown_type_may_name_the_list_in_any_way(suite: Suite, index: Any) -> None:
    entry = suite.issued(plain(), below=STATUS_ISSUER)["credentialStatus"]
    status, body = suite.verify(plain(credentialStatus={**entry, "type": "Unheard", "statusListIndex": index}))

    assert status == 400
    assert problems.OUT_OF_RANGE in kinds(body)


def test_the_contexts_of_the_examples_are_accepted_in_the_servers_process_alone() -> None:
    assert EXAMPLES_V2 == EXAMPLES
    assert not {EXAMPLES_V1, EXAMPLES_V2} & contexts.PINNED.keys()


def test_an_inline_context_is_accepted(suite: Suite) -> None:
    inline = {"ExampleCredential": "https://example.org/#ExampleCredential"}
    issued = suite.issued(plain(**{"@context": [V2, inline], "type": ["VerifiableCredential", "ExampleCredential"]}))

    assert suite.verify(issued)[0] == 200


def test_the_examples_of_the_older_model_mean_there_what_they_mean_elsewhere(suite: Suite) -> None:
    degree = {"degreeType": "BachelorDegree", "name": "Bachelor"}
    older = plain(
        **{"@context": [V1, EXAMPLES_V1], "type": ["VerifiableCredential", "UniversityDegreeCredential"]},
        validFrom=None,
        issuanceDate="2023-07-01T19:23:24Z",
        credentialSubject={"id": "did:example:subject", "degree": degree},
    )

    assert suite.verify(suite.issued(older))[0] == 200
    status, body = suite.issue({**older, "credentialSubject": {"id": "did:example:subject", "unnamed": "x"}})
    assert (status, kinds(body)) == (400, {problems.GENERATION})


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_bare_digest_of_a_related_resource_is_read_as_sha_256(suite: Suite, is_listed: bool) -> None:
    def related(digest: bytes) -> Any:
        entry = {"id": V2, "digestMultibase": "u" + urlsafe_b64encode(digest).decode().rstrip("=")}
        return [entry] if is_listed else entry

    digest = bytes.fromhex(contexts.PINNED[V2][1])
    issued = suite.issued(plain(relatedResource=related(digest)))

    assert issued["relatedResource"] == related(digest)
    assert suite.verify(issued)[0] == 200
    assert suite.verify_presentation(presentation(issued))[0] == 200
    # What is no digest of the context, and what is no digest of any kind that we know.
    for wrong in (digest[::-1], digest[:-1], digest + b"\0"):
        status, body = suite.issue(plain(relatedResource=related(wrong)))
        assert (status, kinds(body)) == (400, {problems.MALFORMED})


def test_unknown_options_are_ignored(suite: Suite) -> None:
    assert suite.issue(credential(), credentialId="urn:uuid:1", mandatoryPointers=["/issuer"], x=[1])[0] == 201
    assert suite.verify(suite.issued(credential()), checks=["proof"], x={"y": 1})[0] == 200


def test_an_older_credential_gets_the_context_of_its_proof(suite: Suite) -> None:
    older = plain(**{"@context": [V1], "validFrom": None, "issuanceDate": "2023-07-01T19:23:24Z"})

    issued = suite.issued(older)

    assert issued["@context"] == [V1, contexts.DATA_INTEGRITY_V2]
    assert suite.issued({**older, "@context": issued["@context"]})["@context"] == issued["@context"]
    assert suite.verify(issued)[0] == 200


def test_a_credential_that_has_a_proof_gets_one_more(suite: Suite) -> None:
    issued = suite.issued(OTHER.signed(plain(), created=NOW))

    assert [one["verificationMethod"].partition("#")[0] for one in issued["proof"]] == [OTHER.did, SERVER.did]
    assert suite.verify(issued)[0] == 200
    assert (
        suite.verify(spoilt(issued, proof=[issued["proof"][0], {**issued["proof"][1], "proofValue": "z1"}]))[0] == 400
    )


def test_one_of_several_proofs_must_be_the_issuers(suite: Suite) -> None:
    signed = OTHER.signed(plain(issuer=OTHER.did), created=NOW)

    assert suite.verify(suite.issued(signed))[0] == 200
    status, body = suite.verify(suite.issued(plain(issuer=OTHER.did)))
    assert (status, kinds(body)) == (400, {problems.VERIFICATION})


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"@context": None}, problems.MALFORMED),
        ({"@context": [EXAMPLES, V2]}, problems.MALFORMED),
        ({"@context": [V2, 7]}, problems.MALFORMED),
        ({"@context": [V2, "https://nobody.example/context"]}, problems.GENERATION),
        ({"@context": [V2, {"VerifiableCredential": "https://x.example/#V"}]}, problems.GENERATION),
        ({"@context": [V2]}, problems.GENERATION),
        ({"type": ["ExampleAlumniCredential"]}, problems.MALFORMED),
        ({"issuer": None}, problems.MALFORMED),
        ({"issuer": {"name": "no id"}}, problems.MALFORMED),
        ({"id": "not a url"}, problems.MALFORMED),
        ({"credentialSubject": None}, problems.MALFORMED),
        ({"credentialSubject": {}}, problems.MALFORMED),
        ({"validFrom": "yesterday"}, problems.MALFORMED),
        ({"validUntil": "2023-06-01T00:00:00Z"}, problems.OUT_OF_RANGE),
        ({"credentialStatus": {"id": "https://x.example/1"}}, problems.MALFORMED),
    ],
)
def test_a_credential_that_breaks_a_rule_is_not_issued(suite: Suite, changes: dict[str, Any], kind: str) -> None:
    status, body = suite.issue(credential(**changes))

    assert status == 400
    assert kind in kinds(body)


# -- status


def test_the_status_issuer_adds_an_entry_of_a_public_list(suite: Suite) -> None:
    issued = suite.issued(plain(), below=STATUS_ISSUER)
    entry = issued["credentialStatus"]

    status, listed = suite.get(entry["statusListCredential"].removeprefix(suite.url))

    assert status == 200
    assert entry["type"] == "BitstringStatusListEntry"
    assert entry["statusListCredential"].startswith(f"{suite.url}/status-lists/")
    assert listed["id"] == entry["statusListCredential"] != entry["id"]
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert listed["issuer"] == SERVER.did
    subject = listed["credentialSubject"]
    assert subject["statusPurpose"] == entry["statusPurpose"] == "revocation"
    assert not lists.is_set(lists.decode(subject["encodedList"]), int(entry["statusListIndex"]))
    assert suite.verify(listed)[0] == 200
    assert suite.verify(issued)[0] == 200


def test_each_credential_has_an_entry_of_its_own(suite: Suite) -> None:
    first, second = (suite.issued(plain(), below=STATUS_ISSUER)["credentialStatus"] for _ in range(2))

    assert first["statusListIndex"] != second["statusListIndex"]


def test_entries_of_other_lists_stay(suite: Suite) -> None:
    entry = lists.entry(NOWHERE, 5, public_url="https://lists.example")

    issued = suite.issued(plain(credentialStatus=entry), below=STATUS_ISSUER)

    assert issued["credentialStatus"][0] == entry
    assert len(issued["credentialStatus"]) == 2
    assert suite.verify(issued)[0] == 200


def test_the_status_issuer_refuses_what_the_issuer_refuses(suite: Suite) -> None:
    status, body = suite.issue(plain(statusEntry={"type": "BitstringStatusListEntry"}), below=STATUS_ISSUER)

    assert (status, kinds(body)) == (400, {problems.GENERATION})
    assert suite.issue(plain(issuer=None), below=STATUS_ISSUER)[0] == 400


def test_an_index_beyond_the_list_is_out_of_range(suite: Suite) -> None:
    entry = suite.issued(plain(), below=STATUS_ISSUER)["credentialStatus"]
    last, beyond = ({**entry, "statusListIndex": str(lists.LENGTH - off)} for off in (1, 0))

    assert suite.verify(suite.issued(plain(credentialStatus=last)))[0] == 200
    status, body = suite.verify(suite.issued(plain(credentialStatus=beyond)))

    assert (status, kinds(body)) == (400, {problems.OUT_OF_RANGE})


def test_an_entry_for_a_purpose_that_the_list_has_not_fails(suite: Suite) -> None:
    entry = suite.issued(plain(), below=STATUS_ISSUER)["credentialStatus"]

    status, body = suite.verify(suite.issued(plain(credentialStatus={**entry, "statusPurpose": "suspension"})))

    assert (status, kinds(body)) == (400, {problems.STATUS})


# -- verifying credentials


def test_a_changed_credential_was_tampered_with(suite: Suite) -> None:
    issued = suite.issued(credential())

    status, body = suite.verify(spoilt(issued, validFrom="2024-07-01T19:23:24Z"))

    assert (status, kinds(body)) == (400, {problems.TAMPERED})


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": None}, problems.MALFORMED),
        ({"type": "UnknownProof"}, problems.VERIFICATION),
        ({"cryptosuite": "unknown-2000"}, problems.VERIFICATION),
        ({"cryptosuite": None}, problems.MALFORMED),
        ({"verificationMethod": None}, problems.MALFORMED),
        ({"verificationMethod": "did:key:zNobody"}, problems.VERIFICATION),
        ({"verificationMethod": "did:example:someone#key"}, problems.VERIFICATION),
        ({"proofPurpose": None}, problems.MALFORMED),
        ({"proofPurpose": "authentication"}, problems.VERIFICATION),
        ({"proofValue": None}, problems.MALFORMED),
        ({"proofValue": "z1"}, problems.VERIFICATION),
        ({"created": "2026-01-01T00:00:00"}, problems.MALFORMED),
        ({"created": "2026-01-01T00:00:00Z"}, problems.TAMPERED),
        ({"expires": "2020-01-01T00:00:00Z"}, problems.VERIFICATION),
        ({"previousProof": "urn:uuid:0"}, problems.VERIFICATION),
    ],
)
def test_a_spoilt_proof_is_refused(suite: Suite, changes: dict[str, Any], kind: str) -> None:
    issued = suite.issued(plain())
    proof = {name: value for name, value in {**issued["proof"], **changes}.items() if value is not None}

    status, body = suite.verify(spoilt(issued, proof=proof))

    assert (status, kinds(body)) == (400, {kind})


@pytest.mark.parametrize("proof", [None, [], {}])
def test_a_credential_without_a_proof_is_refused(suite: Suite, proof: Any) -> None:
    status, body = suite.verify(plain(proof=proof))

    assert status == 400
    assert kinds(body) <= {problems.VERIFICATION, problems.MALFORMED}


def test_a_did_key_issuer_has_no_other_key(suite: Suite) -> None:
    status, body = suite.verify(suite.issued(plain(issuer=OTHER.did)))

    assert (status, kinds(body)) == (400, {problems.VERIFICATION})
    assert suite.verify(OTHER.signed(plain(issuer=OTHER.did), created=NOW))[0] == 200


def test_the_purpose_the_domain_and_the_challenge_that_are_asked_for_must_be_the_proofs(suite: Suite) -> None:
    issued = suite.issued(plain())

    assert kinds(suite.verify(issued, expectedProofPurpose="authentication")[1]) == {problems.VERIFICATION}
    assert kinds(suite.verify(issued, domain="a.example")[1]) == {problems.DOMAIN}
    assert kinds(suite.verify(issued, challenge="c")[1]) == {problems.CHALLENGE}


def test_an_enveloped_credential_is_verified_by_its_did_key(suite: Suite) -> None:
    subject = {"id": CLAIMS["sub"]}
    inner = {"@context": [V2], "type": ["VerifiableCredential"], "issuer": ISSUER, "credentialSubject": subject}
    dated = {"id": CLAIMS["jti"], "validFrom": "2026-01-01T00:00:00Z"}
    good = token({**inner, **dated, **{name: CLAIMS[name] for name in ("iss", "jti", "sub", "nbf")}})

    def enveloped(text: str) -> dict[str, Any]:
        held = f"data:application/vc+jwt,{text}"
        return {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": held}

    assert suite.verify(enveloped(good))[0] == 200
    head, payload, _ = good.split(".")
    forged = f"{head}.{payload}.{'A' * 86}"
    assert kinds(suite.verify(enveloped(forged))[1]) == {problems.TAMPERED}
    assert kinds(suite.verify({**enveloped(good), "id": good})[1]) == {problems.MALFORMED}


# -- requests


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/credentials/issue", "credential"),
        ("/status-issuer/credentials/issue", "credential"),
        ("/credentials/verify", "verifiableCredential"),
        ("/presentations/verify", "verifiablePresentation"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(suite: Suite, path: str, name: str) -> None:
    for content, kind in [
        (b"{", problems.PARSING),
        (b"[]", problems.PARSING),
        (b'{"a": 1, "a": 2}', problems.PARSING),
        (b"{}", problems.MALFORMED),
        (json.dumps({name: "text"}).encode(), problems.MALFORMED),
        (json.dumps({name: plain(), "options": []}).encode(), problems.MALFORMED),
        (json.dumps({name: {"type": ["NonconformingDocument"]}}).encode(), problems.MALFORMED),
    ]:
        status, body = suite.post(path, content)
        assert (status, kinds(body)) == (400, {kind}), content


@pytest.mark.parametrize("seed", ["", "7f", "zz" * 32, "7f" * 33])
def test_a_seed_of_another_length_starts_nothing(seed: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["conformance", "--port", "1", "--seed", seed]) == 1
    assert "--seed" in capfd.readouterr().err
