"""Judges a credential by what was fetched: proof, issuer, status, validity. Run in a limited child."""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.credentials.verification import keys, shape
from services.credentials.verification.case import LEEWAY, Case, Judgment
from services.credentials.verification.examination import read
from services.credentials.verification.history import WantedError
from services.credentials.verification.model import Check
from services.credentials.verification.sentences import check
from services.credentials.verification.signatures import check_proofs, check_token
from services.credentials.verification.status import check_status


def judge(content: bytes) -> bytes:
    """A Judgment as JSON, with the checks from `proof` to `validity`, of a Case as JSON."""
    case = msgspec.json.decode(content, type=Case)
    try:
        found = Judgment(checks=tuple(_checks(case)))
    except WantedError as error:
        return msgspec.json.encode(Judgment(wanted=error.url))
    said = keys.names(case, shape.issuer_id(read(case.payload, case.form).credential) or "")
    if said is not None:
        found = msgspec.structs.replace(found, anchor=said[0], names=said[1])
    return msgspec.json.encode(found)


def _checks(case: Case) -> list[Check]:
    reading = read(case.payload, case.form)
    token, credential = reading.token, reading.credential
    checks = [] if token is None else check_token(case, token)
    # A JWT carries the embedded proof too, and all that is claimed must hold.
    if token is None or "proof" in credential:
        checks += check_proofs(case, credential, now=case.now)
    return [*_joined(checks), check_status(case, credential), _check_validity(case, credential)]


def _joined(checks: list[Check]) -> list[Check]:
    """One check of each name: the worst of them."""
    order = {"failed": 0, "unknown": 1, "passed": 2}
    found: dict[str, Check] = {}
    for one in checks:
        known = found.get(one.name)
        if known is None or order[one.outcome] < order[known.outcome]:
            found[one.name] = one
    return [found[name] for name in ("proof", "issuer") if name in found]


def _check_validity(case: Case, credential: Mapping[str, Any]) -> Check:
    start, end = shape.period(credential)
    # Some date a badge from when they sign it anew, after its end: it has expired all the same.
    if end is not None and end <= case.now:
        return check("validity", "failed", "expired", end.strftime("%Y-%m-%d %H:%M UTC"))
    if start is not None and end is not None and end < start:
        return check("validity", "unknown", "period_reversed")
    if start is not None and start > case.now + LEEWAY:
        return check("validity", "failed", "not_yet_valid", start.strftime("%Y-%m-%d %H:%M UTC"))
    return check("validity", "passed", "in_force")
