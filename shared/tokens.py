"""Service tokens: RFC 9068-shaped JWT access tokens between the services, and the keys that prove them.

The caller mints with its own Ed25519 key; the receiver takes the caller's public keys from its JWKS. One audience, one
scope, one organization, at most five minutes.
"""

import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import OKPAlgorithm

from shared.problems import ForbiddenError, UnauthorizedError

LIFETIME = timedelta(minutes=5)
#: Two machines' clocks may differ by this much.
LEEWAY = timedelta(seconds=30)
_TYPE = "at+jwt"
_ALGORITHM = "EdDSA"
_REQUIRED = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope", "organization")
MAX_TOKEN_BYTES = 4096


class ServiceKey:
    """A service's own token key: mints its tokens and publishes the public half. `kid` is the RFC 7638 thumbprint."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        public = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        self.kid = _thumbprint(public)
        self.jwk: dict[str, str] = {**public, "kid": self.kid, "alg": _ALGORITHM, "use": "sig"}

    @classmethod
    def load(cls, path: Path) -> "ServiceKey":
        """The key in a PKCS #8 PEM file; ValueError if it is no Ed25519 private key."""
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError(f"{path.name} is no private key in PEM form") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path.name} is no Ed25519 private key")
        return cls(key)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The document of `/.well-known/jwks.json`."""
        return {"keys": [self.jwk]}

    def mint(self, claims: "Grant", *, now: datetime, lifetime: timedelta = LIFETIME) -> str:
        """A token that grants `claims` from `now` on for `lifetime`, five minutes at most."""
        payload = {
            "iss": claims.issuer,
            "sub": claims.client,
            "client_id": claims.client,
            "aud": claims.audience,
            "scope": claims.scope,
            "organization": str(claims.organization),
            "iat": int(now.timestamp()),
            "exp": int((now + min(lifetime, LIFETIME)).timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode(payload, self._private, algorithm=_ALGORITHM, headers={"typ": _TYPE, "kid": self.kid})


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Who may do what where: `issuer` minted it, `client` uses it at `audience` for one `scope` of one organization."""

    issuer: str
    client: str
    audience: str
    scope: str
    organization: UUID


class Caller(msgspec.Struct, frozen=True):
    """A caller proven by its token."""

    client: str
    scope: str
    organization: UUID
    jti: str


#: The public key of (issuer, kid), or None where that issuer has no such key.
KeyLookup = Callable[[str, str], Awaitable[Ed25519PublicKey | None]]


class TokenVerifier:
    """Accepts tokens for one audience from a fixed set of issuers."""

    def __init__(self, *, audience: str, clients: Mapping[str, str], keys: KeyLookup) -> None:
        """`clients` maps each accepted issuer to the one client_id that it mints for."""
        self._audience = audience
        self._clients = clients
        self._keys = keys

    async def verify(self, token: str, *, scope: str, now: datetime) -> Caller:
        """The caller; UnauthorizedError names what is wrong with the token, ForbiddenError a scope that is not its."""
        issuer, kid = self._unproven(token)
        key = await self._keys(issuer, kid)
        if key is None:
            raise UnauthorizedError("token_unknown_key")
        claims = _proven(token, key, audience=self._audience, issuer=issuer)
        _check_times(claims, now)
        if claims["client_id"] != self._clients[issuer] or claims["sub"] != claims["client_id"]:
            raise UnauthorizedError("token_wrong_client")
        if claims["scope"] != scope:
            raise ForbiddenError("scope")
        try:
            organization = UUID(claims["organization"])
        except ValueError:
            raise UnauthorizedError("token_malformed") from None
        return Caller(claims["client_id"], scope, organization, claims["jti"])

    def _unproven(self, token: str) -> tuple[str, str]:
        if len(token) > MAX_TOKEN_BYTES:
            raise UnauthorizedError("token_malformed")
        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except jwt.PyJWTError:
            raise UnauthorizedError("token_malformed") from None
        if header.get("typ") != _TYPE:
            raise UnauthorizedError("token_wrong_type")
        if header.get("alg") != _ALGORITHM or set(header) != {"alg", "typ", "kid"}:
            raise UnauthorizedError("token_wrong_header")
        if not isinstance(issuer, str) or issuer not in self._clients:
            raise UnauthorizedError("token_unknown_issuer")
        return issuer, str(header["kid"])


def _proven(token: str, key: Ed25519PublicKey, *, audience: str, issuer: str) -> dict[str, Any]:
    options: Any = {"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[_ALGORITHM], audience=audience, issuer=issuer, options=options
        )
    except jwt.MissingRequiredClaimError as error:
        raise UnauthorizedError(f"token_lacks_{error.claim}") from None
    except jwt.InvalidAudienceError:
        raise UnauthorizedError("token_wrong_audience") from None
    except jwt.PyJWTError:
        raise UnauthorizedError("token_not_proven") from None
    texts = ("aud", "sub", "client_id", "jti", "scope", "organization")
    if not all(isinstance(claims[name], str) and claims[name] for name in texts):
        raise UnauthorizedError("token_malformed")
    return claims


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = claims["iat"], claims["exp"]
    if type(issued) is not int or type(expires) is not int:
        raise UnauthorizedError("token_malformed")
    if expires - issued > LIFETIME.total_seconds():
        raise UnauthorizedError("token_lives_too_long")
    if now.timestamp() > expires + LEEWAY.total_seconds():
        raise UnauthorizedError("token_expired")
    not_before = claims.get("nbf", issued)
    if type(not_before) is not int or max(issued, not_before) > now.timestamp() + LEEWAY.total_seconds():
        raise UnauthorizedError("token_not_yet_valid")


def public_keys(jwks: bytes) -> dict[str, Ed25519PublicKey]:
    """The Ed25519 keys of a JWKS by kid; anything else in it is left out. ValueError if it is no JWKS."""
    try:
        document = msgspec.json.decode(jwks, type=dict[str, list[dict[str, Any]]])
    except msgspec.DecodeError:
        raise ValueError("not a JWKS") from None
    found: dict[str, Ed25519PublicKey] = {}
    for jwk in document.get("keys", []):
        if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519" and isinstance(jwk.get("kid"), str):
            try:
                key = OKPAlgorithm.from_jwk({k: v for k, v in jwk.items() if k != "d"})
            except (jwt.PyJWTError, ValueError):
                continue
            if isinstance(key, Ed25519PublicKey):
                found[jwk["kid"]] = key
    return found


def _thumbprint(public: Mapping[str, str]) -> str:
    """RFC 7638, section 3: the SHA-256 of the required members in lexical order."""
    text = msgspec.json.encode({name: public[name] for name in ("crv", "kty", "x")})
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
