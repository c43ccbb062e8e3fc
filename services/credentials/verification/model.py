"""The verdict: its states, the checks it is made of, and the one rule that turns checks into a state. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, assert_never

import msgspec

State = Literal[
    "genuine",
    "genuine_issuer_unknown",
    "undecided",
    "revoked",
    "replaced",
    "expired",
    "not_yet_valid",
    "not_genuine",
]
Outcome = Literal["passed", "failed", "unknown"]

#: In the order in which they are made and shown. `container`: the file carries a credential; `syntax`: it can be read;
#: `shape`: it is an Open Badge; `proof`: the signature is intact; `issuer`: the key is the issuer's; `status`: not
#: revoked; `validity`: the present lies in its period; `trust`: we know the issuer.
CheckName = Literal["container", "syntax", "shape", "proof", "issuer", "status", "validity", "trust"]


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found, or was not looked into, and decides nothing: the rule, the member's path, and the clause."""

    rule: str
    code: str
    where: str
    sentence: str
    clause: str


class Check(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One named check: its outcome, a stable code, a sentence in plain words, and the clause that asks for it.

    `notes` are of the check `shape`: what else is not as the data model wants it.
    """

    name: CheckName
    outcome: Outcome
    code: str
    sentence: str
    clause: str
    notes: tuple[Note, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the badge says: who, what, when, by whom. Only as good as the verdict beside it."""

    credential_id: str | None = None
    achievement: str | None = None
    description: str | None = None
    criteria: str | None = None
    holder: str | None = None
    hours: float | None = None
    activity_start: date | None = None
    activity_end: date | None = None
    awarded_at: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    issuer_id: str | None = None
    issuer_name: str | None = None
    issuer_url: str | None = None
    badge_url: str | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of verifying one file. `version` is that of this schema."""

    version: int = 1
    state: State
    sentence: str
    advice: str
    checks: tuple[Check, ...]
    facts: Facts
    container: str | None
    sha256: str
    checked_at: datetime


class KnownIssuer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issuer of a trust list. `anchor` is the multikey of its anchor, where one pins it."""

    id: str
    name: str
    anchor: str | None = None


class TrustList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The issuers that the verifier knows, and who says so."""

    issuers: tuple[KnownIssuer, ...] = ()
    named_by: str | None = None

    def find(self, issuer_id: str) -> KnownIssuer | None:
        """The issuer by its id, or None."""
        return next((one for one in self.issuers if one.id == issuer_id), None)


#: Of these a failed one means that the file is not what it says.
_AUTHENTICITY: frozenset[CheckName] = frozenset({"container", "syntax", "shape", "proof", "issuer"})


def state_of(checks: Sequence[Check]) -> State:
    """The state that checks amount to: what is certain and bad wins over what is unknown, and that over good.

    A file proven false is not genuine whatever its status; an intact one whose issuer's key or status cannot be had is
    undecided; expiry of an authentic badge is certain even while its status cannot be had.
    """
    found = {one.name: one for one in checks}
    if any(one.outcome == "failed" for one in checks if one.name in _AUTHENTICITY):
        return "not_genuine"
    if any(one.outcome == "unknown" for one in checks if one.name in _AUTHENTICITY) or "issuer" not in found:
        return "undecided"
    status, validity, trust = found.get("status"), found.get("validity"), found.get("trust")
    if status is not None and status.outcome == "failed":
        return "replaced" if status.code == "replaced" else "revoked"
    if validity is not None and validity.outcome == "failed":
        return "not_yet_valid" if validity.code == "not_yet_valid" else "expired"
    if status is None or validity is None or "unknown" in (status.outcome, validity.outcome):
        return "undecided"
    return "genuine" if trust is not None and trust.outcome == "passed" else "genuine_issuer_unknown"


def exit_status(state: State) -> int:
    """What `./run verify` exits with: 0 genuine, 4 genuine but issuer unknown, 1 not acceptable, 3 undecided."""
    match state:
        case "genuine":
            return 0
        case "genuine_issuer_unknown":
            return 4
        case "undecided":
            return 3
        case "revoked" | "replaced" | "expired" | "not_yet_valid" | "not_genuine":
            return 1
        case _:
            assert_never(state)


HEADINGS: dict[State, str] = {
    "genuine": "This badge is genuine",
    "genuine_issuer_unknown": "This badge is genuine, but we do not know its issuer",
    "undecided": "This cannot be decided right now",
    "revoked": "This badge was revoked",
    "replaced": "This badge was replaced by a newer one",
    "expired": "This badge has expired",
    "not_yet_valid": "This badge is not valid yet",
    "not_genuine": "This is not a genuine badge",
}

ADVICE: dict[State, str] = {
    "genuine": "You can rely on what it says.",
    "genuine_issuer_unknown": "Decide whether you trust the issuer named here; nothing in the badge was changed.",
    "undecided": "Try again later, or ask the issuer.",
    "revoked": "Do not rely on it. Ask the holder or the issuer.",
    "replaced": "Ask the holder for the newer badge, or open the badge's link.",
    "expired": "Ask the holder whether it was renewed.",
    "not_yet_valid": "Check again from the date on which it becomes valid.",
    "not_genuine": "Do not rely on it. Ask the holder for the original file or the badge's link.",
}


GENUINE = "The signature is intact, the key is the issuer's, and the badge is in force."


def verdict(
    checks: Sequence[Check], facts: Facts, *, container: str | None, sha256: str, checked_at: datetime
) -> Verdict:
    """The verdict that checks amount to; its sentence is that of the check that decided it."""
    state = state_of(checks)
    wanted: dict[State, Outcome] = {"genuine": "passed", "undecided": "unknown", "genuine_issuer_unknown": "unknown"}
    outcome = wanted.get(state, "failed")
    deciding = next((one for one in checks if one.outcome == outcome), checks[-1]) if checks else None
    sentence = HEADINGS[state] + "."
    if deciding is not None and state != "genuine":
        sentence = deciding.sentence
    elif state == "genuine":
        # What was true of it once is not the same as being in force.
        sentence = next((one.sentence for one in checks if one.code == "not_revoked_as_of"), GENUINE)
    return Verdict(
        state=state,
        sentence=sentence,
        advice=ADVICE[state],
        checks=tuple(checks),
        facts=facts,
        container=container,
        sha256=sha256,
        checked_at=checked_at,
    )
