"""`./run bench WHAT`: measures, and prints what it measured."""

import sys

from tests.benchmarks import __main__ as beside
from tests.benchmarks import certificates, proofs, rosters, staff_pages


def main(argv: list[str]) -> int:
    """Run one of `alone`, or benchmarks beside their bare work by name; 2 for an unknown one."""
    alone = {
        "certificates": certificates.main,
        "proofs": proofs.main,
        "rosters": rosters.main,
        "staff-pages": staff_pages.main,
    }
    if argv and argv[0] in alone:
        return alone[argv[0]](argv[1:])
    if not argv or argv[0] not in beside.BENCHMARKS:
        names = ",".join((*alone, *beside.BENCHMARKS))
        sys.stderr.write(f"usage: ./run bench {{{names}}} [ARGUMENTS]\n")
        return 2
    return beside.main(argv)
