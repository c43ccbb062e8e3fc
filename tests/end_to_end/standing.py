"""The demonstration as a user has it: `./run` in one terminal, `./run demo` in another, each a process of its own."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]
#: What `./run` becomes once its environment stands.
RUN = (sys.executable, "-m", "deploy.local")


class Demonstration(msgspec.Struct, frozen=True, kw_only=True):
    """A run of `./run demo --json --out FOLDER`: its exit status, its report, and what it told while it played."""

    status: int
    report: dict[str, Any]
    told: str
    folder: Path

    def badges(self) -> dict[str, bytes]:
        """The files by name."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}


def new_folder() -> Path:
    """A folder that PostgreSQL's user can reach, which pytest's own is not for root."""
    made = Path(tempfile.mkdtemp(prefix="laurel-"))
    made.chmod(0o711)
    return made


def demonstrate(out: Path, folder: Path) -> Demonstration:
    """Run it to its end, in the stack of `folder` where one runs, else in one of its own."""
    done = subprocess.run(
        [*RUN, "demo", "--json", f"--out={out}", f"--folder={folder}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1, done.stderr
    return Demonstration(status=done.returncode, report=json.loads(done.stdout), told=done.stderr, folder=out)


@contextmanager
def standing(folder: Path, port_base: int) -> Iterator[str]:
    """`./run` in `folder` until the block ends; what it said up to its being ready."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [*RUN, f"--folder={folder}", f"--port-base={port_base}"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield _until_ready(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()


def _until_ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    assert lines, "it ended before it was ready"
    assert lines[-1].startswith("Ctrl-C"), lines
    return "".join(lines)
