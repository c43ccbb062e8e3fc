"""The conformance server as a resolver of did:key: documents, what DID URLs name in them, and why there is none."""

from typing import Any

import pytest

from services.credentials.proofs import did, multikey
from tests.conformance.server import problems
from tests.conformance.suite_client import OTHER, SERVER, Suite, kinds

RESOLUTION = 'application/ld+json;profile="https://w3id.org/did-resolution"'
METHOD = did.verification_method(SERVER.did, SERVER.key.public_key())
ANOTHERS = did.verification_method(SERVER.did, OTHER.key.public_key())
SHORT = "did:key:" + multikey.base58_encode(b"\xed\x01" + b"\x05" * 31)
SMALL_ORDER = "did:key:" + multikey.base58_encode(b"\xed\x01" + b"\x01" + b"\x00" * 31)
X25519 = "did:key:" + multikey.base58_encode(b"\xec\x01" + b"\x05" * 32)


def test_a_did_key_has_a_document(suite: Suite) -> None:
    status, document = suite.identify(SERVER.did)

    assert status == 200
    assert document["id"] == SERVER.did
    assert document["assertionMethod"] == document["authentication"] == [METHOD]
    assert did.key_in_document(document, did=SERVER.did, method=METHOD) == SERVER.key.public_key()
    resolved = suite.identify(SERVER.did, accept="application/did-resolution")
    assert resolved[1]["didDocument"] == document


def test_a_did_url_names_a_method(suite: Suite) -> None:
    status, method = suite.identify(METHOD)
    _, resolved = suite.identify(METHOD, accept=RESOLUTION)

    assert (status, method["id"], method["controller"]) == (200, METHOD, SERVER.did)
    assert multikey.decode(method["publicKeyMultibase"]) == SERVER.key.public_key()
    assert resolved["didDocument"] == method
    assert "error" not in resolved["didDereferencingMetadata"]


@pytest.mark.parametrize(
    ("identifier", "kind", "code"),
    [
        ("did:key:z6MkNobody", problems.INVALID_DID, "invalidPublicKeyLength"),
        (SHORT, problems.INVALID_DID, "invalidPublicKeyLength"),
        ("did:key:zTiny", problems.INVALID_DID, "invalidPublicKeyLength"),
        (SMALL_ORDER, problems.INVALID_DID, "invalidPublicKey"),
        (X25519, problems.INVALID_DID, "unsupportedPublicKeyType"),
        ("did:key:@", problems.INVALID_DID, "invalidDid"),
        (SERVER.did.replace("key:z", "key:"), problems.INVALID_DID, "invalidDid"),
        (SERVER.did.replace("key:", "key:-4:"), problems.INVALID_DID, "invalidDid"),
        (SERVER.did.replace("did:key", "did"), problems.INVALID_DID, "invalidDid"),
        (SERVER.did.replace("did", "dad"), problems.INVALID_DID, "invalidDid"),
        ("did:web:a.example", problems.UNSUPPORTED_METHOD, "invalidDid"),
        ("nonsense", problems.INVALID_DID, "invalidDid"),
        (f"{SERVER.did}/path?query=^#{METHOD}", problems.INVALID_DID_URL, "invalidDidUrl"),
        (ANOTHERS, problems.NOT_FOUND, "notFound"),
        (f"{SERVER.did}#", problems.NOT_FOUND, "notFound"),
    ],
)
def test_what_stands_for_nothing_is_refused_and_why(suite: Suite, identifier: str, kind: str, code: str) -> None:
    status, body = suite.identify(identifier)
    asked, resolved = suite.identify(identifier, accept=RESOLUTION)

    assert (status, kinds(body)) == (400, {kind})
    assert (asked, resolved["didDocument"], resolved["didDocumentMetadata"]) == (400, {}, {})
    assert _metadata(resolved, identifier) == {"error": code}


@pytest.mark.parametrize("identifier", [SERVER.did, METHOD])
@pytest.mark.parametrize(
    ("key_format", "code"),
    [("Ed25519VerificationKey2018", "invalidPublicKeyType"), ("unheard", "unsupportedPublicKeyType")],
)
def test_keys_are_given_as_multikeys_alone(suite: Suite, identifier: str, key_format: str, code: str) -> None:
    status, resolved = suite.identify(identifier, accept=RESOLUTION, publicKeyFormat=key_format)

    assert (status, _metadata(resolved, identifier)) == (400, {"error": code})
    assert suite.identify(identifier, publicKeyFormat="Multikey")[0] == 200


def _metadata(resolved: Any, identifier: str) -> Any:
    return resolved["didDereferencingMetadata" if "#" in identifier else "didResolutionMetadata"]
