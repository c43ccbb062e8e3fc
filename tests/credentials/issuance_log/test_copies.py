"""What is shown is copied first, so that a database restored to an earlier moment gets back every leaf at its place."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.credentials.issuance_log import copies, store
from services.credentials.issuance_log.actions import LogKeeper, append, make_whole, run_sequencer, show_head
from services.credentials.issuance_log.model import LogForkedError
from shared.postgres import Pool
from tests.credentials.callers import Caller
from tests.credentials.issuance_log.conftest import enqueue, logged, settle
from tests.credentials.issuance_log.test_sequencing import check, quiet


class Folder:
    """Copies by name; one that is there is never written over."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.is_full = False

    async def keep(self, name: str, content: bytes) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        assert self.files.setdefault(name, content) == content

    def of(self, issuer_id: UUID) -> list[bytes]:
        return [content for name, content in self.files.items() if copies.issuer_of(name) == issuer_id]


@pytest.fixture
def folder() -> Folder:
    """Where copies are kept."""
    return Folder()


async def test_nothing_is_shown_that_was_not_copied(
    keeper: LogKeeper, issuer_pool: Pool, organization: UUID, folder: Folder
) -> None:
    copying = msgspec.structs.replace(keeper, publish=folder.keep)
    await enqueue(issuer_pool, organization, 3)
    await settle(copying, organization)
    await enqueue(issuer_pool, organization, 2)
    await append(copying, organization)
    folder.is_full = True
    with pytest.raises(OSError, match="No space"):
        await show_head(copying, organization)
    shown = "SELECT shown_size FROM issuance_log WHERE issuer_id = $1"
    assert await issuer_pool.fetchval(shown, organization) == 3
    folder.is_full = False
    assert await show_head(copying, organization)
    assert [name.rpartition("/")[2] for name in folder.files] == [
        f"{start:018}-{end:018}.json" for start, end in ((0, 3), (3, 5))
    ]
    found = copies.together(folder.of(organization))
    assert found is not None
    assert found.leaves == dict(enumerate(await logged(issuer_pool, organization)))


async def test_a_log_that_cannot_be_copied_stops_no_other(
    issuer: Caller, keeper: LogKeeper, issuer_pool: Pool, organization: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    other, _ = await issuer.begin()

    async def keep(name: str, content: bytes) -> None:
        if copies.issuer_of(name) == organization:
            raise OSError(28, "No space left on device")

    hashes = {one: await enqueue(issuer_pool, one, 2) for one in (organization, other)}
    task = asyncio.create_task(run_sequencer(msgspec.structs.replace(keeper, publish=keep)))
    try:
        await quiet(issuer_pool, other)
        async with asyncio.timeout(10):
            while sorted(await logged(issuer_pool, organization)) != sorted(hashes[organization]):
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await store.head(issuer_pool, organization) is None
    assert [one.message for one in caplog.records].count("an issuance log stands still") == 1
    await settle(keeper, organization)
    await check(issuer_pool, organization, hashes[organization])


async def forget(cluster: Cluster, organization: UUID) -> None:
    """As a database is that was restored to before there was anything in the log: only its owner can do this."""
    owner = await asyncpg.connect(cluster.dsn("credentials", "credentials_owner"))
    for table in ("log_head", "log_node", "log_leaf", "issuance_log"):
        await owner.execute(f"DELETE FROM {table} WHERE issuer_id = $1", organization)
    await owner.close()


async def test_a_restored_log_goes_on_where_the_shown_one_ended(
    keeper: LogKeeper, migrated: Cluster, issuer_pool: Pool, organization: UUID, folder: Folder
) -> None:
    copying = msgspec.structs.replace(keeper, publish=folder.keep)
    for number in (4, 3, 5):
        await enqueue(issuer_pool, organization, number)
        await settle(copying, organization)
    before = await logged(issuer_pool, organization)
    head = await store.head(issuer_pool, organization)
    await forget(migrated, organization)
    # The database knows some of it, and one that waited when the backup was made: it gets no second place.
    assert await make_whole(keeper, organization, folder.of(organization)[:1]) == 4
    await issuer_pool.execute(
        "INSERT INTO log_waiting VALUES ($1, $2, $3, now() - interval '1 day')", organization, uuid4(), before[5]
    )
    for expected in (8, 0):
        assert await make_whole(keeper, organization, folder.of(organization)[::-1]) == expected
    assert await show_head(keeper, organization)
    again = await store.head(issuer_pool, organization)
    assert head is not None
    assert again is not None
    assert (again.checkpoint, again.size) == (head.checkpoint, 12)
    fresh = await enqueue(issuer_pool, organization, 1)
    await settle(keeper, organization)
    assert await logged(issuer_pool, organization) == before + fresh
    await check(issuer_pool, organization, before + fresh)


async def test_copies_that_begin_later_than_the_log_do_for_what_the_database_lacks(
    keeper: LogKeeper, migrated: Cluster, issuer_pool: Pool, organization: UUID, folder: Folder
) -> None:
    copying = msgspec.structs.replace(keeper, publish=folder.keep)
    for number in (3, 2):
        await enqueue(issuer_pool, organization, number)
        await settle(copying, organization)
    [first, second] = folder.of(organization)
    before = await logged(issuer_pool, organization)
    assert await make_whole(keeper, organization, [second]) == 0
    await forget(migrated, organization)
    with pytest.raises(LogForkedError):
        await make_whole(keeper, organization, [second])
    assert await make_whole(keeper, organization, [first]) == 3
    assert await make_whole(keeper, organization, [second]) == 2
    assert await logged(issuer_pool, organization) == before


def other_leaf(content: bytes) -> bytes:
    return content.replace(content[content.index(b'["') + 2 :][:64], b"0" * 64)


@pytest.mark.parametrize(
    ("tamper", "position"),
    [
        (lambda found: [found[0], other_leaf(found[1])], 3),
        (lambda found: [other_leaf(found[0]), *found], 0),
    ],
)
async def test_copies_that_contradict_the_log_or_each_other_change_nothing(
    keeper: LogKeeper,
    issuer_pool: Pool,
    organization: UUID,
    folder: Folder,
    tamper: Callable[[list[bytes]], list[bytes]],
    position: int,
) -> None:
    copying = msgspec.structs.replace(keeper, publish=folder.keep)
    for number in (3, 2):
        await enqueue(issuer_pool, organization, number)
        await settle(copying, organization)
    before = await logged(issuer_pool, organization)
    with pytest.raises(LogForkedError) as refused:
        await make_whole(keeper, organization, tamper(folder.of(organization)))
    assert refused.value.position == position
    assert await logged(issuer_pool, organization) == before
