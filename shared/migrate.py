"""Migrations: numbered .sql files, applied in order, each in its own transaction and held to its SHA-256."""

import hashlib
import logging
import re
from pathlib import Path

import asyncpg
import msgspec

logger = logging.getLogger(__name__)

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
#: An advisory lock is taken here and nowhere else, so two starting processes do not migrate side by side.
_LOCK = 0x4C61_7572_656C


class MigrationError(Exception):
    """A migration cannot be applied; the message names the file and why."""


class Migration(msgspec.Struct, frozen=True):
    """One file: its number, name, text and the SHA-256 of its bytes as hex."""

    number: int
    name: str
    text: str
    sha256: str


def read(folder: Path) -> list[Migration]:
    """The migrations of a folder in order; MigrationError on a gap, a double number or a foreign name."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is not named NNNN_what_it_does.sql")
        content = path.read_bytes()
        found.append(Migration(int(match[1]), path.name, content.decode(), hashlib.sha256(content).hexdigest()))
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"{folder.name}: the numbers are not 0001, 0002, ... without gap or double")
    return found


async def migrate(url: str, folder: Path) -> list[str]:
    """Apply what is missing and return the names applied; MigrationError if an applied file has changed."""
    wanted = read(folder)
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresError) as error:
        raise MigrationError(f"no connection to it can be made ({type(error).__name__})") from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                number integer PRIMARY KEY,
                name text NOT NULL,
                sha256 text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        applied = {row["number"]: row for row in await connection.fetch("SELECT * FROM schema_migration")}
        if unknown := sorted(set(applied) - {one.number for one in wanted}):
            raise MigrationError(f"the database is newer than this program: it has migration {unknown[-1]:04d}")
        done = []
        for one in wanted:
            if (row := applied.get(one.number)) is not None:
                if row["sha256"] != one.sha256:
                    raise MigrationError(f"{one.name} was changed after it had been applied")
                continue
            await _apply(connection, one)
            done.append(one.name)
        return done
    except asyncpg.PostgresError as error:
        raise MigrationError(str(error)) from error
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", one: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(one.text)
            await connection.execute(
                "INSERT INTO schema_migration (number, name, sha256) VALUES ($1, $2, $3)",
                one.number,
                one.name,
                one.sha256,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{one.name}: {error}") from error
    logger.info("migrated", extra={"migration": one.name})
