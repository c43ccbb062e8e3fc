"""Evidence that holds students' data: the bytes go, the decision stays, and it does not come back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.enrollment.evidence import reviewing
from services.enrollment.evidence.actions import FilePlace, submit_file
from services.enrollment.evidence.model import HOLDS_STUDENT_DATA
from services.enrollment.people.model import Viewer
from services.enrollment.worker import handlers
from shared import outbox
from shared.clock import system_clock
from shared.postgres import Pool
from shared.storage import FileLostError, Storage
from tests.enrollment.cast import Cast, Part, asked, cast, playing, told
from tests.enrollment.houses import house_at
from tests.enrollment.visitors import Served


def grades(scene: Cast) -> bytes:
    """What nobody else hands in."""
    return f"Grades of Casimir Canary, {scene.cohort_id}".encode()


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort with its cast, where nothing is handed in."""
    return await cast(enrollment_pool)


async def hand_in(
    served: Served, pool: Pool, scene: Cast, *, content: bytes | None = None, name: str = "Casimir Canary.txt"
) -> tuple[int, Any]:
    query = {"module_id": str(scene.module_ids[0]), "file_name": name, "attested": "true"}
    async with playing(served, pool, scene, "participant") as session:
        return await asked(
            session, "PUT", f"{scene.hand_in(uuid4())}/file", params=query, data=content or grades(scene)
        )


async def remove(session: aiohttp.ClientSession, identifier: str, **said: str) -> tuple[int, Any]:
    return await asked(session, "PUT", f"/api/evidence/{identifier}/removal", json=said)


def on_disk(served: Served, scene: Cast) -> bool:
    """Whether the bytes are anywhere in the storage."""
    files = [one for one in Path(served.settings.storage_folder).rglob("*") if one.is_file()]
    return any(grades(scene) in one.read_bytes() for one in files)


async def in_database(pool: Pool, scene: Cast) -> str:
    rows = await pool.fetch(
        "SELECT v::text FROM evidence v WHERE organization_id = $1 UNION ALL"
        " SELECT j::text FROM journal_entry j WHERE organization_id = $1 UNION ALL"
        " SELECT e::text FROM event e WHERE organization_id = $1 UNION ALL"
        " SELECT m::text FROM mailbox_message m WHERE organization_id = $1",
        scene.organization_id,
    )
    return "\n".join(row[0] for row in rows)


async def test_bytes_and_name_are_gone_and_the_decision_stays(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    _, sent = await hand_in(served, enrollment_pool, scene)
    assert on_disk(served, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        for _ in range(2):
            status, found = await remove(session, sent["id"])
            assert (status, found["state"], found["file"]) == (200, "returned", None)
            assert found["comment"] == HOLDS_STUDENT_DATA
        assert found["content_removed_at"] is not None
        assert not on_disk(served, scene)
        assert (await asked(session, "GET", f"/api/evidence/{sent['id']}/file"))[0] == 404
    row = await enrollment_pool.fetchrow("SELECT * FROM evidence WHERE id = $1", UUID(sent["id"]))
    assert row is not None
    assert (row["file_sha256"], row["file_size"]) == (sent["file"]["sha256"], len(grades(scene)))
    assert row["content_removed_by"] == row["reviewed_by"] == scene.people["instructor"][1]
    async with asyncio.timeout(20):
        while "Destroyed, for it held" not in (text := await in_database(enrollment_pool, scene)):
            await asyncio.sleep(0.05)
    assert "Casimir" not in text
    assert "evidence.remove" in text
    assert [kind for kind, _ in await told(enrollment_pool, scene.organization_id)] == ["evidence.returned"]


async def test_the_same_file_does_not_come_back_and_another_does(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    _, sent = await hand_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        assert (await remove(session, sent["id"], comment="Take the names out."))[0] == 200
    status, problem = await hand_in(served, enrollment_pool, scene, name="other.txt")
    assert (status, problem["errors"][0]["field"]) == (422, "file")
    assert not on_disk(served, scene)
    assert (await hand_in(served, enrollment_pool, scene, content=b"What I learned"))[0] == 200


async def test_accepted_evidence_stays_accepted_also_after_completion(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    _, sent = await hand_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        accepted = {"decision": "accepted", "comment": "Well done."}
        assert (await asked(session, "PUT", f"/api/evidence/{sent['id']}/review", json=accepted))[0] == 200
        await enrollment_pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", scene.enrollment_id)
        status, found = await remove(session, sent["id"])
        assert (status, found["state"], found["comment"], found["file"]) == (200, "accepted", "Well done.", None)
        returned = {"decision": "returned", "comment": "Again."}
        status, problem = await asked(session, "PUT", f"/api/evidence/{sent['id']}/review", json=returned)
        assert (status, problem["type"]) == (409, "/problems/evidence-removed")
    assert not on_disk(served, scene)
    assert [kind for kind, _ in await told(enrollment_pool, scene.organization_id)] == ["evidence.accepted"]


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("participant", 404),
        ("another participant", 404),
        ("another cohort's instructor", 404),
        ("another organization's administrator", 404),
        ("nobody", 401),
        ("coordinator", 200),
    ],
)
async def test_who_may_destroy(served: Served, enrollment_pool: Pool, scene: Cast, part: Part, status: int) -> None:
    _, sent = await hand_in(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, part) as session:
        assert (await remove(session, sent["id"]))[0] == status
    assert on_disk(served, scene) == (status != 200)


async def test_a_file_left_behind_by_a_process_that_died_is_destroyed_by_the_worker(
    enrollment_pool: Pool, scene: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between commit and file; what it leaves in the outbox is enough to destroy the file.

    The topic is one that no worker of the tests knows, so that the message stays to be looked at.
    """

    class DiedError(BaseException):
        pass

    async def die(self: Storage, identifier: UUID) -> None:
        raise DiedError

    async def content() -> AsyncIterator[bytes]:
        yield grades(scene)

    topic, organization_id = f"evidence file {scene.cohort_id}", scene.organization_id
    monkeypatch.setattr(reviewing, "REMOVAL", topic)
    participant, instructor = (
        Viewer(organization_id=organization_id, person_id=scene.people[part][1])
        for part in ("participant", "instructor")
    )
    async with house_at(enrollment_pool, system_clock) as house:
        assert topic in handlers(house)
        place = FilePlace(
            evidence_id=uuid4(), enrollment_id=scene.enrollment_id, module_id=scene.module_ids[0], name="a.txt",
            is_attested=True,
        )  # fmt: skip
        kept = await submit_file(house, participant, place, content())
        assert kept.file is not None
        with monkeypatch.context() as dying, pytest.raises(DiedError):
            dying.setattr(Storage, "remove", die)
            await reviewing.remove(house, instructor, kept.id, comment=None)
        assert b"".join([one async for one in house.storage.read(kept.file.id)]) == grades(scene)
        [message] = await outbox.lease(enrollment_pool, topic, most=5)
        for _ in range(2):
            await reviewing.remover(house)(message)
            with pytest.raises(FileLostError):
                await anext(house.storage.read(kept.file.id))
        assert await outbox.done(enrollment_pool, message)


async def test_the_database_keeps_no_content_that_was_destroyed(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    """The control of the constraint: a row can neither keep its content nor wait once it is marked so."""
    _, sent = await hand_in(served, enrollment_pool, scene)
    instructor = scene.people["instructor"][1]
    for change in ("state = state", "file_id = NULL, file_name = NULL", "file_id = NULL"):
        with pytest.raises(Exception, match=r"evidence_(content_goes_with_kind|removed_was_reviewed)"):
            await enrollment_pool.execute(
                f"UPDATE evidence SET content_removed_at = now(), content_removed_by = $2, {change} WHERE id = $1",
                UUID(sent["id"]), instructor,
            )  # fmt: skip
