"""Lists are signed seldom, kept before they are shown, asked for cheaply, and opened anew when half full."""

import asyncio
import hashlib
import json
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest

from deploy.local.postgres import Cluster
from services.credentials.status_lists.model import LENGTH, MOST_TAKEN, TTL_SECONDS, decode, is_set
from shared.postgres import Pool
from shared.tokens import ServiceKey
from tests.credentials.badges import issue
from tests.credentials.callers import Caller, award_request
from tests.credentials.conftest import issuer_settings, issuing

LIST = "SELECT id, signed_revision, signed_json FROM status_list WHERE issuer_id = $1"


async def test_a_list_is_asked_for_by_its_tag(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    badge = await issue(issuer, public)
    url = badge.document["credentialStatus"]["statusListCredential"]
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == f"public, max-age={TTL_SECONDS}"
            assert json.loads(await answer.read())["credentialSubject"]["ttl"] == TTL_SECONDS * 1000
            tag = answer.headers["ETag"]
        for asked in (tag, f'W/{tag}, "x"', "*"):
            async with http.get(url, headers={"If-None-Match": asked}) as answer:
                assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)
        await issuer.revoke(badge.organization, badge.award_id)
        async with http.get(url, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200
            assert answer.headers["ETag"] != tag


async def test_a_new_list_is_opened_when_half_of_one_is_taken(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    awards = [uuid4() for _ in range(3)]
    await issuer.put_award(organization, awards[0], award_request(achievement))
    await issuer_pool.execute(
        "UPDATE status_list SET taken = $2 WHERE issuer_id = $1 AND is_open", organization, MOST_TAKEN - 1
    )
    for award_id in awards[1:]:
        assert (await issuer.put_award(organization, award_id, award_request(achievement))).status == 201
    rows = await issuer_pool.fetch(
        "SELECT l.id, l.is_open, l.taken FROM award a JOIN credential c ON c.award_id = a.id"
        " JOIN status_list l ON l.id = c.status_list_id WHERE a.id = ANY ($1) ORDER BY a.created_at",
        awards,
    )
    assert [row["is_open"] for row in rows] == [False, False, True]
    assert (rows[0]["taken"], rows[2]["taken"]) == (LENGTH // 2, 1)
    # The full list goes on to be signed.
    assert (await issuer.revoke(organization, awards[0])).status == 200
    row = await issuer_pool.fetchrow("SELECT signed_revision FROM status_list WHERE id = $1", rows[0]["id"])
    assert row is not None
    assert row["signed_revision"] == 2


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.long)])
async def test_revocations_that_come_together_share_signatures_that_were_kept_before(
    migrated: Cluster, enrollment_key: tuple[ServiceKey, str], issuer_pool: Pool, tmp_path: Path, count: int
) -> None:
    key, url = enrollment_key
    settings = issuer_settings(
        tmp_path,
        migrated.dsn("credentials", "issuer"),
        enrollment_url=url,
        published_folder=str(tmp_path / "published"),
    )
    async with issuing(settings, key) as issuer:
        organization, achievement = await issuer.begin()
        awards, gate = [uuid4() for _ in range(count)], asyncio.Semaphore(50)

        async def put(award_id: UUID) -> None:
            async with gate:
                assert (await issuer.put_award(organization, award_id, award_request(achievement))).status == 201

        await asyncio.gather(*(put(one) for one in awards))
        before = await issuer_pool.fetchrow(LIST, organization)
        assert before is not None
        began = asyncio.get_running_loop().time()

        async def revoke(award_id: UUID) -> None:
            async with gate:
                assert (await issuer.revoke(organization, award_id)).status == 200
                [row] = await issuer_pool.fetch(LIST, organization)
                bits = decode(json.loads(row["signed_json"])["credentialSubject"]["encodedList"])
                place = await issuer_pool.fetchval("SELECT status_index FROM credential WHERE award_id = $1", award_id)
                assert is_set(bits, place), "it is answered when the list says so"

        await asyncio.gather(*(revoke(one) for one in awards))
        took = asyncio.get_running_loop().time() - began
        after = await issuer_pool.fetchrow(LIST, organization)
        assert after is not None
        files = sorted((tmp_path / "published" / "status-lists" / str(after["id"])).iterdir())
        signed = len(files) - 1
        print(f"{count} revocations in {took:.1f} s cost {signed} signatures of their list")
        assert signed <= count // 5
        assert files[-1].read_text() == after["signed_json"]
        marks = list((tmp_path / "published" / "revocations").rglob("*.json"))
        assert {one.stem for one in marks} == {str(one) for one in awards}


async def test_what_was_kept_and_not_stored_is_taken_over(
    migrated: Cluster, enrollment_key: tuple[ServiceKey, str], issuer_pool: Pool, tmp_path: Path
) -> None:
    key, url = enrollment_key
    settings = issuer_settings(
        tmp_path,
        migrated.dsn("credentials", "issuer"),
        enrollment_url=url,
        published_folder=str(tmp_path / "published"),
    )
    async with issuing(settings, key) as issuer:
        organization, achievement = await issuer.begin()
        awards = [uuid4() for _ in range(2)]
        for one in awards:
            await issuer.put_award(organization, one, award_request(achievement))
        before = await issuer_pool.fetchrow(LIST, organization)
        await issuer.revoke(organization, awards[0])
        kept = await issuer_pool.fetchrow(LIST, organization)
        assert before is not None
        assert kept is not None
        # As if the process had been killed between keeping the list and storing it; and a second later another asks.
        await issuer_pool.execute(
            "UPDATE status_list SET signed_revision = $2, signed_json = $3 WHERE id = $1",
            before["id"], before["signed_revision"], before["signed_json"],
        )  # fmt: skip
        await asyncio.sleep(1.1)
        await issuer.revoke(organization, awards[0])
        again = await issuer_pool.fetchrow(LIST, organization)
        assert again == kept
        await issuer_pool.execute(
            "UPDATE status_list SET signed_revision = $2, signed_json = $3, wanted_revision = $4 WHERE id = $1",
            before["id"], before["signed_revision"], before["signed_json"], before["signed_revision"],
        )  # fmt: skip
        # One more bit than was kept under the revision that is next: another revision is taken.
        await issuer.revoke(organization, awards[1])
        last = await issuer_pool.fetchrow(LIST, organization)
        assert last is not None
        assert last["signed_revision"] > kept["signed_revision"]
        file = tmp_path / "published" / "status-lists" / str(last["id"]) / f"{last['signed_revision']:010}.json"
        assert hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(last["signed_json"].encode()).digest()
