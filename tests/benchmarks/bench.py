"""`./run bench WHAT`: measures, and prints what it measured."""

import sys

from tests.benchmarks import proofs

WHAT = {"proofs": proofs.main}


def main(argv: list[str]) -> int:
    """Run the benchmark named first; 2 for one that does not exist."""
    if not argv or argv[0] not in WHAT:
        sys.stderr.write(f"usage: ./run bench {{{','.join(WHAT)}}} [ARGUMENTS]\n")
        return 2
    return WHAT[argv[0]](argv[1:])
