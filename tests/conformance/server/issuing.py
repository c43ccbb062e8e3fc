"""Issues whatever W3C credential is sent, if the rules of its data model hold: only its proof is new."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.credentials.proofs import contexts, data_model
from services.credentials.proofs.contexts import UnknownContextError
from services.credentials.proofs.jsonld import JsonLdError
from services.credentials.proofs.rdfc import TooComplexError
from services.credentials.proofs.strict_json import JsonObject
from tests.conformance.server.digests import as_multihashes
from tests.conformance.server.problems import GENERATION, ProblemsError, of_faults, problem
from tests.conformance.server.signer import Signer
from tests.conformance.server.statuses import StatusList


def issue(credential: JsonObject, signer: Signer, *, now: datetime) -> JsonObject:
    """The credential with a proof; ProblemsError where it breaks a rule or cannot be canonicalized."""
    if found := data_model.faults(as_multihashes(credential)):
        raise ProblemsError(of_faults(found))
    return _signed(_with_proof_terms(credential), signer, now=now)


def issue_with_status(credential: JsonObject, signer: Signer, statuses: StatusList, *, now: datetime) -> JsonObject:
    """The same, with an entry in the server's status list beside those that it has."""
    if found := data_model.faults(as_multihashes(credential)):
        raise ProblemsError(of_faults(found))
    before = credential.get("credentialStatus", [])
    others = before if isinstance(before, list) else [before]
    entry = statuses.next_entry()
    return issue({**credential, "credentialStatus": [*others, entry] if others else entry}, signer, now=now)


def _with_proof_terms(credential: JsonObject) -> JsonObject:
    """A credential of VC Data Model 1.1 with the context that defines the proof's terms; 2.0 brings them."""
    named = credential["@context"]
    if data_model.version(credential) == "2.0" or contexts.DATA_INTEGRITY_V2 in named:
        return credential
    return {**credential, "@context": [*named, contexts.DATA_INTEGRITY_V2]}


def _signed(credential: Mapping[str, Any], signer: Signer, *, now: datetime) -> JsonObject:
    try:
        return signer.signed(credential, created=now)
    except JsonLdError as error:
        raise ProblemsError([problem(GENERATION, f"{error.code}: {error.where}")]) from None
    except UnknownContextError as error:
        raise ProblemsError([problem(GENERATION, f"unknown_context: {error.url}")]) from None
    except TooComplexError:
        raise ProblemsError([problem(GENERATION, "too_complex")]) from None
