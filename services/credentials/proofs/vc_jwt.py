"""Credentials as signed JWTs (Open Badges 3.0, section 8.2.4; VC-JOSE-COSE, section 3.1; RFC 7515, RFC 8725).

The header's key proves nothing about the issuer: who verifies must find that key in the issuer's own document.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import jwt
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.credentials.proofs import contexts, multikey
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.strict_json import MAX_BYTES, JsonError, JsonObject, parse

Algorithm = Literal["EdDSA", "RS256"]
PublicKey = Ed25519PublicKey | RSAPublicKey | EllipticCurvePublicKey

_PART = re.compile(r"[A-Za-z0-9_-]*")
_HEADER_MEMBERS = frozenset({"alg", "typ", "kid", "jwk"})
#: The types of VC-JOSE-COSE, of today and of its drafts, which leave the claims and `cty` to the issuer.
_SECURED_TYPES = frozenset({"vc+jwt", "vc+ld+json+jwt"})
_TYPES = frozenset({"jwt"}) | _SECURED_TYPES
_ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA", "Ed25519"})
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CLAIMS = ("iss", "jti", "sub", "nbf", "exp", "iat", "aud")
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 8192


class JwtError(Exception):
    """The text is no credential JWT that we accept; `code` says why, `where` names the member to blame."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code = code
        self.where = where


class CredentialJwt(msgspec.Struct, frozen=True, kw_only=True):
    """A JWT that was read but not verified. `credential` is its payload without the JWT's own claims."""

    algorithm: str
    kid: str | None
    jwk: Mapping[str, Any] | None
    credential: JsonObject
    issuer: str
    signing_input: bytes
    signature: bytes


def create(credential: Mapping[str, Any], *, sign: Callable[[bytes], bytes], algorithm: Algorithm, kid: str) -> str:
    """The compact JWS of a credential, its own proof embedded before. `sign` signs as `algorithm` says."""
    claims: JsonObject = {
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "sub": credential["credentialSubject"]["id"],
        "nbf": _timestamp(credential["validFrom"]),
    }
    if "validUntil" in credential:
        claims["exp"] = _timestamp(credential["validUntil"])
    header = msgspec.json.encode({"alg": algorithm, "typ": "JWT", "kid": kid})
    signing_input = f"{_encode(header)}.{_encode(msgspec.json.encode({**credential, **claims}))}".encode()
    return f"{signing_input.decode()}.{_encode(sign(signing_input))}"


def read(token: str, *, is_enveloped: bool = False) -> CredentialJwt:
    """The parts of a credential JWT, its header and claims held to the rules; JwtError where they break one.

    Open Badges wants the credential's members said again as claims; in an envelope (VC-JOSE-COSE) they need not be.
    """
    if len(token) > MAX_BYTES * 2:
        raise JwtError("too_large")
    parts = token.split(".")
    if len(parts) != 3:
        raise JwtError("not_a_jwt")
    try:
        header = parse(_decode(parts[0]), max_bytes=16_384)
        payload = parse(_decode(parts[1]))
    except JsonError as error:
        raise JwtError(error.code, error.where) from None
    is_secured = is_enveloped or str(header.get("typ")).lower() in _SECURED_TYPES
    _check_header(header, is_secured=is_secured)
    if "vc" in payload:
        payload = _from_vc_claim(payload)
    _check_claims(payload, are_optional=is_secured)
    return CredentialJwt(
        algorithm=header["alg"],
        kid=header.get("kid"),
        jwk=header.get("jwk"),
        credential={name: value for name, value in payload.items() if name not in _CLAIMS},
        issuer=_id_of(payload["issuer"]),
        signing_input=f"{parts[0]}.{parts[1]}".encode(),
        signature=_decode(parts[2]),
    )


def is_signed_by(read_token: CredentialJwt, key: PublicKey) -> bool:
    """Whether the signature is by this key, under the header's algorithm; False too for a key of another kind."""
    data, signature = read_token.signing_input, read_token.signature
    try:
        match read_token.algorithm, key:
            case "EdDSA" | "Ed25519", Ed25519PublicKey():
                key.verify(signature, data)
            case "RS256", RSAPublicKey():
                key.verify(signature, data, padding.PKCS1v15(), SHA256())
            case "ES256", EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1) and len(signature) == 64:
                r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
                key.verify(encode_dss_signature(r, s), data, ECDSA(SHA256()))
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def key_of_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    """The public key of a JWK; JwtError for private parts, a weak or an unknown key."""
    if _PRIVATE_MEMBERS & set(jwk):
        raise JwtError("jwk_private")
    algorithm = {"OKP": "EdDSA", "RSA": "RS256", "EC": "ES256"}.get(str(jwk.get("kty")))
    if algorithm is None:
        raise JwtError("jwk_unsupported")
    try:
        key = jwt.PyJWK({name: value for name, value in jwk.items() if name != "alg"}, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise JwtError("jwk_malformed") from None
    if isinstance(key, RSAPublicKey):
        if not _MIN_RSA_BITS <= key.key_size <= _MAX_RSA_BITS:
            raise JwtError("jwk_weak")
        return key
    if isinstance(key, Ed25519PublicKey):
        try:
            return multikey.from_bytes(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
        except KeyFormatError:
            raise JwtError("jwk_weak") from None
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    raise JwtError("jwk_unsupported")


def _check_header(header: Mapping[str, Any], *, is_secured: bool) -> None:
    is_said = is_secured and str(header.get("cty")).lower() == "vc"
    if unknown := sorted(set(header) - _HEADER_MEMBERS - ({"cty"} if is_said else set())):
        raise JwtError("header_member_refused", unknown[0][:60])
    if not isinstance(header.get("alg"), str) or header["alg"] not in _ALGORITHMS:
        raise JwtError("algorithm_refused", str(header.get("alg"))[:60])
    # RFC 7515, section 4.1.9: media types are compared without regard to case.
    if "typ" in header and str(header["typ"]).lower() not in _TYPES:
        raise JwtError("type_refused", str(header["typ"])[:60])
    if ("kid" in header) == ("jwk" in header):
        raise JwtError("header_needs_kid_or_jwk")
    if "kid" in header and not isinstance(header["kid"], str):
        raise JwtError("header_needs_kid_or_jwk")
    if "jwk" in header:
        if not isinstance(header["jwk"], dict):
            raise JwtError("jwk_malformed")
        if _PRIVATE_MEMBERS & set(header["jwk"]):
            raise JwtError("jwk_private")


def _from_vc_claim(payload: Mapping[str, Any]) -> JsonObject:
    """A VCDM 1.1 token (section 6.3.1) as one with the credential at top level: its claims stand for members.

    Where a member is there too, it must say the same, which is checked with all other claims.
    """
    inner = payload["vc"]
    if not isinstance(inner, dict) or any(name in inner for name in _CLAIMS):
        raise JwtError("claim_disagrees", "vc")
    found: JsonObject = {**inner, **{name: payload[name] for name in _CLAIMS if name in payload}}
    subject = found.get("credentialSubject")
    if isinstance(subject, dict) and "id" not in subject and isinstance(payload.get("sub"), str):
        found["credentialSubject"] = {"id": payload["sub"], **subject}
    for claim, member in (("iss", "issuer"), ("jti", "id")):
        if member not in found and isinstance(payload.get(claim), str):
            found[member] = payload[claim]
    for claim, member in (("nbf", "issuanceDate"), ("exp", "expirationDate")):
        if member not in found and type(payload.get(claim)) in (int, float):
            found[member] = _date(payload[claim])
    return found


def _date(seconds: float) -> str:
    """A NumericDate as a dateTimeStamp in UTC; JwtError past the calendar's end."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        raise JwtError("date_malformed") from None


def _check_claims(payload: Mapping[str, Any], *, are_optional: bool) -> None:
    subject = payload.get("credentialSubject")
    expected = {
        "iss": _id_of(payload.get("issuer")),
        "jti": payload.get("id"),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
    }
    for name, value in expected.items():
        if are_optional and name not in payload and (name != "iss" or isinstance(value, str)):
            continue
        if not isinstance(value, str) or payload.get(name) != value:
            raise JwtError("claim_disagrees", name)
    # The data model says which members count, not which are there: a badge may bring those of both.
    named = payload.get("@context")
    is_older = (named[0] if isinstance(named, list) and named else named) == contexts.CREDENTIALS_V1
    members = ("issuanceDate", "expirationDate") if is_older else ("validFrom", "validUntil")
    for name, member in zip(("nbf", "exp"), members, strict=True):
        if are_optional and name not in payload:
            continue
        if member not in payload:
            if name in payload or name == "nbf":
                raise JwtError("claim_disagrees", name)
            continue
        if type(payload.get(name)) not in (int, float) or payload[name] != _timestamp(payload[member]):
            raise JwtError("claim_disagrees", name)


def _id_of(issuer: Any) -> Any:
    """The identifier of an issuer, which may stand alone."""
    return issuer.get("id") if isinstance(issuer, dict) else issuer


def _timestamp(text: Any) -> int:
    """Seconds since 1970 of a date with time zone, cut to whole ones."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise JwtError("date_malformed") from None
    if moment.tzinfo is None:
        raise JwtError("date_malformed")
    return int(moment.timestamp())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    if not _PART.fullmatch(text):
        raise JwtError("not_a_jwt")
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise JwtError("not_a_jwt") from None
    # One text for each content: the bits behind the last byte must be zero.
    if _encode(content) != text:
        raise JwtError("not_a_jwt")
    return content
