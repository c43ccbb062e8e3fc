"""A process that keeps logs, to be killed: its arguments are the database, the key and the public address."""

import asyncio
import sys

from services.credentials.issuance_log.actions import LogKeeper, run_sequencer
from services.credentials.keys.actions import IssuerRules
from services.credentials.keys.custody import Custody, key_encryption_key
from shared.clock import system_clock
from shared.postgres import Pool, create_pool


def keeper_of(pool: Pool, key: str, public_url: str) -> LogKeeper:
    """A keeper of logs with a process's own means."""
    return LogKeeper(
        pool=pool,
        custody=Custody(key_encryption_key(key)),
        rules=IssuerRules(did_method="key", public_url=public_url, is_production=False),
        clock=system_clock,
    )


async def _main() -> None:
    pool = await create_pool(sys.argv[1], connections=3, name="log")
    await run_sequencer(keeper_of(pool, *sys.argv[2:4]))


if __name__ == "__main__":
    asyncio.run(_main())
