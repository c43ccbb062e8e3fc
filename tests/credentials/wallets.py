"""A wallet with a key of its own, as the tests play it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.proofs import multikey
from shared.contracts import WalletCopy
from tests.credentials.callers import Answer, Caller


class Wallet:
    """Holds a key that a did:key names: Ed25519, or P-256 where asked."""

    def __init__(self, *, is_p256: bool = False) -> None:
        self.private: Any = ec.generate_private_key(ec.SECP256R1()) if is_p256 else Ed25519PrivateKey.generate()
        self.algorithm = "ES256" if is_p256 else "EdDSA"
        self.key = multikey.encode(self.private.public_key())
        self.did = f"did:key:{self.key}"

    def answer(self, challenge: dict[str, Any], *, now: datetime, header: Any = None, **claims: Any) -> str:
        """The challenge under the wallet's signature."""
        content = {"aud": challenge["audience"], "nonce": challenge["challenge"], "iat": int(now.timestamp())}
        named = {"typ": "openid4vci-proof+jwt", "kid": f"{self.did}#{self.key}"}
        return jwt.encode({**content, **claims}, self.private, self.algorithm, headers={**named, **(header or {})})

    async def copy(
        self, issuer: Caller, organization: UUID, award_id: UUID, *, now: datetime, copy_id: UUID | None = None
    ) -> Answer:
        """Ask for a challenge, answer it, and take the copy."""
        copy_id = copy_id or uuid4()
        challenge = await issuer.challenge(organization, award_id, copy_id)
        if challenge.status != 200:
            return challenge
        wanted = WalletCopy(did=self.did, proof=self.answer(challenge.body, now=now))
        return await issuer.copy(organization, award_id, copy_id, wanted)
