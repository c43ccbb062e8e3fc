"""@digitalbazaar/vc on Node, which others are compared with, as a process that is asked over its pipes."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PEERS = Path(__file__).parent / "peers"


class Peer:
    """The Node process, asked over its pipes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def timer(self, kind: str) -> Callable[[int], float]:
        """A function from a count to the seconds that it took."""

        def run(count: int) -> float:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{kind} {count}\n")
            self._process.stdin.flush()
            return float(self._process.stdout.readline())

        return run


@contextmanager
def node_peer(badge: dict[str, Any]) -> Iterator[Peer]:
    """The peer, which issues and verifies this badge; SystemExit where Node or npm is missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("--peers needs Node and npm, which are not here.")
    if not (PEERS / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=PEERS, check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(json.dumps(badge))
        file.flush()
        process = subprocess.Popen(
            ["node", "bench.mjs", file.name], cwd=PEERS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise SystemExit("The Node peer did not start.")
            yield Peer(process)
        finally:
            process.kill()
            process.wait()
