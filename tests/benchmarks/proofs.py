"""`./run bench proofs`: issuing and verifying against the bare signature and other implementations, in one run.

Contenders take turns round by round, so that whatever else the machine does meets them alike; figures are medians over
the rounds, and ratios of medians.
"""

import argparse
import hashlib
import json
import math
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.awards.document import document, shape, varying
from services.credentials.proofs import data_integrity, did, jsonld, multikey, strict_json, vc_jwt
from services.credentials.proofs.template import Templates
from services.credentials.status_lists import model as status_lists
from tests import second_way
from tests.conformance import pyld_oracle
from tests.conformance.test_templates import inputs

PEERS = Path(__file__).parent / "peers"
_NOW = datetime(2027, 1, 1, tzinfo=UTC)
_ROUNDS = 15


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One contender: its median per call in microseconds, the spread, and how it stands to the bare signature."""

    name: str
    microseconds: float
    least: float
    most: float
    per_second: float
    #: Of the bare sign, or verify, in the same run.
    of_bare: float | None = None
    #: Times the Node peer in the same run.
    times_peer: float | None = None


class Contender(msgspec.Struct, frozen=True):
    """Something to be called `count` times a round."""

    name: str
    count: int
    run: Callable[[int], float]
    #: `issue` or `verify`: what it is compared with
    kind: str | None = None


def main(argv: list[str]) -> int:
    """Print a table; with --json also the figures; with --plot an SVG."""
    parser = argparse.ArgumentParser(prog="./run bench proofs", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--peers", action="store_true", help="also @digitalbazaar/vc on Node, installed by npm here")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write the ratios as an SVG")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args(argv)
    with _peer(wanted=options.peers) as peer:
        figures = measure(_contenders(peer), rounds=options.rounds)
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "node": _version("node")}
        sys.stdout.write(msgspec.json.encode({"machine": machine, "figures": figures}).decode() + "\n")
    else:
        sys.stdout.write(table(figures))
    if options.plot is not None:
        options.plot.write_text(plot(figures), encoding="utf-8")
    return 0


def measure(contenders: list[Contender], *, rounds: int) -> list[Figure]:
    """Every contender once a round, in turn."""
    taken: dict[str, list[float]] = {one.name: [] for one in contenders}
    for one in contenders:
        one.run(max(1, one.count // 10))
    for _ in range(rounds):
        for one in contenders:
            taken[one.name].append(one.run(one.count) / one.count * 1e6)
    medians = {name: statistics.median(found) for name, found in taken.items()}
    bare = {"issue": medians["bare Ed25519 sign"], "verify": medians["bare Ed25519 verify"]}
    peer = {kind: medians.get(f"{kind}: Node @digitalbazaar/vc") for kind in bare}
    return [
        Figure(
            name=one.name,
            microseconds=round(medians[one.name], 1),
            least=round(min(taken[one.name]), 1),
            most=round(max(taken[one.name]), 1),
            per_second=round(1e6 / medians[one.name], 1),
            of_bare=None if one.kind is None else round(bare[one.kind] / medians[one.name], 4),
            times_peer=_times(peer.get(one.kind or ""), medians[one.name]),
        )
        for one in contenders
    ]


def _times(peer: float | None, own: float) -> float | None:
    return None if peer is None else round(peer / own, 1)


def _contenders(peer: "Peer | None") -> list[Contender]:
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    name = did.did_key(public)
    method = did.verification_method(name, public)
    made = inputs(7, issuer=msgspec.structs.replace(inputs(7).issuer, did=name))
    unsigned, templates = document(made), Templates()
    slots, key = varying(made), shape(made)

    def by_template(secured: Any, options: Any) -> bytes:
        configuration = {**options, "@context": secured["@context"]}
        parts = (
            templates.canonicalize(configuration, "proof", (("created",),)),
            templates.canonicalize(secured, key, slots),
        )
        return b"".join(hashlib.sha256(one).digest() for one in parts)

    def issue(hashes: Any = data_integrity.hash_data) -> Any:
        return data_integrity.create(
            unsigned, sign=private.sign, verification_method=method, created=_NOW, hashes=hashes
        )

    signed = issue()
    text = msgspec.json.encode(signed)
    data, signature = b"\1" * 64, private.sign(b"\1" * 64)
    proof = signed["proof"][0]
    options = {member: value for member, value in proof.items() if member != "proofValue"}
    peer_signature = multikey.base58_decode(proof["proofValue"])

    def oracle(canonical: Callable[[Any], bytes]) -> bytes:
        configuration = {**options, "@context": unsigned["@context"]}
        return b"".join(hashlib.sha256(canonical(one)).digest() for one in (configuration, unsigned))

    def stranger() -> None:
        read = strict_json.parse(text)
        (found,) = data_integrity.verify(read, resolve=did.key_of_did_key, now=_NOW)
        assert found.outcome == "verified"

    listed = [
        _calls("bare Ed25519 sign", 2_000, lambda: private.sign(data), "issue"),
        _calls("bare Ed25519 verify", 1_000, lambda: public.verify(signature, data), "verify"),
        _calls("issue: by template", 500, lambda: issue(by_template), "issue"),
        _calls("issue: general", 200, issue, "issue"),
        _calls("issue: PyLD", 4, lambda: private.sign(oracle(pyld_oracle.canonicalize)), "issue"),
        _calls("issue: pyoxigraph", 10, lambda: private.sign(oracle(second_way.canonical)), "issue"),
        _calls("verify: a stranger's badge, from its text", 200, stranger, "verify"),
        _calls("verify: PyLD", 4, lambda: public.verify(peer_signature, oracle(pyld_oracle.canonicalize)), "verify"),
        _calls("verify: pyoxigraph", 10, lambda: public.verify(peer_signature, oracle(second_way.canonical)), "verify"),
        _calls("canonicalize: general", 300, lambda: jsonld.canonicalize(unsigned)),
        _calls("canonicalize: by template", 500, lambda: templates.canonicalize(unsigned, key, slots)),
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


def _calls(name: str, count: int, call: Callable[[], object], kind: str | None = None) -> Contender:
    def run(times: int) -> float:
        start = time.perf_counter()
        for _ in range(times):
            call()
        return time.perf_counter() - start

    return Contender(name, count, run, kind)


class Peer:
    """The Node process, asked over its pipes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def timer(self, kind: str) -> Callable[[int], float]:
        """A function from a count to the seconds that it took."""

        def run(count: int) -> float:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{kind} {count}\n")
            self._process.stdin.flush()
            return float(self._process.stdout.readline())

        return run


@contextmanager
def _peer(*, wanted: bool) -> Iterator[Peer | None]:
    if not wanted:
        yield None
        return
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("--peers needs Node and npm, which are not here.")
    if not (PEERS / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=PEERS, check=True)
    made = inputs(7)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(json.dumps(document(made)))
        file.flush()
        process = subprocess.Popen(
            ["node", "bench.mjs", file.name], cwd=PEERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise SystemExit("The Node peer did not start.")
            yield Peer(process)
        finally:
            process.kill()
            process.wait()


def _version(program: str) -> str | None:
    path = shutil.which(program)
    return None if path is None else subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()


def table(figures: list[Figure]) -> str:
    """The figures for a terminal."""
    width = max(len(one.name) for one in figures)
    lines = [f"{'':{width}}  {'median us':>10} {'least':>9} {'most':>9} {'per s':>9} {'of bare':>8} {'x Node':>7}"]
    for one in figures:
        bare = "" if one.of_bare is None else f"{one.of_bare:.3f}"
        peer = "" if one.times_peer is None else f"{one.times_peer:.1f}"
        lines.append(
            f"{one.name:{width}}  {one.microseconds:>10.1f} {one.least:>9.1f} {one.most:>9.1f}"
            f" {one.per_second:>9.0f} {bare:>8} {peer:>7}"
        )
    return "\n".join(lines) + "\n"


def plot(figures: list[Figure]) -> str:
    """Badges per second as bars on a logarithmic scale, an SVG for the README."""
    shown = [one for one in figures if one.name.startswith(("issue", "verify", "bare"))]
    rows = []
    for at, one in enumerate(shown):
        length = 90 * max(0.0, math.log10(one.per_second))
        y = 24 + at * 26
        rows.append(
            f'<text x="8" y="{y + 14}">{one.name}</text><rect x="300" y="{y}" width="{length:.0f}" height="18" rx="2"/>'
            f'<text x="{306 + length:.0f}" y="{y + 14}">{one.per_second:,.0f} a second</text>'
        )
    high = 40 + len(shown) * 26
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {high}" width="860" height="{high}" role="img" '
        'aria-label="Badges a second, on a logarithmic scale"><style>text{font:13px sans-serif;fill:#1b2422}'
        "rect{fill:#1f5c4d}@media(prefers-color-scheme:dark){text{fill:#e8eeec}rect{fill:#7cc4ad}}</style>"
        f"{''.join(rows)}</svg>\n"
    )
