"""The rules about `relatedResource`, and whether content has the digest that an entry promises (VCDM 2.0, 5.3)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from services.credentials.proofs import contexts, multikey
from services.credentials.proofs.data_model.entries import objects
from services.credentials.proofs.data_model.rule import Finding, Rule
from services.credentials.proofs.data_model.values import id_findings, is_url, listed, placed
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.strict_json import JsonObject

_CLAUSE = "VCDM 2.0, section 5.3"
#: Weakest first: of several, the strongest that is there decides (Subresource Integrity, section 3.3.4).
_ALGORITHMS = ("sha256", "sha384", "sha512")
#: Multihash: the code of the algorithm and the length of the digest.
_MULTIHASHES = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
#: `hash-expression` of Subresource Integrity, section 3.5. How long the value is, the grammar does not say, and the
#: published suite has longer ones that it wants accepted: they match no content.
_EXPRESSION = re.compile(r"(?P<algorithm>sha256|sha384|sha512)-(?P<value>[A-Za-z0-9+/_-]{1,200}={0,2})")
_LONGEST = 1000
_DIGESTS = ("digestSRI", "digestMultibase")
_PADLESS = re.compile(r"[A-Za-z0-9_-]+")
#: Copies that hold the published JSON in other bytes (contexts/SOURCES.md): a true digest is not one of ours.
_REWRITTEN = frozenset(
    {
        contexts.CREDENTIALS_V1,
        contexts.DID_V1,
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "https://w3id.org/security/suites/ed25519-2020/v1",
        "https://w3id.org/vc/status-list/2021/v1",
    }
)

Digest = tuple[str, bytes]


def related_resource_matches(entry: JsonObject, content: bytes) -> bool:
    """Whether the content has the digests of an entry: every kind of digest that it states, and it states one."""

    def digest_of(algorithm: str) -> bytes:
        return hashlib.new(algorithm, content).digest()

    read = [_read(entry, name) for name in _DIGESTS if name in entry]
    return bool(read) and all(digests is not None and _matches(digests, digest_of) for digests in read)


def _matches(digests: list[Digest], digest_of: Callable[[str], bytes]) -> bool:
    strongest = max((algorithm for algorithm, _ in digests), key=_ALGORITHMS.index)
    expected = digest_of(strongest)
    return any(digest == expected for algorithm, digest in digests if algorithm == strongest)


def _read(entry: JsonObject, name: str) -> list[Digest] | None:
    """The digests of one member, a text or a set of texts; None where one of them has no acceptable form."""
    found: list[Digest] = []
    for one in listed(entry[name]):
        if not isinstance(one, str) or not 0 < len(one) <= _LONGEST:
            return None
        several = [_expression(part) for part in one.split()] if name == "digestSRI" else [_multihash(one)]
        for digest in several:
            if digest is None:
                return None
            found.append(digest)
    return found or None


def _expression(text: str) -> Digest | None:
    found = _EXPRESSION.fullmatch(text)
    if found is None:
        return None
    value = found["value"].rstrip("=").replace("+", "-").replace("/", "_")
    return found["algorithm"], _base64url(value) or b""


def _multihash(text: str) -> Digest | None:
    if text.startswith("z"):
        try:
            content: bytes | None = multikey.base58_decode(text)
        except KeyFormatError:
            return None
    else:
        content = _base64url(text[1:]) if text.startswith("u") and _PADLESS.fullmatch(text[1:]) else None
    if content is None or content[:2] not in _MULTIHASHES or len(content) != 2 + content[1]:
        return None
    return _MULTIHASHES[content[:2]], content[2:]


def _base64url(text: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None


@cache
def _pinned_digest(url: str, algorithm: str) -> bytes:
    file, sha256 = contexts.PINNED[url]
    contexts.document(url)  # ContextChangedError where the file is not the one that was pinned
    if algorithm == "sha256":
        return bytes.fromhex(sha256)
    folder = Path(contexts.__file__).parents[1] / "contexts"
    return hashlib.new(algorithm, (folder / file).read_bytes()).digest()


def _resources(document: JsonObject) -> Iterator[Finding]:
    name = "relatedResource"
    if name not in document:
        return
    if document[name] == []:
        yield "empty", name
    for where, one in placed(name, document[name]):
        if isinstance(one, dict):
            yield from id_findings(one, where, is_required=True)
        else:
            yield "not_an_object", where


def _unique(document: JsonObject) -> Iterator[Finding]:
    seen: set[str] = set()
    for where, one in objects(document, "relatedResource"):
        named = one.get("id")
        if isinstance(named, str):
            if named in seen:
                yield "id_repeated", f"{where}.id"
            seen.add(named)


def _digests(document: JsonObject) -> Iterator[Finding]:
    for where, one in objects(document, "relatedResource"):
        stated = [name for name in _DIGESTS if name in one]
        if not stated:
            yield "digest_missing", where
        for name in stated:
            if _read(one, name) is None:
                yield "digest_malformed", f"{where}.{name}"


def _pinned(document: JsonObject) -> Iterator[Finding]:
    """A context that is pinned here is never fetched: a digest of something else can never be true of what we use."""
    for where, one in objects(document, "relatedResource"):
        url = one.get("id")
        if not is_url(url) or url not in contexts.PINNED or url in _REWRITTEN:
            continue
        for name in _DIGESTS:
            digests = _read(one, name) if name in one else None
            if digests is not None and not _matches(digests, partial(_pinned_digest, url)):
                yield "not_the_pinned_context", f"{where}.{name}"


RULES = (
    Rule("related_resource", _CLAUSE, None, _resources),
    Rule("related_resource_unique", _CLAUSE, None, _unique),
    Rule("related_resource_digest", _CLAUSE, None, _digests),
    Rule("related_resource_pinned", _CLAUSE, None, _pinned),
)
