"""The verb of verification: a verdict of a file's bytes. Strangers' bytes are read in limited children only."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import date

import msgspec

from services.credentials.verification import judgment
from services.credentials.verification.case import Case, Examination, FetchedDocument, Judgment
from services.credentials.verification.model import Check, CheckName, Facts, KnownIssuer, Verdict, verdict
from services.credentials.verification.sentences import check
from shared.clock import Clock
from shared.fetch import Code, Fetcher, FetchError
from shared.limited import LimitExceededError

logger = logging.getLogger(__name__)

#: The largest file that is opened.
MAX_FILE_BYTES = 5 * 1024 * 1024
_KEY_BYTES = 256 * 1024
_LIST_BYTES = 1024 * 1024
#: A history, and a proof out of the log for each of a few keys; then the judgment.
_MOST_QUESTIONS = 5
_MOST_NAMES = 8
_ACCEPT = "application/vc, application/did+json, application/ld+json, application/json;q=0.9"

EXAMINE = "services.credentials.verification.examination:examine"
JUDGE = f"{judgment.__name__}:judge"

#: Why an address gave nothing, as the end of a sentence.
REASONS: dict[Code, str] = {
    "refused_address": "its address is a private one, which is never asked",
    "refused_url": "its address is not one that may be asked",
    "unreachable": "its server cannot be reached",
    "timeout": "its server did not answer in time",
    "too_large": "the answer was too large",
    "too_many_redirects": "its server sent us on too often",
    "status": "its server answered with an error",
    "tls": "its server could not prove who it is",
}

#: Likewise, where nobody was to be asked.
OFFLINE = "nobody was asked, since this was done without a network"

#: Calls one of the two functions above on bytes, in a limited child; LimitExceededError.
CallLimited = Callable[[str, bytes], Awaitable[bytes]]
#: The issuer of an id, where the verifier knows it.
FindIssuer = Callable[[str], Awaitable[KnownIssuer | None]]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What the verifier's own installation knows of a credential beyond what its file and list say."""

    issuer_id: str
    #: None for a page that is not shown
    badge_url: str | None
    revoked_on: date | None
    revocation_reason: str | None
    #: Whether its award has a newer badge instead, at the same page
    is_replaced: bool = False


#: The record of a credential by its id, where this installation issued it.
FindRecord = Callable[[str], Awaitable[Record | None]]


async def no_record(identifier: str) -> None:
    """A verifier that issues nothing has no records."""


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying needs: limited children, the guarded fetcher, the issuers one knows, the clock."""

    call_limited: CallLimited
    fetcher: Fetcher
    find_issuer: FindIssuer
    clock: Clock
    find_record: FindRecord = no_record
    #: Ask nobody: judge by the file, and by what came with it.
    is_offline: bool = False


async def verify(content: bytes, means: Means) -> Verdict:
    """The verdict of a file; never an exception for what the file holds."""
    digest = hashlib.sha256(content).hexdigest()
    now = means.clock()
    try:
        examined = msgspec.json.decode(await means.call_limited(EXAMINE, content), type=Examination)
    except LimitExceededError as error:
        stopped = _stopped("syntax", error)
        return verdict([stopped], Facts(), container=None, sha256=digest, checked_at=now)
    checks, facts = list(examined.checks), examined.facts
    if examined.payload is not None and examined.form is not None:
        lists, issuers = await asyncio.gather(
            _fetch(means, dict.fromkeys(examined.lists, _LIST_BYTES)),
            _fetch(means, dict.fromkeys(examined.keys, _KEY_BYTES)),
        )
        # A document of the issuer that came with the badge proves nothing; a list proves itself, by its signature.
        fetched = (*issuers, *(_or_enclosed(one, examined.documents) for one in lists))
        # The history of its keys stands in where the issuer is gone, and never beside it: it may be an old copy.
        is_gone = bool(issuers) and all(one.content is None for one in issuers)
        enclosed = examined.documents if is_gone else {}
        known = await _known(means, examined.facts.issuer_id)
        anchor = None if known is None else known.anchor
        case = Case(payload=examined.payload, form=examined.form, fetched=fetched, now=now, anchor=anchor)
        case = msgspec.structs.replace(case, history=examined.history if is_gone else None)
        judged = await _judge(means, case, enclosed)
        checks += [*judged.checks, await _check_trust(means, examined.facts, known, judged)]
        checks, facts = await _with_record(means, checks, examined.facts)
    return verdict(checks, facts, container=examined.kind, sha256=digest, checked_at=now)


async def _judge(means: Means, case: Case, enclosed: Mapping[str, bytes]) -> Judgment:
    """The judgment, with what it asks for on the way: the history of the issuer's keys, proofs out of its log."""
    for _ in range(_MOST_QUESTIONS):
        try:
            answer = await means.call_limited(JUDGE, msgspec.json.encode(case))
        except LimitExceededError as error:
            return Judgment(checks=(_stopped("proof", error),))
        judged = msgspec.json.decode(answer, type=Judgment)
        if judged.wanted is None:
            return judged
        more = await _fetch(means, {judged.wanted: _LIST_BYTES})
        case = msgspec.structs.replace(case, fetched=(*case.fetched, *(_or_enclosed(one, enclosed) for one in more)))
    return Judgment(checks=(check("proof", "unknown", "not_finished"),))


def _stopped(name: CheckName, error: LimitExceededError) -> Check:
    """What asks for more work than any badge is no badge; what ended a child otherwise may be our own trouble."""
    if error.kind == "cpu":
        return check(name, "failed", "too_complex")
    logger.error("a child ended before its answer", extra={"kind": error.kind, "reason": error.reason})
    return check(name, "unknown", "not_finished")


async def _with_record(means: Means, checks: list[Check], facts: Facts) -> tuple[list[Check], Facts]:
    """The link, and why it is revoked, of a badge that is proven to be of this installation."""
    is_proven = {"proof", "issuer"} <= {one.name for one in checks if one.outcome == "passed"}
    record = await means.find_record(facts.credential_id) if is_proven and facts.credential_id else None
    # Anybody can sign a badge of their own that has the id of one of ours.
    if record is None or record.issuer_id != facts.issuer_id:
        return checks, facts
    if record.is_replaced:
        why = check("status", "failed", "replaced", record.badge_url or "")
    else:
        told = f"{record.revoked_on:%Y-%m-%d}: {record.revocation_reason}" if record.revoked_on else ""
        why = check("status", "failed", "revoked", told)
    said = [why if one.code == "revoked" else one for one in checks]
    return said, msgspec.structs.replace(facts, badge_url=record.badge_url)


def _or_enclosed(answer: FetchedDocument, enclosed: Mapping[str, bytes]) -> FetchedDocument:
    """What came with the badge under an address that gave nothing; never against what it gave."""
    content = enclosed.get(answer.url)
    if answer.content is not None or answer.is_absent or content is None:
        return answer
    return msgspec.structs.replace(answer, content=content, is_enclosed=True)


async def _fetch(means: Means, wanted: Mapping[str, int]) -> tuple[FetchedDocument, ...]:
    """What is at these addresses, up to so many bytes each, all at once; what cannot be had says why."""

    async def get(url: str, most_bytes: int) -> FetchedDocument:
        if means.is_offline:
            return FetchedDocument(url=url, error=OFFLINE)
        try:
            found = await means.fetcher.get(url, accept=_ACCEPT, most_bytes=most_bytes)
        except FetchError as error:
            return FetchedDocument(url=url, error=REASONS[error.code], is_absent=error.status == 404)
        return FetchedDocument(url=url, content=found.body)

    return tuple(await asyncio.gather(*(get(url, most) for url, most in wanted.items())))


async def _known(means: Means, issuer_id: str | None) -> KnownIssuer | None:
    # No issuer's id holds a null character, and no database takes one.
    return await means.find_issuer(issuer_id) if issuer_id and "\0" not in issuer_id else None


async def _check_trust(means: Means, facts: Facts, known: KnownIssuer | None, judged: Judgment) -> Check:
    if known is not None:
        is_moved = known.id != facts.issuer_id
        return check("trust", "passed", "issuer_known_otherwise" if is_moved else "issuer_known", known.name)
    # Whoever pinned the anchor of an issuer knows it again under a name that the anchor says is its own, too.
    for name in judged.names[:_MOST_NAMES]:
        other = await _known(means, name)
        if other is not None and other.anchor is not None and other.anchor == judged.anchor:
            return check("trust", "passed", "issuer_known_otherwise", other.name)
    return check("trust", "unknown", "issuer_unknown", facts.issuer_name or facts.issuer_id or "")
