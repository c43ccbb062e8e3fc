"""Every cell of the table of an award's life, as written here once more, and as the issuer answers over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest

from deploy.local.postgres import Cluster
from services.credentials.awards import life
from services.credentials.awards.life import Event, Refusal, State
from services.credentials.awards.store import award
from shared.postgres import Pool, create_pool
from tests.credentials.callers import Answer, Caller, award_request
from tests.credentials.wallets import Wallet

EVENTS: tuple[Event, ...] = get_args(Event)
#: In the order of EVENTS: award, correct, renew, re-sign, copy, sign, revoke, show, erase.
EXPECTED = """
absent             | pending   | unknown        | unknown        | unknown        | unknown        | unknown   | revoked            | unknown   | erased
pending            | pending   | not issued yet | not issued yet | not issued yet | not issued yet | issued    | revoked            | pending   | erased
issued             | issued    | changing       | changing       | changing       | issued         | issued    | revoked            | issued    | erased
changing           | changing  | in progress    | in progress    | in progress    | in progress    | issued    | revoked            | changing  | erased
expired            | expired   | is expired     | changing       | is expired     | is expired     | expired   | revoked            | expired   | erased
revoked            | revoked   | revoked        | revoked        | revoked        | is revoked     | revoked   | revoked            | revoked   | erased and revoked
erased             | is erased | is erased      | is erased      | is erased      | is erased      | is erased | erased and revoked | is erased | erased
erased and revoked | is erased | is erased      | is erased      | is erased      | is erased      | is erased | erased and revoked | is erased | erased and revoked
"""  # noqa: E501  # a table is read by its columns
ANSWERS: dict[str, tuple[int, str]] = {
    "unknown": (404, "/problems/not-found"),
    "not issued yet": (409, "/problems/award-not-issued"),
    "in progress": (409, "/problems/award-in-progress"),
    "is expired": (409, "/problems/award-expired"),
    "is revoked": (409, "/problems/award-revoked"),
    "is erased": (410, "/problems/award-erased"),
}
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def expected() -> dict[State, dict[Event, State | Refusal]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in EXPECTED.strip().splitlines()]
    return {line[0]: dict(zip(EVENTS, line[1:], strict=True)) for line in lines}  # type: ignore[arg-type,misc]  # as compared


def test_the_table_is_whole_and_says_what_was_decided() -> None:
    assert tuple(life.TABLE) == get_args(State)
    assert expected() == life.TABLE


def test_revoked_and_erased_are_final() -> None:
    for event in EVENTS:
        assert life.TABLE["revoked"][event] in ("revoked", "erased and revoked", "is revoked")
        assert life.TABLE["erased"][event] in ("erased", "erased and revoked", "is erased")
        assert life.TABLE["erased and revoked"][event] in ("erased and revoked", "is erased")


class Scene:
    """One award, brought into a state and asked one thing."""

    def __init__(self, issuer: Caller, pool: Pool, organization: UUID, achievement: UUID) -> None:
        self.issuer, self.pool, self.organization = issuer, pool, organization
        self.award_id, self.request = uuid4(), award_request(achievement)

    async def begin(self, state: State) -> None:
        issuer, organization = self.issuer, self.organization
        if state == "absent":
            return
        if state == "erased and revoked":
            await issuer.revoke(organization, self.award_id)
        assert (await issuer.put_award(organization, self.award_id, self.request)).status in (200, 201)
        match state:
            case "pending":
                await self.unsign("first")
            case "changing":
                assert (await issuer.correct(organization, self.award_id, credit_minutes=60)).status == 201
                await self.unsign("correction")
            case "expired":
                await self.pool.execute(
                    "UPDATE credential SET valid_from = now() - interval '2 days', valid_until = now() -"
                    " interval '1 day' WHERE award_id = $1",
                    self.award_id,
                )
            case "revoked":
                await issuer.revoke(organization, self.award_id)
            case "erased" | "erased and revoked":
                await issuer.erase(organization, self.award_id)

    async def unsign(self, reason: str) -> None:
        """As if the process had been killed between reserving and storing, and its lease still ran."""
        await self.pool.execute("DELETE FROM replacement WHERE award_id = $1", self.award_id)
        await self.pool.execute(
            "UPDATE credential SET signed_json = NULL, signed_jwt = NULL, signed_sha256 = NULL, issued_at = NULL,"
            " lease = NULL, leased_until = NULL WHERE award_id = $1 AND reason = $2",
            self.award_id,
            reason,
        )
        await self.pool.execute(
            "UPDATE credential SET revoked_at = NULL, replaced_by = NULL WHERE award_id = $1", self.award_id
        )
        if reason == "first":
            await self.pool.execute("UPDATE award SET state = 'pending' WHERE id = $1", self.award_id)

    async def state(self) -> State:
        async with self.pool.acquire() as connection:
            return life.state_of(await award(connection, self.award_id), now=datetime.now(UTC))

    async def ask(self, event: Event) -> Answer:
        issuer, organization, award_id = self.issuer, self.organization, self.award_id
        match event:
            case "award":
                return await issuer.put_award(organization, award_id, self.request)
            case "correct":
                return await issuer.correct(organization, award_id, credit_minutes=120)
            case "renew":
                return await issuer.renew(organization, award_id, valid_until=NOW + timedelta(days=9000))
            case "copy":
                return await Wallet().copy(issuer, organization, award_id, now=datetime.now(UTC))
            case "revoke":
                return await issuer.revoke(organization, award_id)
            case "show":
                return await issuer.show(organization, award_id, "published", 1)
            case "erase":
                return await issuer.erase(organization, award_id)
            case _:
                raise AssertionError(event)


#: What an answer leads to at once where nothing stands between reserving and storing.
SIGNED_AT_ONCE: dict[str, str] = {"pending": "issued", "changing": "issued"}


@pytest.fixture
async def owner_pool(migrated: Cluster) -> AsyncIterator[Pool]:
    """Connections as the owner, who may take back what no role may."""
    pool = await create_pool(migrated.dsn("credentials", "credentials_owner"), connections=8, name="tests")
    yield pool
    pool.terminate()


async def test_every_cell_is_what_the_issuer_does(issuer: Caller, owner_pool: Pool) -> None:
    organization, achievement = await issuer.begin()
    gate, seen = asyncio.Semaphore(6), 0

    async def cell(state: State, event: Event, wanted: State | Refusal) -> None:
        nonlocal seen
        async with gate:
            scene = Scene(issuer, owner_pool, organization, achievement)
            await scene.begin(state)
            assert await scene.state() == state
            answer = await scene.ask(event)
            if wanted in ANSWERS:
                assert (answer.status, answer.body["type"]) == ANSWERS[wanted], (state, event, answer)
                assert await scene.state() == state, (state, event)
            else:
                assert answer.status in (200, 201), (state, event, answer)
                is_signed = event in ("award", "correct", "renew")
                after = SIGNED_AT_ONCE.get(wanted, wanted) if is_signed and state != "changing" else wanted
                assert await scene.state() == after, (state, event)
            seen += 1

    asked = [event for event in EVENTS if event not in ("sign", "re-sign")]
    await asyncio.gather(*(cell(state, event, expected()[state][event]) for state in life.TABLE for event in asked))
    assert seen == 8 * 7


@pytest.mark.parametrize("state", get_args(State))
def test_a_refusal_is_an_error_and_a_state_is_a_state(state: State) -> None:
    for event in EVENTS:
        wanted = expected()[state][event]
        if wanted in ANSWERS:
            with pytest.raises(Exception, match=r"^$"):
                life.after(state, event)
        else:
            assert life.after(state, event) == wanted
