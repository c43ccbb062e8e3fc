"""A restored backup takes no revocation back and gives no index twice: it learns from what was published since."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.credentials.issuer import restoring
from services.credentials.issuer.house import open_house
from services.credentials.settings import IssuerSettings
from services.credentials.status_lists.model import decode, is_set
from shared.contracts import AwardRequest
from shared.migrate import migrate
from shared.postgres import Pool, create_pool
from shared.settings import SettingsError
from shared.tokens import ServiceKey
from tests.conftest import MIGRATIONS
from tests.credentials.callers import Answer, Caller, award_request
from tests.credentials.conftest import issuer_settings, issuing

OWNER = "credentials_owner"
PLACES = """
SELECT award_id, status_list_id, status_index FROM credential WHERE issuer_id = $1 AND issued_at IS NOT NULL
"""


class Stage(msgspec.Struct, frozen=True):
    """An issuer over a database of its own, which can be copied."""

    cluster: Cluster
    settings: IssuerSettings
    key: ServiceKey
    database: str

    def over(self, database: str) -> IssuerSettings:
        """The same issuer over another database."""
        return msgspec.structs.replace(self.settings, database_url=self.cluster.dsn(database, "issuer"))

    async def copy(self) -> str:
        """A backup of the database as it is now."""
        name = f"backup-{uuid4().hex[:12]}"
        await asyncio.to_thread(self.cluster.copy_database, name, of=self.database, owner=OWNER)
        return name

    @asynccontextmanager
    async def pool(self, database: str) -> AsyncIterator[Pool]:
        """Connections to one of the databases."""
        pool = await create_pool(self.cluster.dsn(database, "issuer"), connections=4, name="tests")
        try:
            yield pool
        finally:
            pool.terminate()


@pytest.fixture
async def stage(migrated: Cluster, enrollment_key: tuple[ServiceKey, str], tmp_path: Path) -> Stage:
    """An empty database and an empty folder."""
    key, url = enrollment_key
    name = f"restored-{uuid4().hex[:12]}"
    await asyncio.to_thread(migrated.create_database, name, owner=OWNER)
    await migrate(migrated.dsn(name, OWNER), MIGRATIONS["credentials"])
    folder = str(tmp_path / "published")
    settings = issuer_settings(tmp_path, migrated.dsn(name, "issuer"), enrollment_url=url, published_folder=folder)
    return Stage(migrated, settings, key, name)


async def places(pool: Pool, organization: UUID) -> dict[tuple[UUID, int], UUID]:
    """Every place that was given, and to which award."""
    rows = await pool.fetch(PLACES, organization)
    return {(row["status_list_id"], row["status_index"]): row["award_id"] for row in rows}


async def unset(pool: Pool, wanted: set[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    """The places whose bit the list as served does not have set."""
    found = {}
    for row in await pool.fetch("SELECT id, signed_json FROM status_list"):
        if row["signed_json"] is not None:
            found[row["id"]] = decode(json.loads(row["signed_json"])["credentialSubject"]["encodedList"])
    return [(one, index) for one, index in wanted if one not in found or not is_set(found[one], index)]


class Year:
    """What happens after the backup: revocations before, during and after issue, a correction, and more awards."""

    def __init__(self, organization: UUID, achievement: UUID, each: int) -> None:
        self.organization = organization
        self.requests: dict[UUID, AwardRequest] = {uuid4(): award_request(achievement) for _ in range(4 * each)}
        ids = list(self.requests)
        self.before, self.during, self.after, self.kept = (ids[at * each : (at + 1) * each] for at in range(4))

    @property
    def revoked(self) -> list[UUID]:
        """Every award that was revoked."""
        return [*self.before, *self.during, *self.after]

    async def live(self, issuer: Caller) -> None:
        """All of it, interleaved."""
        gate = asyncio.Semaphore(10)

        async def one(award_id: UUID) -> None:
            async with gate:
                put = issuer.put_award(self.organization, award_id, self.requests[award_id])
                revoke = issuer.revoke(self.organization, award_id)
                if award_id in self.during:
                    await asyncio.gather(put, after_a_while(revoke))
                    return
                for step in (revoke, put) if award_id in self.before else (put, revoke):
                    if step is revoke and award_id in self.kept:
                        revoke.close()
                        continue
                    assert (await step).status in (200, 201)

        await asyncio.gather(*(one(award_id) for award_id in zip_of(self)))


async def after_a_while(call: Awaitable[Answer]) -> None:
    await asyncio.sleep(random.uniform(0, 0.8))
    assert (await call).status == 200


def zip_of(year: Year) -> list[UUID]:
    """Its awards, one of each kind after another."""
    return [one for some in zip(year.before, year.during, year.after, year.kept, strict=True) for one in some]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("each", [50, pytest.param(500, marks=pytest.mark.long)])
async def test_no_revocation_is_taken_back_and_no_index_given_twice(stage: Stage, each: int) -> None:
    async with issuing(stage.settings, stage.key) as issuer:
        organization, achievement = await issuer.begin()
        old = {uuid4(): award_request(achievement) for _ in range(6)}
        for award_id, request in old.items():
            await issuer.put_award(organization, award_id, request)
    taken_back, corrected, erased, *_ = old
    backup = await stage.copy()
    async with issuing(stage.settings, stage.key) as issuer:
        year = Year(organization, achievement, each)
        await year.live(issuer)
        assert (await issuer.revoke(organization, taken_back)).status == 200
        assert (await issuer.correct(organization, corrected, credit_minutes=60)).status == 201
        assert (await issuer.erase(organization, erased)).status == 200
    async with stage.pool(stage.database) as pool:
        given = await places(pool, organization)
        replaced = await pool.fetchrow(
            "SELECT status_list_id, status_index FROM credential WHERE award_id = $1 AND replaced_by IS NOT NULL",
            corrected,
        )
    assert replaced is not None
    revoked = {place for place, award_id in given.items() if award_id in {*year.revoked, taken_back}}
    revoked.add((replaced["status_list_id"], replaced["status_index"]))
    print(
        f"{len(revoked)} badges were revoked after the backup, {3 * each - len(revoked) + 2} awards before their badge"
    )

    settings = stage.over(backup)
    async with stage.pool(backup) as pool:
        assert len(await unset(pool, revoked)) == len(revoked), "the backup alone takes them all back"
    await restoring.at_start(settings)
    async with stage.pool(backup) as pool, issuing(settings, stage.key) as issuer:
        assert await unset(pool, revoked) == []
        # Enrollment asks again for whatever the issuer does not know any more.
        gate = asyncio.Semaphore(10)

        async def ask(award_id: UUID) -> tuple[UUID, str]:
            async with gate:
                answer = await issuer.put_award(organization, award_id, year.requests[award_id])
                return award_id, answer.award.state

        states = dict(await asyncio.gather(*(ask(one) for one in year.requests)))
        assert {one for one, state in states.items() if state != "revoked"} == set(year.kept)
        assert (await issuer.put_award(organization, taken_back, old[taken_back])).award.state == "revoked"
        assert (await issuer.put_award(organization, erased, old[erased])).status == 410
        # The corrected one is in force no more, and can be corrected again.
        assert (await issuer.correct(organization, corrected, credit_minutes=60)).status == 201
        now = await places(pool, organization)
        fresh = {place: award_id for place, award_id in now.items() if given.get(place) != award_id}
        assert len(fresh) == each + 1
        assert not set(fresh) & set(given), "no place is given twice"
        assert await unset(pool, revoked) == []
        again = await restoring_again(settings)
        assert again is None, "what was learned is learned once"


async def restoring_again(settings: IssuerSettings) -> restoring.Report | None:
    async with open_house(settings, process="tests") as house:
        return await restoring.restored_if_behind(house)


async def test_a_database_that_is_behind_signs_nothing_and_the_command_mends_it(stage: Stage) -> None:
    async with issuing(stage.settings, stage.key) as issuer:
        organization, achievement = await issuer.begin()
        awards = [uuid4() for _ in range(3)]
        for award_id in awards[:2]:
            await issuer.put_award(organization, award_id, award_request(achievement))
    backup = await stage.copy()
    async with issuing(stage.settings, stage.key) as issuer:
        await issuer.revoke(organization, awards[0])
    settings = stage.over(backup)
    # Restored under a running process, which does not look at its start.
    async with issuing(settings, stage.key) as issuer, stage.pool(backup) as pool:
        answer = await issuer.revoke(organization, awards[1])
        assert (answer.status, answer.body["type"]) == (503, "/problems/database-behind")
        before = await pool.fetchval("SELECT id FROM status_list WHERE is_open")
        said = await asyncio.to_thread(restoring.run, settings)
        assert "1 status lists were closed" in said
        assert "1 awards are revoked again" in said
        assert (await issuer.revoke(organization, awards[1])).status == 200
        assert (await issuer.revoke(organization, awards[0])).award.state == "revoked"
        assert (await issuer.put_award(organization, awards[2], award_request(achievement))).status == 201
        assert await pool.fetchval("SELECT id FROM status_list WHERE is_open") not in (before, None)
        assert (
            await unset(pool, {place for place, one in (await places(pool, organization)).items() if one != awards[2]})
            == []
        )


async def test_a_list_that_the_backup_does_not_know_is_taken_back(stage: Stage) -> None:
    async with issuing(stage.settings, stage.key) as issuer:
        organization, achievement = await issuer.begin()
    backup = await stage.copy()
    async with issuing(stage.settings, stage.key) as issuer:
        awards = [uuid4() for _ in range(2)]
        for award_id in awards:
            await issuer.put_award(organization, award_id, award_request(achievement))
        await issuer.revoke(organization, awards[0])
    async with stage.pool(stage.database) as pool:
        given = await places(pool, organization)
    settings = stage.over(backup)
    await restoring.at_start(settings)
    async with stage.pool(backup) as pool, issuing(settings, stage.key) as issuer:
        assert await unset(pool, {place for place, one in given.items() if one == awards[0]}) == []
        assert await unset(pool, {place for place, one in given.items() if one == awards[1]}) != []
        assert (await issuer.put_award(organization, awards[1], award_request(achievement))).status == 201
        assert not set(await places(pool, organization)) & set(given)


async def test_production_does_without_no_such_folder(stage: Stage) -> None:
    bare = msgspec.structs.replace(stage.settings, published_folder="", environment="production")
    with pytest.raises(SettingsError, match="LAUREL_PUBLISHED_FOLDER is missing"):
        async with open_house(bare, process="tests"):
            pass
    with pytest.raises(SettingsError, match="names no folder"):
        await asyncio.to_thread(restoring.run, msgspec.structs.replace(bare, environment="development"))
