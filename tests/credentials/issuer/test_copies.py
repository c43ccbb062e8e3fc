"""A copy of a badge for a wallet: only for who holds the key of its DID, once for a challenge, beside the original."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts import WalletCopy
from shared.postgres import Pool
from tests.credentials.badges import download, issue, verdict_of
from tests.credentials.callers import Caller, award_request
from tests.credentials.issuer.test_erasing import traces
from tests.credentials.issuer.test_series import series
from tests.credentials.wallets import Wallet


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("is_p256", [False, True])
async def test_a_copy_names_the_wallet_and_stands_beside_the_original(
    issuer: Caller, public: str, issuer_pool: Pool, is_p256: bool
) -> None:
    badge, wallet = await issue(issuer, public), Wallet(is_p256=is_p256)
    pdf = await download(f"{public}/badges/{badge.award_id}.pdf")
    answer = await wallet.copy(issuer, badge.organization, badge.award_id, now=now())
    assert (answer.status, answer.body["did"]) == (201, wallet.did)
    text = await download(f"{answer.body['credential_url']}.json")
    copy = json.loads(text)
    assert copy["credentialSubject"]["id"] == wallet.did
    assert copy["credentialStatus"]["statusListIndex"] != badge.document["credentialStatus"]["statusListIndex"]
    same = {name: value for name, value in copy["credentialSubject"].items() if name != "id"}
    assert same == {name: value for name, value in badge.document["credentialSubject"].items() if name != "id"}
    for content in (text, pdf, badge.text.encode()):
        assert (await verdict_of(public, content))["state"] == "genuine"
    assert await download(f"{public}/badges/{badge.award_id}.json") == badge.text.encode()
    assert await series(issuer_pool, badge.award_id) == ["first stands", "copy stands"]


async def test_revoking_the_award_revokes_its_copies(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    badge, wallet = await issue(issuer, public), Wallet()
    answer = await wallet.copy(issuer, badge.organization, badge.award_id, now=now())
    text = await download(f"{answer.body['credential_url']}.json")
    assert (await issuer.revoke(badge.organization, badge.award_id)).status == 200
    assert (await verdict_of(public, text))["state"] == "revoked"
    assert await series(issuer_pool, badge.award_id) == ["first revoked", "copy revoked"]


async def test_what_replaces_the_badge_replaces_its_copies(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    badge, wallet = await issue(issuer, public), Wallet()
    answer = await wallet.copy(issuer, badge.organization, badge.award_id, now=now())
    text = await download(f"{answer.body['credential_url']}.json")
    await issuer.correct(badge.organization, badge.award_id, credit_minutes=60)
    assert (await verdict_of(public, text))["state"] == "replaced"
    assert json.loads(await download(f"{answer.body['credential_url']}/replacement"))["proof"]
    assert (await wallet.copy(issuer, badge.organization, badge.award_id, now=now())).status == 201
    expected = ["first replaced", "copy replaced", "correction stands", "copy stands"]
    assert await series(issuer_pool, badge.award_id) == expected


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"nonce": "another"}, "challenge_wrong"),
        ({"aud": "https://somebody.example"}, "audience_wrong"),
        ({"iat": 1_600_000_000}, "time_wrong"),
        ({"header": {"typ": "JWT"}}, "type_wrong"),
        ({"header": {"kid": "did:key:z6MkotherotherR"}}, "key_of_another"),
        ({"signer": "another"}, "signature_wrong"),
        ({"did": "did:web:wallet.example"}, "did_unsupported"),
        ({"copy": "unasked"}, "challenge_unknown"),
        ({"expired": True}, "challenge_expired"),
        ({"proof": "a.b.c" * 10}, "malformed"),
    ],
)
async def test_who_does_not_prove_the_key_gets_no_copy(
    issuer: Caller, issuer_pool: Pool, changed: dict[str, Any], code: str
) -> None:
    organization, achievement = await issuer.begin()
    award_id, copy_id, wallet, change = uuid4(), uuid4(), Wallet(), dict(changed)
    await issuer.put_award(organization, award_id, award_request(achievement))
    challenge = (await issuer.challenge(organization, award_id, copy_id)).body
    if change.pop("expired", False):
        await issuer_pool.execute(
            "UPDATE wallet_challenge SET expires_at = $2 WHERE copy_id = $1", copy_id, now() - timedelta(seconds=1)
        )
    if change.pop("copy", None):
        copy_id = uuid4()
    did = change.pop("did", wallet.did)
    signer = wallet
    if change.pop("signer", None):
        signer = Wallet()
        signer.did, signer.key = wallet.did, wallet.key
    proof = change.pop("proof", None) or signer.answer(challenge, now=now(), **change)
    answer = await issuer.copy(organization, award_id, copy_id, WalletCopy(did=did, proof=proof))
    assert (answer.status, answer.body["type"], answer.body["code"]) == (422, "/problems/holder-not-proven", code)
    assert await series(issuer_pool, award_id) == ["first stands"]


async def test_a_challenge_counts_once_and_the_same_copy_again_is_the_same(
    issuer: Caller, public: str, issuer_pool: Pool
) -> None:
    badge, wallet, copy_id = await issue(issuer, public), Wallet(), uuid4()
    challenge = (await issuer.challenge(badge.organization, badge.award_id, copy_id)).body
    assert (await issuer.challenge(badge.organization, badge.award_id, copy_id)).body == challenge
    wanted = WalletCopy(did=wallet.did, proof=wallet.answer(challenge, now=now()))
    answers = await asyncio.gather(
        *(issuer.copy(badge.organization, badge.award_id, copy_id, wanted) for _ in range(8))
    )
    assert [one.status for one in answers].count(201) == 1
    assert {one.status for one in answers} <= {200, 201, 409}
    again = await issuer.copy(badge.organization, badge.award_id, copy_id, wanted)
    assert (again.status, again.body["did"]) == (200, wallet.did)
    other = WalletCopy(did=wallet.did, proof=wallet.answer(challenge, now=now() - timedelta(seconds=5)))
    assert (await issuer.copy(badge.organization, badge.award_id, copy_id, other)).status == 422
    assert (await issuer.challenge(badge.organization, badge.award_id, copy_id)).body["code"] == "challenge_used"
    assert await series(issuer_pool, badge.award_id) == ["first stands", "copy stands"]


async def test_erasing_forgets_the_wallet(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    badge, wallet = await issue(issuer, public), Wallet()
    await wallet.copy(issuer, badge.organization, badge.award_id, now=now())
    assert await traces(issuer_pool, wallet.key)
    await issuer.erase(badge.organization, badge.award_id)
    assert await traces(issuer_pool, wallet.key) == []
