"""Migrations: applied once, in order, and never changed behind the database's back."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.postgres import Cluster
from shared.migrate import MigrationError, migrate, read
from tests.conftest import MIGRATIONS


@pytest.fixture
async def empty(databases: Cluster) -> AsyncIterator[str]:
    name = f"scratch_{uuid4().hex}"
    databases.create_database(name, owner="enrollment_owner")
    yield databases.dsn(name, "enrollment_owner")
    databases.drop_database(name)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return folder


async def columns(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'thing' ORDER BY 1"
        )
    finally:
        await connection.close()
    return [row["column_name"] for row in rows]


async def test_what_is_missing_is_applied_in_order_and_only_once(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"0001_first": "CREATE TABLE thing (a int)", "0002_more": "ALTER TABLE thing ADD b int"})
    assert await migrate(empty, folder) == ["0001_first.sql", "0002_more.sql"]
    assert await migrate(empty, folder) == []
    assert await columns(empty) == ["a", "b"]


async def test_a_failing_migration_leaves_nothing_of_itself(empty: str, tmp_path: Path) -> None:
    folder = write(
        tmp_path, **{"0001_first": "CREATE TABLE thing (a int)", "0002_bad": "ALTER TABLE thing ADD b int; x"}
    )
    with pytest.raises(MigrationError, match="0002_bad"):
        await migrate(empty, folder)
    assert await columns(empty) == ["a"]


async def test_a_changed_file_is_refused(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"0001_first": "CREATE TABLE thing (a int)"})
    await migrate(empty, folder)
    write(folder, **{"0001_first": "CREATE TABLE thing (a bigint)"})
    with pytest.raises(MigrationError, match="changed after"):
        await migrate(empty, folder)


async def test_a_database_newer_than_the_program_is_refused(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, **{"0001_first": "CREATE TABLE thing (a int)", "0002_more": "ALTER TABLE thing ADD b int"})
    await migrate(empty, folder)
    (folder / "0002_more.sql").unlink()
    with pytest.raises(MigrationError, match="newer than this program"):
        await migrate(empty, folder)


@pytest.mark.parametrize("name", ["0002_gap", "1_short", "0001-dash"])
def test_a_folder_with_a_gap_or_a_foreign_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MigrationError):
        read(write(tmp_path, **{name: "SELECT 1"}))


@pytest.mark.parametrize("database", sorted(MIGRATIONS))
async def test_two_processes_may_migrate_at_once(databases: Cluster, migrated: Cluster, database: str) -> None:
    assert await migrate(databases.dsn(database, f"{database}_owner"), MIGRATIONS[database]) == []
