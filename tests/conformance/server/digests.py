"""The digests of related resources as the published suite writes them: SHA-256, and nothing that says so.

VC Data Integrity 1.0, section 2.6, asks for a multihash, and our rules do: here alone its bare kind is read as one.
"""

import base64
import re
from collections.abc import Callable
from typing import Any

from services.credentials.proofs.strict_json import JsonObject

_SHA256 = b"\x12\x20"
#: 32 bytes; a multihash of SHA-256 has two more, so that nothing is read in two ways.
_BARE = re.compile(r"u[A-Za-z0-9_-]{43}")


def as_multihashes(document: JsonObject) -> JsonObject:
    """A credential or presentation as it is to be judged: bare digests, of embedded credentials too, as multihashes."""
    changed = {
        name: _each(document[name], change)
        for name, change in (("relatedResource", _entry), ("verifiableCredential", as_multihashes))
        if name in document
    }
    return {**document, **changed} if changed else document


def _each(value: Any, change: Callable[[JsonObject], JsonObject]) -> Any:
    if isinstance(value, list):
        return [change(one) if isinstance(one, dict) else one for one in value]
    return change(value) if isinstance(value, dict) else value


def _entry(entry: JsonObject) -> JsonObject:
    digest = entry.get("digestMultibase")
    if not isinstance(digest, str) or _BARE.fullmatch(digest) is None:
        return entry
    content = _SHA256 + base64.urlsafe_b64decode(digest[1:] + "=")
    return {**entry, "digestMultibase": "u" + base64.urlsafe_b64encode(content).decode().rstrip("=")}
