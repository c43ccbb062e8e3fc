"""Data Integrity proofs: create with eddsa-rdfc-2022 (W3C vc-di-eddsa, section 3.2), verify with every suite we know.

The document and the proof's own statements are canonicalized apart; what is signed is SHA-256 of the proof's, then
SHA-256 of the document's: proof first, 64 bytes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from services.credentials.proofs import cryptosuites, multikey
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.cryptosuites import Cryptosuite, KeyMismatchError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.strict_json import JsonObject

CRYPTOSUITE = cryptosuites.EDDSA_RDFC
_CREATED_WITH = Cryptosuite(name=CRYPTOSUITE, is_ecdsa=False, is_json=False)
#: Characters of base58 for 96 bytes, and some.
_LONGEST_SIGNATURE = 140
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
Resolve = Callable[[str], multikey.PublicKey]


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any], *, allows_vocab: bool = False) -> bytes:
    """The 64 bytes that eddsa-rdfc-2022 signs: of an unsecured document and of proof options without `proofValue`.

    `allows_vocab` is for conformance suites only: what `@vocab` takes in could be misspelt.
    """
    return cryptosuites.hash_data(_CREATED_WITH, document, options, allows_vocab=allows_vocab)


#: From an unsecured document and proof options to the bytes to sign.
HashData = Callable[[Mapping[str, Any], Mapping[str, Any]], bytes]


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof is for, and whom it is shown to; a presentation's names its challenge and domain."""

    name: str = "assertionMethod"
    challenge: str | None = None
    domain: str | None = None


ASSERTION = Purpose()


def create(
    document: Mapping[str, Any],
    *,
    sign: Callable[[bytes], bytes],
    verification_method: str,
    created: datetime,
    purpose: Purpose = ASSERTION,
    hashes: HashData = hash_data,
) -> JsonObject:
    """The document with its proof. `sign` makes the 64-byte Ed25519 signature of what it is given.

    `hashes` may be a faster way to what `hash_data` gives.

    JsonLdError, UnknownContextError or TooComplexError for a document that cannot be canonicalized strictly.
    """
    if "proof" in document:
        raise JsonLdError("already_signed", "proof")
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z",
        "verificationMethod": verification_method,
        "proofPurpose": purpose.name,
    }
    if purpose is not ASSERTION:
        options |= {name: value for name in ("challenge", "domain") if (value := getattr(purpose, name)) is not None}
    value = multikey.base58_encode(sign(hashes(document, options)))
    return {**document, "proof": [{**options, "proofValue": value}]}


def verify(
    document: Mapping[str, Any],
    *,
    resolve: Resolve,
    now: datetime,
    purpose: Purpose = ASSERTION,
    allows_vocab: bool = False,
) -> list[ProofResult]:
    """A result for each proof of the document; none where it has no proof. It stands only if every proof does.

    Stricter than Open Badges, which lets a verifier be content with any one proof.
    """
    proofs = document.get("proof")
    listed: Sequence[Any] = proofs if isinstance(proofs, list) else [] if proofs is None else [proofs]
    if len(listed) > MAX_PROOFS:
        return [ProofResult(outcome="refused", code="too_many_proofs")]
    check = _Check(
        unsecured={name: value for name, value in document.items() if name != "proof"},
        by_id={one["id"]: one for one in listed if isinstance(one, dict) and isinstance(one.get("id"), str)},
        resolve=resolve,
        now=now,
        purpose=purpose,
        allows_vocab=allows_vocab,
    )
    return [_verify_one(check, one) for one in listed]


class _Check(msgspec.Struct, frozen=True, kw_only=True):
    """What the proofs of one document are verified against."""

    unsecured: Mapping[str, Any]
    by_id: Mapping[str, Any]
    resolve: Resolve
    now: datetime
    purpose: Purpose
    allows_vocab: bool


def _verify_one(check: _Check, proof: Any) -> ProofResult:
    if not isinstance(proof, dict):
        return ProofResult(outcome="refused", code="proof_malformed")
    method = proof.get("verificationMethod")
    named = method if isinstance(method, str) else None
    suite = cryptosuites.of_proof(proof)
    if suite is None:
        kind = str(proof.get("cryptosuite") or proof.get("type"))[:60]
        return ProofResult(outcome="unsupported", code="proof_unsupported", verification_method=named, detail=kind)
    if (code := _form_fault(check, suite, proof)) is not None:
        return ProofResult(outcome="refused", code=code, verification_method=named)
    assert named is not None
    try:
        key = check.resolve(named)
        refusal = _refusal(check, suite, proof, key)
    except KeyFormatError as error:
        return ProofResult(outcome="refused", code=f"key_{error.code}", verification_method=named)
    except UnresolvedKeyError as error:
        outcome: Outcome = "refused" if error.is_certain else "unproven"
        return ProofResult(outcome=outcome, code=error.code, verification_method=named)
    if refusal is not None:
        return ProofResult(outcome="refused", code=refusal[0], verification_method=named, detail=refusal[1])
    return ProofResult(outcome="verified", code="verified", verification_method=named)


def _refusal(
    check: _Check, suite: Cryptosuite, proof: Mapping[str, Any], key: multikey.PublicKey
) -> tuple[str, str] | None:
    """Why the signature does not stand, as code and what is to blame; None where it does."""
    try:
        signature = multikey.base58_decode(proof["proofValue"], longest=_LONGEST_SIGNATURE)
    except KeyFormatError:
        return "proof_malformed", "proofValue"
    if len(signature) != cryptosuites.signature_length(key):
        return "proof_malformed", "proofValue"
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    # A proof of a chain also covers the proofs before it (W3C Data Integrity 1.0, section 4.6).
    chained = [check.by_id[one] for one in _previous(proof)]
    secured = {**check.unsecured, "proof": chained} if chained else dict(check.unsecured)
    try:
        if cryptosuites.verifies(suite, key, signature, secured, options, vocab=check.allows_vocab):
            return None
    except JsonLdError as error:
        return error.code, error.where
    except UnknownContextError as error:
        return "unknown_context", error.url
    except TooComplexError:
        return "too_complex", ""
    except KeyMismatchError:
        return "key_mismatch", ""
    return "signature_wrong", ""


def _form_fault(check: _Check, suite: Cryptosuite, proof: Mapping[str, Any]) -> str | None:
    if not isinstance(proof.get("verificationMethod"), str) or not isinstance(proof.get("proofValue"), str):
        return "proof_malformed"
    if proof.get("proofPurpose") != check.purpose.name:
        return "proof_purpose_wrong"
    if "@context" in proof and not (suite.is_json or suite.name == cryptosuites.ED25519_2020):
        return "proof_malformed"
    if check.purpose.challenge is not None and proof.get("challenge") != check.purpose.challenge:
        return "proof_challenge_wrong"
    # One text stands for a set of one (W3C Data Integrity 1.0, section 4.4).
    if check.purpose.domain is not None and proof.get("domain") not in (check.purpose.domain, [check.purpose.domain]):
        return "proof_domain_wrong"
    # Each is signed over again, so to name one many times would be work without end.
    if len(_previous(proof)) > MAX_PROOFS:
        return "too_many_proofs"
    if not all(isinstance(one, str) and one in check.by_id for one in _previous(proof)):
        return "previous_proof_missing"
    created, expires = proof.get("created"), proof.get("expires")
    for text in (created, expires):
        if text is not None and _moment(text) is None:
            return "proof_date_malformed"
    if expires is not None and (end := _moment(expires)) is not None and end <= check.now:
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
