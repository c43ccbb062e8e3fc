"""`./run conformance`: the server, for the W3C suites to call."""

import argparse
import asyncio

import uvicorn

from deploy.local.terminal import StackError, say
from shared.clock import system_clock
from tests.conformance.server.app import make
from tests.conformance.server.examples import accept_examples
from tests.conformance.server.signer import SEED_BYTES, from_seed


def main(argv: list[str]) -> int:
    """Serve on the loopback interface until told to stop; 0. StackError for a seed that is none."""
    parser = argparse.ArgumentParser(
        prog="./run conformance",
        description="Answer the published W3C suites; for tests only: whoever knows the seed has the key.",
    )
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1")
    parser.add_argument("--public-url", metavar="URL", help="where the suites reach it; that port otherwise")
    parser.add_argument("--seed", metavar="HEX", required=True, help=f"{SEED_BYTES} bytes that make the key")
    options = parser.parse_args(argv)
    signer = from_seed(_seed(options.seed))
    public_url = (options.public_url or f"http://127.0.0.1:{options.port}").rstrip("/")
    accept_examples()
    application = make(signer, public_url=public_url, clock=system_clock)
    say(f"{signer.did} issues at {public_url}/credentials/issue")
    config = uvicorn.Config(
        application, host="127.0.0.1", port=options.port, log_config=None, access_log=False, ws="none", lifespan="on"
    )
    asyncio.run(uvicorn.Server(config).serve())
    return 0


def _seed(text: str) -> bytes:
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise StackError(f"--seed wants {SEED_BYTES} bytes as {2 * SEED_BYTES} hexadecimal digits.")
    return seed
