"""Credentials as JWTs: the form of Open Badges 3.0, the older one with a `vc` claim, and the enveloped one."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.credentials.proofs import did, multikey, vc_jwt
from services.credentials.proofs.vc_jwt import JwtError
from services.credentials.verification import judgment
from services.credentials.verification.case import Case, Judgment
from services.credentials.verification.examination import examine

PRIVATE = Ed25519PrivateKey.generate()
ISSUER = did.did_key(PRIVATE.public_key())
METHOD = did.verification_method(ISSUER, PRIVATE.public_key())
NOW = datetime(2027, 1, 1, tzinfo=UTC)
OLDER: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "achievement": {"id": "https://a.example/1", "type": ["Achievement"], "name": "A", "description": "D"},
    },
}
CLAIMS = {"iss": ISSUER, "jti": "urn:uuid:1", "sub": "urn:uuid:2", "nbf": 1767225600, "vc": OLDER}


def token(payload: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    parts = [header or {"alg": "EdDSA", "kid": METHOD, "typ": "JWT"}, payload]
    signing = ".".join(part(json.dumps(one).encode()) for one in parts)
    return f"{signing}.{part(PRIVATE.sign(signing.encode()))}"


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def judged(payload: str, form: Any = "jwt") -> dict[str, str]:
    case = Case(payload=payload, form=form, fetched=(), now=NOW)
    found = msgspec.json.decode(judgment.judge(msgspec.json.encode(case)), type=Judgment)
    return {one.name: one.code for one in found.checks}


def test_the_older_form_with_a_vc_claim_verifies() -> None:
    read = vc_jwt.read(token(CLAIMS))
    assert read.credential["issuer"] == ISSUER
    assert read.credential["issuanceDate"] == "2026-01-01T00:00:00Z"
    assert read.credential["credentialSubject"]["id"] == "urn:uuid:2"
    assert judged(token(CLAIMS)) == {
        "proof": "verified",
        "issuer": "issuer_proven",
        "status": "no_status",
        "validity": "in_force",
    }


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("vc", {**OLDER, "issuer": "did:key:z6MkfakeA"}),
        ("vc", {**OLDER, "id": "urn:uuid:9"}),
        ("vc", {**OLDER, "issuanceDate": "2020-01-01T00:00:00Z"}),
        ("vc", {**OLDER, "credentialSubject": {**OLDER["credentialSubject"], "id": "urn:uuid:9"}}),
        ("vc", {**OLDER, "expirationDate": "2030-01-01T00:00:00Z"}),
        ("vc", {**OLDER, "iss": ISSUER}),
        ("vc", "nothing"),
        ("nbf", 10**30),
    ],
)
def test_a_claim_that_says_otherwise_than_the_badge_is_refused(claim: str, value: object) -> None:
    with pytest.raises(JwtError):
        vc_jwt.read(token({**CLAIMS, claim: value}))


def test_an_expired_token_of_the_older_form_has_expired() -> None:
    assert judged(token({**CLAIMS, "exp": 1770000000}))["validity"] == "expired"


def test_an_enveloped_credential_is_its_token() -> None:
    enveloped = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"data:application/vc+jwt,{token(CLAIMS)}",
        "type": "EnvelopedVerifiableCredential",
    }
    assert judged(json.dumps(enveloped), "json")["proof"] == "verified"
    found = msgspec.json.decode(examine(json.dumps(enveloped).encode()))
    assert [one["outcome"] for one in found["checks"]] == ["passed"] * 3
    spoilt = {**enveloped, "id": f"data:application/vc+jwt,{token(CLAIMS)[:-8]}AAAAAAAA"}
    assert judged(json.dumps(spoilt), "json")["proof"] == "signature_wrong"


def enveloped(text: str, media_type: str = "application/vc+jwt") -> str:
    return json.dumps(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": f"data:{media_type},{text}",
            "type": "EnvelopedVerifiableCredential",
        }
    )


@pytest.mark.parametrize(
    "header",
    [{}, {"typ": "vc+jwt"}, {"typ": "vc+jwt", "cty": "vc"}, {"typ": "vc+ld+json+jwt", "cty": "VC"}, {"typ": "JWT"}],
)
def test_a_credential_in_an_envelope_says_nothing_twice(header: dict[str, Any]) -> None:
    """VC-JOSE-COSE, section 3.1.1: the payload is the credential; its members need not be claims too."""
    signed = token(document(), {"alg": "EdDSA", "kid": METHOD, **header})
    found = judged(enveloped(signed), "json")
    assert (found["proof"], found["issuer"]) == ("verified", "issuer_proven")
    if header.get("typ") in ("vc+jwt", "vc+ld+json+jwt"):
        assert judged(signed)["proof"] == "verified"
    else:
        with pytest.raises(JwtError, match="claim_disagrees"):
            vc_jwt.read(signed)


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"iss": "did:key:z6MkfakeA"}, {}),
        ({"jti": "urn:uuid:9"}, {}),
        ({"sub": "urn:uuid:9"}, {}),
        ({"nbf": 1767225601}, {}),
        ({"exp": 1767225601}, {}),
        ({"issuer": {"name": "nobody"}}, {}),
        ({"issuer": 5}, {}),
        ({}, {"cty": "jwt"}),
        ({}, {"crit": ["cty"], "cty": "vc"}),
    ],
)
def test_what_is_said_twice_in_an_envelope_is_said_alike(claims: dict[str, Any], header: dict[str, Any]) -> None:
    signed = token({**document(), **claims}, {"alg": "EdDSA", "kid": METHOD, "typ": "vc+jwt", **header})
    with pytest.raises(JwtError):
        vc_jwt.read(signed, is_enveloped=True)


def test_the_claims_of_a_token_are_those_of_its_data_model() -> None:
    """One of 1.1 that brings the dates of 2.0 as well had its `exp` held to those, and was judged by its own."""
    both = {**OLDER, "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-06-01T00:00:00Z"}
    dates = {"issuanceDate": "2020-01-01T00:00:00Z", "expirationDate": "2035-01-01T00:00:00Z"}
    ended = {**CLAIMS, "exp": 1780272000}
    with pytest.raises(JwtError, match="claim_disagrees"):
        vc_jwt.read(token({**ended, "vc": {**both, **dates}}))
    assert judged(token({**ended, "vc": both}))["validity"] == "expired"


def document() -> dict[str, Any]:
    return {
        **OLDER,
        "@context": ["https://www.w3.org/ns/credentials/v2", OLDER["@context"][1]],
        "id": "urn:uuid:1",
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "I"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:2", **OLDER["credentialSubject"]},
    }


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256", "ES256"])
def test_each_algorithm_is_verified_as_another_implementation_signs_it(algorithm: str) -> None:
    keys: dict[str, Any] = {
        "EdDSA": OKPKey.generate_key("Ed25519"),
        "RS256": RSAKey.generate_key(2048),
        "ES256": ECKey.generate_key(),
    }
    key = keys[algorithm]
    payload = {**document(), "iss": ISSUER, "jti": "urn:uuid:1", "sub": "urn:uuid:2", "nbf": 1767225600}
    signed = jws.serialize_compact(
        {"alg": algorithm, "kid": "https://a.example/k"}, json.dumps(payload), key, [algorithm]
    )
    read = vc_jwt.read(signed)
    public = vc_jwt.key_of_jwk(key.as_dict(private=False))
    assert vc_jwt.is_signed_by(read, public)
    assert not vc_jwt.is_signed_by(vc_jwt.read(signed[:-8] + "AAAAAAAA"), public)
    for other in keys.values():
        if other is not key:
            assert not vc_jwt.is_signed_by(read, vc_jwt.key_of_jwk(other.as_dict(private=False)))


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
def test_what_we_sign_another_implementation_verifies(algorithm: Any) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if algorithm == "RS256":
        made = vc_jwt.create(
            document(),
            sign=lambda data: private.sign(data, padding.PKCS1v15(), SHA256()),
            algorithm=algorithm,
            kid="https://a.example/k",
        )
        numbers = private.public_key().public_numbers()
        jwk: Any = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        assert jws.deserialize_compact(made, RSAKey.import_key(jwk), ["RS256"])
    else:
        made = vc_jwt.create(document(), sign=PRIVATE.sign, algorithm=algorithm, kid=METHOD)
        raw = PRIVATE.public_key().public_bytes_raw()
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": part(raw)}
        assert jws.deserialize_compact(made, OKPKey.import_key(jwk), ["EdDSA"])


def _number(value: int) -> str:
    return part(value.to_bytes((value.bit_length() + 7) // 8))


def test_a_did_key_on_p256_signs_tokens_too() -> None:
    private: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
    text = multikey.encode(private.public_key())
    issuer = f"did:key:{text}"
    payload = {**document(), "issuer": {"id": issuer, "type": ["Profile"]}, "iss": issuer, "jti": "urn:uuid:1",
               "sub": "urn:uuid:2", "nbf": 1767225600}  # fmt: skip
    header = {"alg": "ES256", "kid": f"{issuer}#{text}"}
    signing = ".".join(part(json.dumps(one).encode()) for one in (header, payload))
    r, s = decode_dss_signature(private.sign(signing.encode(), ECDSA(SHA256())))
    signed = f"{signing}.{part(r.to_bytes(32) + s.to_bytes(32))}"
    assert judged(signed)["proof"] == "verified"
    assert judged(signed)["issuer"] == "issuer_proven"
