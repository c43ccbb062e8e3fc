"""Data Integrity proofs, cryptosuite eddsa-rdfc-2022 (W3C vc-di-eddsa, section 3.2): create and verify.

The document and the proof's own statements are canonicalized apart; what is signed is SHA-256 of the proof's, then
SHA-256 of the document's: proof first, 64 bytes.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.credentials.proofs import jsonld, multikey
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.strict_json import JsonObject

CRYPTOSUITE = "eddsa-rdfc-2022"
MAX_PROOFS = 8
# xsd:dateTimeStamp: a time zone is required.
_DATE_TIME_STAMP = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")

#: `verified`; `refused`: the signature or the form is wrong; `unproven`: whose key it is could not be found out;
#: `unsupported`: a kind of proof that we do not know.
Outcome = Literal["verified", "refused", "unproven", "unsupported"]


class ProofResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one proof: its outcome, a stable code, and the verification method that it names."""

    outcome: Outcome
    code: str
    verification_method: str | None = None
    detail: str = ""


class UnresolvedKeyError(Exception):
    """A resolver cannot give the key; `code` says why. `is_certain`: the key is none of the issuer's, for sure."""

    def __init__(self, code: str, *, is_certain: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_certain = is_certain


#: From a verification method to its key; raises UnresolvedKeyError.
Resolve = Callable[[str], Ed25519PublicKey]


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any], *, allows_vocab: bool = False) -> bytes:
    """The 64 bytes to sign: of an unsecured document and of proof options without `proofValue`.

    `allows_vocab` is for conformance suites only: what `@vocab` takes in could be misspelt.
    """
    configuration = {**options, "@context": document["@context"]}
    return (
        hashlib.sha256(jsonld.canonicalize(configuration, allows_vocab=allows_vocab)).digest()
        + hashlib.sha256(jsonld.canonicalize(document, allows_vocab=allows_vocab)).digest()
    )


def create(
    document: Mapping[str, Any], *, sign: Callable[[bytes], bytes], verification_method: str, created: datetime
) -> JsonObject:
    """The document with its proof. `sign` makes the 64-byte Ed25519 signature of what it is given.

    JsonLdError, UnknownContextError or TooComplexError for a document that cannot be canonicalized strictly.
    """
    if "proof" in document:
        raise JsonLdError("already_signed", "proof")
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }
    value = multikey.base58_encode(sign(hash_data(document, options)))
    return {**document, "proof": [{**options, "proofValue": value}]}


def verify(
    document: Mapping[str, Any], *, resolve: Resolve, now: datetime, allows_vocab: bool = False
) -> list[ProofResult]:
    """A result for each proof of the document; none where it has no proof. It stands only if every proof does.

    Stricter than Open Badges, which lets a verifier be content with any one proof.
    """
    proofs = document.get("proof")
    listed: Sequence[Any] = proofs if isinstance(proofs, list) else [] if proofs is None else [proofs]
    if len(listed) > MAX_PROOFS:
        return [ProofResult(outcome="refused", code="too_many_proofs")]
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    by_id = {one["id"]: one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)}
    check = _Check(unsecured=unsecured, by_id=by_id, resolve=resolve, now=now, allows_vocab=allows_vocab)
    return [_verify_one(check, one) for one in listed]


class _Check(msgspec.Struct, frozen=True, kw_only=True):
    """What the proofs of one document are verified against."""

    unsecured: Mapping[str, Any]
    by_id: Mapping[str, Any]
    resolve: Resolve
    now: datetime
    allows_vocab: bool


def _verify_one(check: _Check, proof: Any) -> ProofResult:
    if not isinstance(proof, dict):
        return ProofResult(outcome="refused", code="proof_malformed")
    method = proof.get("verificationMethod")
    named = method if isinstance(method, str) else None
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != CRYPTOSUITE:
        kind = str(proof.get("cryptosuite") or proof.get("type"))[:60]
        return ProofResult(outcome="unsupported", code="proof_unsupported", verification_method=named, detail=kind)
    if (code := _form_fault(proof, check.by_id, check.now)) is not None:
        return ProofResult(outcome="refused", code=code, verification_method=named)
    assert named is not None
    try:
        signature = multikey.base58_decode(proof["proofValue"])
    except KeyFormatError:
        return ProofResult(outcome="refused", code="proof_malformed", verification_method=named)
    if len(signature) != 64:
        return ProofResult(outcome="refused", code="proof_malformed", verification_method=named)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    # A proof of a chain also covers the proofs before it (W3C Data Integrity 1.0, section 4.6).
    chained = [check.by_id[one] for one in _previous(proof)]
    secured = {**check.unsecured, "proof": chained} if chained else check.unsecured
    try:
        data = hash_data(secured, options, allows_vocab=check.allows_vocab)
    except JsonLdError as error:
        return ProofResult(outcome="refused", code=error.code, verification_method=named, detail=error.where)
    except UnknownContextError as error:
        return ProofResult(outcome="refused", code="unknown_context", verification_method=named, detail=error.url)
    except TooComplexError:
        return ProofResult(outcome="refused", code="too_complex", verification_method=named)
    return _check_signature(signature, data, named, check.resolve)


def _check_signature(signature: bytes, data: bytes, method: str, resolve: Resolve) -> ProofResult:
    try:
        resolve(method).verify(signature, data)
    except InvalidSignature:
        return ProofResult(outcome="refused", code="signature_wrong", verification_method=method)
    except KeyFormatError as error:
        return ProofResult(outcome="refused", code=f"key_{error.code}", verification_method=method)
    except UnresolvedKeyError as error:
        outcome: Outcome = "refused" if error.is_certain else "unproven"
        return ProofResult(outcome=outcome, code=error.code, verification_method=method)
    return ProofResult(outcome="verified", code="verified", verification_method=method)


def _form_fault(proof: Mapping[str, Any], by_id: Mapping[str, Any], now: datetime) -> str | None:
    if not isinstance(proof.get("verificationMethod"), str) or not isinstance(proof.get("proofValue"), str):
        return "proof_malformed"
    if proof.get("proofPurpose") != "assertionMethod":
        return "proof_purpose_wrong"
    if "@context" in proof or "challenge" in proof or "domain" in proof:
        return "proof_malformed"
    if not all(isinstance(one, str) and one in by_id for one in _previous(proof)):
        return "previous_proof_missing"
    created, expires = proof.get("created"), proof.get("expires")
    for text in (created, expires):
        if text is not None and _moment(text) is None:
            return "proof_date_malformed"
    if expires is not None and (end := _moment(expires)) is not None and end <= now:
        return "proof_expired"
    return None


def _previous(proof: Mapping[str, Any]) -> list[Any]:
    pointed = proof.get("previousProof")
    return [] if pointed is None else pointed if isinstance(pointed, list) else [pointed]


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str) or not _DATE_TIME_STAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
