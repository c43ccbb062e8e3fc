"""Whom the server issues as: the did:key of a seed that was given to it, and nobody who stays."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.credentials.proofs import data_integrity, did
from services.credentials.proofs.data_integrity import ASSERTION, Purpose
from services.credentials.proofs.strict_json import JsonObject

SEED_BYTES = 32
_hash_data = partial(data_integrity.hash_data, allows_vocab=True)


class Signer(msgspec.Struct, frozen=True):
    """A key and its DID."""

    key: Ed25519PrivateKey
    did: str

    def signed(self, document: Mapping[str, Any], *, created: datetime, purpose: Purpose = ASSERTION) -> JsonObject:
        """The document with one more proof; a lone one is an object. Errors as of `data_integrity.create`."""
        unsecured = {name: value for name, value in document.items() if name != "proof"}
        signed = data_integrity.create(
            unsecured,
            sign=self.key.sign,
            verification_method=did.verification_method(self.did, self.key.public_key()),
            created=created,
            purpose=purpose,
            hashes=_hash_data,
        )
        (proof,) = signed["proof"]
        before = document.get("proof", [])
        others = before if isinstance(before, list) else [before]
        # Some of the suites' assertions read `proof.type`: a set of one would have none.
        return {**document, "proof": [*others, proof] if others else proof}


def from_seed(seed: bytes) -> Signer:
    """The signer of 32 bytes; ValueError for another number of them."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(key, did.did_key(key.public_key()))
