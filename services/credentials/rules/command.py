"""`python -m services.credentials rules`: the rules that every document passes before it is signed, as a table."""

import argparse
import sys

import msgspec

from services.credentials.rules.book import RULES
from services.credentials.rules.model import KINDS, Rule


def main(argv: list[str]) -> int:
    """Print the table, or with --json what is in it."""
    parser = argparse.ArgumentParser(prog="./run rules", description="Print the rules of issuance, with their clauses.")
    parser.add_argument("--json", action="store_true", help="as JSON, with the advice that a refusal gives")
    parser.add_argument("--kind", choices=sorted(KINDS), help="only what holds for documents of this kind")
    options = parser.parse_args(argv)
    rules = [one for one in RULES if options.kind is None or options.kind in one.kinds]
    if options.json:
        table = [{"id": one.id, "asks": one.asks, "citation": one.citation, "advice": one.advice, "kinds": _kinds(one)}
                 for one in rules]  # fmt: skip
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(table)) + b"\n")
        return 0
    sys.stdout.write(f"{len(rules)} rules. Nothing is signed that one of them refuses.\n\n")
    sys.stdout.write("| rule | what it asks | citation | documents |\n|---|---|---|---|\n")
    for one in rules:
        sys.stdout.write(f"| {one.id} | {one.asks} | {one.citation} | {_said(one)} |\n")
    return 0


def _kinds(rule: Rule) -> list[str]:
    return sorted(rule.kinds)


def _said(rule: Rule) -> str:
    return "all" if rule.kinds == KINDS else ", ".join(one.replace("_", " ") for one in _kinds(rule))
