"""`./run` starts everything, says what hinders it, and leaves nothing behind, not even after a kill -9."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import locks
from deploy.local.environment import ROLES
from deploy.local.installation import cluster_folder, keep_port_base
from deploy.local.stack import POSTGRESQL, Stack, free_port_base
from deploy.local.supervisor import Watch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a stack, with what root keeps elsewhere."""
    made = Path(tempfile.mkdtemp(prefix="laurel-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(cluster_folder(made).parent)
    shutil.rmtree(made, ignore_errors=True)


class Run:
    """`./run` as a process, with its output up to its being ready."""

    def __init__(self, folder: Path, port_base: int | None = None) -> None:
        command = [sys.executable, "-m", "deploy.local", "--without-demonstration"]
        self.process = subprocess.Popen(
            [*command, f"--folder={folder}", *([] if port_base is None else [f"--port-base={port_base}"])],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_ready(self) -> list[str]:
        """The lines up to the last one of a start, or all where it ended."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line.strip())
            if line.startswith("Ctrl-C"):
                break
        return lines

    def end(self, number: signal.Signals) -> int:
        """Its exit status after a signal."""
        self.process.send_signal(number)
        self.process.communicate()
        return self.process.returncode


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def nothing_is_left(folder: Path) -> bool:
    """Every process of a stack holds one of these locks for as long as it lives."""
    return locks.is_free(folder / "processes.lock", timeout=20) and locks.is_free(
        cluster_folder(folder) / "cluster.lock", timeout=20
    )


def test_after_a_kill_nothing_is_left_and_the_next_start_works(folder: Path) -> None:
    base = free_port_base()
    first = Run(folder, base)
    said = first.until_ready()
    assert said[-1].startswith("Ctrl-C")
    assert f"database:                   {cluster_folder(folder)}" in said
    ports = range(base, base + len(ROLES))
    assert all(answers(port) for port in ports)
    assert not locks.is_free(folder / "processes.lock"), "the lock must be held, or its being free says nothing"
    first.end(signal.SIGKILL)
    assert nothing_is_left(folder)
    assert not any(answers(port) for port in ports)

    second = Run(folder)
    assert second.until_ready()[-1].startswith("Ctrl-C")
    assert all(answers(port) for port in ports), "a folder keeps the ports of its first start"
    assert second.end(signal.SIGTERM) == 0
    assert nothing_is_left(folder)

    elsewhere = Run(folder, base + 10)
    assert f"has its addresses from port {base} on" in elsewhere.until_ready()[-1]
    assert elsewhere.process.wait() == 1


def test_a_second_start_in_the_same_folder_says_so(folder: Path) -> None:
    first = Run(folder, free_port_base())
    assert first.until_ready()[-1].startswith("Ctrl-C")
    second = Run(folder, free_port_base())
    assert "It runs already" in second.until_ready()[-1]
    assert second.process.wait() == 1
    assert first.end(signal.SIGINT) == 0


def test_a_used_port_is_named_with_the_setting_that_changes_it(folder: Path) -> None:
    with socket.socket() as other:
        base = free_port_base()
        other.bind(("127.0.0.1", base + 2))
        other.listen()
        run = Run(folder, base)
        last = run.until_ready()[-1]
        assert f"Port {base + 2} is in use" in last
        assert "--port-base" in last
        assert run.process.wait() == 1

        keep_port_base(folder, base)
        run = Run(folder)
        last = run.until_ready()[-1]
        assert f"Port {base + 2} is in use" in last
        assert f"stored in {folder}" in last
        assert run.process.wait() == 1
    assert nothing_is_left(folder)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A started stack."""
    with Stack.temporary() as started:
        yield started


@pytest.mark.parametrize("name", [role.name for role in ROLES])
def test_a_killed_process_is_ready_again_after_a_restart(stack: Stack, name: str) -> None:
    port = stack.addresses.port(name)
    stack.kill(name)
    assert not answers(port)
    stack.restart(name)
    assert answers(port)


def test_a_killed_database_is_found_again_by_every_process(stack: Stack) -> None:
    stack.kill(POSTGRESQL)
    assert not any(process.is_ready() for process in stack.processes.values())
    stack.restart(POSTGRESQL)
    for process in stack.processes.values():
        process.await_ready(timeout=60)


def test_what_ends_by_itself_is_started_again(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    process = stack.processes["public"]
    before = process.pid
    os.kill(before, signal.SIGKILL)
    watch = Watch(stack)
    while process.pid == before:
        watch.look()
    process.await_ready(timeout=60)
    assert "public ended unexpectedly" in capsys.readouterr().err
    assert stack.ended() == []
