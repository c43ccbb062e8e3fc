"""What the history of an issuer's keys decides of a badge, and what is not known while it cannot be had."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.credentials.awards.model import SignedCredential
from services.credentials.keys import anchor as anchors
from services.credentials.keys import history
from services.credentials.keys.anchor import Anchor
from services.credentials.keys.model import SealedKey, SigningKey, history_address, log_address
from services.credentials.proofs import did
from services.credentials.proofs.did import Rs256Key, Service, Withdrawn
from services.credentials.verification.case import FetchedDocument
from services.credentials.verification.model import State
from shared.transparency import tree
from tests.credentials.verification.test_did_web import UNREACHABLE, Judged, judged
from tests.credentials.web_issuer import NOW, PUBLIC_URL, WebIssuer, fetched, public_half

MADE = NOW - timedelta(days=500)


class Ground(msgspec.Struct, kw_only=True):
    """An issuer with an anchor, a badge, and a log of four leaves, the third of which is the badge's."""

    issuer: WebIssuer
    badge: SignedCredential
    anchor: Anchor
    leaves: list[bytes]
    #: What signs the list of revoked badges meanwhile.
    newer: SealedKey

    @property
    def address(self) -> str:
        return history_address(self.issuer.id, public_url=PUBLIC_URL)

    @property
    def root(self) -> str:
        hashes = tree.grown(0, {}, self.leaves)
        return base64.b64encode(tree.root(4, hashes)).decode()

    def keys(self, **changed: Any) -> list[SigningKey]:
        """The issuer's keys, that of the proofs as changed."""
        proof, jwt = self.issuer.proof_key.key, self.issuer.jwt_key.key
        return [
            msgspec.structs.replace(proof, **{"created_at": MADE, **changed}),
            msgspec.structs.replace(jwt, created_at=MADE),
            msgspec.structs.replace(self.newer.key, created_at=MADE),
        ]

    def history(self, keys: list[SigningKey], *, anchor: Anchor | None = None, identifier: str | None = None) -> bytes:
        """A version of the history."""
        signer = anchor or self.anchor
        version = history.Version(
            id=identifier or self.address,
            log=log_address(self.issuer.id, public_url=PUBLIC_URL),
            did=self.issuer.did,
            also_known_as=(),
            anchor=signer.id,
            number=1,
            previous=None,
            updated=NOW,
        )
        unsigned = history.document(version, keys)
        return history.signed(unsigned, sign=signer.sign, anchor=signer.id, created=NOW).encode()

    def document(self, *, is_lost: bool = False, names_history: bool = True) -> dict[str, Any]:
        """The DID document; a lost key leaves its assertions."""
        proof, jwt = public_half(self.issuer.proof_key), self.issuer.jwt_key.key
        services = [Service("history", history.SERVICE, self.address)] if names_history else []
        return did.document(
            self.issuer.did,
            [public_half(self.newer)] if is_lost else [proof, public_half(self.newer)],
            [Rs256Key(jwt.id, jwt.public_jwk)],
            withdrawn=[Withdrawn(proof, "2026-10-01T00:00:00Z")] if is_lost else [],
            services=services,
        )

    def inclusion(self, position: int = 2) -> bytes:
        """What the log answers."""
        hashes = tree.prove_inclusion(position, 4, tree.grown(0, {}, self.leaves))
        return msgspec.json.encode({"position": position, "hashes": [base64.b64encode(one).decode() for one in hashes]})

    @property
    def log_question(self) -> str:
        return f"{log_address(self.issuer.id, public_url=PUBLIC_URL)}/inclusion?sha256={self.badge.sha256}&size=4"

    def judge(self, said: bytes | str, *more: FetchedDocument, anchor: str | None = None, **how: bool) -> Judged:
        """The badge, where the history's address gives this."""
        answers = (*self.issuer.answers(self.document(**how), list_key=self.newer), fetched(self.address, said), *more)
        return judged(self.badge.json, answers, anchor=anchor)


@pytest.fixture(scope="module")
def ground() -> Ground:
    issuer = WebIssuer()
    badge = issuer.badge()
    leaves = [tree.hash_leaf(bytes([number]) * 32) for number in range(4)]
    leaves[2] = tree.hash_leaf(hashlib.sha256(badge.json.encode()).digest())
    newer = issuer.custody.make_ed25519(issuer.id)
    return Ground(issuer=issuer, badge=badge, anchor=anchors.make(), leaves=leaves, newer=newer)


def lost(ground: Ground, since: datetime = NOW - timedelta(days=30)) -> list[SigningKey]:
    return ground.keys(compromised_since=since, log_size=4, log_root=ground.root)


def test_a_badge_is_genuine_where_the_history_has_its_key(ground: Ground) -> None:
    found = ground.judge(ground.history(ground.keys()))
    assert (found.state, found["issuer"]) == ("genuine", "issuer_proven")
    assert ground.judge(ground.history(ground.keys()), anchor=ground.anchor.id).state == "genuine"


def test_it_is_undecided_while_the_history_cannot_be_had_or_believed(ground: Ground) -> None:
    good = ground.history(ground.keys())
    bent = good.replace(b'"version":1', b'"version":2')
    elsewhere = ground.history(ground.keys(), identifier=f"{PUBLIC_URL}/issuers/other/history")
    for said, code in (
        (UNREACHABLE, "history_unavailable"),
        (bent, "history_unproven"),
        (b"{}", "history_unproven"),
        (elsewhere, "history_of_another"),
    ):
        found = ground.judge(said)
        assert (found.state, found["issuer"]) == ("undecided", code), found
    found = ground.judge(good, names_history=False, anchor=ground.anchor.id)
    assert (found.state, found["issuer"]) == ("undecided", "history_missing")


def test_another_anchor_than_the_pinned_one_is_somebody_else(ground: Ground) -> None:
    taken_over = ground.history(ground.keys(), anchor=anchors.make())
    assert ground.judge(taken_over).state == "genuine"
    found = ground.judge(taken_over, anchor=ground.anchor.id)
    assert (found.state, found["issuer"]) == ("not_genuine", "anchor_of_another")


@pytest.mark.parametrize(("is_pinned", "state"), [(False, "undecided"), (True, "not_genuine")])
def test_a_key_that_the_document_lists_and_the_history_lacks(ground: Ground, is_pinned: bool, state: State) -> None:
    """Whoever has the web server and not the anchor adds a key to the one and not to the other."""
    said = ground.history(ground.keys()[1:])
    found = ground.judge(said, anchor=ground.anchor.id if is_pinned else None)
    assert (found.state, found["issuer"]) == (state, "key_not_in_history")


@pytest.mark.parametrize("form", ["json", "jwt"])
def test_a_vanished_issuer_is_known_by_the_history_that_came_with_the_badge_and_the_pinned_anchor(
    ground: Ground, form: str
) -> None:
    document, *others = ground.issuer.answers(UNREACHABLE, list_key=ground.newer)
    content = ground.badge.json if form == "json" else ground.badge.jwt

    def found(said: bytes, anchor: str | None) -> State:
        enclosed = (document, *others, fetched(ground.address, said))
        return judged(content, enclosed, anchor=anchor, history=ground.address).state

    good, forger = ground.history(ground.keys()), anchors.make()
    assert found(good, ground.anchor.id) == "genuine"
    assert found(good, None) == "undecided"
    assert found(ground.history(ground.keys(), anchor=forger), ground.anchor.id) == "not_genuine"
    assert found(ground.history(ground.keys(), anchor=forger), None) == "undecided"
    assert found(ground.history([]), ground.anchor.id) == "not_genuine"


def test_a_log_key_signs_no_badge(ground: Ground) -> None:
    found = ground.judge(ground.history(ground.keys(use="log")))
    assert (found.state, found["issuer"]) == ("not_genuine", "key_of_another_use")


def test_a_date_must_lie_within_the_life_of_its_key(ground: Ground) -> None:
    hour = timedelta(hours=1)
    dated = NOW - hour  # as the badge is
    for changed, state, code in (
        ({"retired_at": dated + hour}, "genuine", "issuer_proven"),
        ({"retired_at": dated}, "genuine", "issuer_proven"),
        ({"retired_at": dated - hour}, "not_genuine", "signed_after_retirement"),
        ({"created_at": dated}, "genuine", "issuer_proven"),
        ({"created_at": dated + hour}, "not_genuine", "signed_before_its_key"),
    ):
        found = ground.judge(ground.history(ground.keys(**changed)))
        assert (found.state, found["issuer"]) == (state, code), changed


def test_of_a_lost_key_counts_what_the_log_had_and_nothing_else(ground: Ground) -> None:
    said, asked = ground.history(lost(ground)), ground.log_question
    found = ground.judge(said, fetched(asked, ground.inclusion()), is_lost=True)
    assert (found.state, found["issuer"]) == ("genuine", "logged_before")
    absent = FetchedDocument(url=asked, error="its server answered with an error", is_absent=True)
    found = ground.judge(said, absent, is_lost=True)
    assert (found.state, found["issuer"]) == ("not_genuine", "key_compromised")
    for answer in (UNREACHABLE, b"{}", b'{"position":"2","hashes":[]}', ground.inclusion(1)):
        found = ground.judge(said, fetched(asked, answer), is_lost=True)
        assert (found.state, found["issuer"]) == ("undecided", "log_unavailable"), answer


def test_before_anything_was_logged_nothing_of_a_lost_key_counts(ground: Ground) -> None:
    empty = base64.b64encode(tree.EMPTY_ROOT).decode()
    keys = ground.keys(compromised_since=NOW - timedelta(days=30), log_size=0, log_root=empty)
    found = ground.judge(ground.history(keys), is_lost=True)
    assert (found.state, found["issuer"]) == ("not_genuine", "key_compromised")
