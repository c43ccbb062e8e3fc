"""`./run verify FILE...`: verdicts on the command line; it needs no running stack."""

import argparse
import asyncio
import io
import json
import sys
from pathlib import Path

import msgspec

from services.credentials.verification.actions import EXAMINE, JUDGE, MAX_FILE_BYTES, Means, verify
from services.credentials.verification.model import HEADINGS, KnownIssuer, TrustList, Verdict, exit_status
from shared.clock import system_clock
from shared.fetch import Fetcher, TargetPolicy
from shared.limited import LimitedPool

_MARKS = {"passed": "ok ", "failed": "NO ", "unknown": "?  "}
#: With several files, the worst of them: not acceptable, then undecided, then unknown issuer.
_WORST = (1, 3, 4, 0)
#: Marks around names in sentences: a terminal does not need them.
_ISOLATES = "\u2068\u2069"
_MAX_TRUST_BYTES = 1024 * 1024


class UsageError(Exception):
    """An argument that cannot be used; the message says which and why."""


def main(argv: list[str]) -> int:
    """0 genuine, 4 genuine but issuer unknown, 1 not acceptable, 3 cannot be decided, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="./run verify",
        description="Verify badges in files: JSON, JWT, PNG, SVG, PDF or a bundle (ZIP).",
        epilog="Exit status: 0 genuine, 4 genuine but issuer unknown, 1 not acceptable, 3 cannot be decided, 2 usage.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a badge file; - reads standard input")
    parser.add_argument(
        "--issuers", type=Path, metavar="FILE", help='issuers you know: {"issuers":[{"id":..,"name":..}]}'
    )
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON, one in a line")
    parser.add_argument(
        "--offline",
        action="store_true",
        help="ask nobody: judge by what a bundle encloses, as of then; did:web needs the issuer's anchor in --issuers",
    )
    parser.add_argument(
        "--origin", action="append", default=[], metavar="URL", help="your own stack's address, though it is private"
    )
    arguments = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name in a script that the terminal does not have is no reason to say nothing.
        sys.stdout.reconfigure(errors="replace")
    try:
        trusted = _trust_list(arguments.issuers)
        policy = _policy(arguments.origin)
        contents = [(name, _read(name)) for name in arguments.files]
    except UsageError as error:
        sys.stderr.write(f"{_printable(str(error))}\n")
        return 2
    verdicts = asyncio.run(_verify_all([one for _, one in contents], trusted, policy, arguments.offline))
    for (name, _), found in zip(contents, verdicts, strict=True):
        sys.stdout.write(_as_json(name, found) if arguments.json else _as_text(name, found))
    statuses = {exit_status(one.state) for one in verdicts}
    return next(one for one in _WORST if one in statuses)


async def _verify_all(
    contents: list[bytes], trusted: TrustList, policy: TargetPolicy, is_offline: bool
) -> list[Verdict]:
    async def find(identifier: str) -> KnownIssuer | None:
        return trusted.find(identifier)

    async with LimitedPool(1, functions=(EXAMINE, JUDGE)) as children, Fetcher(policy) as fetcher:
        means = Means(
            call_limited=children.call,
            fetcher=fetcher,
            find_issuer=find,
            clock=system_clock,
            is_offline=is_offline,
        )
        return [await verify(content, means) for content in contents]


def _read(name: str) -> bytes:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(f"{name} is larger than a badge may be ({MAX_FILE_BYTES // 1024 // 1024} MB).")
    return content


def _trust_list(path: Path | None) -> TrustList:
    if path is None:
        return TrustList()
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MAX_TRUST_BYTES), type=TrustList)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no list of issuers: {error}.") from None


def _policy(origins: list[str]) -> TargetPolicy:
    try:
        return TargetPolicy.from_origins(",".join(origins))
    except ValueError as error:
        raise UsageError(f"--origin: {error}") from None


def _as_json(name: str, found: Verdict) -> str:
    # In ASCII, so that neither a file's name nor what a badge says can steer a terminal.
    readable = name.encode(errors="replace").decode()
    return json.dumps({"file": readable, "verdict": msgspec.to_builtins(found)}) + "\n"


def _as_text(name: str, found: Verdict) -> str:
    facts = found.facts
    said = [
        ("Who", facts.holder),
        ("What", facts.achievement),
        ("Hours", None if facts.hours is None else f"{facts.hours:g}"),
        ("Issuer", facts.issuer_name and f"{facts.issuer_name} ({facts.issuer_id})"),
    ]
    lines = [f"{_printable(name)}: {HEADINGS[found.state]}.", f"  {_printable(found.sentence)} {found.advice}"]
    lines += [f"  {label}: {_printable(text)}" for label, text in said if text]
    for one in found.checks:
        lines.append(f"  {_MARKS[one.outcome]} {one.name}: {_printable(one.sentence)}")
        lines += [f"        - {_printable(note.sentence)} ({note.clause})" for note in one.notes]
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    """Without control characters: a badge must not steer the terminal that shows it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text if letter not in _ISOLATES)
