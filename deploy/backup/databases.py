"""Both databases as of one moment: two snapshots taken while no award changes, then dumped side by side."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from deploy.backup.model import DUMPS, BackupError

#: Whoever waits behind the lock waits this long at most; then the backup tries again.
_LOCK_MILLISECONDS = 2_000
_TRIES = 10
# Every verb that changes an award or a credential takes the award's row first, for which it needs this table.
_STILL = "LOCK TABLE award IN EXCLUSIVE MODE"
_MIGRATIONS = "SELECT name, sha256 FROM schema_migration ORDER BY number"


@asynccontextmanager
async def snapshots(urls: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
    """A snapshot of each database, by its owner's address, for as long as the context lasts.

    Enrollment asks for an award before the issuer has it, and hears of a badge after it was made. Snapshots taken
    at two moments could hold a badge that nobody asked for, or the news of one that is not there.
    """
    opened = {name: await asyncpg.connect(url, timeout=10) for name, url in urls.items()}
    holder = await asyncpg.connect(urls["credentials"], timeout=10)
    try:
        await holder.execute(f"SET lock_timeout = {_LOCK_MILLISECONDS}")
        async with _standing_still(holder):
            for connection in opened.values():
                await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = {name: await one.fetchval("SELECT pg_export_snapshot()") for name, one in opened.items()}
        yield found
    finally:
        for connection in (holder, *opened.values()):
            await connection.close()


@asynccontextmanager
async def _standing_still(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """No award changes meanwhile; BackupError where that cannot be had."""
    for _ in range(_TRIES):
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(_STILL)
        except asyncpg.LockNotAvailableError:
            await transaction.rollback()
            continue
        try:
            yield
        finally:
            await transaction.rollback()
        return
    raise BackupError("Awards never stood still for a moment. Nothing was written; try again when less goes on.")


async def migrations(url: str) -> dict[str, str]:
    """The migrations that a database has, each with its SHA-256."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return {row["name"]: row["sha256"] for row in await connection.fetch(_MIGRATIONS)}
    finally:
        await connection.close()


async def dump(programs: Path, urls: Mapping[str, str], found: Mapping[str, str], folder: Path) -> None:
    """A dump of each snapshot into `folder`, under the names of `DUMPS`; BackupError."""
    await asyncio.gather(
        *(
            _run(
                [
                    *(str(programs / "pg_dump"), "--format=custom", "--no-owner", f"--snapshot={found[name]}"),
                    f"--file={folder / DUMPS[name]}",
                ],
                url,
            )
            for name, url in urls.items()
        )
    )


async def restore(programs: Path, urls: Mapping[str, str], folder: Path) -> None:
    """Both dumps into empty databases, as their owners; BackupError where either is not whole."""
    await asyncio.gather(
        *(
            _run(
                [
                    *(str(programs / "pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"),
                    *(f"--dbname={_variables(url)['PGDATABASE']}", str(folder / DUMPS[name])),
                ],
                url,
            )
            for name, url in urls.items()
        )
    )


async def _run(command: list[str], url: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        # Not as arguments: those are seen by every user of the machine.
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **_variables(url)},
    )
    if done.returncode != 0:
        program = Path(command[0]).name
        # Its first line says what it did; DETAIL and what follows may quote rows.
        reason = next((line for line in done.stderr.splitlines() if "error:" in line), "it gave no reason")
        raise BackupError(f"{program} could not do its work: {reason[:300]}")


def _variables(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
    return {
        "PGHOST": unquote(host),
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }
