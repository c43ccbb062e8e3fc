"""An award's later badges: corrected, renewed, signed anew; each replaces the one before, once, whatever happens."""

import asyncio
import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.credentials.awards import changing
from services.credentials.awards.issuing import Desk
from services.credentials.keys.custody import Custody, key_encryption_key
from services.credentials.keys.signer import Signer
from services.credentials.proofs.template import Templates
from shared.clock import system_clock
from shared.contracts import Correction, EvidenceClaim, canonical, sha256
from shared.postgres import Pool
from tests import second_way
from tests.credentials.badges import codes, download, issue, verdict_of
from tests.credentials.callers import Caller, award_request
from tests.credentials.issuer.test_erasing import answer_at, traces
from tests.credentials.wallets import Wallet

DAY = date(2022, 1, 8)
LATER = datetime(2126, 1, 1, tzinfo=UTC)
SERIES = """
SELECT reason, number, replaced_by IS NOT NULL AS is_replaced, revoked_at IS NOT NULL AS is_revoked,
    issued_at IS NOT NULL AS is_issued
FROM credential WHERE award_id = $1 ORDER BY number
"""


async def series(pool: Pool, award_id: UUID) -> list[str]:
    """Each signed credential of the award: its reason, and what became of it."""
    rows = await pool.fetch(SERIES, award_id)
    return [
        f"{row['reason']} {'replaced' if row['is_replaced'] else 'revoked' if row['is_revoked'] else 'stands'}"
        for row in rows
        if row["is_issued"]
    ]


async def test_a_corrected_badge_takes_the_place_of_the_wrong_one(issuer: Caller, public: str) -> None:
    old = await issue(issuer, public, holder_name="Zoe Wyn")
    pdf = await download(f"{public}/badges/{old.award_id}.pdf")
    evidence = (EvidenceClaim(module_name="Privilege", genre="file", accepted_on=DAY),)
    answer = await issuer.correct(
        old.organization, old.award_id, holder_name="Zoë Ŵyn", credit_minutes=600, evidence=evidence
    )
    assert (answer.status, answer.award.state, answer.award.reason) == (201, "issued", "correction")
    new = json.loads(await download(f"{public}/badges/{old.award_id}.json"))
    assert new["id"] == f"{public}/credentials/{answer.award.credential_id}"
    assert new["credentialSubject"]["identifier"][0]["identityHash"] == "Zoë Ŵyn"
    assert new["credentialSubject"]["creditsEarned"] == 10
    assert [one["name"] for one in new["evidence"]] == ["Privilege"]
    assert new["awardedDate"] == old.document["awardedDate"]
    assert new["validFrom"] > old.document["validFrom"]
    assert (await verdict_of(public, json.dumps(new).encode()))["state"] == "genuine"
    link = f"{public}/badges/{old.award_id}"
    for content in (old.text.encode(), old.jwt.encode(), pdf):
        found = await verdict_of(public, content)
        assert (found["state"], codes(found)["status"]) == ("replaced", "replaced")
        assert link in found["sentence"]
        assert found["facts"]["badge_url"] == link


async def test_the_issuer_says_in_a_signed_statement_what_changed(issuer: Caller, public: str) -> None:
    old = await issue(issuer, public, holder_name="Wrong Name")
    await issuer.correct(old.organization, old.award_id, holder_name="Right Name", credit_minutes=600)
    text = await download(f"{old.document['id']}/replacement")
    statement = json.loads(text)
    assert second_way.has_good_proof(statement)
    assert statement["credentialSubject"]["id"] == old.document["id"]
    assert statement["credentialSubject"]["description"] == "What changed: the holder's name and the hours."
    current = json.loads(await download(f"{public}/badges/{old.award_id}.json"))
    assert statement["relatedResource"][0]["id"] == current["id"]
    assert b"Wrong Name" not in text
    page = (await download(old.document["id"], accept="text/html")).decode()
    assert "Replaced by a newer badge" in page
    assert "the holder&#39;s name, the hours" in page.replace("'", "&#39;")
    assert f"/credentials/{old.document['id'].rpartition('/')[2]}/replacement" in page
    assert "In force" in (await download(f"{public}/badges/{old.award_id}", accept="text/html")).decode()


async def test_the_same_correction_again_answers_the_same_and_another_is_refused(
    issuer: Caller, issuer_pool: Pool
) -> None:
    organization, achievement = await issuer.begin()
    award_id, correction_id = uuid4(), uuid4()
    await issuer.put_award(organization, award_id, award_request(achievement))
    first = await issuer.correct(organization, award_id, correction_id, credit_minutes=60)
    again = await issuer.correct(organization, award_id, correction_id, credit_minutes=60)
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    other = await issuer.correct(organization, award_id, correction_id, credit_minutes=61)
    assert (other.status, other.body["type"]) == (422, "/problems/award-changed")
    assert (await issuer.renew(organization, award_id, correction_id)).status == 422
    stranger, _ = await issuer.begin()
    assert (await issuer.correct(stranger, award_id, credit_minutes=1)).status == 404
    assert await series(issuer_pool, award_id) == ["first replaced", "correction stands"]
    assert first.award.change_id == correction_id


async def test_a_correction_that_changes_nothing_signs_nothing(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, request = uuid4(), award_request(achievement)
    await issuer.put_award(organization, award_id, request)
    answer = await issuer.correct(organization, award_id, holder_name=request.holder_name)
    assert (answer.status, answer.award.reason) == (200, "first")
    assert await series(issuer_pool, award_id) == ["first stands"]


async def test_twenty_at_once_make_one_correction(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, correction_id = uuid4(), uuid4()
    await issuer.put_award(organization, award_id, award_request(achievement))
    answers = await asyncio.gather(
        *(issuer.correct(organization, award_id, correction_id, credit_minutes=60) for _ in range(20))
    )
    assert [one.status for one in answers].count(201) == 1
    assert {one.status for one in answers} <= {200, 201, 409}
    assert await issuer_pool.fetchval("SELECT count(*) FROM credential WHERE award_id = $1", award_id) == 2


async def test_what_cannot_be_claimed_is_no_correction(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id = uuid4()
    await issuer.put_award(organization, award_id, award_request(achievement))
    wrongs: list[dict[str, Any]] = [{"activity_end": DAY - timedelta(days=400)}, {"activity_start": date(1, 1, 1)}]
    for wrong in wrongs:
        answer = await issuer.correct(organization, award_id, **wrong)
        assert answer.status == 422, answer
    assert await series(issuer_pool, award_id) == ["first stands"]


async def test_a_badge_is_renewed_also_after_its_end(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    old = await issue(issuer, public, valid_until=until)
    assert old.document["validUntil"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    await asyncio.sleep((until - datetime.now(UTC)).total_seconds() + 0.1)
    assert (await verdict_of(public, old.text.encode()))["state"] == "expired"
    page = (await download(f"{public}/badges/{old.award_id}", accept="text/html")).decode()
    assert "Expired" in page
    answer = await issuer.renew(old.organization, old.award_id, valid_until=LATER)
    assert (answer.status, answer.award.reason, answer.award.valid_until) == (201, "renewal", LATER)
    new = await download(f"{public}/badges/{old.award_id}.jwt")
    assert (await verdict_of(public, new))["state"] == "genuine"
    assert (await verdict_of(public, old.text.encode()))["state"] == "replaced"
    over = await issuer.renew(old.organization, old.award_id, valid_until=datetime(2026, 11, 21, tzinfo=UTC))
    assert over.status == 422
    assert await series(issuer_pool, old.award_id) == ["first replaced", "renewal stands"]


@pytest.mark.parametrize("rounds", [40, pytest.param(500, marks=pytest.mark.long)])
async def test_a_revocation_meeting_a_correction_leaves_nothing_in_force(
    issuer: Caller, issuer_pool: Pool, rounds: int
) -> None:
    organization, achievement = await issuer.begin()
    gate, awards = asyncio.Semaphore(8), [uuid4() for _ in range(rounds)]

    async def meet(award_id: UUID) -> None:
        async def revoke() -> None:
            await asyncio.sleep(random.uniform(0, 0.06))
            assert (await issuer.revoke(organization, award_id)).status == 200

        async with gate:
            await issuer.put_award(organization, award_id, award_request(achievement))
            correction_id = uuid4()
            await asyncio.gather(issuer.correct(organization, award_id, correction_id, credit_minutes=60), revoke())
            late = await issuer.correct(organization, award_id, correction_id, credit_minutes=60)
            assert (late.status, late.award.state) == (200, "revoked")

    await asyncio.gather(*(meet(one) for one in awards))
    ends = [await series(issuer_pool, one) for one in awards]
    print(sum(len(one) == 2 for one in ends), "of", rounds, "were corrected before their revocation")
    assert all("stands" not in one for end in ends for one in end)


async def test_a_killed_correction_is_taken_over_with_what_was_frozen(issuer: Caller, issuer_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    award_id, correction_id = uuid4(), uuid4()
    await issuer.put_award(organization, award_id, award_request(achievement))
    # Both reserve; only one may be under way, and whoever dies leaves the way to itself.
    await issuer_pool.execute(
        "INSERT INTO credential (id, award_id, issuer_id, reason, number, ask_id, ask_sha256, request, subject_id,"
        " status_list_id, status_index, key_id, jwt_key_id, valid_from, lease, leased_until)"
        " SELECT gen_random_uuid(), award_id, issuer_id, 'correction', 2, $2, $3, request, subject_id, status_list_id,"
        " (status_index + 1) % 131072, key_id, jwt_key_id, valid_from + interval '1 second', gen_random_uuid(),"
        " now() + interval '1 minute' FROM credential WHERE award_id = $1",
        award_id,
        correction_id,
        sha_of(credit_minutes=60),
    )
    assert (await issuer.correct(organization, award_id, credit_minutes=61)).status == 409
    assert (await issuer.correct(organization, award_id, correction_id, credit_minutes=60)).status == 409
    await issuer_pool.execute("UPDATE credential SET leased_until = now() WHERE ask_id = $1", correction_id)
    frozen = await issuer_pool.fetchrow("SELECT id, status_index FROM credential WHERE ask_id = $1", correction_id)
    assert (await issuer.correct(organization, award_id, correction_id, credit_minutes=60)).status == 201
    after = await issuer_pool.fetchrow("SELECT id, status_index FROM credential WHERE ask_id = $1", correction_id)
    assert after == frozen
    assert (await issuer.correct(organization, award_id, credit_minutes=62)).status == 201


def sha_of(**changed: Any) -> str:
    return sha256(canonical(Correction(corrected_at=datetime(2026, 11, 20, tzinfo=UTC), **changed)))


async def test_the_same_badge_is_signed_anew_for_an_untrusted_key(
    issuer: Caller, public: str, issuer_pool: Pool
) -> None:
    old = await issue(issuer, public)
    custody = Custody(key_encryption_key(issuer.key_encryption_key))
    desk = Desk(pool=issuer_pool, signer=Signer(custody, Templates()), public_url=public, clock=system_clock)
    ask = uuid4()
    first = await changing.sign_anew(desk, old.organization, old.award_id, ask)
    again = await changing.sign_anew(desk, old.organization, old.award_id, ask)
    assert (first.is_new, again.is_new, again.answer) == (True, False, first.answer)
    new = json.loads(await download(f"{public}/badges/{old.award_id}.json"))
    assert new["credentialSubject"] == old.document["credentialSubject"]
    statement = json.loads(await download(f"{old.document['id']}/replacement"))
    assert statement["credentialSubject"]["description"] == "What changed: the key that signed it."


async def test_erasing_takes_the_whole_series(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    names = [f"Canary {uuid4().hex}" for _ in range(2)]
    old = await issue(issuer, public, holder_name=names[0])
    await issuer.correct(old.organization, old.award_id, holder_name=names[1])
    assert len(await traces(issuer_pool, names[0])) == 3
    assert (await issuer.erase(old.organization, old.award_id)).status == 200
    assert [await traces(issuer_pool, one) for one in names] == [[], []]
    for path in ("", ".json", "/replacement"):
        assert (await answer_at(f"{old.document['id']}{path}"))[0] == 410


async def test_a_revocation_keeps_its_note_to_itself(issuer: Caller, public: str, issuer_pool: Pool) -> None:
    old = await issue(issuer, public)
    body = {
        "reason": "Hours were counted twice",
        "revoked_at": "2026-11-20T00:00:00Z",
        "category": "issued-in-error",
        "note": "Told by the instructor.",
    }
    token = issuer.token("awards.revoke", old.organization)
    answer = await issuer.call("PUT", f"/awards/{old.award_id}/revocation", token, body)
    assert answer.status == 200
    assert answer.body["revocation"] == {name: body[name] for name in ("reason", "revoked_at", "category")}
    note = await issuer_pool.fetchval("SELECT note FROM revocation_note WHERE award_id = $1", old.award_id)
    assert note == "Told by the instructor."
    async with aiohttp.ClientSession() as http, http.get(f"{public}/badges/{old.award_id}") as page:
        assert "instructor" not in await page.text()
    await issuer.erase(old.organization, old.award_id)
    assert await issuer_pool.fetchval("SELECT count(*) FROM revocation_note WHERE award_id = $1", old.award_id) == 0


async def test_the_file_says_where_the_current_badge_is_had(issuer: Caller, public: str) -> None:
    old = await issue(issuer, public)
    service = old.document["refreshService"]
    assert service == {"id": f"{old.document['id']}/refresh", "type": "1EdTechCredentialRefresh"}
    assert await download(service["id"]) == old.text.encode()
    answer = await Wallet().copy(issuer, old.organization, old.award_id, now=datetime.now(UTC))
    copy = json.loads(await download(f"{answer.body['credential_url']}.json"))
    assert (
        await download(copy["refreshService"]["id"])
        == json.dumps(copy, separators=(",", ":"), ensure_ascii=False).encode()
    )
    await issuer.correct(old.organization, old.award_id, credit_minutes=60)
    current = await download(f"{public}/badges/{old.award_id}.json")
    assert current != old.text.encode()
    # The copy was replaced too, and there is no newer one for its wallet.
    for one in (service["id"], copy["refreshService"]["id"]):
        assert await download(one) == current
    assert await download(service["id"], accept="application/vc+jwt") == await download(
        f"{public}/badges/{old.award_id}.jwt"
    )
    await issuer.show(old.organization, old.award_id, "withdrawn", 1)
    assert (await answer_at(service["id"]))[0] == 404
    await issuer.erase(old.organization, old.award_id)
    assert (await answer_at(service["id"]))[0] == 410
