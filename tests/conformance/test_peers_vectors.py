"""Badges that another implementation signed (tests/benchmarks/peers/make_vectors.mjs), good and spoilt."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.proofs import data_integrity, did, strict_json
from services.credentials.proofs.data_integrity import Purpose

PEERS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "peers.json").read_text())
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def codes(signed: dict[str, Any], **more: Any) -> list[str]:
    """What the engine says of each proof, its key taken from the did:key that it names."""
    read = strict_json.parse(json.dumps(signed).encode())
    return [one.code for one in data_integrity.verify(read, resolve=did.key_of_did_key, now=NOW, **more)]


def spoilt(signed: dict[str, Any], *path: str, to: object) -> dict[str, Any]:
    other = copy.deepcopy(signed)
    place: Any = other
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return other


def test_every_suite_is_among_the_vectors() -> None:
    assert len(PEERS) == 8


@pytest.mark.parametrize("name", PEERS)
def test_what_the_peer_signed_verifies(name: str) -> None:
    assert codes(PEERS[name]) == ["verified"]


@pytest.mark.parametrize("name", PEERS)
def test_what_was_changed_does_not(name: str) -> None:
    signed = PEERS[name]
    assert codes(spoilt(signed, "credentialSubject", "creditsEarned", to=10.5)) == ["signature_wrong"]
    assert codes(spoilt(signed, "issuer", "name", to="Another")) == ["signature_wrong"]
    assert codes(spoilt(signed, "proof", "created", to="2026-01-01T00:00:00Z")) == ["signature_wrong"]
    assert codes(spoilt(signed, "proof", "proofPurpose", to="authentication")) == ["proof_purpose_wrong"]
    assert codes(spoilt(signed, "proof", "proofValue", to="z" + "1" * 63)) == ["proof_malformed"]
    assert codes(spoilt(signed, "proof", "created", to="2026-01-01")) == ["proof_date_malformed"]
    assert codes(spoilt(signed, "proof", "expires", to="2026-02-01T00:00:00Z")) == ["proof_expired"]


@pytest.mark.parametrize("name", PEERS)
def test_a_suite_is_not_verified_with_another_kind_of_key(name: str) -> None:
    signed = PEERS[name]
    other = PEERS["eddsa-rdfc-2022" if "ecdsa" in name else "ecdsa-rdfc-2019 P-256"]
    found = codes(spoilt(signed, "proof", "verificationMethod", to=other["proof"]["verificationMethod"]))
    assert found in (["key_mismatch"], ["proof_malformed"])  # of P-384, the length is off first


@pytest.mark.parametrize("name", ["eddsa-jcs-2022", "ecdsa-jcs-2019 P-256"])
def test_a_json_proof_covers_terms_and_contexts(name: str) -> None:
    signed = PEERS[name]
    assert codes(spoilt(signed, "credentialSubject", "grade", to="A+")) == ["signature_wrong"]
    contexts = [*signed["@context"], {"@vocab": "https://forger.example/"}]
    more = codes(spoilt(signed, "@context", to=contexts))
    # The suite lets contexts be appended; what they add is not said to be verified by it, see the check of terms.
    assert more in (["verified"], ["inline_context"])
    assert codes(spoilt(signed, "@context", to=list(reversed(signed["@context"])))) == ["proof_context_wrong"]


def test_a_proof_for_somebody_answers_their_challenge_only() -> None:
    key = Ed25519PrivateKey.generate()
    method = did.verification_method(did.did_key(key.public_key()), key.public_key())
    unsigned = {name: value for name, value in PEERS["eddsa-rdfc-2022"].items() if name != "proof"}
    purpose = Purpose(name="authentication", challenge="c-1", domain="https://asked.example")
    signed = data_integrity.create(unsigned, sign=key.sign, verification_method=method, created=NOW, purpose=purpose)
    assert codes(signed, purpose=purpose) == ["verified"]
    assert codes(signed, purpose=Purpose(name="authentication", challenge="c-2")) == ["proof_challenge_wrong"]
    assert codes(signed, purpose=Purpose(name="authentication", domain="https://x.example")) == ["proof_domain_wrong"]
    assert codes(signed) == ["proof_purpose_wrong"]
