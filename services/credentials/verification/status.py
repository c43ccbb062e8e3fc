"""Whether the issuer has revoked a badge, read from a list that was fetched. What cannot be checked is unknown."""

from collections.abc import Mapping
from typing import Any

from services.credentials.proofs import strict_json
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.status_lists import model as lists
from services.credentials.status_lists.model import ListFormatError
from services.credentials.verification import shape, signatures
from services.credentials.verification.case import LEEWAY, Case
from services.credentials.verification.model import Check, Outcome
from services.credentials.verification.sentences import check

#: Entry type -> (type of its list, whether `encodedList` has a multibase prefix).
_BITSTRINGS = {
    "BitstringStatusListEntry": ("BitstringStatusListCredential", True),
    "StatusList2021Entry": ("StatusList2021Credential", False),
}
_OLDER_LIST = "1EdTechRevocationList"
_PURPOSES = {"revocation": "revoked", "suspension": "suspended"}
_MOST_ENTRIES = 4


def addresses(credential: Mapping[str, Any]) -> tuple[str, ...]:
    """The lists that a credential's status entries name."""
    found = [_address(one) for one in shape.listed(credential.get("credentialStatus"))[:_MOST_ENTRIES]]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def check_status(case: Case, credential: Mapping[str, Any]) -> Check:
    """The check `status`: revoked by any entry is revoked; else unknown by any is unknown."""
    entries = shape.listed(credential.get("credentialStatus"))
    if not entries:
        return check("status", "passed", "no_status")
    if len(entries) > _MOST_ENTRIES:
        return check("status", "unknown", "status_malformed")
    found = [_check_entry(case, credential, one) for one in entries]
    order: dict[Outcome, int] = {"failed": 0, "unknown": 1, "passed": 2}
    return min(found, key=lambda one: order[one.outcome])


def _address(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    is_older = _one_text(entry.get("type")) == _OLDER_LIST
    address = entry.get("id") if is_older else entry.get("statusListCredential")
    return address if isinstance(address, str) else None


def _one_text(value: Any) -> str:
    """A text, also where it stands alone in a list; empty for anything else."""
    found = value[0] if isinstance(value, list) and len(value) == 1 else value
    return found if isinstance(found, str) else ""


def _check_entry(case: Case, credential: Mapping[str, Any], entry: Any) -> Check:
    address = _address(entry)
    if address is None:
        return check("status", "unknown", "status_malformed")
    kind, purpose = _one_text(entry.get("type")), _one_text(entry.get("statusPurpose"))
    if kind != _OLDER_LIST and kind not in _BITSTRINGS:
        return check("status", "unknown", "status_unsupported", str(kind)[:60])
    answer = case.found(address)
    if answer.content is None:
        return check("status", "unknown", "list_unavailable", answer.error)
    try:
        document = strict_json.parse(answer.content)
    except JsonError as error:
        return check("status", "unknown", "list_unreadable", error.code)
    if kind == _OLDER_LIST:
        # Unsigned, it is believed for its address: a copy that came with the badge proves nothing.
        if answer.is_enclosed:
            return check("status", "unknown", "list_unavailable", answer.error)
        return _check_older(document, credential)
    if purpose not in _PURPOSES:
        return check("status", "unknown", "status_unsupported", str(purpose)[:60])
    # Of entries of several bits the place is another, and a set bit means what a message says (section 2.1).
    if entry.get("statusSize", 1) != 1 or isinstance(entry.get("statusSize"), bool):
        return check("status", "unknown", "status_unsupported", "statusSize")
    named = {**entry, "type": kind, "statusPurpose": purpose}
    if (refusal := _refuse_list(case, document, named, issuer=shape.issuer_id(credential))) is not None:
        return refusal
    found = _check_bit(document["credentialSubject"], named, is_multibase=_BITSTRINGS[kind][1])
    return _as_of(document, found) if answer.is_enclosed and found.outcome == "passed" else found


def _as_of(document: JsonObject, found: Check) -> Check:
    """What a list that came with the badge says: how it was when the issuer signed that list."""
    start, _ = shape.period(document)
    if start is None:
        return check("status", "unknown", "list_unreadable", "validFrom")
    return check("status", found.outcome, "not_revoked_as_of", start.strftime("%Y-%m-%d %H:%M UTC"))


def _refuse_list(case: Case, document: JsonObject, entry: JsonObject, *, issuer: str | None) -> Check | None:
    """Why a list proves nothing about this badge; None where it does."""
    subject = document.get("credentialSubject")
    if _BITSTRINGS[entry["type"]][0] not in shape.listed(document.get("type")) or not isinstance(subject, dict):
        return check("status", "unknown", "list_unreadable", "type")
    if shape.issuer_id(document) != issuer:
        return check("status", "unknown", "list_of_another")
    if entry["statusPurpose"] not in shape.listed(subject.get("statusPurpose")):
        return check("status", "unknown", "list_wrong_purpose")
    try:
        start, end = shape.period(document)
    except shape.DateError:
        return check("status", "unknown", "list_unreadable", "validFrom")
    if (start is not None and start > case.now + LEEWAY) or (end is not None and end <= case.now):
        return check("status", "unknown", "list_not_in_force")
    checks = signatures.check_proofs(case, document, now=case.now)
    if len(checks) != 2 or any(one.outcome != "passed" for one in checks):
        refused = next(one for one in checks if one.outcome != "passed")
        return check("status", "unknown", "list_unproven", refused.code)
    return None


def _check_bit(subject: JsonObject, entry: JsonObject, *, is_multibase: bool) -> Check:
    encoded, index = subject.get("encodedList"), entry.get("statusListIndex")
    if not isinstance(encoded, str) or not isinstance(index, str | int) or isinstance(index, bool):
        return check("status", "unknown", "status_malformed")
    text = str(index)
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return check("status", "unknown", "list_index")
    try:
        is_set = lists.is_set(lists.decode(encoded, is_multibase=is_multibase), int(text))
    except ListFormatError as error:
        if error.code == "index_out_of_range":
            return check("status", "unknown", "list_index")
        return check("status", "unknown", "list_unreadable", error.code)
    if is_set:
        return check("status", "failed", _PURPOSES[entry["statusPurpose"]])
    return check("status", "passed", "not_revoked")


def _check_older(document: JsonObject, credential: Mapping[str, Any]) -> Check:
    """1EdTech Revocation List, deprecated in 2025 and still in circulation: unsigned, trusted by its address."""
    revoked = document.get("revokedCredential")
    if not isinstance(revoked, list):
        return check("status", "unknown", "list_unreadable", "revokedCredential")
    for one in revoked:
        if isinstance(one, dict) and one.get("id") == credential.get("id") and one.get("revoked", True) is not False:
            return check("status", "failed", "revoked")
    return check("status", "passed", "not_revoked")
