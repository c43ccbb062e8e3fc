"""DID documents of did:key, made from the identifier itself; and what a DID URL names in one."""

import re

from services.credentials.proofs import contexts, multikey
from services.credentials.proofs.multikey import KeyFormatError, PublicKey
from services.credentials.proofs.strict_json import JsonObject
from tests.conformance.server.problems import INVALID_DID, INVALID_DID_URL, NOT_FOUND, UNSUPPORTED_METHOD

#: What a key of a did:key may do (did:key method, section 3.1.1), agreement of keys aside.
_RELATIONSHIPS = ("authentication", "assertionMethod", "capabilityDelegation", "capabilityInvocation")
_RESOLUTION = "https://w3id.org/did-resolution/v1"
_DID_KEY = "did:key:"
_DID = re.compile(r"did:[a-z0-9]+:.+", re.DOTALL)
#: The one form that keys are given in here.
FORMAT = "Multikey"
#: Forms that the did:key method knows and leaves to experiments.
_EXPERIMENTAL = frozenset({"Ed25519VerificationKey2018", "X25519KeyAgreementKey2019"})
#: No key of a kind that is known here has a shorter multikey: two bytes of prefix before 32 of an Ed25519 key.
_SHORTEST = 34


class UnresolvedError(Exception):
    """The identifier stands for nothing here: `code` in the words of DID Core 1.0 and the did:key method, and `kind`.

    `kind` is the problem type of DID Resolution.
    """

    def __init__(self, code: str, kind: str = INVALID_DID) -> None:
        super().__init__(code)
        self.code = code
        self.kind = kind


def found(identifier: str, *, key_format: str = FORMAT) -> JsonObject:
    """The document of a did:key with an Ed25519, P-256 or P-384 key, or the method in it that a DID URL names.

    UnresolvedError for anything else.
    """
    did, mark, fragment = identifier.partition("#")
    if not did.startswith(_DID_KEY):
        # The did:key method calls every other one an invalid DID, and DID Resolution an unsupported method.
        raise UnresolvedError("invalidDid", UNSUPPORTED_METHOD if _DID.fullmatch(did) else INVALID_DID)
    if "/" in did or "?" in did:
        raise UnresolvedError("invalidDidUrl", INVALID_DID_URL)
    document = _document(_key(did.removeprefix(_DID_KEY)))
    if key_format != FORMAT:
        raise UnresolvedError("invalidPublicKeyType" if key_format in _EXPERIMENTAL else "unsupportedPublicKeyType")
    if not mark:
        return document
    (method,) = document["verificationMethod"]
    if method["id"] != f"{document['id']}#{fragment}":
        raise UnresolvedError("notFound", NOT_FOUND)
    return {"@context": contexts.MULTIKEY_V1, **method}


def resolution(identifier: str, document: JsonObject) -> JsonObject:
    """What was found as the result of a resolution, or of a DID URL's dereferencing (DID Core 1.0, section 7)."""
    return _result(identifier, document, {"contentType": "application/did"})


def refusal(identifier: str, error: UnresolvedError) -> JsonObject:
    """The same of what was not found: the document is empty, and the metadata say why."""
    return _result(identifier, {}, {"error": error.code})


def _result(identifier: str, document: JsonObject, metadata: JsonObject) -> JsonObject:
    member = "didDereferencingMetadata" if "#" in identifier else "didResolutionMetadata"
    return {"@context": _RESOLUTION, "didDocument": document, member: metadata, "didDocumentMetadata": {}}


def _key(text: str) -> PublicKey:
    try:
        return multikey.decode_any(text)
    except KeyFormatError as error:
        raise UnresolvedError(_code(error, text)) from None


def _code(error: KeyFormatError, text: str) -> str:
    if error.code == "not_base58btc":
        return "invalidDid"
    if error.code == "wrong_length" or len(multikey.base58_decode(text)) < _SHORTEST:
        return "invalidPublicKeyLength"
    return "unsupportedPublicKeyType" if error.code == "not_ed25519" else "invalidPublicKey"


def _document(key: PublicKey) -> JsonObject:
    text = multikey.encode(key)
    name = _DID_KEY + text
    method = f"{name}#{text}"
    return {
        "@context": [contexts.DID_V1, contexts.MULTIKEY_V1],
        "id": name,
        "verificationMethod": [{"id": method, "type": FORMAT, "controller": name, "publicKeyMultibase": text}],
        **{one: [method] for one in _RELATIONSHIPS},
    }
