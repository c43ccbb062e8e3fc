"""Keys change while badges are signed with them: every badge stays what it is, and a thief's is none."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.credentials.awards.changing import sign_anew_for_lost_key
from services.credentials.issuer.house import custody_of
from services.credentials.keys import changes, store
from services.credentials.keys.model import current
from services.credentials.proofs import data_integrity, multikey
from shared.clock import system_clock
from tests.conformance import pyld_oracle
from tests.credentials.callers import award_request
from tests.credentials.keys.installation import Installation

_AT_ONCE = 8


async def award(installation: Installation, organization: UUID, achievement: UUID, number: int) -> list[UUID]:
    """So many awards, several at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one() -> UUID:
        award_id = uuid4()
        async with gate:
            answer = await installation.caller.put_award(organization, award_id, award_request(achievement))
        assert answer.status == 201, answer
        return award_id

    return list(await asyncio.gather(*(one() for _ in range(number))))


def proven_by_pyld(document: Mapping[str, Any]) -> bool:
    """Whether the signature is by the key that its method names, by another canonicalization than ours."""
    (proof,) = document["proof"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    configuration = {**options, "@context": document["@context"]}
    data = b"".join(hashlib.sha256(pyld_oracle.canonicalize(one)).digest() for one in (configuration, unsecured))
    key = multikey.decode(proof["verificationMethod"].partition("#")[2])
    key.verify(multikey.base58_decode(proof["proofValue"], longest=140), data)
    return True


async def rotate_and_lose_one(
    installation: Installation, organization: UUID, achievement: UUID, number: int
) -> tuple[list[UUID], str, int]:
    """Awards under load while keys rotate three times, the last key being lost: the awards, that key, the log by then.

    The theft is a moment with a head of the log, after which the key went on to sign.
    """
    keeper = installation.keeper(organization)
    running = asyncio.create_task(award(installation, organization, achievement, number))
    for _ in range(3):
        await asyncio.sleep(0.2)
        await changes.rotate(keeper, organization)
    lost = current(await store.keys(installation.pool, organization)).proof.id
    before = await award(installation, organization, achievement, 4)
    await installation.keep_log(organization)
    since = system_clock()
    after = await award(installation, organization, achievement, 4)
    logged = await installation.logged(organization, since)
    await changes.compromise(keeper, organization, lost, since=since, logged=logged)
    done = [*await running, *before, *after, *await award(installation, organization, achievement, 2)]
    await installation.keep_log(organization)
    return done, lost, logged.size


async def check_every_verdict(installation: Installation, number: int) -> None:
    organization, achievement = await installation.caller.begin()
    awards, lost, size = await rotate_and_lose_one(installation, organization, achievement, number)
    before = await leaves(installation, organization, size)
    files = {award_id: await installation.badge(award_id) for award_id in awards}
    kinds: dict[str, list[UUID]] = {"good": [], "counted": [], "lost": []}
    for award_id, content in files.items():
        kinds[await check_verdict(installation, content, lost, before)].append(award_id)
    print({kind: len(found) for kind, found in kinds.items()})
    assert len(kinds["counted"]) >= 4
    assert len(kinds["lost"]) >= 4
    keys = await store.keys(installation.pool, organization)
    badge_keys = [one for one in keys if one.use == "badge" and one.algorithm == "Ed25519"]
    assert sorted(one.signs for one in badge_keys) == [False] * 4 + [True]
    # The good badges among the lost are signed anew under their links, and no others; their old files stay lost.
    (key,) = [one for one in keys if one.id == lost]
    assert await sign_anew_for_lost_key(installation.desk, organization, key) == (len(kinds["lost"]), 0)
    assert await sign_anew_for_lost_key(installation.desk, organization, key) == (0, 0)
    for award_id in awards:
        content = await installation.badge(award_id)
        assert (content != files[award_id]) == (award_id in kinds["lost"])
    for award_id in kinds["lost"]:
        assert await check_verdict(installation, await installation.badge(award_id), lost, before) == "good"
        assert await check_verdict(installation, files[award_id], lost, before) == "lost"


async def leaves(installation: Installation, organization: UUID, number: int) -> set[str]:
    """The first leaves of the log."""
    found: list[str] = []
    while len(found) < number:
        page = await installation.get(f"/issuers/{organization}/log/leaves?from={len(found)}&limit=1000")
        found += page["leaves"]
    return set(found[:number])


async def check_verdict(installation: Installation, content: bytes, lost: str, before: set[str]) -> str:
    """What kind of badge it is, its verdict being right and its signature proven a second way."""
    document = json.loads(content)
    assert proven_by_pyld(document)
    verdict = await installation.verdict(content)
    codes = {one.name: one.code for one in verdict.checks}
    if document["proof"][0]["verificationMethod"].partition("#")[2] != lost:
        assert (verdict.state, codes["issuer"]) == ("genuine_issuer_unknown", "issuer_proven"), verdict
        return "good"
    if hashlib.sha256(content).hexdigest() in before:
        assert (verdict.state, codes["issuer"]) == ("genuine_issuer_unknown", "logged_before"), verdict
        return "counted"
    assert (verdict.state, codes["issuer"]) == ("not_genuine", "key_compromised"), verdict
    assert "the issuer's log did not have it before" in verdict.sentence
    return "lost"


async def test_three_rotations_and_a_loss_during_awards_leave_every_verdict_right(installation: Installation) -> None:
    await check_every_verdict(installation, 30)


@pytest.mark.long
@pytest.mark.timeout(3000)
async def test_three_rotations_and_a_loss_during_5000_awards(installation: Installation) -> None:
    await check_every_verdict(installation, 5_000)


async def test_both_forms_of_a_badge_outlive_the_rotation_of_their_keys(installation: Installation) -> None:
    organization, achievement = await installation.caller.begin()
    (award_id,) = await award(installation, organization, achievement, 1)
    await changes.rotate(installation.keeper(organization), organization)
    for ending in ("json", "jwt"):
        verdict = await installation.verdict(await installation.badge(award_id, ending))
        assert verdict.state == "genuine_issuer_unknown", (ending, verdict)


async def stolen(installation: Installation, key_id: str, document: dict[str, Any], at: str) -> bytes:
    """A badge that a thief of the key makes, dated as the thief likes."""
    held = await store.sealed_key(installation.pool, key_id)
    assert held is not None
    unsigned = {name: value for name, value in document.items() if name not in ("proof", "credentialStatus")}
    unsigned |= {"id": f"urn:uuid:{uuid4()}", "validFrom": at, "awardedDate": at}
    custody = custody_of(installation.settings)
    signed = data_integrity.create(
        unsigned,
        sign=lambda content: custody.sign_bytes(held, content),
        verification_method=document["proof"][0]["verificationMethod"],
        created=datetime.fromisoformat(at),
    )
    return json.dumps(signed).encode()


async def test_what_a_thief_dates_back_is_not_genuine_and_says_why(installation: Installation) -> None:
    now = system_clock().replace(microsecond=0)
    # The issuer has had its keys for two years, so that a date of last year lies within their life.
    organization, achievement = await installation.begin_at(now - timedelta(days=730))
    (award_id,) = await award(installation, organization, achievement, 1)
    genuine = json.loads(await installation.badge(award_id))
    key_id = genuine["proof"][0]["verificationMethod"].partition("#")[2]
    dates = [now - timedelta(days=days) for days in (0, 365, 1000)]
    today, last_year, too_old = [await stolen(installation, key_id, genuine, one.isoformat()) for one in dates]
    await installation.keep_log(organization)
    # As long as nobody knows of the theft, only a date before the key was made gives it away.
    states = [(await installation.verdict(one)).state for one in (today, last_year, too_old)]
    assert states == ["genuine_issuer_unknown", "genuine_issuer_unknown", "not_genuine"]
    since = system_clock()
    logged = await installation.logged(organization, since)
    await changes.compromise(installation.keeper(organization), organization, key_id, since=since, logged=logged)
    await installation.publish_lists(organization)
    verdict = await installation.verdict(last_year)
    assert verdict.state == "not_genuine"
    assert verdict.sentence.startswith("Its key was in strange hands since")
    assert verdict.sentence.endswith("and the issuer's log did not have it before.")
    assert (await installation.verdict(today)).sentence == verdict.sentence
    assert (await installation.verdict(too_old)).sentence.startswith("It is dated before there was the key")
    assert (await installation.verdict(await installation.badge(award_id))).state == "genuine_issuer_unknown"


async def test_a_retired_key_signs_nothing_later_that_counts(installation: Installation) -> None:
    organization, achievement = await installation.caller.begin()
    (award_id,) = await award(installation, organization, achievement, 1)
    genuine = json.loads(await installation.badge(award_id))
    key_id = genuine["proof"][0]["verificationMethod"].partition("#")[2]
    # Retired ten minutes before now, by a clock that is as much behind.
    keeper = installation.keeper(organization, clock=lambda: datetime.now(UTC) - timedelta(minutes=10))
    await changes.rotate(keeper, organization)
    late = await stolen(installation, key_id, genuine, system_clock().replace(microsecond=0).isoformat())
    verdict = await installation.verdict(late)
    assert (verdict.state, {one.code for one in verdict.checks} & {"signed_after_retirement"}) == (
        "not_genuine",
        {"signed_after_retirement"},
    )
    assert "had given up the key that signed it on" in verdict.sentence
