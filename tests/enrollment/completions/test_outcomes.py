"""What becomes of an award: issued and revoked by a real issuer, and told back to enrollment exactly as it is."""

import asyncio
from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from deploy.local.stack import Stack
from shared import contracts
from shared.clock import system_clock
from shared.contracts import AwardAnswer, Revocation
from shared.transparency import checkpoint
from tests.builders import Built, build
from tests.running_stack import bearer, connected, decide, settled, staff_browser


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of real processes."""
    with Stack.temporary() as running:
        yield running


@pytest.fixture
async def built(stack: Stack) -> Built:
    """A cohort of one who meets the policy."""
    async with connected(stack) as connection:
        return await build(connection, people=1)


async def award_id_of(stack: Stack, built: Built) -> UUID:
    """Decide, and say which award that asked for."""
    status, answer = await decide(stack, built)
    assert status == 200, answer
    return UUID(answer["standings"][0]["award_id"])


async def award_of(stack: Stack, built: Built, award_id: UUID) -> dict[str, Any]:
    async with staff_browser(stack, built) as http, http.get(f"/api/awards/{award_id}") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def revoke(stack: Stack, built: Built, award_id: UUID, reason: str) -> dict[str, Any]:
    path = f"/api/awards/{award_id}/revocation"
    async with staff_browser(stack, built) as http, http.put(path, json={"reason": reason}) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def verdict(stack: Stack, award_id: UUID) -> str:
    """The state that the public role's verification finds for the award's badge."""
    async with aiohttp.ClientSession(stack.url("public")) as http:
        async with http.get(f"/badges/{award_id}.json") as answer:
            assert answer.status == 200
            badge = await answer.read()
        async with http.post("/verify", data=badge, headers={"Accept": "application/json"}) as answer:
            assert answer.status == 200
            state: str = (await answer.json())["state"]
            return state


async def kinds(stack: Stack, built: Built) -> list[str]:
    """The types of the organization's events, in order."""
    async with connected(stack) as connection:
        rows = await connection.fetch(
            "SELECT type FROM event WHERE organization_id = $1 ORDER BY position", built.organization_id
        )
        return [row["type"] for row in rows]


async def test_a_decision_becomes_a_badge_that_verifies_until_it_is_revoked(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    award = await award_of(stack, built, award_id)
    assert (award["state"], award["badge_url"]) == ("issued", f"{stack.url('public')}/badges/{award_id}")
    assert await verdict(stack, award_id) == "genuine"

    await revoke(stack, built, award_id, "Awarded by mistake")
    await settled(stack)
    after = await award_of(stack, built, award_id)
    assert (after["state"], after["revocation_reason"]) == ("revoked", "Awarded by mistake")
    assert after["revision"] > award["revision"]
    assert await verdict(stack, award_id) == "revoked"
    assert await kinds(stack, built) == ["completion.completed", "badge.issued", "badge.revoked"]


async def test_revoking_again_changes_nothing_and_the_first_reason_stays(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    await revoke(stack, built, award_id, "The first reason")
    await settled(stack)
    before = await award_of(stack, built, award_id)
    assert await revoke(stack, built, award_id, "Another reason") == before
    await settled(stack)
    assert await award_of(stack, built, award_id) == before
    assert (await kinds(stack, built)).count("badge.revoked") == 1


async def test_what_is_revoked_before_the_issuer_knows_it_is_never_genuine(stack: Stack, built: Built) -> None:
    await asyncio.to_thread(stack.kill, "issuer")
    try:
        award_id = await award_id_of(stack, built)
        asked = await revoke(stack, built, award_id, "Too early")
        assert (asked["state"], asked["revocation_reason"]) == ("requested", "Too early")
    finally:
        await asyncio.to_thread(stack.restart, "issuer")
    await settled(stack, seconds=120)
    assert (await award_of(stack, built, award_id))["state"] == "revoked"
    async with aiohttp.ClientSession(stack.url("public")) as http, http.get(f"/badges/{award_id}.json") as answer:
        is_signed = answer.status == 200
    # Which of the two requests came first is the network's affair; genuine it is in neither case.
    assert not is_signed or await verdict(stack, award_id) == "revoked"


async def tell(
    stack: Stack,
    organization_id: UUID,
    outcome: AwardAnswer,
    *,
    scope: str = contracts.OUTCOMES_WRITE,
    of: Literal["enrollment", "issuer"] = "issuer",
    award_id: UUID | None = None,
) -> tuple[int, Any]:
    """Say what became of an award, as the issuer role does; the answer's status and JSON."""
    url = f"{stack.url('enrollment')}/awards/{award_id or outcome.award_id}/outcome"
    headers = {**bearer(stack, scope, organization_id, of=of), "Content-Type": "application/json"}
    body = msgspec.json.encode(outcome)
    async with aiohttp.ClientSession() as http, http.put(url, data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def outcome_of(stack: Stack, built: Built, award_id: UUID, **changed: Any) -> AwardAnswer:
    """What the issuer would say of an issued award, with changes."""
    found = await award_of(stack, built, award_id)
    outcome = AwardAnswer(
        award_id=award_id,
        revision=found["revision"],
        state="issued",
        request_sha256=None,
        credential_id=uuid4(),
        badge_url="https://badges.example/another",
        issued_at=system_clock(),
        signed_sha256=None,
        revocation=None,
    )
    return msgspec.structs.replace(outcome, **changed)


async def test_an_outcome_that_is_not_newer_is_ignored(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    await revoke(stack, built, award_id, "Awarded by mistake")
    await settled(stack)
    before, told = await award_of(stack, built, award_id), await kinds(stack, built)
    assert before["revision"] >= 2
    for revision in range(before["revision"] + 1):
        status, answer = await tell(
            stack, built.organization_id, await outcome_of(stack, built, award_id, revision=revision)
        )
        assert (status, answer) == (200, before)
    await settled(stack)
    assert await award_of(stack, built, award_id) == before
    assert await kinds(stack, built) == told


async def test_a_newer_outcome_is_taken_once(stack: Stack, built: Built) -> None:
    """The control: it is the revision that kept the others out."""
    award_id = await award_id_of(stack, built)
    await settled(stack)
    revocation = Revocation(reason="The issuer's own", revoked_at=system_clock())
    revision = (await award_of(stack, built, award_id))["revision"] + 1
    newer = await outcome_of(stack, built, award_id, revision=revision, state="revoked", revocation=revocation)
    answers = await asyncio.gather(*(tell(stack, built.organization_id, newer) for _ in range(6)))
    assert {(status, answer["state"], answer["revision"]) for status, answer in answers} == {(200, "revoked", revision)}
    await settled(stack)
    assert (await kinds(stack, built)).count("badge.revoked") == 1


async def test_only_whole_outcomes_with_the_organizations_own_token_are_taken(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    before = await award_of(stack, built, award_id)
    async with connected(stack) as connection:
        other = await build(connection, people=1)
    newer = await outcome_of(stack, built, award_id, revision=99)
    assert (await tell(stack, other.organization_id, newer))[0] == 404
    assert (await tell(stack, built.organization_id, newer, scope=contracts.AWARDS_WRITE))[0] == 403
    assert (await tell(stack, built.organization_id, newer, scope=contracts.EVENTS_READ, of="enrollment"))[0] == 403
    assert (await tell(stack, built.organization_id, newer, award_id=uuid4()))[0] == 400
    nameless = msgspec.structs.replace(newer, credential_id=None)
    assert (await tell(stack, built.organization_id, nameless))[0] == 400
    url = f"{stack.url('enrollment')}/awards/{award_id}/outcome"
    async with staff_browser(stack, built) as http, http.put(url, json={}) as answer:
        assert answer.status == 401, "staff decide; what became of it only the issuer says"
    assert await award_of(stack, built, award_id) == before


async def completion_page(stack: Stack, built: Built, *, until: str) -> str:
    """The page of the cohort's completion, once it says so."""
    async with asyncio.timeout(60), staff_browser(stack, built) as http:
        while True:
            async with http.get(f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion") as answer:
                html = await answer.text()
            if until in html:
                return html
            await asyncio.sleep(0.1)


async def ask_again(stack: Stack, built: Built) -> str:
    path = f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion/{built.enrollment_ids[0]}/again"
    async with staff_browser(stack, built) as http, http.post(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def name(stack: Stack, built: Built, text: str) -> None:
    async with connected(stack) as connection:
        await connection.execute(
            "UPDATE person SET name = $2 WHERE id = (SELECT person_id FROM enrollment WHERE id = $1)",
            built.enrollment_ids[0], text,
        )  # fmt: skip


async def test_a_refused_badge_says_why_and_is_signed_once_it_is_mended(stack: Stack, built: Built) -> None:
    await name(stack, built, "Test User")
    award_id = await award_id_of(stack, built)
    html = await completion_page(stack, built, until="Not signed yet")
    assert "The name is a placeholder, such as Test User. Correct the person&#39;s name." in html
    # Nothing was mended: refused again, for the same reason.
    assert "The badge was asked for again" in await ask_again(stack, built)
    await completion_page(stack, built, until="Not signed yet")

    await name(stack, built, "Zoë Lim")
    assert "The badge was asked for again" in await ask_again(stack, built)
    await settled(stack)
    assert (await award_of(stack, built, award_id))["state"] == "issued"
    assert await verdict(stack, award_id) == "genuine"
    assert "Not signed yet" not in await completion_page(stack, built, until="Issued")
    async with aiohttp.ClientSession(stack.url("public")) as http, http.get(f"/badges/{award_id}.json") as answer:
        assert "Zoë Lim" in await answer.text()
    # Where nothing is refused, nothing is asked for.
    assert "asked for again" not in await ask_again(stack, built)
    assert (await kinds(stack, built)).count("badge.issued") == 1


async def test_a_correction_takes_one_call_and_the_old_file_names_the_new_badge(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    async with aiohttp.ClientSession(stack.url("public")) as http:
        async with http.get(f"/badges/{award_id}.json") as answer:
            old = await answer.read()
        path = f"/api/awards/{award_id}/corrections/{uuid4()}"
        async with staff_browser(stack, built) as staff, staff.put(path, json={"holder_name": "Zoë"}) as asked:
            assert asked.status == 200
        await settled(stack)
        async with http.post("/verify", data=old, headers={"Accept": "application/json"}) as answer:
            found = await answer.json()
        async with http.get(f"/badges/{award_id}.json") as answer:
            new = await answer.json(content_type=None)
    assert found["state"] == "replaced"
    assert f"{stack.url('public')}/badges/{award_id}" in found["sentence"]
    assert new["credentialSubject"]["identifier"][0]["identityHash"] == "Zoë"
    assert await verdict(stack, award_id) == "genuine"
    assert await kinds(stack, built) == ["completion.completed", "badge.issued", "badge.corrected"]
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert str(award_id) not in done.stdout


async def correct(stack: Stack, built: Built, award_id: UUID, **wish: Any) -> None:
    path = f"/api/awards/{award_id}/corrections/{uuid4()}"
    async with staff_browser(stack, built) as staff, staff.put(path, json=wish) as asked:
        assert asked.status == 200, await asked.text()


async def badge_page(stack: Stack, built: Built) -> str:
    path = f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion/{built.enrollment_ids[0]}/badge"
    async with staff_browser(stack, built) as http, http.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_correction_that_the_issuer_refuses_ends_and_says_why(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    await correct(stack, built, award_id, holder_name="Test User", credit_minutes=150)
    await settled(stack)
    html = await badge_page(stack, built)
    assert "The last change was not made" in html
    assert "The name is a placeholder, such as Test User." in html
    assert "A change is being signed" not in html
    assert 'value="Test User"' not in html, "the form begins with what the badge says"
    async with connected(stack) as connection:
        minutes = await connection.fetchval(
            "SELECT credit_minutes FROM completion WHERE enrollment_id = $1", built.enrollment_ids[0]
        )
    assert minutes == 180, "the record of the hours goes with the badge"

    await correct(stack, built, award_id, holder_name="Zoë")
    await settled(stack)
    html = await badge_page(stack, built)
    assert "The last change was not made" not in html
    assert 'value="Zoë"' in html
    assert await verdict(stack, award_id) == "genuine"
    assert (await kinds(stack, built)).count("badge.corrected") == 1


HEADS = "SELECT size, root, checkpoint, checked_at FROM log_head WHERE organization_id = $1 ORDER BY size"


async def checked(stack: Stack, built: Built) -> list[Any]:
    """The heads that are kept, once all of them were compared or an alarm was raised."""
    async with asyncio.timeout(30), connected(stack) as connection:
        while True:
            rows = await connection.fetch(HEADS, built.organization_id)
            if rows and all(row["checked_at"] for row in rows):
                return list(rows)
            await asyncio.sleep(0.2)


async def alarm(stack: Stack, built: Built) -> tuple[str | None, str]:
    """The kind of the alarm, and the overview as staff see it."""
    async with connected(stack) as connection:
        kind = await connection.fetchval("SELECT kind FROM log_alarm WHERE organization_id = $1", built.organization_id)
    async with staff_browser(stack, built) as http, http.get(f"/{built.slug}/staff") as answer:
        assert answer.status == 200
        return kind, await answer.text()


async def test_each_outcome_brings_a_head_of_the_log_that_covers_the_badge(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=3)
    for number, one in enumerate(built.enrollment_ids, start=1):
        await decide(stack, built, completed=[one])
        await settled(stack)
        [head] = await checked(stack, built)
        assert head["size"] == number, "the newest is kept, and it has the badge that was told"
    found = checkpoint.read(head["checkpoint"]).head
    assert found.origin == f"{stack.url('public').removeprefix('http://')}/issuers/{built.organization_id}/log"
    kind, page = await alarm(stack, built)
    assert kind is None
    assert "contradicts itself" not in page


@pytest.mark.parametrize("kind", ["rewritten", "cut"])
async def test_a_log_that_contradicts_what_it_told_before_is_seen_by_staff(stack: Stack, kind: str) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=2)
        await decide(stack, built, completed=built.enrollment_ids[:1])
        await settled(stack)
        await checked(stack, built)
        # As if the log had shown us another tree, or a longer one, than it has now.
        if kind == "rewritten":
            sql = "UPDATE log_head SET root = sha256('another') WHERE organization_id = $1"
        else:
            sql = "UPDATE log_head SET size = size + 100 WHERE organization_id = $1"
        await connection.execute(sql, built.organization_id)
        await decide(stack, built, completed=built.enrollment_ids[1:])
        await settled(stack)
        await checked(stack, built)
    found, page = await alarm(stack, built)
    assert found == kind
    assert "The log of signed badges contradicts itself" in page
    log = stack.folder / "logs" / "enrollment-worker.log"
    assert "contradicts what it signed before" in await asyncio.to_thread(log.read_text)


async def test_a_head_that_its_key_did_not_sign_is_not_kept(stack: Stack, built: Built) -> None:
    award_id = await award_id_of(stack, built)
    await settled(stack)
    before = await checked(stack, built)
    note = before[0]["checkpoint"].replace("\n1\n", "\n2\n")
    key = checkpoint.VerifierKey(checkpoint.read(note).head.origin, bytes(range(32))).text
    told = await outcome_of(stack, built, award_id, log=contracts.LogState(checkpoint=note, key=key))
    assert (await tell(stack, built.organization_id, told))[0] == 200
    junk = msgspec.structs.replace(told, log=contracts.LogState(checkpoint="x", key="y"))
    assert (await tell(stack, built.organization_id, junk))[0] == 200
    assert await checked(stack, built) == before
