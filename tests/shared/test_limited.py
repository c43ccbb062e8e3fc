"""Limited children: whatever a stranger's document does in one, it ends in time and the others go on."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from shared.limited import LimitedPool, LimitedPoolBusyError, LimitedPools, LimitExceededError, Limits, run_limited
from tests.conftest import require
from tests.shared import limited_jobs

JOBS = {
    name: f"{limited_jobs.__name__}:{name}"
    for name, one in vars(limited_jobs).items()
    if callable(one) and not name.startswith("_")
}
LIMITS = Limits(cpu_seconds=0.3, wall_seconds=5, memory_bytes=64 << 20, answer_bytes=1_000)


@pytest.fixture
async def pool() -> AsyncIterator[LimitedPool]:
    """Two warm children that may use little."""
    async with LimitedPool(2, functions=list(JOBS.values()), limits=LIMITS) as started:
        await started.warm()
        yield started


def children() -> set[str]:
    """The limited children of this process."""
    found = (Path("/proc/self/task") / str(os.getpid()) / "children").read_text().split()
    return {one for one in found if b"shared.limited" in (Path("/proc") / one / "cmdline").read_bytes()}


async def failed(pool: LimitedPool, job: str, payload: bytes = b"") -> LimitExceededError:
    with pytest.raises(LimitExceededError) as raised:
        await pool.call(JOBS[job], payload)
    return raised.value


async def test_a_job_is_answered(pool: LimitedPool) -> None:
    assert await pool.call(JOBS["turned"], b"abc") == b"cba"
    assert await pool.call(JOBS["turned"], b"") == b""


@pytest.mark.parametrize(
    ("job", "kind"),
    [
        ("burning", "cpu"),
        ("stuck_in_c", "cpu"),
        ("sleeping", "time"),
        ("crashing", "crash"),
        ("leaving", "crash"),
        pytest.param(
            "hogging", "memory", marks=pytest.mark.skipif(sys.platform == "darwin", reason="no limit of address space")
        ),
    ],
)
async def test_a_bad_job_ends_while_a_hundred_good_ones_are_answered(pool: LimitedPool, job: str, kind: str) -> None:
    good = [pool.call(JOBS["turned"], b"%d" % number) for number in range(60)]
    bad = asyncio.create_task(failed(pool, job, b"3"))
    assert await asyncio.gather(*good) == [(b"%d" % number)[::-1] for number in range(60)]
    assert (await bad).kind == kind
    for number in range(40):
        assert await pool.call(JOBS["turned"], b"%d" % number) == (b"%d" % number)[::-1]


async def test_the_pool_outlives_more_bad_jobs_than_it_has_children(pool: LimitedPool) -> None:
    kinds = await asyncio.gather(*(failed(pool, job) for job in ("burning", "crashing", "sleeping", "crashing")))
    assert [one.kind for one in kinds] == ["cpu", "crash", "time", "crash"]
    assert await pool.call(JOBS["turned"], b"abc") == b"cba"


@pytest.mark.skipif(sys.platform == "darwin", reason="no limit of address space")
async def test_what_fits_the_memory_limit_is_no_failure(pool: LimitedPool) -> None:
    assert await pool.call(JOBS["taking"], b"%d" % (40 << 20)) == b"%d" % (40 << 20)
    assert (await failed(pool, "taking", b"%d" % (80 << 20))).kind == "memory"


@pytest.mark.skipif(sys.platform == "darwin", reason="no limit of address space")
async def test_a_payload_beyond_the_memory_limit_is_a_failure(pool: LimitedPool) -> None:
    assert (await failed(pool, "turned", bytes(100 << 20))).kind == "memory"
    assert await pool.call(JOBS["turned"], b"abc") == b"cba"


async def test_an_error_is_named_without_its_words_and_the_child_stays(pool: LimitedPool) -> None:
    before = await pool.call(JOBS["surroundings"], b"")
    error = await failed(pool, "raising", b"a stranger's words")
    assert (error.kind, error.reason, str(error)) == ("crash", "LookupError", "crash LookupError")
    assert await pool.call(JOBS["surroundings"], b"") == before


async def test_an_answer_beyond_its_limit_is_refused(pool: LimitedPool) -> None:
    assert len(await pool.call(JOBS["swelling"], b"1000")) == 1000
    assert (await failed(pool, "swelling", b"1001")).kind == "answer"


async def test_a_library_that_prints_does_not_break_the_answers(pool: LimitedPool) -> None:
    assert await pool.call(JOBS["printing"], b"abc") == b"abc"
    assert await pool.call(JOBS["turned"], b"abc") == b"cba"


async def test_a_child_is_given_no_setting_and_no_descriptor(
    pool: LimitedPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAUREL_SECRET", "secret")
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        await failed(pool, "leaving", b"3")
        await failed(pool, "leaving", b"3")
        answer = (await pool.call(JOBS["surroundings"], b"")).decode().splitlines()
    assert set(answer[0].split()) <= {"PATH", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    assert answer[1].split() == ["0", "1", "2", "3"]


async def test_a_child_writes_no_file_and_opens_few(pool: LimitedPool, tmp_path: Path) -> None:
    target = tmp_path / "file"
    assert (await failed(pool, "writing", str(target).encode())).reason == "OSError"
    assert target.read_bytes() == b""
    assert await pool.call(JOBS["opening"], b"10") == b"10"
    assert (await failed(pool, "opening", b"40")).reason == "OSError"


async def test_the_limits_are_for_each_job_anew() -> None:
    async with LimitedPool(1, functions=[JOBS["undisturbed"]], limits=Limits(cpu_seconds=30, wall_seconds=40)) as pool:
        assert [await pool.call(JOBS["undisturbed"], b"") for _ in range(3)] == [b"30 42"] * 3


async def test_only_functions_that_the_pool_was_told_of_are_called() -> None:
    async with LimitedPool(1, functions=[JOBS["turned"]], limits=LIMITS) as pool:
        with pytest.raises(ValueError, match="not in tuple"):
            await pool.call("os:system", b"true")


async def test_each_function_has_a_child_of_its_own_that_starts_when_it_is_first_called() -> None:
    """So one function that cannot even be imported keeps no other from being called."""
    require(sys.platform == "linux", "/proc")
    absent = "tests.shared.limited_jobs_of_tomorrow:read"
    before = children()
    pools = LimitedPools([JOBS["turned"], JOBS["undisturbed"], absent], limits=LIMITS)
    try:
        assert children() == before
        assert await pools.call(JOBS["turned"], b"abc") == b"cba"
        assert len(children() - before) == 1
        with pytest.raises(LimitExceededError, match="crash start"):
            await pools.call(absent, b"abc")
        with pytest.raises(KeyError):
            await pools.call(JOBS["printing"], b"abc")
    finally:
        await pools.close()
    assert children() == before


async def test_beyond_its_queue_the_pool_says_that_it_is_busy() -> None:
    async with LimitedPool(1, functions=[JOBS["turned"], JOBS["sleeping"]], limits=LIMITS, queue=1) as pool:
        waiting = [asyncio.create_task(failed(pool, "sleeping")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(LimitedPoolBusyError):
            await pool.call(JOBS["turned"], b"abc")
        assert [one.kind for one in await asyncio.gather(*waiting)] == ["time", "time"]
        assert await pool.call(JOBS["turned"], b"abc") == b"cba"


async def test_a_caller_that_goes_away_leaves_no_answer_for_the_next() -> None:
    async with LimitedPool(1, functions=[JOBS["turned"], JOBS["sleeping"]], limits=LIMITS) as pool:
        await pool.warm()
        gone = asyncio.create_task(pool.call(JOBS["sleeping"], b"gone"))
        await asyncio.sleep(0.1)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        assert await pool.call(JOBS["turned"], b"abc") == b"cba"


async def test_a_child_is_replaced_after_its_share_of_jobs() -> None:
    limits = Limits(jobs=2)
    async with LimitedPool(1, functions=[JOBS["surroundings"]], limits=limits) as pool:
        children = [(await pool.call(JOBS["surroundings"], b"")).splitlines()[2] for _ in range(4)]
    assert children[0] == children[1] != children[2] == children[3]


async def test_a_closed_pool_leaves_no_child() -> None:
    async with LimitedPool(2, functions=[JOBS["surroundings"]], limits=LIMITS) as pool:
        await pool.warm()
        child = int((await pool.call(JOBS["surroundings"], b"")).splitlines()[2])
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_a_function_that_cannot_be_imported_is_told_to_the_caller() -> None:
    async with LimitedPool(1, functions=["nowhere:nothing"], limits=LIMITS) as pool:
        with pytest.raises(LimitExceededError) as raised:
            await pool.call("nowhere:nothing", b"")
        assert raised.value.reason == "start"


def test_a_command_line_runs_one_job_in_a_fresh_child() -> None:
    assert run_limited(JOBS["turned"], b"abc") == b"cba"
    with pytest.raises(LimitExceededError) as raised:
        run_limited(JOBS["burning"], b"", LIMITS)
    assert raised.value.kind == "cpu"
