"""The private halves: made, sealed under the key-encryption key, used to sign. Only the issuer role imports this.

Who issues is given `keys.signer` instead, which signs for a permit only.
"""

import base64
import hashlib
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from services.credentials.keys.model import SealedKey, SigningKey
from services.credentials.proofs import multikey
from shared.sealing import SealError, seal, unseal
from shared.settings import SettingsError

_RSA_BITS = 2048


def key_encryption_key(text: str) -> bytes:
    """The 32 bytes of LAUREL_KEY_ENCRYPTION_KEY; SettingsError if they are not."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SettingsError("LAUREL_KEY_ENCRYPTION_KEY is not 32 bytes in base64. Make one: `openssl rand -base64 32`.")
    return key


class Custody:
    """Makes and uses private keys; unsealed ones stay in this process only."""

    def __init__(self, key_encryption_key: bytes) -> None:
        self._key = key_encryption_key
        self._unsealed: dict[str, Ed25519PrivateKey | rsa.RSAPrivateKey] = {}

    def make_ed25519(self, issuer_id: UUID) -> SealedKey:
        """A new Ed25519 key."""
        private = Ed25519PrivateKey.generate()
        jwk = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        identifier = multikey.encode(private.public_key())
        key = SigningKey(
            id=identifier,
            issuer_id=issuer_id,
            algorithm="Ed25519",
            public_jwk={**jwk, "kid": identifier, "alg": "EdDSA", "use": "sig"},
        )
        return SealedKey(key=key, sealed=self._seal(private, identifier))

    def make_rs256(self, issuer_id: UUID) -> SealedKey:
        """A new RSA key for RS256; takes some 100 ms."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        full = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        jwk = {name: str(full[name]) for name in ("e", "kty", "n")}
        # RFC 7638, section 3: the required members in lexical order
        digest = hashlib.sha256(msgspec.json.encode(jwk)).digest()
        identifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        key = SigningKey(
            id=identifier,
            issuer_id=issuer_id,
            algorithm="RS256",
            public_jwk={**jwk, "kid": identifier, "alg": "RS256", "use": "sig"},
        )
        return SealedKey(key=key, sealed=self._seal(private, identifier))

    def sign_bytes(self, held: SealedKey, content: bytes) -> bytes:
        """A bare signature, for `keys.signer` alone; SealError for a key sealed under another key-encryption key."""
        private = self._private(held)
        if isinstance(private, Ed25519PrivateKey):
            return private.sign(content)
        return private.sign(content, padding.PKCS1v15(), SHA256())

    def can_open(self, held: SealedKey) -> bool:
        """Whether this is the key-encryption key that the key was sealed under."""
        try:
            self._private(held)
        except SealError:
            return False
        return True

    def _private(self, held: SealedKey) -> Ed25519PrivateKey | rsa.RSAPrivateKey:
        if (known := self._unsealed.get(held.key.id)) is not None:
            return known
        private = load_der_private_key(unseal(self._key, held.sealed, belongs_to=held.key.id), password=None)
        if not isinstance(private, Ed25519PrivateKey | rsa.RSAPrivateKey):
            raise SealError
        self._unsealed[held.key.id] = private
        return private

    def _seal(self, private: Ed25519PrivateKey | rsa.RSAPrivateKey, identifier: str) -> bytes:
        der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return seal(self._key, der, belongs_to=identifier)
