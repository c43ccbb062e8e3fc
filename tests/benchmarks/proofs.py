"""`./run bench proofs`: issuing and verifying against the bare signature and other implementations, in one run.

Contenders take turns round by round, so that whatever else the machine does meets them alike; figures are medians over
the rounds, and ratios of medians.
"""

import argparse
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import msgspec

from tests.benchmarks import side_by_side
from tests.benchmarks.contenders import BY_TEMPLATE, STRANGERS, Contender, badge_for_peer, contenders
from tests.benchmarks.node_peer import node_peer
from tests.benchmarks.side_by_side import SideBySide

_ROUNDS = 15
_OTHERS = ("PyLD", "pyoxigraph", "Node", "bare")
_BARE = {"issue": "sign", "verify": "verify"}


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


def main(argv: list[str]) -> int:
    """Print a table; with --json also the figures; with --plot an SVG."""
    parser = argparse.ArgumentParser(prog="./run bench proofs", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--peers", action="store_true", help="also @digitalbazaar/vc on Node, installed by npm here")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write the ratios as an SVG")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args(argv)
    with node_peer(badge_for_peer()) if options.peers else nullcontext() as peer:
        figures = measure(contenders(peer), rounds=options.rounds)
    beside = side_by_side.measure((BY_TEMPLATE, STRANGERS))
    if options.json:
        report = {"machine": _machine(), "figures": figures, "processes": beside}
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        sys.stdout.write(table(figures) + "\n" + table_of_processes(beside))
    if options.plot is not None:
        options.plot.write_text(plot(figures), encoding="utf-8")
    return 0


def measure(listed: list[Contender], *, rounds: int) -> list[Figure]:
    """Every contender once a round, in turn; a ratio is the median of those within each round."""
    taken: dict[str, list[float]] = {one.name: [] for one in listed}
    for one in listed:
        one.run(max(1, one.count // 10))
    for _ in range(rounds):
        for one in listed:
            taken[one.name].append(one.run(one.count) / one.count * 1e6)
    return [_figure(one, taken) for one in listed]


def _figure(one: Contender, taken: dict[str, list[float]]) -> Figure:
    own = taken[one.name]
    return Figure(
        name=one.name,
        microseconds=round(statistics.median(own), 1),
        least=round(min(own), 1),
        most=round(max(own), 1),
        per_second=round(1e6 / statistics.median(own), 1),
        of_bare=_ratio(taken.get(f"bare Ed25519 {_BARE[one.kind]}") if one.kind else None, own, 4),
        times_peer=_ratio(taken.get(f"{one.kind}: Node @digitalbazaar/vc"), own, 1),
    )


def _ratio(other: list[float] | None, own: list[float], digits: int) -> float | None:
    if other is None:
        return None
    return round(statistics.median(theirs / ours for theirs, ours in zip(other, own, strict=True)), digits)


def _machine() -> dict[str, str | int | None]:
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "node": _version("node"),
    }


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


def table_of_processes(found: list[SideBySide]) -> str:
    """How much more two processes do than one."""
    return "".join(
        f"{one.name}: {one.by_one:.0f} a second by one process, {one.by_two:.0f} by two ({one.ratio:.2f} times)\n"
        for one in found
    )


def plot(figures: list[Figure]) -> str:
    """Badges a second as bars on a logarithmic scale, an SVG for the README."""
    groups = [("Issue", _shown(figures, "issue", "bare Ed25519 sign"))]
    groups.append(("Verify", _shown(figures, "verify", "bare Ed25519 verify")))
    parts, y = [], 10
    for title, shown in groups:
        parts.append(f'<text class="title" x="8" y="{y + 14}">{title}, badges a second on one core</text>')
        y += 26
        for one in shown:
            length = _length(one.per_second)
            kind = "theirs" if any(name in one.name for name in _OTHERS) else "ours"
            parts.append(
                f'<text x="268" y="{y + 13}" text-anchor="end">{one.name.partition(": ")[2] or one.name}</text>'
                f'<rect class="{kind}" x="276" y="{y}" width="{length:.0f}" height="18" rx="2"/>'
                f'<text x="{282 + length:.0f}" y="{y + 13}">{one.per_second:,.0f}</text>'
            )
            y += 24
        y += 14
    lines = [
        f'<line x1="{276 + _length(ten):.0f}" x2="{276 + _length(ten):.0f}" y1="8" y2="{y - 8}"/>'
        f'<text class="tick" x="{276 + _length(ten):.0f}" y="{y + 4}" text-anchor="middle">{ten:,}</text>'
        for ten in (10, 100, 1_000, 10_000)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {y + 14}" width="720" height="{y + 14}" role="img" '
        'aria-label="Badges a second on one core, on a logarithmic scale"><style>text{font:13px sans-serif;'
        "fill:#1b2422}.title{font-weight:600}.tick{font-size:11px}.ours{fill:#1f5c4d}.theirs{fill:#8a9a95}"
        "line{stroke:#8a9a95;stroke-opacity:.35}@media(prefers-color-scheme:dark){text{fill:#e8eeec}"
        f".ours{{fill:#7cc4ad}}}}</style>{''.join(lines)}{''.join(parts)}</svg>\n"
    )


def _shown(figures: list[Figure], kind: str, bare: str) -> list[Figure]:
    found = [one for one in figures if one.name.startswith(f"{kind}: ") or one.name == bare]
    return sorted(found, key=lambda one: -one.per_second)


def _length(per_second: float) -> float:
    """Ten times as many are 85 pixels more."""
    return 85 * max(0.0, math.log10(per_second))
