"""The demonstration: one cohort's story, played over HTTP against a stack, and every badge of it checked."""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import msgspec

from deploy.demo import artefacts
from deploy.demo.artefacts import Check
from deploy.demo.learning import Say
from deploy.demo.play import is_played, play
from deploy.demo.target import Target
from deploy.local.stack import Stack
from deploy.local.terminal import StackError, say, warn
from deploy.running import DEFAULT_FOLDER, find

__all__ = ["main", "seed", "staff_sign_in_link"]


def seed(stack: Stack) -> None:
    """Play the story in a stack where it was not played yet."""
    target = Target.of(stack.environment)
    asyncio.run(_seed(target))


def staff_sign_in_link(stack: Stack) -> str:
    """A one-time link that signs in the demonstration's administrator."""
    return Target.of(stack.environment).staff_link()


def main(argv: list[str]) -> int:
    """`./run demo`: 0 only if every check holds, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write every badge as JSON, JWT, PNG, SVG and PDF")
    parser.add_argument("--json", action="store_true", help="print the checks as one JSON object")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="folder of the stack that may be running")
    options = parser.parse_args(argv)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    # With --json, standard output is for the program that reads it.
    progress = warn if options.json else say
    with _target(options.folder.resolve(), progress) as target:
        ready = time.monotonic()
        try:
            checks = asyncio.run(_play_and_examine(target, options.out, progress))
        except aiohttp.ClientError as error:
            raise StackError(f"The stack cannot be reached any more ({type(error).__name__}).") from error
    report = Report(
        is_right=all(one.is_right for one in checks),
        checks=checks,
        seconds_to_ready=round(ready - began, 1),
        seconds=round(time.monotonic() - began, 1),
    )
    _print(report, is_json=options.json)
    return 0 if report.is_right else 1


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints."""

    is_right: bool
    checks: list[Check]
    seconds_to_ready: float
    seconds: float


@contextmanager
def _target(folder: Path, progress: Say) -> Iterator[Target]:
    """The stack that runs in the folder, or else one of its own that is gone afterwards."""
    running = find(folder)
    if running is not None:
        progress("Playing in the stack that runs here")
        yield Target.of(running)
        return
    progress("Starting a stack of its own")
    with Stack.temporary() as stack:
        yield Target.of(stack.environment)


async def _play_and_examine(target: Target, out: Path | None, progress: Say) -> list[Check]:
    played = await play(target, progress)
    progress("Every badge is verified, in every form")
    return await artefacts.examine(target, played, out)


async def _seed(target: Target) -> None:
    if not await is_played(target):
        say("Seeding the demonstration")
        await play(target, lambda line: say(f"  {line}"))


def _print(report: Report, *, is_json: bool) -> None:
    if is_json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
        return
    for one in report.checks:
        if not one.is_right:
            say(f"NOT RIGHT: {one.name}. {one.detail}")
    right = sum(one.is_right for one in report.checks)
    say(f"{right} of {len(report.checks)} checks are right ({report.seconds} seconds).")
