"""An issuer and the public half of its keys, and which of them sign now. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.credentials.rules.model import KeyFact

KeyAlgorithm = Literal["Ed25519", "RS256"]
#: What a key signs: badges, or the heads of the issuance log. Never both.
KeyUse = Literal["badge", "log"]


class UnknownIssuerError(Exception):
    """The organization has no issuer yet: `PUT /issuers/{organization_id}` makes it."""


class SignatureRefusedError(Exception):
    """What was signed does not verify, so it was not given out; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeyChangedError(Exception):
    """A key that was frozen with a reservation signs no more: it was retired or compromised meanwhile."""


class CustodyError(Exception):
    """A private key cannot be made or used now; `code` says why.

    `sealed_under_another`, `token_away`, `token_refuses` (the PIN), `not_on_token`, `token_gives_keys_away`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WrongUseError(Exception):
    """A key was asked to sign what it is not for; `key_id` is its id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


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
    use: KeyUse = "badge"
    #: None before it is stored.
    created_at: datetime | None = None
    retired_at: datetime | None = None
    compromised_since: datetime | None = None
    #: Of a compromised key: what the issuance log had before.
    log_size: int | None = None
    log_root: str | None = None

    @property
    def signs(self) -> bool:
        """Whether it may make signatures."""
        return self.retired_at is None and self.compromised_since is None


class SealedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key with its private half: sealed, or the id that it has on a PKCS#11 token."""

    key: SigningKey
    sealed: bytes | None = None
    token_id: bytes | None = None


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


def current(keys: Sequence[SigningKey]) -> IssuerKeys:
    """The keys to sign badges with, of an issuer's keys oldest first: the newest of each kind that signs.

    UnknownIssuerError for none.
    """
    able = [one for one in reversed(keys) if one.use == "badge" and one.signs]
    proof = next((one for one in able if one.algorithm == "Ed25519"), None)
    if proof is None:
        raise UnknownIssuerError
    return IssuerKeys(proof=proof, jwt=next((one for one in able if one.algorithm == "RS256"), proof))


def current_log_key(keys: Sequence[SigningKey]) -> SigningKey | None:
    """The key that signs the log's heads, of an issuer's keys oldest first: the newest; None before the first head."""
    return next((one for one in reversed(keys) if one.use == "log" and one.signs), None)


def method_of(did: str, key: SigningKey) -> str:
    """The verification method of an Ed25519 key: `<did>#<multikey>`."""
    return f"{did}#{key.id}"


def kid_of(did: str, key: SigningKey, *, public_url: str) -> str:
    """What a JWT's header calls the key: an https address of one JWK for RS256, the DID's method for Ed25519."""
    return f"{public_url}/keys/{key.id}" if key.algorithm == "RS256" else method_of(did, key)


def history_address(issuer_id: UUID, *, public_url: str) -> str:
    """Where what the issuer's anchor says of its keys is published."""
    return f"{public_url}/issuers/{issuer_id}/history"


def log_address(issuer_id: UUID, *, public_url: str) -> str:
    """Where the issuer's issuance log is published."""
    return f"{public_url}/issuers/{issuer_id}/log"


def fact_of(key: SigningKey) -> KeyFact:
    """What the issuance rules ask of a key."""
    return KeyFact(
        id=key.id,
        since=key.created_at or datetime.min.replace(tzinfo=UTC),
        retired=key.retired_at,
        compromised_since=key.compromised_since,
    )
