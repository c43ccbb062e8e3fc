"""What the server answers when something is not good: the problem types that W3C's specifications name."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from services.credentials.proofs.data_integrity import ProofResult
from services.credentials.proofs.data_model import Fault

_DATA_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_DID = "https://www.w3.org/ns/did#"

#: VC Data Model 2.0, section 7.2.
PARSING = _DATA_MODEL + "PARSING_ERROR"
TAMPERED = _DATA_MODEL + "CRYPTOGRAPHIC_SECURITY_ERROR"
MALFORMED = _DATA_MODEL + "MALFORMED_VALUE_ERROR"
OUT_OF_RANGE = _DATA_MODEL + "RANGE_ERROR"
#: VC Data Integrity 1.0, section 4.7.
GENERATION = _SECURITY + "PROOF_GENERATION_ERROR"
VERIFICATION = _SECURITY + "PROOF_VERIFICATION_ERROR"
TRANSFORMATION = _SECURITY + "PROOF_TRANSFORMATION_ERROR"
DOMAIN = _SECURITY + "INVALID_DOMAIN_ERROR"
CHALLENGE = _SECURITY + "INVALID_CHALLENGE_ERROR"
#: Bitstring Status List 1.0, section 3.5.
STATUS = _STATUS + "STATUS_VERIFICATION_ERROR"
#: DID Resolution, section on errors.
INVALID_DID = _DID + "INVALID_DID"
INVALID_DID_URL = _DID + "INVALID_DID_URL"
NOT_FOUND = _DID + "NOT_FOUND"
UNSUPPORTED_METHOD = _DID + "METHOD_NOT_SUPPORTED"

_OF_CODES = {
    "signature_wrong": TAMPERED,
    "proof_domain_wrong": DOMAIN,
    "proof_challenge_wrong": CHALLENGE,
}
#: How codes begin that blame the proof or its key; every other one blames what was to be canonicalized.
_PROOFS_OWN = ("proof_", "previous_proof_", "key_", "too_many_proofs")
#: A value is well-formed and lies on the wrong side of another.
_RANGE_CODES = frozenset({"ends_before_it_starts"})


class Problem(msgspec.Struct, frozen=True):
    """One of `problemDetails`: the type's URL, its name, and what was found where."""

    type: str
    title: str
    detail: str


class ProblemsError(Exception):
    """The request is answered with 400 and these problems, at least one."""

    def __init__(self, found: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = tuple(found)


def problem(kind: str, detail: str) -> Problem:
    """A problem of one of the types above; its title is the type's name."""
    return Problem(kind, kind.partition("#")[2], detail)


def body(found: Iterable[Problem]) -> Mapping[str, Any]:
    """The answer's body, as `POST .../verify` gives it."""
    return {"verified": False, "problemDetails": [msgspec.to_builtins(one) for one in found]}


def of_faults(found: Iterable[Fault], *, place: str = "") -> list[Problem]:
    """The problems of what the data model's rules found, below `place`."""
    return [
        problem(
            OUT_OF_RANGE if one.code in _RANGE_CODES else MALFORMED,
            f"{place}{one.where}: {one.code} ({one.clause})",
        )
        for one in found
    ]


def of_results(found: Iterable[ProofResult], *, place: str = "") -> list[Problem]:
    """The problems of the proofs that do not stand, below `place`."""
    return [
        problem(_of_code(one.code), f"{place}proof: {one.code} {one.detail}".strip())
        for one in found
        if one.outcome != "verified"
    ]


def _of_code(code: str) -> str:
    if code in _OF_CODES:
        return _OF_CODES[code]
    return VERIFICATION if code.startswith(_PROOFS_OWN) else TRANSFORMATION
