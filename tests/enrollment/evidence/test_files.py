"""Files as evidence: whole or not at all, as sent, and harmless to whoever downloads them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.visitors import Served

MOST = 20 * 1024 * 1024


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort with its cast, where nothing is handed in."""
    return await cast(enrollment_pool)


@pytest.fixture
async def participant(served: Served, enrollment_pool: Pool, scene: Cast) -> AsyncIterator[aiohttp.ClientSession]:
    """The participant's browser."""
    async with playing(served, enrollment_pool, scene, "participant") as session:
        yield session


@pytest.fixture
def files(served: Served) -> "Kept":
    """The files that are kept from now on."""
    return Kept(Path(served.settings.storage_folder))


class Kept:
    """What a test adds to the storage folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = self._all()

    def _all(self) -> set[Path]:
        return {one for one in self._folder.rglob("*") if one.is_file()}

    def new(self) -> list[bytes]:
        """The content of each file that was not there before, unfinished ones included."""
        return [one.read_bytes() for one in sorted(self._all() - self._before)]

    def lose(self) -> None:
        """Destroy them, as a broken disk would."""
        for one in self._all() - self._before:
            one.unlink()


async def send(
    session: aiohttp.ClientSession, scene: Cast, content: Any, *, evidence_id: UUID | None = None, module: int = 0,
    name: str = "a.txt", headers: dict[str, str] | None = None, attested: str = "true",
) -> tuple[int, Any]:  # fmt: skip
    query = {"module_id": str(scene.module_ids[module]), "file_name": name, "attested": attested}
    path = f"{scene.hand_in(evidence_id or uuid4())}/file"
    return await asked(session, "PUT", path, params=query, data=content, headers=headers)


def kind_of(problem: Any) -> str:
    return str(problem["type"]).removeprefix("/problems/")


async def test_file_comes_back_as_it_was_sent_to_be_saved_and_not_shown(
    participant: aiohttp.ClientSession, scene: Cast, files: Kept
) -> None:
    content = b"%PDF-1.7\n<script>alert(1)</script>" + bytes(range(256)) * 4_000
    status, sent = await send(
        participant, scene, content, name="My essay (1).PDF", headers={"Content-Type": "Text/HTML; charset=utf-8"}
    )
    assert status == 200
    assert sent["file"] == {
        "name": "My essay (1).PDF",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "path": f"/api/evidence/{sent['id']}/file",
    }
    assert files.new() == [content]
    async with participant.get(sent["file"]["path"]) as answer:
        assert await answer.read() == content
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''My%20essay%20%281%29.PDF"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("is_announced", [True, False], ids=["Content-Length", "chunked"])
async def test_twenty_mebibytes_are_kept_and_a_byte_more_is_not(
    participant: aiohttp.ClientSession, scene: Cast, files: Kept, is_announced: bool
) -> None:
    async def chunks(content: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1024 * 1024):
            yield content[start : start + 1024 * 1024]

    content = b"x" * MOST
    too_large = content + b"!"
    status, problem = await send(participant, scene, too_large if is_announced else chunks(too_large))
    assert (status, kind_of(problem), problem["most_bytes"]) == (413, "file-too-large", MOST)
    assert files.new() == []
    status, found = await send(participant, scene, content if is_announced else chunks(content))
    assert (status, found["file"]["size"]) == (200, MOST)
    assert [len(one) for one in files.new()] == [MOST]


async def test_file_far_too_large_is_refused_by_its_announced_length(
    participant: aiohttp.ClientSession, scene: Cast, files: Kept
) -> None:
    status, _ = await send(participant, scene, bytes(MOST + 2 * 1024 * 1024))
    assert status == 413
    assert files.new() == []


async def test_same_bytes_again_change_nothing_and_others_are_refused(
    participant: aiohttp.ClientSession, scene: Cast, files: Kept
) -> None:
    identifier = uuid4()
    answers = await asyncio.gather(*(send(participant, scene, b"the same", evidence_id=identifier) for _ in range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 200
    status, problem = await send(participant, scene, b"others", evidence_id=identifier)
    assert (status, kind_of(problem)) == (409, "evidence-exists")
    status, problem = await send(participant, scene, b"others")
    assert (status, kind_of(problem)) == (409, "evidence-stands")
    assert files.new() == [b"the same"]


async def test_refused_file_leaves_nothing_behind(
    served: Served, enrollment_pool: Pool, participant: aiohttp.ClientSession, scene: Cast, files: Kept
) -> None:
    status, problem = await send(participant, scene, b"")
    assert (status, problem["errors"][0]["field"]) == (422, "file")
    status, _ = await asked(
        participant, "PUT", f"{scene.hand_in(uuid4())}/file",
        params={"module_id": str(uuid4()), "file_name": "a.txt", "attested": "true"}, data=b"bytes",
    )  # fmt: skip
    assert status == 422
    async with playing(served, enrollment_pool, scene, "administrator") as staff:
        assert (await send(staff, scene, b"bytes"))[0] == 404
    async with playing(served, enrollment_pool, scene, "nobody") as stranger:
        assert (await send(stranger, scene, b"bytes"))[0] == 401
    await enrollment_pool.execute("UPDATE cohort SET state = 'cancelled' WHERE id = $1", scene.cohort_id)
    assert (await send(participant, scene, b"bytes"))[0] == 409
    assert files.new() == []
    assert await enrollment_pool.fetch("SELECT FROM evidence WHERE enrollment_id = $1", scene.enrollment_id) == []


async def test_seat_lost_while_the_file_was_on_its_way_leaves_nothing_behind(
    enrollment_pool: Pool, participant: aiohttp.ClientSession, scene: Cast, files: Kept
) -> None:
    """The place is asked for again in the transaction: here it is lost between the first chunk and the last."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        async with asyncio.timeout(20):
            while files.new() == []:
                await asyncio.sleep(0.02)
        await enrollment_pool.execute(
            "UPDATE enrollment SET place = 'none', seat_id = NULL, outcome = 'withdrawn' WHERE id = $1",
            scene.enrollment_id,
        )
        yield b"last"

    status, problem = await send(participant, scene, chunks())
    assert (status, kind_of(problem)) == (409, "not-taking-part")
    assert files.new() == []


async def test_sender_who_goes_away_in_the_middle_leaves_nothing_behind(
    served: Served, enrollment_pool: Pool, participant: aiohttp.ClientSession, scene: Cast, files: Kept
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        async with asyncio.timeout(20):
            while files.new() == []:
                await asyncio.sleep(0.02)
        raise ConnectionAbortedError

    with pytest.raises((aiohttp.ClientError, ConnectionAbortedError)):
        await send(participant, scene, chunks())
    async with asyncio.timeout(20):
        while files.new():
            await asyncio.sleep(0.02)
    assert await enrollment_pool.fetch("SELECT FROM evidence WHERE enrollment_id = $1", scene.enrollment_id) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("../../etc/passwd.txt", "etcpasswd.txt", id="a way out of the folder"),
        pytest.param("..\\..\\autorun.txt", "autorun.txt", id="the same with backslashes"),
        pytest.param('a"; filename="b.txt', 'a"; filename="b.txt', id="the end of the parameter"),
        pytest.param("a\r\nSet-Cookie: b=c.txt", "aSet-Cookie: b=c.txt", id="a header field of its own"),
        pytest.param("nul\x00.txt", "nul.txt", id="NUL"),
        pytest.param("invoice\u202etxt.txt", "invoicetxt.txt", id="a change of direction"),
        pytest.param("x" * 900 + ".txt", "x" * 196 + ".txt", id="very long"),
        pytest.param("/.txt", "evidence.txt", id="nothing left"),
        pytest.param(" .bashrc.txt ", "bashrc.txt", id="hidden"),
        pytest.param("O'Neill 100%.txt", "O'Neill 100%.txt", id="marks that the encoding uses"),
        pytest.param("论文 — नमूना.txt", "论文 — नमूना.txt", id="other scripts"),
    ],
)
async def test_hostile_name_is_only_a_name(
    participant: aiohttp.ClientSession, scene: Cast, files: Kept, name: str, shown: str
) -> None:
    status, sent = await send(participant, scene, b"bytes", name=name)
    assert (status, sent["file"]["name"]) == (200, shown)
    async with participant.get(sent["file"]["path"]) as answer:
        encoded = answer.headers["Content-Disposition"].removeprefix("attachment; filename*=UTF-8''")
        assert unquote(encoded) == shown
        assert all(letter.isalnum() or letter in "%-._~" for letter in encoded)
        assert encoded.isascii()
        assert "Set-Cookie" not in answer.headers
    assert files.new() == [b"bytes"]


async def test_form_is_not_taken_apart(participant: aiohttp.ClientSession, scene: Cast, files: Kept) -> None:
    for module, kind in enumerate(("multipart/form-data; boundary=x", "application/json")):
        status, _ = await send(participant, scene, b"--x\r\n{", module=module, headers={"Content-Type": kind})
        assert status == 200
    assert files.new() == [b"--x\r\n{"] * 2


async def test_text_has_no_file(participant: aiohttp.ClientSession, scene: Cast) -> None:
    body = {"module_id": str(scene.module_ids[0]), "text": "What I learned"}
    _, found = await asked(participant, "PUT", scene.hand_in(uuid4()), json=body)
    assert (await asked(participant, "GET", f"/api/evidence/{found['id']}/file"))[0] == 404


async def test_file_that_cannot_be_read_is_a_problem_and_no_half_download(
    participant: aiohttp.ClientSession, scene: Cast, files: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    _, sent = await send(participant, scene, b"lost by the disk")
    files.lose()
    status, problem = await asked(participant, "GET", sent["file"]["path"])
    assert (status, kind_of(problem)) == (500, "file-lost")
    [logged] = [record for record in caplog.records if record.levelname == "ERROR" and hasattr(record, "file_id")]
    assert vars(logged)["file_id"] == UUID(problem["file_id"])
