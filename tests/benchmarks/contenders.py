"""What signs and verifies in `./run bench proofs`: our own ways, the bare signature, other implementations."""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.awards.document import Inputs, document, shape, varying
from services.credentials.proofs import data_integrity, did, jsonld, multikey, strict_json, vc_jwt
from services.credentials.proofs.template import Templates
from services.credentials.status_lists import model as status_lists
from shared.contracts import EvidenceClaim
from tests import second_way
from tests.benchmarks.node_peer import Peer
from tests.conformance import pyld_oracle
from tests.conformance.test_templates import inputs
from tests.credentials.callers import award_request

_NOW = datetime(2027, 1, 1, tzinfo=UTC)
_NAMES = ("Zoë Ŵyn", "שרה כהן", "महेश", "សុខា", "Ana María", "王伟", "سارة")
BY_TEMPLATE = "issue: by template"
STRANGERS = "verify: a stranger's badge, from its text"
#: Badges of one achievement that are issued in turn.
_COHORT = 25


class Contender(msgspec.Struct, frozen=True):
    """Something to be called `count` times a round."""

    name: str
    count: int
    run: Callable[[int], float]
    #: `issue` or `verify`: what it is compared with
    kind: str | None = None


def contenders(peer: Peer | None) -> list[Contender]:
    """What takes turns; the peer where there is one."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    name = did.did_key(public)
    method = did.verification_method(name, public)
    cohort = cohort_of(name)
    unsigned, templates = document(cohort[0]), Templates()
    badges = cycle([(document(one), shape(one), varying(one)) for one in cohort])
    seconds = count()

    def issue(hashes: Any = data_integrity.hash_data, badge: Any = unsigned, now: datetime = _NOW) -> Any:
        return data_integrity.create(badge, sign=private.sign, verification_method=method, created=now, hashes=hashes)

    def issue_by_template() -> None:
        """Another badge each time, and another second for each cohort."""
        badge, key, slots = next(badges)

        def hashes(secured: Any, options: Any) -> bytes:
            configuration = {**options, "@context": secured["@context"]}
            parts = (
                templates.canonicalize(configuration, "proof", (("created",),)),
                templates.canonicalize(secured, key, slots),
            )
            return b"".join(hashlib.sha256(one).digest() for one in parts)

        issue(hashes, badge, _NOW + timedelta(seconds=next(seconds) // _COHORT))

    def canonicalize_by_template() -> None:
        badge, key, slots = next(badges)
        templates.canonicalize(badge, key, slots)

    signed = issue()
    texts = cycle([msgspec.json.encode(issue(badge=document(one))) for one in cohort])
    data, signature = b"\1" * 64, private.sign(b"\1" * 64)
    proof = signed["proof"][0]
    options = {member: value for member, value in proof.items() if member != "proofValue"}
    peer_signature = multikey.base58_decode(proof["proofValue"])

    def oracle(canonical: Callable[[Any], bytes]) -> bytes:
        configuration = {**options, "@context": unsigned["@context"]}
        return b"".join(hashlib.sha256(canonical(one)).digest() for one in (configuration, unsigned))

    def stranger() -> None:
        read = strict_json.parse(next(texts))
        (found,) = data_integrity.verify(read, resolve=did.key_of_did_key, now=_NOW)
        assert found.outcome == "verified"

    listed = [
        _calls("bare Ed25519 sign", 2_000, lambda: private.sign(data), "issue"),
        _calls("bare Ed25519 verify", 1_000, lambda: public.verify(signature, data), "verify"),
        _calls(BY_TEMPLATE, 500, issue_by_template, "issue"),
        _calls("issue: general", 200, issue, "issue"),
        _calls("issue: PyLD", 4, lambda: private.sign(oracle(pyld_oracle.canonicalize)), "issue"),
        _calls("issue: pyoxigraph", 10, lambda: private.sign(oracle(second_way.canonical)), "issue"),
        _calls(STRANGERS, 200, stranger, "verify"),
        _calls("verify: PyLD", 4, lambda: public.verify(peer_signature, oracle(pyld_oracle.canonicalize)), "verify"),
        _calls("verify: pyoxigraph", 10, lambda: public.verify(peer_signature, oracle(second_way.canonical)), "verify"),
        _calls("canonicalize: general", 300, lambda: jsonld.canonicalize(unsigned)),
        _calls("canonicalize: by template", 500, canonicalize_by_template),
        _calls("canonicalize: PyLD", 6, lambda: pyld_oracle.canonicalize(unsigned)),
        _calls("canonicalize: pyoxigraph", 15, lambda: second_way.canonical(unsigned)),
        _calls(
            "JWT: issue (EdDSA)",
            500,
            lambda: vc_jwt.create(signed, sign=private.sign, algorithm="EdDSA", kid=method),
            "issue",
        ),
        _calls(
            "status list: encode 131,072 bits", 100, lambda: status_lists.encode(range(0, 131_072, 97), length=131_072)
        ),
    ]
    if peer is not None:
        for kind in ("issue", "verify"):
            listed.append(Contender(f"{kind}: Node @digitalbazaar/vc", 20, peer.timer(kind), kind))
    return listed


def badge_for_peer() -> dict[str, Any]:
    """The first badge of the cohort, its issuer to be filled in."""
    return document(cohort_of(inputs(7).issuer.did)[0])


def cohort_of(did_of_issuer: str) -> list[Inputs]:
    """What the badges of one cohort are made of: one achievement, other people, dates and hours."""
    first = inputs(7)
    issuer = msgspec.structs.replace(first.issuer, did=did_of_issuer)
    made = []
    for number in range(_COHORT):
        claims = tuple(
            EvidenceClaim(module_name=module, genre="text", accepted_on=date(2022, 1, 1 + (number * step) % 28))
            for step, module in enumerate(("Implicit Bias", "Microaggressions"), 3)
        )
        request = award_request(
            first.request.achievement_id,
            holder_name=f"{_NAMES[number % len(_NAMES)]} {number}",
            credit_minutes=540 + 15 * (number % 4),
            evidence=claims,
        )
        made.append(inputs(number, issuer=issuer, request=request))
    return made


def _calls(name: str, count: int, call: Callable[[], object], kind: str | None = None) -> Contender:
    def run(times: int) -> float:
        start = time.perf_counter()
        for _ in range(times):
            call()
        return time.perf_counter() - start

    return Contender(name, count, run, kind)
