"""Applies the proofs of a credential: is each signature intact, and is each key the issuer's. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.credentials.proofs import data_integrity, vc_jwt
from services.credentials.proofs.data_integrity import ProofResult, UnresolvedKeyError
from services.credentials.proofs.multikey import PublicKey
from services.credentials.proofs.vc_jwt import CredentialJwt
from services.credentials.verification import keys, shape
from services.credentials.verification.case import Case
from services.credentials.verification.keys import KeyMissingError
from services.credentials.verification.model import Check, Outcome
from services.credentials.verification.sentences import check

#: What one cannot know is not false: a suite or a vocabulary that we do not have.
_UNKNOWN_CODES = frozenset({"proof_unsupported", "unknown_context"})


def check_token(case: Case, token: CredentialJwt) -> list[Check]:
    """The checks `proof` and `issuer` of a JWT's signature."""
    try:
        found = keys.of_token(case, token)
    except KeyMissingError as error:
        return _without_key(error)
    if not vc_jwt.is_signed_by(token, found.key):
        return [check("proof", "failed", "signature_wrong"), found.issuer]
    issuer = keys.confirmed(case, found, token.issuer, token.credential, method=None)
    return [check("proof", "passed", "verified"), issuer]


def check_proofs(case: Case, document: Mapping[str, Any], *, now: datetime) -> list[Check]:
    """The checks `proof` and `issuer` of embedded proofs; every proof of a set must stand."""
    issuer = shape.issuer_id(document) or ""
    bound: dict[str, Check] = {}
    missing: dict[str, KeyMissingError] = {}

    def resolve(method: str) -> PublicKey:
        try:
            found = keys.of_method(case, method, issuer=issuer)
        except KeyMissingError as error:
            missing[method] = error
            raise UnresolvedKeyError(error.code, is_certain=error.is_certain) from None
        bound[method] = keys.confirmed(case, found, issuer, document, method=method)
        key: PublicKey = found.key
        return key

    results = data_integrity.verify(document, resolve=resolve, now=now)
    if not results:
        return [check("proof", "failed", "no_proof")]
    worst = _worst(results)
    lost = missing.get(worst.verification_method or "")
    if lost is not None:
        return _without_key(lost)
    outcome: Outcome = "passed"
    if worst.outcome != "verified":
        outcome = "unknown" if worst.code in _UNKNOWN_CODES else "failed"
    proof = check("proof", outcome, worst.code, worst.detail)
    binding = [one for one in bound.values() if one.outcome != "passed"] or list(bound.values())
    return [proof, *sorted(binding, key=lambda one: one.outcome != "failed")[:1]]


def _worst(results: list[ProofResult]) -> ProofResult:
    """The result that decides: one refused, then one that cannot be known, else the first."""
    order = {"refused": 0, "unproven": 1, "unsupported": 1, "verified": 2}
    return min(results, key=lambda one: order[one.outcome])


def _without_key(error: KeyMissingError) -> list[Check]:
    outcome: Outcome = "failed" if error.is_certain else "unknown"
    if error.code in ("key_of_another", "key_not_listed", "document_of_another", "key_withdrawn"):
        return [check("issuer", outcome, error.code, error.where)]
    return [check("proof", outcome, error.code, error.where)]
