"""`./run` on a bare Python, what it says where something is missing, and the lock that it trusts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import system_packages
from deploy.local.commands import COMMANDS
from deploy.quality import lock_faults

ROOT = Path(__file__).parents[2]


def bare(*arguments: str, path: str = "/usr/bin:/bin", prelude: str = "pass") -> "subprocess.CompletedProcess[str]":
    """`./run` under the base interpreter, isolated from this environment; `prelude` may make it look different."""
    interpreter = Path(getattr(sys, "_base_executable", sys.executable))
    program = (
        f"import sys, runpy; sys.argv = {['run', *arguments]!r}; {prelude}; runpy.run_path('run', run_name='__main__')"
    )
    return subprocess.run(
        [str(interpreter), "-c", program], cwd=ROOT, env={"PATH": path}, capture_output=True, text=True, check=False
    )


def test_help_lists_every_command_before_anything_is_installed() -> None:
    done = bare("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout and command.summary in done.stdout for name, command in COMMANDS.items())


def test_an_unknown_command_is_refused_before_anything_is_installed() -> None:
    done = bare("plant")
    assert done.returncode == 2
    assert done.stderr == "There is no command 'plant'. `./run --help` lists them.\n"


def test_an_old_python_with_no_newer_one_beside_it_gets_one_sentence(tmp_path: Path) -> None:
    done = bare("--help", path=str(tmp_path), prelude="sys.version_info = (3, 9, 2)")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 to 3.14, and this is 3.9" in done.stderr


def test_an_old_python_starts_again_under_a_newer_one(tmp_path: Path) -> None:
    (tmp_path / "python3.11").symlink_to(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    done = bare("--help", path=f"{tmp_path}:/usr/bin:/bin", prelude="sys.version_info = (3, 9, 2)")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ./run")


def test_a_python_without_venv_gets_one_sentence(tmp_path: Path) -> None:
    stripped = tmp_path / "python3.11"
    stripped.write_text('#!/bin/sh\necho "3 11 0"\n')
    stripped.chmod(0o755)
    done = bare("check", path=str(tmp_path), prelude="sys.version_info = (3, 9, 2)")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "python3-venv" in done.stderr


def test_missing_libraries_are_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "apt-get"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    needs = system_packages.missing(tests=True)
    assert {"Chromium", "qpdf and poppler"} <= {need.what for need in needs}
    sentence = system_packages.advice(needs)
    assert sentence.count("\n") == 0
    assert "apt-get install" in sentence
    assert "chromium" in sentence
    assert "poppler-utils" in sentence


def test_without_a_package_tool_the_sentence_still_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Chromium" in system_packages.advice(system_packages.missing(tests=True))


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A copy of pyproject.toml and both locks."""
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_the_locks_agree_with_the_project(locked: Path) -> None:
    assert lock_faults(locked) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("pyproject.toml", '"aiohttp",', '"aiohttp", "flask",', "lacks flask"),
        ("pyproject.toml", '    "pyld",\n', "", "pyld, which pyproject.toml does not ask for"),
        ("requirements.lock", "uv==", "--extra-index-url https://example.org/\nuv==", "names a host"),
        ("requirements.lock", "uv==", "uv @ file.whl\nuv==", "neither a pin nor a hash"),
        ("requirements.lock", "uv==", "uv==9", "requirements-dev.lock has uv"),
        ("requirements.lock", "\nuv==", "\nunpinned==1.0 \\\nuv==", "unpinned has no hash"),
    ],
)
def test_a_fault_of_the_lock_is_named(locked: Path, file: str, old: str, new: str, fault: str) -> None:
    path = locked / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert any(fault in sentence for sentence in lock_faults(locked))


@pytest.mark.long
def test_a_half_made_environment_is_made_again_and_two_starts_at_once_agree(tmp_path: Path) -> None:
    """Installs from the package index, so it is one of the heavy rounds."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").write_text("half-made")
    environment = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    both = [
        subprocess.Popen([str(clone / "run"), "verify", "--help"], env=environment, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [process.wait() for process in both] == [0, 0]
    assert set(json.loads((clone / ".venv" / "laurel.json").read_text())["locks"]) == {"runtime"}
