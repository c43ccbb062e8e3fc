"""Status, schema, refresh, terms, evidence and proof, well and badly."""

from typing import Any

from tests.conformance.data_model_cases.case import ENTRY, PROOF, URL, Document, Kind, accepts, refuses, without

#: rule, member, kind, whether each entry needs an id
TYPED: tuple[tuple[str, str, Kind, bool], ...] = (
    ("credential_status", "credentialStatus", "newer", False),
    ("older_credential_status", "credentialStatus", "older", True),
    ("credential_schema", "credentialSchema", "newer", True),
    ("credential_schema", "credentialSchema", "older", True),
    ("refresh_service", "refreshService", "newer", False),
    ("older_refresh_service", "refreshService", "older", True),
    ("terms_of_use", "termsOfUse", "newer", False),
    ("terms_of_use", "termsOfUse", "older", False),
    ("terms_of_use", "termsOfUse", "presentation", False),
    ("evidence", "evidence", "newer", False),
    ("evidence", "evidence", "older", False),
    ("proof", "proof", "newer", False),
    ("proof", "proof", "older", False),
    ("proof", "proof", "presentation", False),
)
for rule, name, kind, needs_id in TYPED:
    entry: Document = {"id": URL, "type": "SomeKind"}
    accepts(rule, kind, **{name: entry})
    accepts(rule, kind, **{name: [entry, {**entry, "type": ["SomeKind", "https://other.example/#Kind"]}]})
    refuses(rule, "empty", name, kind, **{name: []})
    refuses(rule, "not_an_object", name, kind, **{name: URL})
    refuses(rule, "not_an_object", f"{name}[1]", kind, **{name: [entry, None]})
    refuses(rule, "member_missing", f"{name}.type", kind, **{name: {"id": URL}})
    refuses(rule, "member_missing", f"{name}[1].type", kind, **{name: [entry, {"id": URL}]})
    refuses(rule, "not_a_type", f"{name}.type", kind, **{name: {"id": URL, "type": ["not a type"]}})
    refuses(rule, "not_a_url", f"{name}.id", kind, **{name: {"id": "one", "type": "SomeKind"}})
    refuses(rule, "not_a_url", f"{name}.id", kind, **{name: {"id": [URL, URL], "type": "SomeKind"}})
    if needs_id:
        refuses(rule, "member_missing", f"{name}.id", kind, **{name: {"type": "SomeKind"}})
    else:
        accepts(rule, kind, **{name: {"type": "SomeKind"}})

PATH_OF_INDEX = "credentialStatus.statusListIndex"
STATUS = "bitstring_status_list_entry"
accepts(STATUS, "newer", credentialStatus=ENTRY)
accepts(STATUS, "newer", credentialStatus=[without(ENTRY, "id"), {**ENTRY, "statusListIndex": "9" * 40}])
for name in ("statusPurpose", "statusListIndex", "statusListCredential"):
    refuses(STATUS, "member_missing", f"credentialStatus.{name}", "newer", credentialStatus=without(ENTRY, name))
WRONG_INDICES: tuple[Any, ...] = (7, "-1", "07", "1.0", "0x7", "", "٣", " 7")
for index in WRONG_INDICES:
    wrong = {**ENTRY, "statusListIndex": index}
    refuses(STATUS, "not_an_index", PATH_OF_INDEX, "newer", credentialStatus=wrong)
wrong = {**ENTRY, "statusPurpose": 3}
refuses(STATUS, "not_a_text", "credentialStatus.statusPurpose", "newer", credentialStatus=wrong)
wrong = {**ENTRY, "statusListCredential": "list"}
refuses(STATUS, "not_a_url", "credentialStatus.statusListCredential", "newer", credentialStatus=wrong)
refuses(STATUS, "id_of_the_list", "credentialStatus.id", "newer", credentialStatus={**ENTRY, "id": URL})
accepts(STATUS, "older", credentialStatus=ENTRY)
refuses(STATUS, "not_an_index", PATH_OF_INDEX, "older", credentialStatus={**ENTRY, "statusListIndex": 7})

MESSAGES = [{"status": f"0x{number:x}", "message": f"state {number}"} for number in range(4)]
SIZES, PATH = "status_messages", "credentialStatus.statusMessage"
accepts(SIZES, "newer", credentialStatus={**ENTRY, "statusSize": 1})
accepts(SIZES, "newer", credentialStatus={**ENTRY, "statusMessage": MESSAGES[:2]})
accepts(SIZES, "newer", credentialStatus={**ENTRY, "statusSize": 2, "statusMessage": MESSAGES})
WRONG_SIZES: tuple[Any, ...] = (0, -1, "2", True, 1.5, None)
for bad in WRONG_SIZES:
    refuses(SIZES, "not_a_size", "credentialStatus.statusSize", "newer", credentialStatus={**ENTRY, "statusSize": bad})
refuses(SIZES, "member_missing", PATH, "newer", credentialStatus={**ENTRY, "statusSize": 2})
for size, messages in ((2, MESSAGES[:3]), (1, MESSAGES), (2**40, MESSAGES), (1, {"0x0": "unset"}), (1, [])):
    wrong = {**ENTRY, "statusSize": size, "statusMessage": messages}
    refuses(SIZES, "not_a_message_per_status", PATH, "newer", credentialStatus=wrong)
WRONG_MESSAGES: tuple[Any, ...] = ("set", {"status": "1", "message": "set"}, {"status": "0x1"}, {"message": "set"})
for message in WRONG_MESSAGES:
    wrong = {**ENTRY, "statusMessage": [MESSAGES[0], message]}
    refuses(SIZES, "not_a_message", f"{PATH}[1]", "newer", credentialStatus=wrong)
accepts(SIZES, "older", credentialStatus={**ENTRY, "statusSize": 1})
refuses(SIZES, "member_missing", PATH, "older", credentialStatus={**ENTRY, "statusSize": 2})
accepts("status_reference", "newer", credentialStatus={**ENTRY, "statusReference": [URL, URL]})
wrong = {**ENTRY, "statusReference": "about"}
refuses("status_reference", "not_a_url", "credentialStatus.statusReference", "newer", credentialStatus=wrong)
accepts("status_reference", "older", credentialStatus={**ENTRY, "statusReference": URL})
refuses("status_reference", "not_a_url", "credentialStatus.statusReference", "older", credentialStatus=wrong)

SECURED: tuple[Kind, ...] = ("newer", "older", "presentation")
for kind in SECURED:
    accepts("data_integrity_proof", kind, proof=PROOF)
    accepts("data_integrity_proof", kind, proof=[PROOF, {"type": "Ed25519Signature2020"}])
    for name in ("cryptosuite", "proofPurpose", "verificationMethod", "proofValue"):
        refuses("data_integrity_proof", "member_missing", f"proof.{name}", kind, proof=without(PROOF, name))
    for name in ("cryptosuite", "proofPurpose", "proofValue"):
        refuses("data_integrity_proof", "not_a_text", f"proof[0].{name}", kind, proof=[{**PROOF, name: 5}])
    bound = {**PROOF, "challenge": "c-1", "nonce": "", "domain": "a.example", "previousProof": URL}
    accepts("data_integrity_proof", kind, proof=bound)
    accepts("data_integrity_proof", kind, proof={**bound, "domain": ["a.example", "b.example"], "previousProof": [URL]})
    for name in ("challenge", "nonce"):
        refuses("data_integrity_proof", "not_a_text", f"proof.{name}", kind, proof={**PROOF, name: ["c-1"]})
    for name in ("domain", "previousProof"):
        for bad in (5, None, "", [], [URL, 5]):
            refuses("data_integrity_proof", "not_a_text", f"proof.{name}", kind, proof={**PROOF, name: bad})
    wrong = {**PROOF, "verificationMethod": "#key"}
    refuses("data_integrity_proof", "not_a_url", "proof.verificationMethod", kind, proof=wrong)
    for name in ("created", "expires"):
        refuses("data_integrity_proof", "not_a_date", f"proof.{name}", kind, proof={**PROOF, name: "2026-01-01"})
        wrong = {**PROOF, name: "2026-01-01T00:00:00"}
        refuses("data_integrity_proof", "zone_missing", f"proof.{name}", kind, proof=wrong)
