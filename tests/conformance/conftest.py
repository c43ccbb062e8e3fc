"""The conformance server as a process, for the tests that ask it what the suites ask."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.conformance.suite_client import SEED, Suite
from tests.servers import free_port


@pytest.fixture(scope="session")
def suite() -> Iterator[Suite]:
    """The server as a process of its own, started once."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start = "import sys; from deploy.local.commands import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["conformance", "--port", str(port), "--public-url", f"{url}/", "--seed", SEED]
    process = subprocess.Popen([sys.executable, "-c", start, *arguments], stdout=subprocess.DEVNULL)
    try:
        started = Suite(url)
        while True:
            assert process.poll() is None, "the server did not start"
            try:
                started.get("/health/live")
                break
            except ConnectionError:
                time.sleep(0.05)
        yield started
    finally:
        process.terminate()
        process.wait()
