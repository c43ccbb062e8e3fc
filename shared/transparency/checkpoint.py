"""A log's head as a signed note: C2SP tlog-checkpoint in signed-note, by Ed25519 keys (type 0x01). Pure."""

import base64
import binascii
import hashlib
import re

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.transparency.tree import HASH_BYTES

#: Witnesses may add signatures of their own; a note must be let have sixteen at least.
MOST_BYTES = 16 * 1024
#: Below 2**63, as a database counts.
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_MARK = "\u2014 "
_ED25519 = b"\1"
_KEY_ID_BYTES = 4
# For a key that is one of the eight points of small order, signatures exist that verify for any message.
_P = 2**255 - 19
_ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})


class CheckpointError(Exception):
    """The text is no checkpoint, or no key for one; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a log's head says: which log, how many leaves, and the root of their tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(msgspec.Struct, frozen=True):
    """One line below a note: whose it says it is, and its bytes."""

    name: str
    key_id: bytes
    content: bytes


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A head, the text that was signed (it may have further lines), and the signatures: nothing is verified yet."""

    head: Head
    text: str
    signatures: tuple[Signature, ...]


class VerifierKey(msgspec.Struct, frozen=True):
    """A log's public key: its name, and the 32 bytes of an Ed25519 key."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256 of name, line break, signature type and key (signed-note, Ed25519)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """`<name>+<id>+<key>`, as tools for such logs take it."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.raw).decode()}"


def verifier_key(name: str, key: Ed25519PublicKey) -> VerifierKey:
    """The key under a name; CheckpointError for a name that a note cannot carry."""
    _check_name(name)
    return VerifierKey(name, key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def read_verifier_key(text: str) -> VerifierKey:
    """The key of `<name>+<id>+<key>`; CheckpointError."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    _check_name(name)
    content = _base64(encoded, "malformed_key")
    raw = content[1:]
    if content[:1] != _ED25519 or len(raw) != 32:
        raise CheckpointError("malformed_key")
    found = VerifierKey(name, raw)
    if found.id.hex() != key_id:
        raise CheckpointError("key_id_wrong")
    if int.from_bytes(raw, "little") & (2**255 - 1) in _SMALL_ORDER_Y:
        raise CheckpointError("small_order")
    return found


def signed(head: Head, key: VerifierKey, signature: bytes) -> str:
    """The note: the head's text and one signature of it."""
    line = base64.b64encode(key.id + signature).decode()
    return f"{head.text}\n{_MARK}{key.name} {line}\n"


def read(note: str) -> Checkpoint:
    """A signed note as a checkpoint; CheckpointError. Only `is_signed_by` says whether it may be believed."""
    if len(note) > MOST_BYTES or len(note.encode(errors="replace")) > MOST_BYTES:
        raise CheckpointError("too_large")
    # The text is parted from its signatures by the last empty line.
    body, separator, below = note.rpartition("\n\n")
    if not separator or not below.endswith("\n") or _CONTROL.search(note):
        raise CheckpointError("malformed_note")
    lines = body.split("\n")
    if len(lines) < 3 or not all(lines):
        raise CheckpointError("malformed_head")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise CheckpointError("malformed_head")
    head = Head(origin=origin, size=int(size), root=_base64(root, "malformed_head"))
    if len(head.root) != HASH_BYTES:
        raise CheckpointError("malformed_head")
    signatures = tuple(_signature(line) for line in below[:-1].split("\n"))
    return Checkpoint(head=head, text=body + "\n", signatures=signatures)


def is_signed_by(checkpoint: Checkpoint, key: VerifierKey) -> bool:
    """Whether the head is signed by this key under its own log's name; of unknown keys' signatures nothing is said."""
    if key.name != checkpoint.head.origin:
        return False
    own = [one for one in checkpoint.signatures if (one.name, one.key_id) == (key.name, key.id)]
    try:
        public, text = Ed25519PublicKey.from_public_bytes(key.raw), checkpoint.text.encode()
        for one in own:
            public.verify(one.content, text)
    except (InvalidSignature, ValueError):
        return False
    return bool(own)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_MARK).partition(" ")
    content = _base64(encoded, "malformed_signature")
    if not line.startswith(_MARK) or len(content) <= _KEY_ID_BYTES:
        raise CheckpointError("malformed_signature")
    _check_name(name)
    return Signature(name, content[:_KEY_ID_BYTES], content[_KEY_ID_BYTES:])


def _check_name(name: str) -> None:
    # Unicode's spaces too: str.split() knows them.
    if "+" in name or name.split() != [name] or not name.isprintable():
        raise CheckpointError("malformed_name")


def _base64(text: str, code: str) -> bytes:
    """Standard base64, in the one spelling of its bytes."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointError(code) from None
    if base64.b64encode(content).decode() != text:
        raise CheckpointError(code)
    return content
