"""An issuer and the public half of its keys. Pure."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.credentials.rules.model import KeyFact

KeyAlgorithm = Literal["Ed25519", "RS256"]


class UnknownIssuerError(Exception):
    """The organization has no issuer yet: `PUT /issuers/{organization_id}` makes it."""


class SignatureRefusedError(Exception):
    """What was signed does not verify, so it was not given out; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CheckpointError(Exception):
    """The text is no log's head, and nothing else is signed in this way."""


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """Who awards; its id is the organization's."""

    id: UUID
    did: str
    name: str
    url: str
    description: str | None
    is_demonstration: bool


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """The public half of a key. `id` is the multikey of an Ed25519 key, the JWK thumbprint of an RSA key."""

    id: str
    issuer_id: UUID
    algorithm: KeyAlgorithm
    public_jwk: dict[str, str]
    #: None before it is stored.
    created_at: datetime | None = None


class SealedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its sealed private half."""

    key: SigningKey
    sealed: bytes


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that sign a document: for its proof, and for its JWT, where it has one."""

    proof: SealedKey
    jwt: SealedKey | None = None


class Forms(msgspec.Struct, frozen=True, kw_only=True):
    """A document's signed forms: the bytes of the one with its proof, and the JWT, where there is a key for it."""

    content: bytes
    jwt: str | None


class IssuerKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that an issuer signs with now: for Data Integrity proofs, and for JWTs (the same under did:key)."""

    proof: SigningKey
    jwt: SigningKey


def current(keys: list[SigningKey]) -> IssuerKeys:
    """The keys to sign with, of an issuer's keys oldest first: the newest of each kind; UnknownIssuerError for none."""
    proof = next((one for one in reversed(keys) if one.algorithm == "Ed25519"), None)
    if proof is None:
        raise UnknownIssuerError
    return IssuerKeys(proof=proof, jwt=next((one for one in reversed(keys) if one.algorithm == "RS256"), proof))


def method_of(did: str, key: SigningKey) -> str:
    """The verification method of an Ed25519 key: `<did>#<multikey>`."""
    return f"{did}#{key.id}"


def kid_of(did: str, key: SigningKey, *, public_url: str) -> str:
    """What a JWT's header calls the key: an https address of one JWK for RS256, the DID's method for Ed25519."""
    return f"{public_url}/keys/{key.id}" if key.algorithm == "RS256" else method_of(did, key)


def fact_of(key: SigningKey) -> KeyFact:
    """What the issuance rules ask of a key."""
    return KeyFact(id=key.id, since=key.created_at or datetime.min.replace(tzinfo=UTC))
