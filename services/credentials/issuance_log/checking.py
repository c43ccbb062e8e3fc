"""Checks a log from outside, as anybody can: the head's signature, every leaf behind it, and earlier heads."""

import base64
import binascii
from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from shared.fetch import Fetcher, FetchError
from shared.transparency import checkpoint, tree
from shared.transparency.checkpoint import Checkpoint, CheckpointError, VerifierKey
from shared.transparency.tree import Node

_PAGE = 1_000
T = TypeVar("T")

Outcome = Literal["good", "contradiction", "undecided"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at, and a sentence about it."""

    outcome: Outcome
    sentence: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one log; `checkpoint` is the head it was checked at, as it was signed."""

    url: str
    origin: str | None = None
    size: int | None = None
    checkpoint: str | None = None
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the findings."""
        found = {one.outcome for one in self.findings}
        return "contradiction" if "contradiction" in found else "undecided" if "undecided" in found else "good"


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A head that somebody kept, and the name of its file."""

    name: str
    checkpoint: Checkpoint


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    checkpoint: str
    key: str


class _Leaves(msgspec.Struct, frozen=True, kw_only=True):
    leaves: list[str]


class _Consistency(msgspec.Struct, frozen=True, kw_only=True):
    hashes: list[str]


class _UnreadableError(Exception):
    """The log gives no answer to go by; the message says what it gave."""


async def check(fetcher: Fetcher, url: str, *, earlier: Sequence[Earlier], keys: Sequence[VerifierKey]) -> Report:
    """The log at an address, against earlier heads of it (others are passed over) and the keys that one knows."""
    try:
        served = await _get(fetcher, url, _Head)
        found = checkpoint.read(served.checkpoint)
        own = list(keys) or [checkpoint.read_verifier_key(served.key)]
    except (_UnreadableError, CheckpointError) as error:
        return Report(url=url, findings=(Finding("undecided", f"The log cannot be read ({error})."),))
    head = found.head
    findings = [_signature("The head", found, own, is_told=not keys)]
    try:
        findings.append(await _leaves(fetcher, url, found))
        for one in earlier:
            if one.checkpoint.head.origin == head.origin:
                findings += await _consistency(fetcher, url, one, found, own)
    except _UnreadableError as error:
        findings.append(Finding("undecided", f"The log cannot be read to its end ({error})."))
    return Report(url=url, origin=head.origin, size=head.size, checkpoint=served.checkpoint, findings=tuple(findings))


def _signature(what: str, found: Checkpoint, keys: Sequence[VerifierKey], *, is_told: bool = False) -> Finding:
    if any(checkpoint.is_signed_by(found, one) for one in keys):
        more = " (as the log itself says; give the key that you know with --key)" if is_told else ""
        return Finding("good", f"{what} is signed by the log's key{more}.")
    return Finding("contradiction", f"{what} is not signed by the log's key.")


async def _leaves(fetcher: Fetcher, url: str, found: Checkpoint) -> Finding:
    """Every leaf, hashed anew; of the tree only its peaks are held."""
    size, standing = 0, dict[Node, bytes]()
    while size < found.head.size:
        page = await _get(fetcher, f"{url}/leaves?from={size}&limit={_PAGE}", _Leaves)
        try:
            # The log may have grown since its head was read.
            fresh = [tree.hash_leaf(bytes.fromhex(one)) for one in page.leaves[: found.head.size - size]]
        except ValueError:
            raise _UnreadableError("its leaves are malformed") from None
        if not fresh:
            return Finding("contradiction", f"The log has only {size:,} of the {found.head.size:,} leaves it signed.")
        standing |= tree.grown(size, standing, fresh)
        size += len(fresh)
        standing = {one: standing[one] for one in tree.peaks(size)}
    if tree.root(size, standing) == found.head.root:
        return Finding("good", f"All {size:,} leaves are those that the head signs.")
    return Finding("contradiction", f"The {size:,} leaves are not those that the head signs.")


async def _consistency(
    fetcher: Fetcher, url: str, one: Earlier, found: Checkpoint, keys: Sequence[VerifierKey]
) -> list[Finding]:
    earlier, head = one.checkpoint.head, found.head
    signature = _signature(one.name, one.checkpoint, keys)
    if signature.outcome != "good":
        # Nobody can be held to what they did not sign; an older key of the log is one to give.
        return [Finding("undecided", f"{signature.sentence} If it was signed by an older key, give that with --key.")]
    if earlier.size > head.size:
        sentence = f"The log has {head.size:,} leaves, and {one.name} signs {earlier.size:,}: it was cut."
        return [signature, Finding("contradiction", sentence)]
    answer = await _get(fetcher, f"{url}/consistency?from={earlier.size}&to={head.size}", _Consistency)
    try:
        proof = [base64.b64decode(hashed, validate=True) for hashed in answer.hashes]
    except (binascii.Error, ValueError):
        raise _UnreadableError("its proof is malformed") from None
    if tree.verify_consistency(earlier.size, head.size, earlier.root, head.root, proof):
        grown = f"{earlier.size:,} leaves then, {head.size:,} now"
        return [signature, Finding("good", f"Since {one.name} the log was only added to: {grown}.")]
    sentence = f"The log does not begin with the {earlier.size:,} leaves of {one.name}: it was rewritten."
    return [signature, Finding("contradiction", sentence)]


async def _get(fetcher: Fetcher, url: str, kind: type[T]) -> T:
    try:
        answer = await fetcher.get(url, accept="application/json")
        return msgspec.json.decode(answer.body, type=kind)
    except FetchError as error:
        raise _UnreadableError(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _UnreadableError("its answer is no answer of a log") from None
