"""The issuer role answers one kind of token only: each claim, header and purpose that is off is refused over HTTP."""

import base64
import json
import time
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import contracts
from shared.postgres import Pool
from shared.tokens import ServiceKey
from tests.credentials.callers import PROFILE, Caller, award_request


def claims(issuer: Caller, whose: UUID, /, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {
        "iss": issuer.issuer,
        "sub": contracts.ENROLLMENT,
        "client_id": contracts.ENROLLMENT,
        "aud": issuer.url,
        "scope": contracts.ISSUERS_WRITE,
        "organization": str(whose),
        "iat": now,
        "exp": now + 300,
        "jti": uuid4().hex,
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def signed(issuer: Caller, payload: dict[str, Any], *, key: ServiceKey | None = None, **header: Any) -> str:
    signer = key or issuer.key
    headers = {"typ": "at+jwt", "kid": issuer.key.kid, **header}
    return jwt.encode(payload, signer._private, algorithm="EdDSA", headers=headers)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def status(issuer: Caller, organization: UUID, token: str | None) -> tuple[int, str | None]:
    answer = await issuer.call("PUT", f"/issuers/{organization}", token, PROFILE)
    return answer.status, answer.body.get("reason") if answer.status != 200 else None


async def test_a_whole_token_is_accepted(issuer: Caller) -> None:
    organization = uuid4()
    assert await status(issuer, organization, signed(issuer, claims(issuer, organization))) == (200, None)


@pytest.mark.parametrize("claim", ["iss", "sub", "client_id", "aud", "scope", "organization", "iat", "exp", "jti"])
async def test_each_claim_is_required(issuer: Caller, claim: str) -> None:
    organization = uuid4()
    token = signed(issuer, claims(issuer, organization, **{claim: None}))
    found, reason = await status(issuer, organization, token)
    assert found == 401
    assert reason in (f"token_lacks_{claim}", "token_unknown_issuer")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"aud": "http://elsewhere.example"}, (401, "token_wrong_audience")),
        ({"iss": "http://elsewhere.example"}, (401, "token_unknown_issuer")),
        ({"client_id": "somebody"}, (401, "token_wrong_client")),
        ({"scope": contracts.AWARDS_WRITE}, (403, "scope")),
        ({"scope": f"{contracts.ISSUERS_WRITE} {contracts.AWARDS_WRITE}"}, (403, "scope")),
        ({"iat": 0, "exp": 300}, (401, "token_expired")),
        ({"exp": 2**40}, (401, "token_lives_too_long")),
        ({"iat": int(time.time()) + 3600, "exp": int(time.time()) + 3700}, (401, "token_not_yet_valid")),
        ({"organization": "everybody"}, (401, "token_malformed")),
    ],
)
async def test_a_claim_that_is_off_is_refused(
    issuer: Caller, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    organization = uuid4()
    assert await status(issuer, organization, signed(issuer, claims(issuer, organization, **changed))) == expected


async def test_another_organizations_token_finds_nothing(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    assert (await issuer.put_award(organization, award_id, award_request(achievement))).status == 201
    stranger, _ = await issuer.begin()
    other = uuid4()
    assert (await status(issuer, organization, issuer.token(contracts.ISSUERS_WRITE, other)))[0] == 404
    read = await issuer.call("GET", f"/awards/{award_id}", issuer.token(contracts.AWARDS_READ, stranger))
    listed = await issuer.call("GET", "/awards", issuer.token(contracts.AWARDS_READ, stranger))
    put = await issuer.put_award(stranger, award_id, award_request(achievement))
    revoked = await issuer.revoke(stranger, award_id)
    assert (read.status, listed.body["awards"], put.status, revoked.status) == (404, [], 409, 404)
    assert await issuer_pool.fetchval("SELECT state FROM award WHERE id = $1", award_id) == "issued"


async def test_unsigned_forged_and_misused_tokens_are_refused(issuer: Caller, issuer_pool: Pool) -> None:
    organization = uuid4()
    payload = claims(issuer, organization)
    header = {"typ": "at+jwt", "kid": issuer.key.kid}
    unsigned = f"{part({**header, 'alg': 'none'})}.{part(payload)}."
    good = signed(issuer, payload)
    stranger = ServiceKey(Ed25519PrivateKey.generate())
    public = issuer.key.jwk["x"].encode()
    confused = jwt.encode(payload, public * 2, algorithm="HS256", headers=header)
    refused = [
        None,
        "nothing",
        unsigned,
        f"{part({**header, 'alg': 'EdDSA'})}.{part(payload)}.",
        good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB"),
        signed(issuer, payload, key=stranger),
        signed(issuer, payload, key=stranger, kid=stranger.kid),
        confused,
        signed(issuer, payload, typ="JWT"),
        signed(issuer, payload, jku="https://elsewhere.example/jwks.json"),
        signed(issuer, payload, crit=["exp"]),
        signed(issuer, {**payload, "organization": ["x"]}),
        "x" * 10_000,
    ]
    for token in refused:
        assert (await status(issuer, organization, token))[0] == 401, token
    # A credential of this very issuer is no access token.
    whole, achievement = await issuer.begin()
    award_id = uuid4()
    await issuer.put_award(whole, award_id, award_request(achievement))
    badge = await issuer_pool.fetchval("SELECT signed_jwt FROM credential WHERE award_id = $1", award_id)
    assert (await status(issuer, whole, badge))[0] == 401
