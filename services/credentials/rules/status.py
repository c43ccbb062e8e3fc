"""Rules of status: the entry of a badge in its list, and the list itself."""

import base64
import binascii
import zlib
from collections.abc import Iterator

from services.credentials.proofs.strict_json import JsonObject
from services.credentials.rules.model import Facts, Kind, Rule

#: The least that the specification allows: a herd to hide in.
_LEAST_BITS = 131_072
_MOST_BYTES = 16 * 1024 * 1024
_GZIP_WINDOW = 31
#: A day: who keeps a list longer learns of a revocation too late.
_LONGEST_TTL = 24 * 60 * 60 * 1000
_PURPOSES = frozenset({"revocation", "suspension", "refresh", "message"})


def _place(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    entry, wanted = document.get("credentialStatus"), facts.status
    if entry is None or wanted is None:
        return () if entry is wanted else ("credentialStatus",)
    index = str(wanted.index)
    expected = (wanted.list_url, index, f"{wanted.list_url}#{index}")
    if (entry["statusListCredential"], entry["statusListIndex"], entry["id"]) == expected:
        return ()
    said = zip(("statusListCredential", "statusListIndex", "id"), expected, strict=True)
    return tuple(f"credentialStatus.{name}" for name, value in said if entry[name] != value)


def _purpose(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    entry = document.get("credentialStatus")
    is_right = entry is None or entry["statusPurpose"] == "revocation"
    return () if is_right else ("credentialStatus.statusPurpose",)


def _range(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    place = facts.status
    is_right = place is None or 0 <= place.index < place.length
    return () if is_right else ("credentialStatus.statusListIndex",)


def _free(document: JsonObject, facts: Facts) -> tuple[str, ...]:
    return () if facts.status is None or facts.status.is_free else ("credentialStatus.statusListIndex",)


def _encoded(document: JsonObject, facts: Facts) -> Iterator[str]:
    if not _is_long_list(document["credentialSubject"]["encodedList"]):
        yield "credentialSubject.encodedList"


def _is_long_list(text: str) -> bool:
    if not text.startswith("u") or "=" in text:
        return False
    try:
        zipped = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
        inflating = zlib.decompressobj(_GZIP_WINDOW)
        bits = inflating.decompress(zipped, _MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        return False
    return inflating.eof and not inflating.unused_data and _LEAST_BITS <= len(bits) * 8 <= _MOST_BYTES * 8


def _list_subject(document: JsonObject, facts: Facts) -> Iterator[str]:
    subject = document["credentialSubject"]
    if subject["statusPurpose"] not in _PURPOSES:
        yield "credentialSubject.statusPurpose"
    if not 0 < subject.get("ttl", 1) <= _LONGEST_TTL:
        yield "credentialSubject.ttl"
    if subject["id"] != f"{document['id']}#list":
        yield "credentialSubject.id"


_SECTION = "Bitstring Status List 1.0, section {}"
_MISTAKE = "This is a mistake in our program, and nothing was signed: tell us."
_BADGE: frozenset[Kind] = frozenset({"badge"})
_LIST: frozenset[Kind] = frozenset({"status_list"})
RULES = (
    Rule(
        id="status-place",
        asks="credentialStatus names the list and the index that were reserved for it.",
        citation=_SECTION.format("2.1"),
        advice=f"Its place in the list of revocations is not the reserved one. {_MISTAKE}",
        kinds=_BADGE,
        check=_place,
        reads=("credentialStatus",),
        asks_facts=True,
    ),
    Rule(
        id="status-purpose",
        asks="The purpose of its entry is revocation.",
        citation=_SECTION.format("2.1 (statusPurpose)"),
        advice=f"It could not be revoked. {_MISTAKE}",
        kinds=_BADGE,
        check=_purpose,
        reads=("credentialStatus.statusPurpose",),
    ),
    Rule(
        id="status-in-range",
        asks="The reserved index is one that the list has.",
        citation=_SECTION.format("2.1 (statusListIndex)"),
        advice=f"The list of revocations has no such place. {_MISTAKE}",
        kinds=_BADGE,
        check=_range,
        asks_facts=True,
    ),
    Rule(
        id="status-unused",
        asks="No other credential has or had the reserved index.",
        citation=_SECTION.format("3.1 (Generate Algorithm: one position for each credential)"),
        advice=f"Another badge has its place in the list of revocations. {_MISTAKE}",
        kinds=_BADGE,
        check=_free,
        asks_facts=True,
    ),
    Rule(
        id="list-encoding",
        asks="encodedList is multibase base64url of gzip, and has at least 131,072 entries.",
        citation=_SECTION.format("2.2 (encodedList)"),
        advice=f"The list of revocations cannot be read. {_MISTAKE}",
        kinds=_LIST,
        check=_encoded,
        reads=("credentialSubject.encodedList",),
    ),
    Rule(
        id="list-subject",
        asks="The list says what its bits mean, is the list that it is in, and may be kept for a day at most.",
        citation=_SECTION.format("2.2 (statusPurpose, ttl)"),
        advice=f"The list of revocations does not say what it means. {_MISTAKE}",
        kinds=_LIST,
        check=_list_subject,
        reads=("credentialSubject", "id"),
    ),
)
