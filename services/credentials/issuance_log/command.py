"""`./run log check`: checks logs over HTTP, as anybody outside can, and keeps their heads for the next time."""

import argparse
import asyncio
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from services.credentials.issuance_log import store
from services.credentials.issuance_log.checking import Earlier, Report, check
from services.credentials.settings import PublicSettings
from shared.fetch import Fetcher, TargetPolicy
from shared.postgres import UNAVAILABLE, create_pool
from shared.settings import SettingsError, load
from shared.transparency import checkpoint
from shared.transparency.checkpoint import CheckpointError, VerifierKey

_STATUS = {"good": 0, "contradiction": 1, "undecided": 3}
#: With several logs, the worst of them.
_WORST = (1, 3, 0)
_MARKS = {"good": "ok ", "contradiction": "NO ", "undecided": "?  "}


class UsageError(Exception):
    """An argument that cannot be used; the message says which and why."""


def main(argv: list[str]) -> int:
    """0 every log is whole, 1 one contradicts itself or an earlier head, 3 one cannot be read, 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        earlier = [_earlier(one) for one in arguments.against]
        keys = [_key(one) for one in arguments.key]
        urls, allowed = _addresses(arguments.url, earlier)
        reports = asyncio.run(_check_all(urls, allowed, earlier, keys))
        if stray := [
            one.name for one in earlier if one.checkpoint.head.origin not in {found.origin for found in reports}
        ]:
            raise UsageError(f"{stray[0]} is no head of a log that was checked. Name its address with --url.")
        if arguments.keep is not None:
            _keep(arguments.keep, reports)
    except UsageError as error:
        sys.stderr.write(f"{_printable(str(error))}\n")
        return 2
    sys.stdout.writelines(map(_as_text, reports) if reports else ["No log has begun yet.\n"])
    statuses = {_STATUS[one.outcome] for one in reports}
    return next((one for one in _WORST if one in statuses), 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run log",
        description="Check the issuance log: that its head is signed, that its leaves are those that the head signs, "
        "and that since an earlier head it was only added to.",
        epilog="Exit status: 0 whole, 1 contradicts itself or an earlier head, 3 cannot be read, 2 wrong usage.",
    )
    check_parser = parser.add_subparsers(dest="command", required=True).add_parser("check", help="check logs")
    check_parser.add_argument(
        "--url", action="append", default=[], help="a log's address, https://.../issuers/ID/log; else all that run here"
    )
    check_parser.add_argument(
        "--against", action="append", default=[], type=Path, metavar="FILE", help="a head of it that you kept earlier"
    )
    check_parser.add_argument("--key", action="append", default=[], help="the log's key that you know: NAME+ID+KEY")
    check_parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the heads of the logs found whole here")
    return parser


def _addresses(urls: list[str], earlier: list[Earlier]) -> tuple[list[str], str]:
    """The logs to check, and the origins that may be called though they are private."""
    if urls:
        # Whoever types an address means it, private or not.
        parts = [urlsplit(one) for one in urls]
        return [one.rstrip("/") for one in urls], ",".join(f"{one.scheme}://{one.netloc}" for one in parts)
    if "LAUREL_DATABASE_URL" in os.environ:
        try:
            settings = load(PublicSettings, os.environ)
            found = asyncio.run(_own(settings))
        except SettingsError as error:
            raise UsageError(error.sentence) from None
        except UNAVAILABLE:
            raise UsageError("The database cannot be read. Start it, or name a log's address with --url.") from None
        return found, settings.public_url
    if earlier:
        return [f"https://{one.checkpoint.head.origin}" for one in earlier], ""
    raise UsageError("Nothing runs here. Start it with `./run`, or name a log's address with --url.")


async def _own(settings: PublicSettings) -> list[str]:
    pool = await create_pool(settings.database_url, connections=1, name="log-check")
    try:
        return [f"{settings.public_url}/issuers/{one}/log" for one in await store.issuers(pool)]
    finally:
        pool.terminate()


async def _check_all(urls: list[str], allowed: str, earlier: list[Earlier], keys: list[VerifierKey]) -> list[Report]:
    try:
        policy = TargetPolicy.from_origins(allowed)
    except ValueError as error:
        raise UsageError(f"--url: {error}") from None
    async with Fetcher(policy) as fetcher:
        return [await check(fetcher, one, earlier=earlier, keys=keys) for one in dict.fromkeys(urls)]


def _earlier(path: Path) -> Earlier:
    try:
        with path.open("rb") as file:
            content = file.read(checkpoint.MOST_BYTES + 1)
        return Earlier(name=path.name, checkpoint=checkpoint.read(content.decode()))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (CheckpointError, UnicodeDecodeError):
        raise UsageError(f"{path} is no head of a log: a file that --keep wrote, or the log's /checkpoint.") from None


def _key(text: str) -> VerifierKey:
    try:
        return checkpoint.read_verifier_key(text)
    except CheckpointError as error:
        raise UsageError(f"--key: it is no key of a log ({error.code}). Its form is NAME+ID+KEY.") from None


def _keep(folder: Path, reports: list[Report]) -> None:
    """Write each head to a file of its own, named by log and size."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in reports:
            if one.outcome == "good" and one.origin is not None and one.checkpoint is not None:
                name = re.sub(r"[^A-Za-z0-9.-]+", "_", one.origin)
                (folder / f"{name}.{one.size}.checkpoint").write_text(one.checkpoint, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--keep: {folder} cannot be written: {error.strerror}.") from None


def _as_text(one: Report) -> str:
    lines = [f"{_printable(one.origin or one.url)}"]
    lines += [f"  {_MARKS[found.outcome]} {_printable(found.sentence)}" for found in one.findings]
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    """Without control characters: what a log says must not steer the terminal that shows it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
