"""What an issuer's anchor says of its keys: a signed, numbered document, each version naming the one before. Pure.

The proof is eddsa-jcs-2022 (W3C vc-di-eddsa, section 3.3) by the anchor, which is named as a did:key.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.credentials.keys.model import KeyAlgorithm, KeyUse, SigningKey
from services.credentials.proofs import cryptosuites, data_integrity, multikey, strict_json, vc_jwt
from services.credentials.proofs.data_integrity import UnresolvedKeyError
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.strict_json import JsonError, JsonObject
from services.credentials.proofs.vc_jwt import JwtError, PublicKey

#: The `type` of the service in a DID document that says where the history is.
SERVICE = "LaurelKeyHistory"
_SUITE = "eddsa-jcs-2022"
MAX_BYTES = 1024 * 1024


class HistoryError(Exception):
    """The text is no history that its anchor signed; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LogHead(msgspec.Struct, frozen=True, kw_only=True):
    """A head of the issuance log: how many leaves, and the root of their tree in base64."""

    size: int
    root: str


class HistoricKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One key and its life.

    `retired`: nothing signed later counts. `compromised_since`: nothing counts but what the log had at `logged`.
    """

    id: str
    use: KeyUse
    algorithm: KeyAlgorithm
    valid_from: datetime
    public_key_multibase: str | None = None
    public_key_jwk: dict[str, str] | None = None
    retired: datetime | None = None
    compromised_since: datetime | None = None
    logged: LogHead | None = None

    def is_of(self, raw: bytes) -> bool:
        """Whether its public half is this one (DER, SubjectPublicKeyInfo)."""
        try:
            return raw_of(self.public_key) == raw
        except (KeyFormatError, JwtError):
            return False

    @property
    def public_key(self) -> PublicKey:
        """The public half; KeyFormatError or JwtError."""
        if self.public_key_multibase is not None:
            return multikey.decode(self.public_key_multibase)
        return vc_jwt.key_of_jwk(self.public_key_jwk or {})


class KeyHistory(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A version of the history, its proof verified."""

    type: Literal["KeyHistory"]
    id: str
    issuer: str
    anchor: str
    version: int
    updated: datetime
    keys: tuple[HistoricKey, ...]
    log: str | None = None
    also_known_as: tuple[str, ...] = ()
    previous: str | None = None

    def speaks_of(self, did: str) -> bool:
        """Whether the issuer is, or was, called this."""
        return did == self.issuer or did in self.also_known_as

    def key(self, raw: bytes) -> HistoricKey | None:
        """The key with this public half."""
        return next((one for one in self.keys if one.is_of(raw)), None)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of the history is made of, beside its keys."""

    id: str
    log: str
    did: str
    also_known_as: tuple[str, ...]
    anchor: str
    number: int
    previous: str | None
    updated: datetime


def document(version: Version, keys: Sequence[SigningKey]) -> JsonObject:
    """The history that says this, unsigned."""
    found: JsonObject = {
        "type": "KeyHistory",
        "id": version.id,
        "issuer": version.did,
        "alsoKnownAs": list(version.also_known_as),
        "anchor": version.anchor,
        "log": version.log,
        "version": version.number,
        "updated": _moment(version.updated),
    }
    if version.previous is not None:
        found["previous"] = version.previous
    return {**found, "keys": [_entry(one) for one in keys]}


def signed(unsigned: JsonObject, *, sign: Callable[[bytes], bytes], anchor: str, created: datetime) -> str:
    """The text of a version under its anchor's proof."""
    did = f"did:key:{anchor}"
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": _SUITE,
        "created": _moment(created),
        "verificationMethod": f"{did}#{anchor}",
        "proofPurpose": "assertionMethod",
    }
    suite = cryptosuites.of_proof(options)
    assert suite is not None
    value = multikey.base58_encode(sign(cryptosuites.hash_data(suite, unsigned, options)))
    return msgspec.json.encode({**unsigned, "proof": {**options, "proofValue": value}}).decode()


def read(content: bytes, *, now: datetime) -> KeyHistory:
    """The history in these bytes, signed by the anchor that it names; HistoryError.

    Whether that is the issuer's anchor, the document at the issuer's address or a pinned anchor must say.
    """
    try:
        found = strict_json.parse(content, max_bytes=MAX_BYTES)
    except JsonError as error:
        raise HistoryError(error.code) from None
    anchor = found.get("anchor")

    def resolve(method: str) -> multikey.PublicKey:
        if not isinstance(anchor, str) or method != f"did:key:{anchor}#{anchor}":
            raise UnresolvedKeyError("key_of_another", is_certain=True)
        return multikey.decode(anchor)

    results = data_integrity.verify(found, resolve=resolve, now=now)
    # One suite only: it signs the JSON as it stands, so that every member counts as it is read here.
    if [one.outcome for one in results] != ["verified"] or _suite_of(found) != _SUITE:
        raise HistoryError(results[0].code if results else "no_proof")
    try:
        return msgspec.convert({name: value for name, value in found.items() if name != "proof"}, KeyHistory)
    except (msgspec.ValidationError, ValueError):
        raise HistoryError("malformed") from None


def sha256(text: str) -> str:
    """What the next version names this one by."""
    return hashlib.sha256(text.encode()).hexdigest()


def raw_of(key: PublicKey) -> bytes:
    """A public key as DER, to compare."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _suite_of(found: JsonObject) -> Any:
    proof = found.get("proof")
    one = proof[0] if isinstance(proof, list) and proof else proof
    return one.get("cryptosuite") if isinstance(one, dict) else None


def _entry(key: SigningKey) -> JsonObject:
    assert key.created_at is not None
    found: JsonObject = {"id": key.id, "use": key.use, "algorithm": key.algorithm}
    if key.algorithm == "Ed25519":
        found["publicKeyMultibase"] = key.id
    else:
        found["publicKeyJwk"] = {name: key.public_jwk[name] for name in ("e", "kty", "n")}
    # To the second, as signatures are dated: a key is valid for all of the second in which it was made.
    found["validFrom"] = _moment(key.created_at)
    if key.retired_at is not None:
        found["retired"] = _moment(key.retired_at)
    if key.compromised_since is not None:
        found["compromisedSince"] = _moment(key.compromised_since)
        found["logged"] = {"size": key.log_size, "root": key.log_root}
    return found


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
