"""The rules about presentations, and about credentials and presentations that travel in an envelope."""

import re
from collections.abc import Iterator
from typing import Any

from services.credentials.proofs import contexts
from services.credentials.proofs.data_model.credential import (
    context_findings,
    document_id_findings,
    party_findings,
    required_type_findings,
    version,
)
from services.credentials.proofs.data_model.entries import PROOF_RULES, TERMS_OF_USE
from services.credentials.proofs.data_model.rule import Finding, Rule
from services.credentials.proofs.data_model.values import listed, placed
from services.credentials.proofs.strict_json import JsonObject

ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"

#: A data: URL (RFC 2397) that names what it holds, as VC-JOSE-COSE wants it, and holds something.
_ENVELOPE = re.compile(r"data:application/[a-z0-9.+-]+(?:;[a-z0-9.+-]+(?:=[^;,\s]*)?)*,[^\s]+", re.IGNORECASE)


def is_enveloped(document: Any, kind: str) -> bool:
    """Whether it is an object that says it is an envelope of the kind."""
    return isinstance(document, dict) and kind in listed(document.get("type"))


def embedded(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """The credentials of a presentation that are in no envelope, each with its path.

    VC Data Model 1.1 knows no envelopes: what calls itself one there is held to the rules of credentials.
    """
    if "verifiableCredential" in document:
        is_older = version(document) == "1.1"
        for where, one in placed("verifiableCredential", document["verifiableCredential"]):
            if isinstance(one, dict) and (is_older or not is_enveloped(one, ENVELOPED_CREDENTIAL)):
                yield where, one


def envelope_findings(document: JsonObject, kind: str, place: str = "") -> Iterator[Finding]:
    """What is wrong with an envelope: the base context, no other type, and an `id` that holds the secured document."""
    named = listed(document.get("@context"))
    if "@context" not in document:
        yield "member_missing", f"{place}@context"
    elif contexts.CREDENTIALS_V2 not in named:
        yield "not_the_base_context", f"{place}@context"
    if listed(document.get("type")) != [kind]:
        yield "type_unexpected", f"{place}type"
    held = document.get("id")
    if "id" not in document:
        yield "member_missing", f"{place}id"
    elif not isinstance(held, str) or _ENVELOPE.fullmatch(held) is None:
        yield "not_an_envelope", f"{place}id"


def _type(document: JsonObject) -> Iterator[Finding]:
    yield from required_type_findings(document, "VerifiablePresentation")


def _credentials(document: JsonObject) -> Iterator[Finding]:
    name = "verifiableCredential"
    if name in document:
        for where, one in placed(name, document[name]):
            if not isinstance(one, dict):
                yield "not_an_object", where


def _older_credentials(document: JsonObject) -> Iterator[Finding]:
    """VC Data Model 1.1 let a presentation hold a credential as a JWT, which is a text."""
    name = "verifiableCredential"
    if name in document:
        for where, one in placed(name, document[name]):
            if not isinstance(one, dict) and not (isinstance(one, str) and one.count(".") == 2):
                yield "not_a_credential", where


def _envelopes(document: JsonObject) -> Iterator[Finding]:
    if "verifiableCredential" in document:
        for where, one in placed("verifiableCredential", document["verifiableCredential"]):
            if is_enveloped(one, ENVELOPED_CREDENTIAL):
                yield from envelope_findings(one, ENVELOPED_CREDENTIAL, f"{where}.")


def _holder(document: JsonObject) -> Iterator[Finding]:
    if "holder" in document:
        yield from party_findings(document["holder"], "holder")


def _holder_claims(document: JsonObject) -> Iterator[Finding]:
    """A credential without a proof of its own is secured by the presentation: then its issuer is the holder."""
    holder = _party(document.get("holder"))
    for where, one in embedded(document):
        if "proof" in one:
            continue
        if holder is None:
            yield "member_missing", "holder"
            return
        if _party(one.get("issuer")) != holder:
            yield "not_the_holder", f"{where}.issuer"


def _party(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else value


def _enveloped_credential(document: JsonObject) -> Iterator[Finding]:
    yield from envelope_findings(document, ENVELOPED_CREDENTIAL)


def _enveloped_presentation(document: JsonObject) -> Iterator[Finding]:
    yield from envelope_findings(document, ENVELOPED_PRESENTATION)


_OLDER = "VCDM 1.1, section 4.10"

RULES = (
    Rule("presentation_context", "VCDM 2.0, section 4.3", "VCDM 1.1, section 4.1", context_findings),
    Rule("presentation_type", "VCDM 2.0, section 4.13", _OLDER, _type),
    Rule("presentation_id", "VCDM 2.0, section 4.13", _OLDER, document_id_findings),
    Rule("verifiable_credential", "VCDM 2.0, section 4.13", None, _credentials),
    Rule("older_verifiable_credential", None, _OLDER, _older_credentials),
    Rule("enveloped_verifiable_credential", "VCDM 2.0, section 4.13.1", None, _envelopes),
    Rule("holder", "VCDM 2.0, section 4.13", _OLDER, _holder),
    Rule("holder_claims", "VCDM 2.0, section 4.13.4", None, _holder_claims),
    TERMS_OF_USE,
    *PROOF_RULES,
)

ENVELOPED_CREDENTIAL_RULE = Rule("enveloped_credential", "VCDM 2.0, section 4.13.1", None, _enveloped_credential)
ENVELOPED_PRESENTATION_RULE = Rule("enveloped_presentation", "VCDM 2.0, section 4.13.2", None, _enveloped_presentation)
