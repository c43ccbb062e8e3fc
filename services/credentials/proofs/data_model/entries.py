"""The rules about the typed objects that a credential carries: status, schema, refresh, terms, evidence and proof."""

import re
from collections.abc import Iterator
from typing import Any

from services.credentials.proofs.data_model.credential import stamp_findings
from services.credentials.proofs.data_model.rule import Check, Finding, Rule
from services.credentials.proofs.data_model.values import id_findings, is_url, listed, placed, type_findings
from services.credentials.proofs.strict_json import JsonObject

_INDEX = re.compile(r"0|[1-9][0-9]{0,99}")
_HEXADECIMAL = re.compile(r"0x[0-9A-Fa-f]{1,64}")
#: No list of messages that fits into a document has as many bits.
_MOST_BITS = 20
_BITSTRING = "Bitstring Status List 1.0, section 2.1"
_INTEGRITY = "Data Integrity 1.0, section 2.1"


def objects(document: JsonObject, name: str) -> Iterator[tuple[str, JsonObject]]:
    """The objects of a member that may be one or a set, each with its path; what is no object is left out."""
    for where, one in placed(name, document.get(name)):
        if isinstance(one, dict):
            yield where, one


def entry_findings(document: JsonObject, name: str, *, needs_id: bool) -> Iterator[Finding]:
    """What is wrong with a member of typed objects: each is an object with a type, its id a URL."""
    if name not in document:
        return
    if document[name] == []:
        yield "empty", name
    for where, one in placed(name, document[name]):
        if not isinstance(one, dict):
            yield "not_an_object", where
            continue
        yield from type_findings(one, where)
        yield from id_findings(one, where, is_required=needs_id)


def _typed(name: str, *, needs_id: bool = False) -> Check:
    def check(document: JsonObject) -> Iterator[Finding]:
        yield from entry_findings(document, name, needs_id=needs_id)

    return check


def _bitstrings(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for where, one in objects(document, "credentialStatus"):
        if "BitstringStatusListEntry" in listed(one.get("type")):
            yield where, one


def _bitstring_entry(document: JsonObject) -> Iterator[Finding]:
    for where, entry in _bitstrings(document):
        for name in ("statusPurpose", "statusListIndex", "statusListCredential"):
            if name not in entry:
                yield "member_missing", f"{where}.{name}"
        if "statusPurpose" in entry and not _is_text(entry["statusPurpose"]):
            yield "not_a_text", f"{where}.statusPurpose"
        if "statusListIndex" in entry and not _matches(_INDEX, entry["statusListIndex"]):
            yield "not_an_index", f"{where}.statusListIndex"
        if "statusListCredential" in entry:
            if not is_url(entry["statusListCredential"]):
                yield "not_a_url", f"{where}.statusListCredential"
            elif entry.get("id") == entry["statusListCredential"]:
                yield "id_of_the_list", f"{where}.id"


def _status_messages(document: JsonObject) -> Iterator[Finding]:
    for where, entry in _bitstrings(document):
        size = entry.get("statusSize", 1)
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            yield "not_a_size", f"{where}.statusSize"
            continue
        path = f"{where}.statusMessage"
        if "statusMessage" not in entry:
            if size > 1:
                yield "member_missing", path
            continue
        messages = entry["statusMessage"]
        if not isinstance(messages, list) or size > _MOST_BITS or len(messages) != 2**size:
            yield "not_a_message_per_status", path
            continue
        for index, one in enumerate(messages):
            if not _is_message(one):
                yield "not_a_message", f"{path}[{index}]"


def _status_reference(document: JsonObject) -> Iterator[Finding]:
    for where, entry in _bitstrings(document):
        if "statusReference" in entry:
            for path, one in placed(f"{where}.statusReference", entry["statusReference"]):
                if not is_url(one):
                    yield "not_a_url", path


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and _matches(_HEXADECIMAL, value.get("status")) and _is_text(value.get("message"))


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _data_integrity(document: JsonObject) -> Iterator[Finding]:
    for where, proof in objects(document, "proof"):
        if "DataIntegrityProof" not in listed(proof.get("type")):
            continue
        for name in ("cryptosuite", "proofPurpose", "verificationMethod", "proofValue"):
            if name not in proof:
                yield "member_missing", f"{where}.{name}"
        for name in ("cryptosuite", "proofPurpose", "proofValue"):
            if name in proof and not _is_text(proof[name]):
                yield "not_a_text", f"{where}.{name}"
        for name in ("challenge", "nonce"):
            if name in proof and not isinstance(proof[name], str):
                yield "not_a_text", f"{where}.{name}"
        for name in ("domain", "previousProof"):
            if name in proof and not (proof[name] and all(map(_is_text, listed(proof[name])))):
                yield "not_a_text", f"{where}.{name}"
        if "verificationMethod" in proof and not is_url(proof["verificationMethod"]):
            yield "not_a_url", f"{where}.verificationMethod"
        for name in ("created", "expires"):
            yield from stamp_findings(proof, name, f"{where}.")


PROOF_RULES = (
    Rule("proof", "VCDM 2.0, section 4.12", "VCDM 1.1, section 4.7", _typed("proof")),
    Rule("data_integrity_proof", _INTEGRITY, _INTEGRITY, _data_integrity),
)
TERMS_OF_USE = Rule("terms_of_use", "VCDM 2.0, section 5.5", "VCDM 1.1, section 5.6", _typed("termsOfUse"))

RULES = (
    Rule("credential_status", "VCDM 2.0, section 4.10", None, _typed("credentialStatus")),
    Rule("older_credential_status", None, "VCDM 1.1, section 4.9", _typed("credentialStatus", needs_id=True)),
    Rule("bitstring_status_list_entry", _BITSTRING, _BITSTRING, _bitstring_entry),
    Rule("status_messages", _BITSTRING, _BITSTRING, _status_messages),
    Rule("status_reference", _BITSTRING, _BITSTRING, _status_reference),
    Rule(
        "credential_schema",
        "VCDM 2.0, section 4.11",
        "VCDM 1.1, section 5.4",
        _typed("credentialSchema", needs_id=True),
    ),
    Rule("refresh_service", "VCDM 2.0, section 5.4", None, _typed("refreshService")),
    Rule("older_refresh_service", None, "VCDM 1.1, section 5.5", _typed("refreshService", needs_id=True)),
    TERMS_OF_USE,
    Rule("evidence", "VCDM 2.0, section 5.6", "VCDM 1.1, section 5.7", _typed("evidence")),
    *PROOF_RULES,
)
