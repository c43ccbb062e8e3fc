"""Rules of the house, held by tests: SQL that the database accepts, rights that it refuses, errors with a problem."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest

import services
import shared
from deploy.local.postgres import Cluster
from shared import problems

ROOT = Path(__file__).parents[2]
_SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")


def modules() -> Iterator[ModuleType]:
    for package in (services, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def statements(module: ModuleType) -> Iterator[tuple[str, str]]:
    for name, value in vars(module).items():
        if name.isupper() and not name.startswith("_") and isinstance(value, str) and _SQL.match(value):
            yield name, value


def user_of(module: str) -> tuple[str, str]:
    """The database and user that a module's statements run as."""
    if module.startswith("services.credentials.public"):
        return "credentials", "public_reader"
    if module.startswith("services.credentials"):
        return "credentials", "issuer"
    return "enrollment", "enrollment"


async def test_every_statement_prepares_as_the_user_that_runs_it(migrated: Cluster) -> None:
    count = 0
    for module in modules():
        database, user = user_of(module.__name__)
        connection = await asyncpg.connect(migrated.dsn(database, user))
        try:
            for name, sql in statements(module):
                count += 1
                try:
                    await connection.prepare(sql)
                except asyncpg.PostgresError as error:
                    pytest.fail(f"{module.__name__}.{name}: {error}")
        finally:
            await connection.close()
    assert count > 50, "the walk found too few statements to mean anything"


def test_sql_stands_in_stores_and_shared_only() -> None:
    strays = [
        f"{module.__name__}.{name}"
        for module in modules()
        for name, _ in statements(module)
        if not module.__name__.startswith("shared.") and ".store" not in module.__name__
    ]
    assert strays == []


@pytest.mark.parametrize("table", ["signing_key_secret", "outbox", "log_waiting"])
async def test_the_public_role_cannot_read_what_is_not_public(migrated: Cluster, table: str) -> None:
    connection = await asyncpg.connect(migrated.dsn("credentials", "public_reader"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT * FROM {table}")
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "table",
    [
        *("award", "credential", "issuer", "signing_key", "status_list", "achievement_version"),
        *("issuance_log", "log_leaf", "log_node", "log_head"),
    ],
)
async def test_the_public_role_can_write_nothing(migrated: Cluster, table: str) -> None:
    connection = await asyncpg.connect(migrated.dsn("credentials", "public_reader"))
    try:
        for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


def problem_tables() -> Iterator[tuple[str, problems.Table]]:
    for module in modules():
        if module.__name__.endswith(".problems") and hasattr(module, "PROBLEMS"):
            yield module.__name__, module.PROBLEMS


#: Errors that never leave their service: verification turns them into a check of its verdict.
BECOME_CHECKS = {"ContainerError", "ListFormatError"}


def test_every_error_of_a_model_has_a_problem() -> None:
    """A refusal without an entry would reach people as «something broke on our side»."""
    mapped = {kind for _, table in problem_tables() for kind in table}
    missing = [
        f"{module.__name__}.{name}"
        for module in modules()
        if module.__name__.endswith(".model") and module.__name__.startswith("services.")
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and value.__module__ == module.__name__
        and name not in BECOME_CHECKS
        and not any(parent in mapped for parent in value.__mro__)
    ]
    assert missing == []


@pytest.mark.parametrize("service", ["enrollment", "credentials"])
def test_one_values_way_names_files_and_functions_that_are_there(service: str) -> None:
    """The list in a service's README is read by newcomers, so it must not outlive the code."""
    text = (ROOT / "services" / service / "README.md").read_text()
    steps = [line for line in text.partition("## One value's way")[2].splitlines() if re.match(r"\d+\. ", line)]
    assert len(steps) >= 10
    for step in steps:
        named = re.findall(r"`(services/\S+?)`(?: `(\w+)`)?", step)
        assert named, step
        for file, function in named:
            content = (ROOT / file).read_text()
            assert not function or re.search(rf"^(async )?def {function}\(", content, re.MULTILINE), step


def test_a_problem_code_means_one_thing_and_says_what_to_do() -> None:
    for name, table in problem_tables():
        kinds = {*table.values(), *problems.SHARED.values()}
        codes = [kind.code for kind in kinds]
        twice = {code for code in codes if codes.count(code) > 1}
        assert len({(kind.code, kind.status) for kind in kinds if kind.code in twice}) == len(twice), name
        for kind in problems.all_types(table).values():
            assert kind.title, kind.code
            assert kind.advice.endswith("."), kind.code
