"""A command of the enrollment service with a setting that it cannot use ends with one sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from deploy.local.postgres import Cluster
from shared.settings import variable
from tests.conftest import ROOT
from tests.enrollment.conftest import settings_for
from tests.servers import free_port

AWAY = "postgresql://nobody:secret@127.0.0.1:1/nothing"


def ended(command: str, environ: dict[str, str]) -> tuple[int, str]:
    """The exit status of a command that ends by itself, and what it said."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAUREL_")}
    done = subprocess.run(
        [sys.executable, "-m", "services.enrollment", command],
        cwd=ROOT,
        env={**inherited, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def whole(folder: Path) -> dict[str, str]:
    """Settings with which it would start."""
    settings = msgspec.structs.asdict(settings_for(folder, AWAY, free_port()))
    return {variable(name): str(value) for name, value in settings.items() if value is not None}


@pytest.mark.parametrize("command", ["serve", "work"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "nonsense"),
        ("ENROLLMENT_URL", "http://127.0.0.1:8000/"),
        ("MAIL_FROM", "nonsense"),
        ("SEALING_KEY", "abc"),
        ("SERVICE_KEY_PATH", "/nowhere"),
        ("SERVICE_KEY_PATH", __file__),
        ("STORAGE_FOLDER", ""),
        ("STORAGE_FOLDER", "files"),
        ("STORAGE_FOLDER", "/dev/null/files"),
        ("WEBHOOK_ORIGINS", "nonsense"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_sentence(
    tmp_path: Path, command: str, name: str, value: str
) -> None:
    status, said = ended(command, whole(tmp_path) | {f"LAUREL_{name}": value})
    assert (status, said.count("\n")) == (2, 1), said
    assert said.startswith(f"LAUREL_{name}")


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("nonsense", 2, "LAUREL_OWNER_DATABASE_URL is malformed"),
        (AWAY, 1, "no connection to it can be made (ConnectionRefusedError)"),
        ("postgresql://nobody@/nothing?host=/nowhere", 1, "no connection to it can be made (FileNotFoundError)"),
    ],
)
def test_migrate_says_why_it_cannot(url: str, status: int, words: str) -> None:
    found, said = ended("migrate", {"LAUREL_OWNER_DATABASE_URL": url})
    assert (found, said.count("\n")) == (status, 1), said
    assert words in said
    assert "secret" not in said


def test_migrate_as_a_user_who_may_not_says_so(databases: Cluster) -> None:
    databases.create_database("unmigrated", owner="enrollment_owner")
    try:
        url = databases.dsn("unmigrated", "enrollment")
        found, said = ended("migrate", {"LAUREL_OWNER_DATABASE_URL": url})
        assert (found, said.count("\n")) == (1, 1), said
        assert "permission denied" in said
    finally:
        databases.drop_database("unmigrated")
