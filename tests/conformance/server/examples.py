"""The contexts of the specifications' examples, which no role of ours accepts: one gives every word a meaning."""

import hashlib
from pathlib import Path

from services.credentials.proofs import contexts

EXAMPLES_V1 = "https://www.w3.org/2018/credentials/examples/v1"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
# Written here, after what the suites ask for: of the older one the few terms that they use, meaning what it means by
# them; of the newer one a vocabulary for every term that no other context defines.
_FILES = {
    EXAMPLES_V1: Path(__file__).with_name("examples-v1.json"),
    EXAMPLES_V2: Path(__file__).with_name("examples-v2.json"),
}


def accept_examples() -> None:
    """Pin the examples' contexts in this process; call it in a process that serves nothing but suites."""
    # An absolute path stays one where the engine joins it to its own folder.
    found = {url: (str(file), hashlib.sha256(file.read_bytes()).hexdigest()) for url, file in _FILES.items()}
    contexts.PINNED = {**contexts.PINNED, **found}
