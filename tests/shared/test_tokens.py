"""Service tokens: only a whole, fresh, rightly addressed token of a known service is accepted."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.problems import ForbiddenError, UnauthorizedError
from shared.tokens import Grant, ServiceKey, TokenVerifier, public_keys

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ENROLLMENT, ISSUER = "http://enrollment.example", "http://issuer.example"
ORGANIZATION = UUID("6f8d9c5e-1f0a-4d55-9c43-0d6b1c5d8a11")
PRIVATE = Ed25519PrivateKey.generate()
KEY = ServiceKey(PRIVATE)
GRANT = Grant(issuer=ENROLLMENT, client="enrollment", audience=ISSUER, scope="awards.write", organization=ORGANIZATION)


async def keys(issuer: str, kid: str) -> Ed25519PublicKey | None:
    return PRIVATE.public_key() if (issuer, kid) == (ENROLLMENT, KEY.kid) else None


VERIFIER = TokenVerifier(audience=ISSUER, clients={ENROLLMENT: "enrollment"}, keys=keys)


def claims(**changes: Any) -> dict[str, Any]:
    whole = {
        "iss": ENROLLMENT,
        "sub": "enrollment",
        "client_id": "enrollment",
        "aud": ISSUER,
        "scope": "awards.write",
        "organization": str(ORGANIZATION),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        "jti": uuid4().hex,
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def token(payload: dict[str, Any], *, key: Any = PRIVATE, algorithm: str = "EdDSA", **header: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers={"typ": "at+jwt", "kid": KEY.kid, **header})


async def refusal(value: str, *, at: datetime = NOW) -> str:
    with pytest.raises((UnauthorizedError, ForbiddenError)) as caught:
        await VERIFIER.verify(value, scope="awards.write", now=at)
    return str(caught.value)


async def test_a_minted_token_is_accepted_and_names_its_caller() -> None:
    caller = await VERIFIER.verify(KEY.mint(GRANT, now=NOW), scope="awards.write", now=NOW)
    assert (caller.client, caller.scope, caller.organization) == ("enrollment", "awards.write", ORGANIZATION)


async def test_the_whole_claims_of_the_matrix_below_are_accepted() -> None:
    """The control: what the refused tokens differ from is good."""
    assert (await VERIFIER.verify(token(claims()), scope="awards.write", now=NOW)).organization == ORGANIZATION


@pytest.mark.parametrize("name", ["exp", "aud", "sub", "client_id", "iat", "jti", "scope", "organization"])
async def test_a_token_without_a_required_claim_is_refused(name: str) -> None:
    assert await refusal(token(claims(**{name: None}))) == f"token_lacks_{name}"


async def test_a_token_without_issuer_is_refused() -> None:
    assert await refusal(token(claims(iss=None))) == "token_unknown_issuer"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": ENROLLMENT}, "token_wrong_audience"),
        ({"aud": [ISSUER]}, "token_malformed"),
        ({"iss": ISSUER}, "token_unknown_issuer"),
        ({"client_id": "somebody"}, "token_wrong_client"),
        ({"sub": "somebody"}, "token_wrong_client"),
        ({"scope": "awards.revoke"}, "scope"),
        ({"scope": "awards.write awards.revoke"}, "scope"),
        ({"organization": "all"}, "token_malformed"),
        ({"organization": ""}, "token_malformed"),
        ({"exp": int(NOW.timestamp()) + 301}, "token_lives_too_long"),
        ({"exp": "tomorrow"}, "token_malformed"),
        ({"exp": True}, "token_malformed"),
        ({"iat": int(NOW.timestamp()) + 60, "exp": int(NOW.timestamp()) + 120}, "token_not_yet_valid"),
        ({"nbf": int(NOW.timestamp()) + 60}, "token_not_yet_valid"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert await refusal(token(claims(**changes))) == reason


async def test_an_expired_token_is_refused() -> None:
    assert await refusal(token(claims()), at=NOW + timedelta(minutes=6)) == "token_expired"


async def test_an_unsigned_token_is_refused() -> None:
    assert await refusal(token(claims(), key=None, algorithm="none")) == "token_wrong_header"


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    secret = PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert await refusal(token(claims(), key=secret, algorithm="HS256")) == "token_wrong_header"


async def test_a_token_by_another_key_is_refused() -> None:
    assert await refusal(token(claims(), key=Ed25519PrivateKey.generate())) == "token_not_proven"


async def test_a_changed_token_is_refused() -> None:
    head, _, signature = token(claims()).split(".")
    other = token(claims(organization=str(uuid4()))).split(".")[1]
    assert await refusal(f"{head}.{other}.{signature}") == "token_not_proven"


@pytest.mark.parametrize("kind", ["JWT", "vc+jwt", "client-authentication+jwt", None])
async def test_a_credential_or_assertion_is_no_access_token(kind: str | None) -> None:
    assert await refusal(token(claims(), typ=kind)) == "token_wrong_type"


@pytest.mark.parametrize("header", [{"jku": "http://evil.example"}, {"x5u": "http://e.example"}, {"jwk": KEY.jwk}])
async def test_a_header_that_brings_its_own_key_is_refused(header: dict[str, Any]) -> None:
    assert await refusal(token(claims(), **header)) == "token_wrong_header"


async def test_an_unknown_key_is_refused() -> None:
    assert await refusal(token(claims(), kid="another")) == "token_unknown_key"


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "." * 4, "a" * 5000])
async def test_what_is_no_token_is_refused(text: str) -> None:
    assert await refusal(text) == "token_malformed"


def test_a_jwks_gives_its_ed25519_keys_and_leaves_the_rest_out() -> None:
    import msgspec

    document = {"keys": [KEY.jwk, {"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB"}, {"kty": "OKP", "kid": 3}]}
    assert set(public_keys(msgspec.json.encode(document))) == {KEY.kid}


def test_what_is_no_jwks_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="JWKS"):
        public_keys(b"<html>")
