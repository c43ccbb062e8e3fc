"""The JSON-LD contexts that a document may name: pinned, held to their SHA-256, and never fetched."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from services.credentials.proofs.strict_json import JsonObject, parse

_FOLDER = Path(__file__).parents[1] / "contexts"

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
DID_V1 = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

#: URL -> (file, SHA-256 of its bytes); where each came from stands in contexts/SOURCES.md.
PINNED = {
    CREDENTIALS_V2: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    CREDENTIALS_V1: (
        "credentials-v1.json",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
    ),
    DATA_INTEGRITY_V2: (
        "data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    MULTIKEY_V1: (
        "multikey-v1.json",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    DID_V1: (
        "did-v1.json",
        "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f",
    ),
    OPEN_BADGES: (
        "ob-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": (
        "ob-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": (
        "ob-3.0.1.json",
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json": (
        "ob-3.0.0.json",
        "9f1c8f9f361ba2994b9b50701f41149919542c50c7b7455b2846d87959295d72",
    ),
    EXTENSIONS: (
        "ob-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": (
        "clr-2.0.1.json",
        "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6",
    ),
    "https://w3id.org/security/suites/ed25519-2020/v1": (
        "ed25519-2020-v1.json",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
    ),
    "https://w3id.org/vc/status-list/2021/v1": (
        "status-list-2021-v1.json",
        "634d71c159289f068c96012e4511c657fdf82ac4231900081bda3ba24e2e1160",
    ),
}


class UnknownContextError(Exception):
    """A document names a context that is not pinned here; `url` is it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class ContextChangedError(Exception):
    """A pinned file is not the one that was pinned; `file` is its name."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file


@cache
def document(url: str) -> JsonObject:
    """The pinned context document of a URL; UnknownContextError for any other URL."""
    return parse(content(url))


def content(url: str) -> bytes:
    """The bytes of the pinned document of a URL; UnknownContextError for any other URL."""
    if url not in PINNED:
        raise UnknownContextError(url)
    file, sha256 = PINNED[url]
    found = (_FOLDER / file).read_bytes()
    if hashlib.sha256(found).hexdigest() != sha256:
        raise ContextChangedError(file)
    return found


def load(url: str, options: Any = None) -> dict[str, Any]:
    """The pinned document in the form in which PyLD wants it from a document loader."""
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document(url)}
