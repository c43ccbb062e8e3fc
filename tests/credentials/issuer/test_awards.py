"""An award is signed once, whatever is sent how often in which order; and a revoked one never ends valid."""

import asyncio
import hashlib
import itertools
import json
import random
from uuid import UUID, uuid4

import msgspec
import pytest

from services.credentials.status_lists import model as status_lists
from shared.postgres import Pool
from tests import second_way
from tests.credentials.callers import Caller, award_request

STORED = "SELECT signed_json, signed_jwt, status_list_id, status_index FROM credential WHERE award_id = $1"


async def is_revoked_in_list(pool: Pool, award_id: UUID) -> bool:
    row = await pool.fetchrow(
        "SELECT c.status_index, l.signed_json FROM credential c JOIN status_list l ON l.id = c.status_list_id"
        " WHERE c.award_id = $1",
        award_id,
    )
    assert row is not None
    signed = json.loads(row["signed_json"])
    assert second_way.has_good_proof(signed)
    bits = status_lists.decode(signed["credentialSubject"]["encodedList"])
    return status_lists.is_set(bits, row["status_index"])


async def test_an_award_becomes_a_badge_that_verifies_a_second_way(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    answer = await issuer.put_award(organization, award_id, award_request(achievement))
    assert answer.status == 201
    assert answer.award.state == "issued"
    row = await issuer_pool.fetchrow(STORED, award_id)
    assert row is not None
    signed = json.loads(row["signed_json"])
    assert second_way.has_good_proof(signed)
    assert hashlib.sha256(row["signed_json"].encode()).hexdigest() == answer.award.signed_sha256
    did = signed["issuer"]["id"]
    jwk = await issuer_pool.fetchval(
        "SELECT public_jwk FROM signing_key WHERE issuer_id = $1 AND use = 'badge'", organization
    )
    payload = second_way.jwt_payload(row["signed_jwt"], jwk)
    assert payload["iss"] == did
    assert {name: value for name, value in payload.items() if name in signed} == signed
    assert signed["credentialSubject"]["creditsEarned"] == 9.5
    assert not await is_revoked_in_list(issuer_pool, award_id)


async def test_under_did_web_the_jwt_is_rs256_with_an_https_kid(web_issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await web_issuer.begin()
    award_id = uuid4()
    assert (await web_issuer.put_award(organization, award_id, award_request(achievement))).status == 201
    row = await issuer_pool.fetchrow(STORED, award_id)
    assert row is not None
    assert second_way.has_good_proof(json.loads(row["signed_json"]))
    jwk = await issuer_pool.fetchval(
        "SELECT public_jwk FROM signing_key WHERE issuer_id = $1 AND algorithm = 'RS256'", organization
    )
    payload = second_way.jwt_payload(row["signed_jwt"], jwk)
    assert payload["iss"] == f"did:web:badges.example:issuers:{organization}"
    header = json.loads(second_way.decode(row["signed_jwt"].split(".")[0]))
    assert header == {"alg": "RS256", "typ": "JWT", "kid": f"https://badges.example/keys/{jwk['kid']}"}


async def test_the_same_request_again_answers_the_same_bytes(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    first = await issuer.put_award(organization, award_id, request)
    before = await issuer_pool.fetchrow(STORED, award_id)
    again = await issuer.put_award(organization, award_id, request)
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert await issuer_pool.fetchrow(STORED, award_id) == before


async def test_another_request_under_the_same_id_is_refused(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    first = await issuer.put_award(organization, award_id, request)
    changed = await issuer.put_award(organization, award_id, msgspec.structs.replace(request, credit_minutes=600))
    assert changed.status == 422
    assert changed.body["type"] == "/problems/award-changed"
    assert changed.body["request_sha256"] == first.award.request_sha256


async def test_the_same_achievement_under_another_id_is_refused(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    await issuer.put_award(organization, award_id, request)
    other = await issuer.put_award(organization, uuid4(), request)
    assert other.status == 409
    assert other.body["award_id"] == str(award_id)


async def test_twenty_at_once_make_one_credential(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    answers = await asyncio.gather(*(issuer.put_award(organization, award_id, request) for _ in range(20)))
    assert sorted({one.status for one in answers}) in ([201], [200, 201], [201, 409], [200, 201, 409])
    assert [one.status for one in answers].count(201) == 1
    assert all(one.headers["Retry-After"] == "1" for one in answers if one.status == 409)
    assert await issuer_pool.fetchval("SELECT count(*) FROM credential WHERE award_id = $1", award_id) == 1


async def test_a_lapsed_lease_is_taken_over_with_the_inputs_that_were_frozen(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    assert (await issuer.put_award(organization, award_id, request)).status == 201
    # As if the process had been killed between reserving and storing.
    await issuer_pool.execute(
        "UPDATE credential SET signed_json = NULL, signed_jwt = NULL, signed_sha256 = NULL, issued_at = NULL,"
        " lease = gen_random_uuid(), leased_until = now() + interval '1 minute' WHERE award_id = $1",
        award_id,
    )
    await issuer_pool.execute("UPDATE award SET state = 'pending', issued_at = NULL WHERE id = $1", award_id)
    frozen = await issuer_pool.fetchrow(
        "SELECT id, subject_id, status_index, valid_from FROM credential WHERE award_id = $1", award_id
    )
    assert (await issuer.put_award(organization, award_id, request)).status == 409
    await issuer_pool.execute(
        "UPDATE credential SET leased_until = now() - interval '1 second' WHERE award_id = $1", award_id
    )
    assert (await issuer.put_award(organization, award_id, request)).status == 201
    after = await issuer_pool.fetchrow(
        "SELECT id, subject_id, status_index, valid_from FROM credential WHERE award_id = $1", award_id
    )
    assert after == frozen


async def test_a_revocation_before_its_award_leaves_a_tombstone(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    revoked = await issuer.revoke(organization, award_id)
    assert revoked.award.state == "revoked"
    answer = await issuer.put_award(organization, award_id, award_request(achievement))
    assert (answer.status, answer.award.state) == (200, "revoked")
    assert await issuer_pool.fetchval("SELECT count(*) FROM credential WHERE award_id = $1", award_id) == 0


async def test_a_revoked_award_sets_its_bit_and_stays_revoked(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    await issuer.put_award(organization, award_id, request)
    first = await issuer.revoke(organization, award_id)
    again = await issuer.revoke(organization, award_id, "Another reason")
    assert again.body == first.body
    assert (await issuer.put_award(organization, award_id, request)).award.state == "revoked"
    assert await is_revoked_in_list(issuer_pool, award_id)


@pytest.mark.parametrize("rounds", [100, pytest.param(1000, marks=pytest.mark.long)])
async def test_a_revocation_meeting_its_award_never_leaves_it_valid(
    issuer: Caller, issuer_pool: Pool, rounds: int
) -> None:
    organization, achievement = await issuer.begin()
    awards = [uuid4() for _ in range(rounds)]
    gate = asyncio.Semaphore(8)

    async def meet(award_id: UUID) -> None:
        async def revoke() -> None:
            await asyncio.sleep(random.uniform(0, 0.06))
            assert (await issuer.revoke(organization, award_id)).status == 200

        async with gate:
            await asyncio.gather(issuer.put_award(organization, award_id, award_request(achievement)), revoke())

    await asyncio.gather(*(meet(one) for one in awards))
    states = await issuer_pool.fetch("SELECT state FROM award WHERE id = ANY ($1)", awards)
    assert {row["state"] for row in states} == {"revoked"}
    signed = await issuer_pool.fetch(
        "SELECT award_id FROM credential WHERE award_id = ANY ($1) AND signed_json IS NOT NULL", awards
    )
    print(f"{len(signed)} of {rounds} were signed before their revocation")
    for row in signed:
        assert await is_revoked_in_list(issuer_pool, row["award_id"])


async def test_indices_tell_nothing_of_the_order_of_issue(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    for _ in range(30):
        assert (await issuer.put_award(organization, uuid4(), award_request(achievement))).status == 201
    rows = await issuer_pool.fetch(
        "SELECT c.status_index FROM credential c JOIN award a ON a.id = c.award_id WHERE a.issuer_id = $1"
        " ORDER BY a.created_at",
        organization,
    )
    indices = [row["status_index"] for row in rows]
    rising = sum(one < other for one, other in itertools.pairwise(indices))
    # Of 29 steps of random indices some 14 rise; 26 or more do so once in 400,000 runs.
    assert 3 < rising < 26
    assert len(set(indices)) == 30


@pytest.mark.parametrize(
    "changed",
    [
        {"achievement_version": 2**40},
        {"awarded_at": "0001-01-01T00:00:00+14:00"},
        {"awarded_at": "0900-01-01T00:00:00Z"},
        {"awarded_at": "2026-01-01T00:00:00"},
        {"activity_start": "0001-01-01"},
        {"activity_end": "9999-12-31"},
    ],
)
async def test_what_no_program_can_have_had_is_refused(issuer: Caller, changed: dict[str, object]) -> None:
    organization, achievement = await issuer.begin()
    request = json.loads(msgspec.json.encode(award_request(achievement)))
    token = issuer.token("awards.write", organization)
    answer = await issuer.call("PUT", f"/awards/{uuid4()}", token, {**request, **changed})
    assert answer.status in (400, 422), answer


async def test_a_revocation_is_answered_when_the_list_says_so_to_everybody(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    for _ in range(12):
        award_id = uuid4()
        await issuer.put_award(organization, award_id, award_request(achievement))

        async def ask(which: UUID = award_id) -> bool:
            assert (await issuer.revoke(organization, which)).status == 200
            return await is_revoked_in_list(issuer_pool, which)

        assert all(await asyncio.gather(ask(), ask(), ask()))
