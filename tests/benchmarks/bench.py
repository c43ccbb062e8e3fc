"""`./run bench WHAT`: measures, and prints what it measured."""

import sys

from tests.benchmarks import __main__ as beside
from tests.benchmarks import proofs


def main(argv: list[str]) -> int:
    """`proofs`, or the names of benchmarks beside their bare work; 2 for one that does not exist."""
    if argv and argv[0] == "proofs":
        return proofs.main(argv[1:])
    if not argv or argv[0] not in beside.BENCHMARKS:
        names = ",".join(("proofs", *beside.BENCHMARKS))
        sys.stderr.write(f"usage: ./run bench {{{names}}} [ARGUMENTS]\n")
        return 2
    return beside.main(argv)
