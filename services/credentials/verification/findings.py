"""What the rules of the VC Data Model find in a credential, and which of it decides the check `shape`. Pure.

A fault that leaves clear what was signed and what it says is a note; the badge is no less genuine for it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from services.credentials.proofs import data_model
from services.credentials.proofs.data_model import Fault
from services.credentials.proofs.strict_json import JsonObject
from services.credentials.verification import shape
from services.credentials.verification.model import Check, Outcome
from services.credentials.verification.sentences import check, note, shape_check

#: The faults that leave in doubt what is said, by rule and code. What a badge cannot be read without, `shape` asks for
#: itself; what a malformed proof, status or period means, the checks `proof`, `status` and `validity` say.
_DECISIVE: dict[tuple[str, str], Outcome] = {
    # In a JWT no other check reads the vocabularies, and no two readers need agree on what such a one does.
    ("context", "not_a_context"): "failed",
    # VC Data Model 2.0, section 5.3: not to be believed. It is no falser than one of a vocabulary that we do not have.
    ("related_resource_pinned", "not_the_pinned_context"): "unknown",
}
_ENVELOPE = "EnvelopedVerifiableCredential"
_RELATED = "relatedResource"
_MOST_NOTES = 100
_MOST_EMBEDDED = 100


def check_shape(credential: JsonObject, envelope: JsonObject | None = None) -> Check:
    """The check `shape` of a credential that came in an envelope perhaps, with everything that the rules find."""
    own = data_model.faults(credential)
    shaped = _closed(credential, own) or shape.check_shape(credential)
    decisive = _decisive(own) if shaped.outcome == "passed" else None
    if decisive is not None:
        shaped = shape_check(_DECISIVE[decisive.rule, decisive.code], decisive)
        own.remove(decisive)
    faults = [*_envelope_faults(envelope), *own, *_embedded_faults(credential)]
    if faults and shaped.outcome == "passed":
        shaped = check("shape", "passed", "open_badge_with_faults")
    notes = tuple(note(one) for one in islice((*_unread(credential), *faults), _MOST_NOTES))
    return msgspec.structs.replace(shaped, notes=notes)


def _decisive(faults: list[Fault]) -> Fault | None:
    """The fault that decides most: one that makes it fail, then one that leaves it unknown."""
    found = [one for one in faults if (one.rule, one.code) in _DECISIVE]
    return min(found, key=lambda one: _DECISIVE[one.rule, one.code] != "failed", default=None)


def _closed(credential: JsonObject, faults: list[Fault]) -> Check | None:
    """What to say of an envelope that was not opened; None for anything else."""
    if _ENVELOPE not in shape.listed(credential.get("type")):
        return None
    if any(one.where == "id" for one in faults):
        return check("shape", "failed", "envelope_empty")
    return check("shape", "unknown", "envelope_unsupported")


def _envelope_faults(envelope: JsonObject | None) -> Iterator[Fault]:
    for one in () if envelope is None else data_model.faults(envelope):
        yield _below("envelope", one)


def _embedded_faults(credential: JsonObject) -> Iterator[Fault]:
    """Of the credentials in a learner record, each of which has its own issuer and is judged on its own."""
    for index, one in enumerate(_embedded(credential)[:_MOST_EMBEDDED]):
        for fault in data_model.faults(one) if isinstance(one, dict) else ():
            yield _below(f"credentialSubject.verifiableCredential[{index}]", fault)


def _unread(credential: JsonObject) -> Iterator[Fault]:
    """What this verifier leaves out, so that nobody takes it for checked."""
    if len(_embedded(credential)) > _MOST_EMBEDDED:
        path = f"credentialSubject.verifiableCredential[{_MOST_EMBEDDED}]"
        yield Fault("embedded_credentials", "not_all_read", path, "CLR 2.0")
    if _RELATED in credential:
        yield Fault("related_resource", "not_fetched", _RELATED, "VCDM 2.0, section 5.3")


def _embedded(credential: JsonObject) -> list[Any]:
    subject = credential.get("credentialSubject")
    return shape.listed(subject.get("verifiableCredential")) if isinstance(subject, dict) else []


def _below(place: str, fault: Fault) -> Fault:
    return Fault(fault.rule, fault.code, f"{place}.{fault.where}", fault.clause)
