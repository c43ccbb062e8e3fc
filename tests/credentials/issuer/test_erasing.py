"""An erased award leaves nothing of its person, never comes back, and is as revoked or unrevoked as it was."""

import asyncio
import random
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from shared import contracts
from shared.postgres import Pool
from tests.credentials.badges import issue, verdict_of
from tests.credentials.callers import Caller, award_request
from tests.credentials.issuer.test_awards import is_revoked_in_list

FORMS = ("", ".json", ".jwt", ".png", ".svg", ".pdf")


async def answer_at(url: str, accept: str = "*/*") -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url, headers={"Accept": accept}) as answer:
        return answer.status, await answer.text(errors="replace")


async def traces(pool: Pool, words: str) -> list[str]:
    """The tables of the credential service in which the words stand, in text or in bytes."""
    found = []
    columns = await pool.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'bytea', 'jsonb', 'ARRAY')"
    )
    for table, column, kind in columns:
        if table in ("migration", "schema_migration") or not await pool.fetchval(
            "SELECT has_table_privilege($1, 'SELECT')", table
        ):
            continue
        as_text = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
        if await pool.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE strpos({as_text}, $1) > 0)", words):
            found.append(f"{table}.{column}")
    return found


async def test_an_erased_badge_is_gone_in_every_form(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    name = f"Canary {uuid4().hex}"
    badge = await issue(issuer, public, holder_name=name)
    await answer_at(f"{public}/badges/{badge.award_id}.pdf")
    expected = ["award.request", "credential.request", "credential.signed_json"]
    assert sorted(await traces(issuer_pool, name)) == expected
    erased = await issuer.erase(badge.organization, badge.award_id)
    assert (erased.status, erased.award.is_erased, erased.award.state) == (200, True, "issued")
    assert erased.award.request_sha256 is None
    assert erased.award.signed_sha256 is None
    assert await traces(issuer_pool, name) == []
    credential = badge.document["id"].rpartition("/")[2]
    for form in FORMS:
        for path in (f"/badges/{badge.award_id}{form}", f"/credentials/{credential}{form}"):
            assert (await answer_at(f"{public}{path}"))[0] == 410, path
    status, text = await answer_at(f"{public}/badges/{badge.award_id}", accept="text/html")
    assert status == 410
    assert "This badge was erased" in text


async def test_erasing_again_answers_the_same(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    await issuer.put_award(organization, award_id, award_request(achievement))
    first = await issuer.erase(organization, award_id)
    assert (await issuer.erase(organization, award_id)).body == first.body


async def test_a_late_award_does_not_bring_it_back(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    first = await issuer.erase(organization, award_id)
    assert (first.status, first.award.is_erased, first.award.credential_id) == (200, True, None)
    late = await issuer.put_award(organization, award_id, request)
    assert (late.status, late.body["type"]) == (410, "/problems/award-erased")
    assert await issuer_pool.fetchval("SELECT count(*) FROM credential WHERE award_id = $1", award_id) == 0
    assert (await answer_at(f"{public}/badges/{award_id}"))[0] == 410


async def test_the_same_award_after_its_erasure_is_refused_under_any_id(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    await issuer.put_award(organization, award_id, request)
    await issuer.erase(organization, award_id)
    assert (await issuer.put_award(organization, award_id, request)).status == 410
    assert (await issuer.put_award(organization, uuid4(), request)).status == 409


async def test_a_revoked_award_stays_revoked_when_it_is_erased(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    badge = await issue(issuer, public)
    await issuer.revoke(badge.organization, badge.award_id, "Awarded to Zoë by mistake")
    erased = await issuer.erase(badge.organization, badge.award_id)
    assert erased.award.state == "revoked"
    assert erased.award.revocation is not None
    assert erased.award.revocation.reason == "No longer kept"
    assert await is_revoked_in_list(issuer_pool, badge.award_id)
    # Whoever kept the file still learns that it was taken back, also after the list is signed anew.
    other = await issuer.put_award(badge.organization, uuid4(), await _request_like(issuer, badge.organization))
    await issuer.revoke(badge.organization, other.award.award_id)
    assert await is_revoked_in_list(issuer_pool, badge.award_id)
    assert (await verdict_of(public, badge.text.encode()))["state"] == "revoked"


async def _request_like(issuer: Caller, organization: UUID) -> contracts.AwardRequest:
    _, achievement = await issuer.begin(organization)
    return award_request(achievement)


async def test_an_erased_award_can_yet_be_revoked_and_says_no_reason(
    issuer: Caller, public: str, issuer_pool: Pool
) -> None:
    badge = await issue(issuer, public)
    await issuer.erase(badge.organization, badge.award_id)
    assert not await is_revoked_in_list(issuer_pool, badge.award_id)
    revoked = await issuer.revoke(badge.organization, badge.award_id, "Names somebody")
    assert (revoked.status, revoked.award.state, revoked.award.is_erased) == (200, "revoked", True)
    assert revoked.award.revocation is not None
    assert revoked.award.revocation.reason == "No longer kept"
    assert await is_revoked_in_list(issuer_pool, badge.award_id)


async def test_another_organization_cannot_erase_nor_show(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    stranger, _ = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    await issuer.put_award(organization, award_id, request)
    assert (await issuer.erase(stranger, award_id)).status == 404
    assert (await issuer.show(stranger, award_id, "withdrawn", 1)).status == 404
    token = issuer.token(contracts.AWARDS_REVOKE, organization)
    for path in ("erasure", "visibility"):
        assert (await issuer.call("PUT", f"/awards/{award_id}/{path}", token, {})).status == 403
    assert (await issuer.put_award(organization, award_id, request)).status == 200


@pytest.mark.parametrize("rounds", [40, pytest.param(1000, marks=pytest.mark.long)])
async def test_an_erasure_meeting_its_award_and_revocation_always_wins(
    issuer: Caller, issuer_pool: Pool, rounds: int
) -> None:
    organization, achievement = await issuer.begin()
    awards, gate = [uuid4() for _ in range(rounds)], asyncio.Semaphore(8)

    async def meet(award_id: UUID) -> None:
        async def erase() -> None:
            await asyncio.sleep(random.uniform(0, 0.06))
            assert (await issuer.erase(organization, award_id)).status == 200

        async def revoke() -> None:
            await asyncio.sleep(random.uniform(0, 0.06))
            assert (await issuer.revoke(organization, award_id)).status == 200

        async with gate:
            put = issuer.put_award(organization, award_id, award_request(achievement))
            answer, *_ = await asyncio.gather(put, erase(), revoke())
            assert answer.status in (200, 201, 410), answer

    await asyncio.gather(*(meet(one) for one in awards))
    left = await issuer_pool.fetchval(
        "SELECT count(*) FROM award a LEFT JOIN credential c ON c.award_id = a.id WHERE a.id = ANY ($1)"
        " AND (a.erased_at IS NULL OR a.request IS NOT NULL OR c.signed_json IS NOT NULL OR a.state <> 'revoked')",
        awards,
    )
    assert left == 0
    signed = await issuer_pool.fetch(
        "SELECT award_id FROM credential WHERE award_id = ANY ($1) AND issued_at IS NOT NULL", awards
    )
    print(f"{len(signed)} of {rounds} were signed before their erasure")
    for row in signed:
        assert await is_revoked_in_list(issuer_pool, row["award_id"])


async def test_a_withdrawn_badge_is_not_shown_and_comes_back(issuer: Caller, public: str) -> None:
    badge = await issue(issuer, public)
    shown = await issuer.show(badge.organization, badge.award_id, "withdrawn", 1)
    assert (shown.status, shown.award.visibility) == (200, "withdrawn")
    for form in FORMS:
        assert (await answer_at(f"{public}/badges/{badge.award_id}{form}"))[0] == 404
    status, text = await answer_at(f"{public}/badges/{badge.award_id}", accept="text/html")
    assert status == 404
    assert "Its holder took it from view" in text
    # Its file is as genuine as before.
    assert (await verdict_of(public, badge.text.encode()))["state"] == "genuine"
    await issuer.show(badge.organization, badge.award_id, "private", 2)
    assert (await answer_at(f"{public}/badges/{badge.award_id}.json")) == (200, badge.text)


async def test_only_a_published_badge_may_be_listed_by_search_engines(issuer: Caller, public: str) -> None:
    badge = await issue(issuer, public)
    seen = []
    for revision, visibility in enumerate(("published", "private", "published"), start=1):
        await issuer.show(badge.organization, badge.award_id, visibility, revision)  # type: ignore[arg-type]
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{public}/badges/{badge.award_id}", headers={"Accept": "text/html"}) as answer,
        ):
            text = await answer.text()
            seen.append(("X-Robots-Tag" in answer.headers, 'name="robots"' in text))
    assert seen == [(False, False), (True, True), (False, False)]


async def test_a_revision_not_above_the_last_changes_nothing(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    await issuer.put_award(organization, award_id, award_request(achievement))
    second = await issuer.show(organization, award_id, "published", 2)
    for revision in (1, 2):
        late = await issuer.show(organization, award_id, "withdrawn", revision)
        assert (late.status, late.body) == (200, second.body)
    third = await issuer.show(organization, award_id, "withdrawn", 3)
    assert third.award.revision == second.award.revision + 1
    read = await issuer.call("GET", f"/awards/{award_id}", issuer.token(contracts.AWARDS_READ, organization))
    assert read.award == msgspec.structs.replace(third.award)


async def test_visibility_of_what_is_not_there_or_erased(issuer: Caller) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    assert (await issuer.show(organization, award_id, "published", 1)).status == 404
    await issuer.put_award(organization, award_id, award_request(achievement))
    await issuer.erase(organization, award_id)
    assert (await issuer.show(organization, award_id, "published", 1)).status == 410
