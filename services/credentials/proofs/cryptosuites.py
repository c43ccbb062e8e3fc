"""The cryptosuites that proofs are verified by: how a document becomes bytes to sign, and whose signature fits. Pure.

W3C vc-di-eddsa and vc-di-ecdsa; and Ed25519Signature2020, which most older badges in wallets carry.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm

from services.credentials.proofs import jsonld
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.multikey import PublicKey
from services.credentials.proofs.strict_json import JsonObject

EDDSA_RDFC = "eddsa-rdfc-2022"
ED25519_2020 = "Ed25519Signature2020"
_ED25519_2020_CONTEXT = "https://w3id.org/security/suites/ed25519-2020/v1"

Hash = Callable[[bytes], Any]


class Cryptosuite(msgspec.Struct, frozen=True, kw_only=True):
    """How one suite works: its kind of key, and whether it signs RDF statements or the JSON as it stands."""

    name: str
    is_ecdsa: bool
    is_json: bool


_LISTED = (
    Cryptosuite(name=EDDSA_RDFC, is_ecdsa=False, is_json=False),
    Cryptosuite(name="eddsa-jcs-2022", is_ecdsa=False, is_json=True),
    Cryptosuite(name="ecdsa-rdfc-2019", is_ecdsa=True, is_json=False),
    Cryptosuite(name="ecdsa-jcs-2019", is_ecdsa=True, is_json=True),
    Cryptosuite(name=ED25519_2020, is_ecdsa=False, is_json=False),
)
_BY_NAME = {one.name: one for one in _LISTED}


class KeyMismatchError(Exception):
    """The key is not of the kind that the suite signs with."""


def of_proof(proof: Mapping[str, Any]) -> Cryptosuite | None:
    """The suite that a proof names; None for one that is not known here."""
    kind = proof.get("type")
    name = proof.get("cryptosuite") if kind == "DataIntegrityProof" else kind if kind == ED25519_2020 else None
    return _BY_NAME.get(name) if isinstance(name, str) else None


def verifies(
    suite: Cryptosuite, key: PublicKey, signature: bytes, document: JsonObject, options: JsonObject, *, vocab: bool
) -> bool:
    """Whether `signature` is by `key` over the document under these proof options.

    KeyMismatchError for another kind of key; the errors of canonicalization for a document that has no form.
    """
    digest, algorithm = _hash_of(suite, key)
    data = hash_data(suite, document, options, digest=digest, allows_vocab=vocab)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, EllipticCurvePublicKey):
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            key.verify(encode_dss_signature(r, s), data, ECDSA(algorithm))
        else:
            raise KeyMismatchError
    except InvalidSignature:
        return False
    return True


def signature_length(key: PublicKey) -> int:
    """Bytes of a signature by this key: 64, or 96 for P-384."""
    return 96 if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP384R1) else 64


def hash_data(
    suite: Cryptosuite,
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    digest: Hash = hashlib.sha256,
    allows_vocab: bool = False,
) -> bytes:
    """What is signed: the hash of the proof's own statements, then that of the document's."""
    if suite.is_json:
        secured = _with_proofs_context(document, options)
        parts = (_canonical_json(options), _canonical_json(secured))
    else:
        configuration = {**options, "@context": _context_of(suite, document, options)}
        parts = (
            jsonld.canonicalize(configuration, allows_vocab=allows_vocab, digest=digest),
            jsonld.canonicalize(document, allows_vocab=allows_vocab, digest=digest),
        )
    hashed: bytes = b"".join(digest(part).digest() for part in parts)
    return hashed


def _hash_of(suite: Cryptosuite, key: PublicKey) -> tuple[Hash, HashAlgorithm]:
    """SHA-256, or SHA-384 where the key is of that strength (vc-di-ecdsa, section 3.2)."""
    if not suite.is_ecdsa and isinstance(key, Ed25519PublicKey):
        return hashlib.sha256, SHA256()
    if suite.is_ecdsa and isinstance(key, EllipticCurvePublicKey):
        if isinstance(key.curve, SECP256R1):
            return hashlib.sha256, SHA256()
        if isinstance(key.curve, SECP384R1):
            return hashlib.sha384, SHA384()
    raise KeyMismatchError


def _context_of(suite: Cryptosuite, document: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """The context that the proof's options are read in: the document's, or for the older suite also their own."""
    named = document.get("@context")
    if suite.name != ED25519_2020:
        return named
    if "@context" in options:
        return options["@context"]
    listed = named if isinstance(named, list) else [named]
    return listed if _ED25519_2020_CONTEXT in listed else [*listed, _ED25519_2020_CONTEXT]


def _with_proofs_context(document: Mapping[str, Any], options: Mapping[str, Any]) -> Mapping[str, Any]:
    """vc-di-eddsa, section 3.3.2, step 4: the document's contexts begin with the proof's, which then stand for them."""
    if "@context" not in options:
        return document
    own, named = (_listed(one.get("@context")) for one in (options, document))
    if named[: len(own)] != own:
        raise JsonLdError("proof_context_wrong", "@context")
    return {**document, "@context": options["@context"]}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _canonical_json(value: Mapping[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, ValueError) as error:
        raise JsonLdError("not_canonical_json", type(error).__name__) from None
