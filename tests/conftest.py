"""One PostgreSQL for the whole run, both databases migrated; tests keep apart by an organization of their own."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.local.postgres import Cluster
from shared.migrate import migrate
from shared.postgres import Pool, create_pool

# A run starts some two hundred processes: without bytecode on the disk, each compiles anew all that it imports.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent.parent
#: Files that wait for processes: while one does, another worker uses the core.
_LONGEST = ("tests/faults/", "tests/end_to_end/", "tests/shared/test_nothing_private_in_logs.py")
MIGRATIONS = {
    "enrollment": ROOT / "services" / "enrollment" / "migrations",
    "credentials": ROOT / "services" / "credentials" / "migrations",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` also runs the heavy rounds."""
    parser.addoption("--long", action="store_true", help="also run the heavy rounds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest; leave the heavy rounds out unless they are asked for: deselected, not skipped."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))
    if config.getoption("--long"):
        return
    heavy = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=heavy)
    items[:] = [item for item in items if item not in heavy]


def require(is_there: bool, what: str) -> None:
    """Skip a test by name where a part of the machine is missing; in CI that is a failure."""
    if not is_there:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what} is missing, and in CI nothing is skipped")
        pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def databases() -> Iterator[Cluster]:
    """A PostgreSQL with empty databases; `.dsn(database, user)` addresses them."""
    with Cluster.temporary() as cluster:
        yield cluster


@pytest.fixture(scope="session")
async def migrated(databases: Cluster) -> Cluster:
    """The same with both schemas."""
    for database, folder in MIGRATIONS.items():
        await migrate(databases.dsn(database, f"{database}_owner"), folder)
    return databases


@pytest.fixture(scope="session")
async def enrollment_pool(migrated: Cluster) -> AsyncIterator[Pool]:
    """Connections as the enrollment service."""
    pool = await create_pool(migrated.dsn("enrollment", "enrollment"), connections=20, name="tests")
    yield pool
    pool.terminate()


@pytest.fixture(scope="session")
async def issuer_pool(migrated: Cluster) -> AsyncIterator[Pool]:
    """Connections as the issuer role."""
    pool = await create_pool(migrated.dsn("credentials", "issuer"), connections=20, name="tests")
    yield pool
    pool.terminate()


@pytest.fixture(scope="session")
async def public_pool(migrated: Cluster) -> AsyncIterator[Pool]:
    """Connections as the public role."""
    pool = await create_pool(migrated.dsn("credentials", "public_reader"), connections=5, name="tests")
    yield pool
    pool.terminate()


@pytest.fixture
async def organization(enrollment_pool: Pool) -> UUID:
    """A fresh organization in the enrollment database."""
    identifier = uuid4()
    await enrollment_pool.execute(
        "INSERT INTO organization (id, slug, name, url, time_zone) VALUES ($1, $2, $3, $4, $5)",
        identifier,
        f"o-{identifier.hex}",
        "Example Association",
        "https://association.example",
        "America/Chicago",
    )
    return identifier
