"""`reissue --check`: derives badges again from what was frozen when they were signed, and says what differs."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from services.credentials.awards.rederiving import derive_again
from services.credentials.settings import IssuerSettings
from shared.postgres import create_pool

_SAMPLE = 1_000
_SHOWN = 100


def parse(argv: Sequence[str]) -> int | None:
    """How many badges to look at; None for all."""
    parser = argparse.ArgumentParser(
        prog="./run reissue",
        description="Derive badges again from what was frozen when they were signed: the same bytes, the same "
        "signature. It signs nothing. Exit status: 0 all are the same, 1 some differ.",
    )
    parser.add_argument("--check", action="store_true", required=True, help="compare; there is nothing else it does")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--sample", type=int, default=_SAMPLE, metavar="N", help=f"a random N (default {_SAMPLE})")
    wanted.add_argument("--all", action="store_true", help="every badge")
    found = parser.parse_args(argv)
    if found.sample < 1:
        parser.error("--sample takes a number from 1 on")
    return None if found.all else found.sample


def main(settings: IssuerSettings, most: int | None) -> int:
    """0 where all are the same, 1 where some differ."""
    return asyncio.run(_run(settings, most))


async def _run(settings: IssuerSettings, most: int | None) -> int:
    pool = await create_pool(settings.database_url, connections=1, name="reissue")
    seen = differing = unfrozen = 0
    try:
        async for one in derive_again(pool, most=most, public_url=settings.public_url):
            seen += 1
            unfrozen += not one.is_frozen
            differing += bool(one.faults)
            if one.faults and differing <= _SHOWN:
                sys.stdout.write(f"{one.credential_id}: {', '.join(one.faults)}\n")
    finally:
        await pool.close()
    if differing > _SHOWN:
        sys.stdout.write(f"... and {differing - _SHOWN} more\n")
    sys.stdout.write(f"{seen} badges derived again: {seen - differing} the same, {differing} different.\n")
    if unfrozen:
        sys.stdout.write(f"{unfrozen} are older than what is frozen of issuers; today's profile was taken for them.\n")
    return 1 if differing else 0
