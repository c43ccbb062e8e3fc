"""DID documents of did:key, made from the identifier itself."""

from services.credentials.proofs import contexts, did, multikey
from services.credentials.proofs.did import DidError
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.strict_json import JsonObject
from tests.conformance.server.problems import INVALID_DID, UNSUPPORTED_METHOD, ProblemsError, problem

#: What a key of a did:key may do (did:key method, section 3.1.1), agreement of keys aside.
_RELATIONSHIPS = ("authentication", "assertionMethod", "capabilityDelegation", "capabilityInvocation")
_RESOLUTION = "https://w3id.org/did-resolution/v1"


def document(identifier: str) -> JsonObject:
    """The document of a did:key with an Ed25519, P-256 or P-384 key; ProblemsError for anything else."""
    if not identifier.startswith("did:key:"):
        kind = UNSUPPORTED_METHOD if identifier.startswith("did:") else INVALID_DID
        raise ProblemsError([problem(kind, "only did:key is resolved here")])
    try:
        key = did.key_of_did_key(identifier)
    except (DidError, KeyFormatError) as error:
        raise ProblemsError([problem(INVALID_DID, error.code)]) from None
    text = multikey.encode(key)
    # A key has one text, so the identifier is this one, whatever fragment was asked for.
    name = f"did:key:{text}"
    method = f"{name}#{text}"
    listed = {"id": method, "type": "Multikey", "controller": name, "publicKeyMultibase": text}
    return {
        "@context": [contexts.DID_V1, contexts.MULTIKEY_V1],
        "id": name,
        "verificationMethod": [listed],
        **{one: [method] for one in _RELATIONSHIPS},
    }


def resolution(found: JsonObject) -> JsonObject:
    """The document as the result of a resolution (DID Resolution, section 7.1)."""
    return {
        "@context": _RESOLUTION,
        "didDocument": found,
        "didResolutionMetadata": {"contentType": "application/did"},
        "didDocumentMetadata": {},
    }
