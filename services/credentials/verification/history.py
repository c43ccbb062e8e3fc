"""What the issuer's key history says of a signature: made while its key was good, or logged before it was lost. Pure.

The issuer's own document names the history, and a pinned anchor, where the verifier has one, must have signed it.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.credentials.keys import history
from services.credentials.keys.history import HistoricKey, HistoryError, KeyHistory, LogHead
from services.credentials.proofs import did, strict_json
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.verification import shape
from services.credentials.verification.case import LEEWAY, Case, FetchedDocument
from services.credentials.verification.model import Check
from services.credentials.verification.sentences import check
from shared.transparency import tree

#: What the issuer's document says of a key that the history may know better: lost keys leave the document.
_OPEN = frozenset({"key_not_listed", "key_withdrawn"})
_PROOF_BYTES = 64 * 1024
_MOST_HASHES = 64
_SECOND = timedelta(seconds=1)


class WantedError(Exception):
    """The judgment needs what is at `url` first."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature whose key is known: that key (DER), the dates that it claims, and the document as it was signed."""

    key: bytes
    dates: tuple[datetime, ...]
    document: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The SHA-256 that the issuance log has of the document: of its bytes as our issuer writes them."""
        return hashlib.sha256(msgspec.json.encode(self.document)).hexdigest()


def dates_of(document: Mapping[str, Any], method: str | None = None) -> tuple[datetime, ...]:
    """When a document says that it was signed: from when it is valid, and the date of its proofs by a method."""
    named = [document.get(shape.date_members(is_older=shape.is_older(document))[0])]
    for proof in shape.listed(document.get("proof")) if method is not None else []:
        if isinstance(proof, dict) and proof.get("verificationMethod") == method:
            named.append(proof.get("created"))
    found = []
    for one in named:
        try:
            found.append(shape.moment(one))
        except shape.DateError:
            continue
    return tuple(found)


def confirmed(case: Case, issuer: str, document: JsonObject, signature: Signature, bound: Check) -> Check:
    """The check `issuer` with the history taken into account; `document` is that of the issuer. WantedError."""
    if bound.outcome != "passed" and bound.code not in _OPEN:
        return bound
    url = did.service_address(document, history.SERVICE)
    if url is None:
        return bound if case.anchor is None else check("issuer", "unknown", "history_missing")
    found = _read(case, url, issuer)
    if isinstance(found, Check):
        return found
    key = found.key(signature.key)
    if key is not None:
        return _of_key(case, found, key, signature)
    if bound.outcome != "passed":
        return bound
    # A copy of the document may be newer than one of the history; an anchor that one knows leaves no doubt.
    return check("issuer", "unknown" if case.anchor is None else "failed", "key_not_in_history")


def vouched(case: Case, issuer: str, signature: Signature, bound: Check) -> Check:
    """The check `issuer` where the issuer's document cannot be had: a history that came with the badge may stand in.

    Only under an anchor that the verifier has pinned: whoever makes a bundle may put any history in. WantedError.
    """
    if bound.code != "document_unavailable" or case.anchor is None or case.history is None:
        return bound
    found = _read(case, case.history, issuer)
    if isinstance(found, Check):
        return found
    key = found.key(signature.key)
    return check("issuer", "failed", "key_not_in_history") if key is None else _of_key(case, found, key, signature)


def names(case: Case, issuer: str, document: JsonObject) -> tuple[str, tuple[str, ...]] | None:
    """The anchor of a history that was read, and every name that it gives the issuer; None where none was."""
    url = did.service_address(document, history.SERVICE)
    found = None if url is None or case.asked(url) is None else _read(case, url, issuer)
    if not isinstance(found, KeyHistory):
        return None
    return found.anchor, (found.issuer, *found.also_known_as)


def _read(case: Case, url: str, issuer: str) -> KeyHistory | Check:
    answer = _asked(case, url)
    if answer.content is None:
        return check("issuer", "unknown", "history_unavailable", answer.error)
    try:
        found = history.read(answer.content, now=case.now)
    except HistoryError as error:
        return check("issuer", "unknown", "history_unproven", error.code)
    if found.id != url or not found.speaks_of(issuer):
        return check("issuer", "unknown", "history_of_another")
    if case.anchor is not None and case.anchor != found.anchor:
        return check("issuer", "failed", "anchor_of_another")
    return found


def _of_key(case: Case, found: KeyHistory, key: HistoricKey, signature: Signature) -> Check:
    if key.use != "badge":
        return check("issuer", "failed", "key_of_another_use")
    latest = max(signature.dates, default=case.now)
    earliest = min(signature.dates, default=case.now)
    if earliest + LEEWAY < key.valid_from:
        return check("issuer", "failed", "signed_before_its_key", _day(key.valid_from))
    if key.compromised_since is not None:
        return _logged(case, found, key.compromised_since, key.logged, signature)
    # The machines that sign and that change keys may differ by a little, too.
    if key.retired is not None and latest >= key.retired + LEEWAY + _SECOND:
        return check("issuer", "failed", "signed_after_retirement", _day(key.retired))
    return check("issuer", "passed", "issuer_proven")


def _logged(case: Case, found: KeyHistory, since: datetime, head: LogHead | None, signature: Signature) -> Check:
    """Whether the log had the document before its key was lost; a thief can date a signature, but not the log."""
    lost = check("issuer", "failed", "key_compromised", _day(since))
    if head is None or found.log is None or head.size == 0:
        return lost
    answer = _asked(case, f"{found.log}/inclusion?sha256={signature.digest}&size={head.size}")
    if answer.content is None:
        return lost if answer.is_absent else check("issuer", "unknown", "log_unavailable", answer.error)
    try:
        said = strict_json.parse(answer.content, max_bytes=_PROOF_BYTES)
        hashes = [base64.b64decode(one, validate=True) for one in said["hashes"][:_MOST_HASHES]]
        position, root = said["position"], base64.b64decode(head.root, validate=True)
    except (JsonError, KeyError, TypeError, binascii.Error, ValueError):
        return check("issuer", "unknown", "log_unavailable", "its proof cannot be read")
    leaf = tree.hash_leaf(bytes.fromhex(signature.digest))
    if not isinstance(position, int) or isinstance(position, bool):
        return check("issuer", "unknown", "log_unavailable", "its proof cannot be read")
    if not tree.verify_inclusion(leaf, position, head.size, hashes, root):
        return check("issuer", "unknown", "log_unavailable", "its proof does not hold")
    return check("issuer", "passed", "logged_before")


def _asked(case: Case, url: str) -> FetchedDocument:
    answer = case.asked(url)
    if answer is None:
        raise WantedError(url)
    return answer


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
