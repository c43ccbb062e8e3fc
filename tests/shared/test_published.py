"""What was published stays as it was published, whole, under its name; and work that many want is done once for all."""

import asyncio
import re
from pathlib import Path
from uuid import uuid4

import pytest

from shared.coalescing import Coalescer
from shared.published import AlreadyPublishedError, Published


async def test_a_name_is_written_once_and_never_over(tmp_path: Path) -> None:
    published = Published(tmp_path)
    await published.put("lists/a/1.json", b"first")
    await published.put("lists/a/1.json", b"first")
    with pytest.raises(AlreadyPublishedError):
        await published.put("lists/a/1.json", b"second")
    assert await published.read("lists/a/1.json") == b"first"
    assert await published.read("lists/a/2.json") is None
    assert await Published(tmp_path).names("lists") == ["lists/a/1.json"]
    assert await published.names("nothing") == []


async def test_of_many_who_publish_at_once_one_is_first_and_all_know_it(tmp_path: Path) -> None:
    published = Published(tmp_path)
    answers = await asyncio.gather(
        *(published.put("lists/a/1.json", str(number).encode()) for number in range(20)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 1
    assert {type(answer) for answer in answers} == {type(None), AlreadyPublishedError}
    assert await published.read("lists/a/1.json") == str(answers.index(None)).encode()
    assert [one.name for one in (tmp_path / ".under-way").iterdir()] == []


async def test_what_was_not_finished_is_not_there(tmp_path: Path) -> None:
    published = Published(tmp_path)
    (tmp_path / ".under-way" / "killed").write_bytes(b"half")
    assert await published.names("lists") == []
    await published.put("lists/1.json", b"whole")
    assert await published.names("lists") == ["lists/1.json"]


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x", "a/../b", "a//b", ".under-way/x", "A", "a\0", "a/" * 6 + "a"]
)
async def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(name)}$"):
        await Published(tmp_path).put(name, b"x")


async def test_who_comes_while_the_work_is_done_shares_the_next_run() -> None:
    coalescer, key, runs, gate = Coalescer(pause_seconds=0.01), uuid4(), [0], asyncio.Event()

    async def work() -> None:
        runs[0] += 1
        if runs[0] == 1:
            await gate.wait()

    first = asyncio.create_task(coalescer.run(key, work))
    await asyncio.sleep(0.02)
    late = [asyncio.create_task(coalescer.run(key, work)) for _ in range(50)]
    await asyncio.sleep(0.02)
    assert runs == [1]
    late[0].cancel()
    gate.set()
    await asyncio.gather(first, *late[1:])
    assert runs == [2], "a run that had begun before they asked is not theirs"


async def test_an_error_is_everybodys_and_the_next_may_succeed() -> None:
    coalescer, key, runs = Coalescer(pause_seconds=0), uuid4(), [0]

    async def work() -> None:
        runs[0] += 1
        if runs[0] == 1:
            raise LookupError

    found = await asyncio.gather(*(coalescer.run(key, work) for _ in range(5)), return_exceptions=True)
    assert {type(one) for one in found} == {LookupError}
    await coalescer.run(key, work)
    assert runs == [2]
