"""The private halves: made, used to sign, and kept: sealed in the database, or on a PKCS#11 token.

Only the issuer role imports this. Who issues is given `keys.signer` instead, which signs for a permit only.
"""

import base64
import hashlib
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from services.credentials.keys.model import CustodyError, KeyUse, SealedKey, SigningKey, WrongUseError
from services.credentials.keys.token import Token
from services.credentials.proofs import multikey
from shared.sealing import SealError, seal, unseal
from shared.settings import SettingsError
from shared.transparency import checkpoint
from shared.transparency.checkpoint import Head

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
    """Makes and uses private keys; with a token, new ones are made there. Unsealed ones stay in this process only."""

    def __init__(self, key_encryption_key: bytes, token: Token | None = None) -> None:
        self._key = key_encryption_key
        self._token = token
        self._unsealed: dict[str, Ed25519PrivateKey | rsa.RSAPrivateKey] = {}

    def make_ed25519(self, issuer_id: UUID, *, use: KeyUse = "badge") -> SealedKey:
        """A new Ed25519 key; CustodyError where the token cannot make one."""
        if self._token is not None:
            token_id, public = self._token.make_ed25519()
            return SealedKey(key=_ed25519(public, issuer_id, use), token_id=token_id)
        private = Ed25519PrivateKey.generate()
        key = _ed25519(private.public_key(), issuer_id, use)
        return SealedKey(key=key, sealed=self._seal(private, key.id))

    def make_rs256(self, issuer_id: UUID) -> SealedKey:
        """A new RSA key for RS256; takes some 100 ms, on a token seconds. CustodyError."""
        if self._token is not None:
            token_id, public = self._token.make_rsa(_RSA_BITS)
            return SealedKey(key=_rs256(public, issuer_id), token_id=token_id)
        private = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        key = _rs256(private.public_key(), issuer_id)
        return SealedKey(key=key, sealed=self._seal(private, key.id))

    def sign_bytes(self, held: SealedKey, content: bytes) -> bytes:
        """A bare signature, for `keys.signer` alone; CustodyError where the private half cannot be used."""
        if held.token_id is not None:
            if self._token is None:
                raise CustodyError("token_away")
            return self._token.sign(held.token_id, content)
        private = self._private(held)
        if isinstance(private, Ed25519PrivateKey):
            return private.sign(content)
        return private.sign(content, padding.PKCS1v15(), SHA256())

    def sign_head(self, held: SealedKey, head: Head) -> str:
        """A log's head as a signed note, by a log's key: all that such a key signs. WrongUseError, CustodyError.

        The text has line breaks and is longer than 64 bytes, so it is no signing input of a JWT nor of a proof.
        """
        if held.key.use != "log":
            raise WrongUseError(held.key.id)
        key = checkpoint.verifier_key(head.origin, multikey.decode(held.key.id))
        signed = checkpoint.signed(head, key, self.sign_bytes(held, head.text.encode()))
        # A token may hold another key under the same id.
        if not checkpoint.is_signed_by(checkpoint.read(signed), key):
            raise CustodyError("not_on_token")
        return signed

    def can_open(self, held: SealedKey) -> bool:
        """Whether the private half is to be had: under this key-encryption key, or on this token. CustodyError."""
        if held.token_id is not None:
            return self._token is not None and self._token.has(held.token_id)
        try:
            self._private(held)
        except CustodyError:
            return False
        return True

    def _private(self, held: SealedKey) -> Ed25519PrivateKey | rsa.RSAPrivateKey:
        if (known := self._unsealed.get(held.key.id)) is not None:
            return known
        try:
            content = unseal(self._key, held.sealed or b"", belongs_to=held.key.id)
        except SealError:
            raise CustodyError("sealed_under_another") from None
        private = load_der_private_key(content, password=None)
        if not isinstance(private, Ed25519PrivateKey | rsa.RSAPrivateKey):
            raise CustodyError("sealed_under_another")
        self._unsealed[held.key.id] = private
        return private

    def _seal(self, private: Ed25519PrivateKey | rsa.RSAPrivateKey, identifier: str) -> bytes:
        der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return seal(self._key, der, belongs_to=identifier)


def _ed25519(public: Ed25519PublicKey, issuer_id: UUID, use: KeyUse) -> SigningKey:
    identifier = multikey.encode(public)
    jwk = OKPAlgorithm.to_jwk(public, as_dict=True)
    return SigningKey(
        id=identifier,
        issuer_id=issuer_id,
        algorithm="Ed25519",
        public_jwk={**jwk, "kid": identifier, "alg": "EdDSA", "use": "sig"},
        use=use,
    )


def _rs256(public: rsa.RSAPublicKey, issuer_id: UUID) -> SigningKey:
    full = RSAAlgorithm.to_jwk(public, as_dict=True)
    jwk = {name: str(full[name]) for name in ("e", "kty", "n")}
    # RFC 7638, section 3: the required members in lexical order
    digest = hashlib.sha256(msgspec.json.encode(jwk)).digest()
    identifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return SigningKey(
        id=identifier,
        issuer_id=issuer_id,
        algorithm="RS256",
        public_jwk={**jwk, "kid": identifier, "alg": "RS256", "use": "sig"},
    )
