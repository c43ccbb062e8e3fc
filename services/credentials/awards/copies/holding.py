"""Whether somebody holds the key of a DID: a signed answer to a challenge (OpenID4VCI 1.0, appendix F.1). Pure."""

from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.types import Options

from services.credentials.proofs.did import DidError, key_of_did_key
from services.credentials.proofs.multikey import KeyFormatError

_TYPE = "openid4vci-proof+jwt"
#: How far a wallet's clock may be off, and how old its answer may be.
_LEEWAY = timedelta(minutes=10)
# Times are compared below, with the clock that we are given.
_UNCOMPARED: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
Code = Literal[
    "did_unsupported", "malformed", "type_wrong", "key_of_another", "signature_wrong", "challenge_wrong",
    "audience_wrong", "time_wrong", "challenge_unknown", "challenge_expired", "challenge_used",
]  # fmt: skip


class HolderNotProvenError(Exception):
    """The answer does not prove that the wallet holds the key of the DID; `code` says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def check_proof(token: str, *, did: str, challenge: str, audience: str, now: datetime) -> None:
    """HolderNotProvenError unless the DID's own key signed the challenge for this audience, a moment ago."""
    key = _key(did)
    algorithms = ["EdDSA"] if isinstance(key, Ed25519PublicKey) else ["ES256"]
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise HolderNotProvenError("malformed") from None
    if header.get("typ") != _TYPE or "crit" in header:
        raise HolderNotProvenError("type_wrong")
    # A did:key has one method, named by the key itself.
    if header.get("kid") not in (did, f"{did}#{did.removeprefix('did:key:')}"):
        raise HolderNotProvenError("key_of_another")
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=algorithms, options=_UNCOMPARED)
    except jwt.InvalidSignatureError:
        raise HolderNotProvenError("signature_wrong") from None
    except jwt.InvalidTokenError:
        raise HolderNotProvenError("malformed") from None
    if claims.get("nonce") != challenge:
        raise HolderNotProvenError("challenge_wrong")
    if claims.get("aud") != audience:
        raise HolderNotProvenError("audience_wrong")
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int) or abs(now.timestamp() - issued) > _LEEWAY.seconds:
        raise HolderNotProvenError("time_wrong")


def _key(did: str) -> Ed25519PublicKey | EllipticCurvePublicKey:
    try:
        found = key_of_did_key(did)
    except (DidError, KeyFormatError):
        raise HolderNotProvenError("did_unsupported") from None
    if isinstance(found, EllipticCurvePublicKey) and found.curve.name != "secp256r1":
        raise HolderNotProvenError("did_unsupported")
    return found
