"""The anchor: an issuer's key that is kept off the machine. It is made here once, encrypted into a file, and forgotten.

Only the command of keys opens such a file; no running role does.
"""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from services.credentials.proofs import multikey
from shared.sealing import SealError, seal, unseal

#: 128 MiB and some 0.4 s for each guess at the passphrase.
COST = 2**17
_MOST_COST = 2**20
_MOST_BYTES = 16 * 1024
SHORTEST_PASSPHRASE = 16


class AnchorError(Exception):
    """An anchor's file cannot be written or opened; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Anchor:
    """An anchor with its private half, as long as this object lives."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.id = multikey.encode(private.public_key())

    @property
    def sign(self) -> Callable[[bytes], bytes]:
        """Signs as the anchor."""
        return self._private.sign

    @property
    def raw(self) -> bytes:
        """The private half."""
        return self._private.private_bytes_raw()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An anchor's file: the private half under AES-256-GCM, whose key is scrypt (RFC 7914) of the passphrase."""

    type: str
    issuer: UUID
    name: str
    anchor: str
    cost: int
    salt: str
    sealed: str


_TYPE = "LaurelAnchor/1"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where new anchors are written, and under which passphrase."""

    folder: Path
    passphrase: str


def make() -> Anchor:
    """A new anchor."""
    return Anchor(Ed25519PrivateKey.generate())


def write(place: Place, anchor: Anchor, *, issuer_id: UUID, name: str) -> Path:
    """The anchor in a file of its own that was not there before; blocks for half a second. AnchorError."""
    if len(place.passphrase) < SHORTEST_PASSPHRASE:
        raise AnchorError(f"The anchor's passphrase is too short. Give one of {SHORTEST_PASSPHRASE} letters or more.")
    salt = secrets.token_bytes(16)
    key = Scrypt(salt=salt, length=32, n=COST, r=8, p=1).derive(place.passphrase.encode())
    content = _File(
        type=_TYPE,
        issuer=issuer_id,
        name=name,
        anchor=anchor.id,
        cost=COST,
        salt=base64.b64encode(salt).decode(),
        sealed=base64.b64encode(seal(key, anchor.raw, belongs_to=anchor.id)).decode(),
    )
    path = place.folder / f"anchor-{issuer_id}-{anchor.id[-8:]}.json"
    try:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise AnchorError(f"The anchor's file cannot be written to {place.folder}: {error.strerror}.") from None
    return path


def open_file(path: Path, passphrase: str) -> Anchor:
    """The anchor of a file; blocks for half a second. AnchorError."""
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(_MOST_BYTES), type=_File)
        salt, sealed = (base64.b64decode(one, validate=True) for one in (found.salt, found.sealed))
    except OSError as error:
        raise AnchorError(f"The anchor's file {path} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, ValueError):
        raise AnchorError(f"{path} is no file of an anchor.") from None
    if found.type != _TYPE or not 2 <= found.cost <= _MOST_COST or found.cost & (found.cost - 1):
        raise AnchorError(f"{path} is no file of an anchor that is known here.")
    key = Scrypt(salt=salt, length=32, n=found.cost, r=8, p=1).derive(passphrase.encode())
    try:
        anchor = Anchor(Ed25519PrivateKey.from_private_bytes(unseal(key, sealed, belongs_to=found.anchor)))
    except (SealError, ValueError):
        raise AnchorError(f"The passphrase does not open {path}.") from None
    if anchor.id != found.anchor:
        raise AnchorError(f"{path} holds another key than it says.")
    return anchor
