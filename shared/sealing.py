"""Secrets at rest: AES-256-GCM with a random nonce in front, bound to the id of what they belong to."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealError(Exception):
    """Sealed under another key, for another thing, or changed since."""


def seal(key: bytes, secret: bytes, *, belongs_to: str) -> bytes:
    """`secret` sealed under the 32 bytes of `key`; opens only for the same `belongs_to`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, belongs_to.encode())


def unseal(key: bytes, sealed: bytes, *, belongs_to: str) -> bytes:
    """The secret; SealError if it cannot be had with this key for this thing."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], belongs_to.encode())
    except (InvalidTag, ValueError):
        raise SealError from None
