"""A list of bits as a verifiable credential: its entry, its document, its encoding. Pure."""

import base64
import binascii
import gzip
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from services.credentials.proofs import contexts
from services.credentials.proofs.strict_json import JsonObject

#: The least that the specification allows (section 2.2): a herd to hide in. Also the length of our lists.
LENGTH = 131_072
#: A verifier may keep a list this long; the public role's Cache-Control says the same.
TTL_SECONDS = 300
#: What an encoded list may inflate to: 128 Mi entries.
MAX_BYTES = 16 * 1024 * 1024
#: Level 9 takes fourteen times as long for a few bytes less.
_GZIP_LEVEL = 6
_GZIP_WINDOW = 31
#: Random probing finds a free index in two tries on average as long as half of them are free.
MOST_TAKEN = LENGTH // 2


class ListFormatError(Exception):
    """An encoded list cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DatabaseBehindError(Exception):
    """A list was published that the database knows nothing of: it was restored from a backup. `list_id` names it."""

    def __init__(self, list_id: UUID) -> None:
        super().__init__(list_id)
        self.list_id = list_id


class OpenList(msgspec.Struct, frozen=True, kw_only=True):
    """The list that an issuer's next credentials go into."""

    id: UUID
    length: int
    taken: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An index of a list: how long the list is, whether it was ever signed, and which credentials hold the index."""

    length: int
    is_published: bool
    holders: tuple[UUID, ...]


class ListToSign(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it has to be signed now: at `revision`, with these bits set."""

    id: UUID
    issuer_id: UUID
    length: int
    created_at: datetime
    revision: int
    revoked: frozenset[int]
    #: Whom its badges name, where the issuer was called otherwise since.
    did: str | None = None


class PublishedList(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it was published, in all its versions together: `text` is the newest, `bits` are ever set."""

    issuer: str
    length: int
    revision: int
    signed_at: datetime
    text: str
    bits: frozenset[int]


def file_name(list_id: UUID, revision: int) -> str:
    """Under which name a version of a list is published outside the database."""
    return f"status-lists/{list_id}/{revision:010}.json"


def version_of(name: str) -> tuple[UUID, int] | None:
    """The list and revision of such a name; None for another thing."""
    _, _, rest = name.partition("status-lists/")
    list_id, _, revision = rest.removesuffix(".json").partition("/")
    try:
        return UUID(list_id), int(revision)
    except ValueError:
        return None


def set_bits(signed: bytes | str) -> tuple[frozenset[int], int]:
    """The indices that a signed list has set, and its length; ListFormatError."""
    subject = msgspec.json.decode(signed)["credentialSubject"]
    bits = decode(subject["encodedList"])
    found = [byte << 3 | bit for byte, value in enumerate(bits) if value for bit in range(8) if value & (0x80 >> bit)]
    return frozenset(found), len(bits) * 8


def together(versions: Iterable[tuple[int, bytes]]) -> PublishedList:
    """One list of its (revision, signed bytes): a bit that any of them has set is set."""
    ordered = sorted(versions)
    revision, newest = ordered[-1]
    document = msgspec.json.decode(newest)
    found = [set_bits(content) for _, content in ordered]
    return PublishedList(
        issuer=document["issuer"],
        length=found[-1][1],
        revision=revision,
        signed_at=datetime.fromisoformat(document["validFrom"]),
        text=newest.decode(),
        bits=frozenset().union(*(bits for bits, _ in found)),
    )


def address(list_id: UUID, *, public_url: str) -> str:
    """Where the list is published."""
    return f"{public_url}/status-lists/{list_id}"


def entry(list_id: UUID, index: int, *, public_url: str) -> JsonObject:
    """The `credentialStatus` of a credential."""
    url = address(list_id, public_url=public_url)
    return {
        "id": f"{url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


def document(wanted: ListToSign, *, did: str, public_url: str, now: datetime) -> JsonObject:
    """The list as an unsigned credential, valid from `now`."""
    url = address(wanted.id, public_url=public_url)
    return {
        "@context": [contexts.CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did,
        "validFrom": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode(wanted.revoked, length=wanted.length),
            "ttl": TTL_SECONDS * 1000,
        },
    }


def encode(indices: Iterable[int], *, length: int) -> str:
    """Multibase base64url of the gzipped bits; index 0 is the most significant bit of the first byte."""
    bits = bytearray(length // 8)
    for index in indices:
        bits[index >> 3] |= 0x80 >> (index & 7)
    zipped = gzip.compress(bytes(bits), _GZIP_LEVEL, mtime=0)
    return "u" + base64.urlsafe_b64encode(zipped).rstrip(b"=").decode()


def decode(encoded: str, *, is_multibase: bool = True) -> bytes:
    """The bits of an encoded list; ListFormatError for a wrong form, more than 16 MiB or fewer than 131,072 entries."""
    text = encoded
    if is_multibase:
        if not encoded.startswith("u"):
            raise ListFormatError("not_multibase")
        text = encoded[1:]
    try:
        zipped = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ListFormatError("not_base64url") from None
    inflating = zlib.decompressobj(_GZIP_WINDOW)
    try:
        bits = inflating.decompress(zipped, MAX_BYTES + 1)
    except zlib.error:
        raise ListFormatError("not_gzip") from None
    if len(bits) > MAX_BYTES:
        raise ListFormatError("too_large")
    if not inflating.eof or inflating.unused_data:
        raise ListFormatError("not_gzip")
    if len(bits) * 8 < LENGTH:
        raise ListFormatError("too_short")
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """The bit of an index; ListFormatError where the list has no such index."""
    if not 0 <= index < len(bits) * 8:
        raise ListFormatError("index_out_of_range")
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))
