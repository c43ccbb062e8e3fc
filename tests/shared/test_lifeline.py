"""No process outlives its supervisor, however that one went."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.lifeline import VARIABLE

ROOT = Path(__file__).parents[2]
WATCHING = "import time; from shared import lifeline; import os; lifeline.start(lambda: os._exit(7)); time.sleep(60)"
DEAF = "import time; from shared import lifeline; lifeline.watch({fd}, int, grace_seconds=0.2); time.sleep(60)"


@pytest.fixture
def lifeline() -> "tuple[int, int]":
    """(reading end, writing end)."""
    return os.pipe()


def child(program: str, reading: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, VARIABLE: str(reading)}, pass_fds=(reading,), cwd=ROOT
    )


def test_a_process_ends_when_the_other_end_is_closed(lifeline: tuple[int, int]) -> None:
    reading, writing = lifeline
    process = child(WATCHING, reading)
    os.close(writing)
    assert process.wait(30) == 7
    os.close(reading)


def test_a_process_lives_while_the_other_end_is_open(lifeline: tuple[int, int]) -> None:
    reading, writing = lifeline
    process = child(WATCHING, reading)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    os.close(writing)
    process.wait(30)
    os.close(reading)


def test_a_process_that_does_not_end_by_itself_is_ended(lifeline: tuple[int, int]) -> None:
    reading, writing = lifeline
    process = child(DEAF.format(fd=reading), reading)
    os.close(writing)
    assert process.wait(30) == 70
    os.close(reading)
