"""The embedded PostgreSQL survives every kind of end, keeps its users apart, and leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import locks
from deploy.local.postgres import Cluster, schema

ROOT = Path(__file__).parents[2]
STARTED_BY_ANOTHER = """
import sys, time
from pathlib import Path
from deploy.local.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]), durable=False)
cluster.start()
print("started", flush=True)
time.sleep(300)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster for this module alone, since its tests stop and kill it."""
    with Cluster.temporary() as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach, which pytest's own is not for root."""
    made = Path(tempfile.mkdtemp(prefix="laurel-"))
    made.chmod(0o711)
    yield made / "pg"
    shutil.rmtree(made)


async def value(
    cluster: Cluster, query: str, *, database: str = "enrollment", user: str = "enrollment_owner"
) -> object:
    connection = await asyncpg.connect(cluster.dsn(database, user), timeout=10)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_what_was_committed_is_there_after_a_kill(cluster: Cluster) -> None:
    await value(cluster, "CREATE TABLE kept AS SELECT 'laurel' AS name")
    cluster.kill()
    assert not cluster.is_running
    assert locks.is_free(cluster.folder / "cluster.lock"), "a process of PostgreSQL is left"
    cluster.start()
    assert await value(cluster, "SELECT name FROM kept") == "laurel"


async def test_a_stop_and_a_start_keep_the_addresses(cluster: Cluster) -> None:
    before = cluster.dsn("credentials", "issuer")
    cluster.stop()
    cluster.start()
    assert cluster.dsn("credentials", "issuer") == before
    assert await value(cluster, "SELECT current_user::text", database="credentials", user="issuer") == "issuer"


@pytest.mark.parametrize(
    ("database", "user"),
    [("credentials", "enrollment"), ("enrollment", "issuer"), ("enrollment", "public_reader"), ("postgres", "nobody")],
)
async def test_a_user_reaches_only_its_own_database(cluster: Cluster, database: str, user: str) -> None:
    if user == "nobody":
        address = cluster.dsn(database, "postgres").replace("//postgres:", "//nobody:")
    else:
        address = cluster.dsn(database, user)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidPasswordError)):
        await asyncpg.connect(address, timeout=10)


async def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    right = cluster.dsn("enrollment", "enrollment")
    wrong = right.replace("enrollment:", "enrollment:x", 1)
    assert wrong != right
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong, timeout=10)


@pytest.mark.parametrize("user", ["enrollment", "issuer", "public_reader"])
async def test_a_working_role_makes_no_tables(cluster: Cluster, user: str) -> None:
    database = "enrollment" if user == "enrollment" else "credentials"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await value(cluster, "CREATE TABLE mine (id integer)", database=database, user=user)


async def test_it_sorts_and_stores_every_script_alike_everywhere(cluster: Cluster) -> None:
    found = "SELECT datlocprovider::text || datlocale || pg_encoding_to_char(encoding) FROM pg_database"
    assert await value(cluster, f"{found} WHERE datname = current_database()") == "bC.UTF-8UTF8"


def test_passwords_are_for_their_owner_only(cluster: Cluster) -> None:
    path = cluster.folder / "passwords.json"
    assert path.stat().st_mode & 0o077 == 0
    assert path.stat().st_uid == os.geteuid()
    assert all(role in path.read_text() for role in schema.ROLES)


async def test_a_database_of_a_test_comes_and_goes(cluster: Cluster) -> None:
    cluster.create_database("scratch", owner="enrollment_owner")
    assert await value(cluster, "SELECT 1", database="scratch") == 1
    cluster.drop_database("scratch")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await value(cluster, "SELECT 1", database="scratch")


def started_by_another(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED_BY_ANOTHER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def kill_guard(folder: Path) -> int:
    """SIGKILL the parent of the postmaster, which would stop it; the postmaster's process id."""
    postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    listed = subprocess.run(["ps", "-o", "ppid=", "-p", str(postmaster)], capture_output=True, text=True, check=True)
    os.kill(int(listed.stdout), signal.SIGKILL)
    return postmaster


def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    process = started_by_another(folder)
    assert not locks.is_free(folder / "cluster.lock"), "the lock must be held, or its being free says nothing"
    process.kill()
    process.communicate()
    assert locks.is_free(folder / "cluster.lock", timeout=20)


async def test_one_that_was_left_running_is_stopped_by_the_next_start(folder: Path) -> None:
    process = started_by_another(folder)
    left = kill_guard(folder)
    process.kill()
    process.communicate()
    successor = Cluster(folder, durable=False)
    successor.start()
    try:
        assert successor.pid != left
        assert await value(successor, "SELECT 1") == 1
    finally:
        successor.stop()


async def test_a_pid_file_that_names_a_stranger_does_not_hinder_the_start(folder: Path) -> None:
    cluster = Cluster(folder, durable=False)
    cluster.start()
    cluster.kill()
    pid_file = folder / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    cluster.start()
    try:
        assert await value(cluster, "SELECT 1") == 1
    finally:
        cluster.stop()


def test_a_half_made_one_is_made_again(folder: Path) -> None:
    folder.mkdir()
    (folder / "making-1").mkdir()
    (folder / "making-1" / "PG_VERSION").write_text("18")
    cluster = Cluster(folder, durable=False)
    cluster.start()
    cluster.stop()
    assert sorted(path.name for path in folder.glob("making-*")) == []
