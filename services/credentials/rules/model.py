"""What the rules are given and what they say: drafts, facts, findings, and the refusal. Pure."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.proofs.template import Path

Kind = Literal["badge", "status_list", "endorsement", "transcript", "statement"]


class KeyFact(msgspec.Struct, frozen=True, kw_only=True):
    """A key that is to sign, and its window: made, taken out of use, known to be in strange hands."""

    id: str
    since: datetime
    retired: datetime | None = None
    compromised_since: datetime | None = None


class StatusPlace(msgspec.Struct, frozen=True, kw_only=True):
    """The place in a status list that is reserved for the document."""

    list_url: str
    length: int
    index: int
    #: Nothing else stands at it, nor ever stood.
    is_free: bool


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules cannot read from the document: who will sign it, when, with what, and what was reserved."""

    #: The issuer's DID.
    issuer: str
    now: datetime
    #: The date that the proof will bear.
    signed_at: datetime
    #: The keys that will sign.
    keys: tuple[KeyFact, ...]
    #: The address that this installation's documents are published under.
    public_url: str
    status: StatusPlace | None = None
    #: When the achievement's version was made.
    achievement_since: datetime | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A document that somebody wants signed: exactly as it is to be signed, without a proof.

    `shape` and `varying` make examining faster and decide nothing: documents of one shape differ at `varying` only.
    """

    kind: Kind
    document: JsonObject
    facts: Facts
    shape: Hashable = None
    varying: tuple[Path, ...] = ()


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One place that a rule does not accept: which rule, where, what is to be done, and the clause behind it."""

    rule: str
    where: str
    advice: str
    citation: str


#: From a document and the facts to the places that are off; the form of the document stands.
Check = Callable[[JsonObject, Facts], Iterable[str]]
KINDS: frozenset[Kind] = frozenset(("badge", "status_list", "endorsement", "transcript", "statement"))


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold, where it is written, and what to do about it: `advice` is a sentence that staff understand.

    A rule of the form is found by walking the document; one of values says `on` which kinds of leaves, and what it
    `accepts`; all others `check`, where `reads` are the members that they look at.
    """

    id: str
    asks: str
    citation: str
    advice: str
    kinds: frozenset[Kind] = KINDS
    on: frozenset[str] = frozenset()
    accepts: Callable[[Any], bool] | None = None
    check: Check | None = None
    reads: tuple[str, ...] = ()
    #: What it says depends on facts too.
    asks_facts: bool = False


class RulesRefusedError(Exception):
    """The document must not be signed; `findings` say why, and the first of them stands in the fields beside.

    No field holds anything of the document's values.
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{one.rule} at {one.where}" for one in findings[:5]))
        first = findings[0]
        self.rule, self.where, self.advice = first.rule, first.where, first.advice
        self.findings = findings


class PermitError(Exception):
    """The signer was asked for what its permit does not allow: a mistake of ours; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
