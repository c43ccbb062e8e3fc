"""Recording attendance: who may, all or none, once, and told as events."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.postgres import Pool
from tests.builders import NOW
from tests.enrollment.cast import Cast, Part, asked, cast, playing, told
from tests.enrollment.visitors import Served


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort with its cast; its session is three hours long and counts for all of them."""
    return await cast(enrollment_pool)


def entry(enrollment_id: UUID, mode: str = "in person", **more: Any) -> dict[str, Any]:
    return {"enrollment_id": str(enrollment_id), "mode": mode, **more}


def sheet(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"entries": list(entries)}


async def recorded(pool: Pool, scene: Cast) -> dict[UUID, str]:
    rows = await pool.fetch("SELECT enrollment_id, mode FROM attendance WHERE cohort_id = $1", scene.cohort_id)
    return {row["enrollment_id"]: row["mode"] for row in rows}


@pytest.mark.parametrize(
    ("part", "reading", "writing"),
    [
        ("administrator", 200, 200),
        ("coordinator", 200, 200),
        ("instructor", 200, 200),
        ("another cohort's instructor", 404, 404),
        ("participant", 200, 404),
        ("another participant", 200, 404),
        ("another organization's administrator", 404, 404),
        ("nobody", 401, 401),
    ],
)
async def test_who_reads_and_who_writes(
    served: Served, enrollment_pool: Pool, scene: Cast, part: Part, reading: int, writing: int
) -> None:
    async with playing(served, enrollment_pool, scene, part) as session:
        status, found = await asked(session, "GET", scene.sheet)
        assert status == reading
        if status == 200:
            own = {"participant": scene.enrollment_ids[:1], "another participant": scene.enrollment_ids[1:2]}
            expected = own.get(part, scene.enrollment_ids)
            assert {one["enrollment_id"] for one in found["items"]} == {str(one) for one in expected}
        status, _ = await asked(session, "PUT", scene.sheet, json=sheet(entry(scene.enrollment_id)))
        assert status == writing
    assert await recorded(enrollment_pool, scene) == ({scene.enrollment_id: "in person"} if writing == 200 else {})


async def test_who_came_late_gets_the_quarter_hours_attended(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    late = entry(scene.enrollment_ids[0], arrived_at=(NOW + timedelta(minutes=50)).isoformat())
    body = sheet(late, entry(scene.enrollment_ids[1], "virtual"), entry(scene.enrollment_ids[2], "excused"))
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, written = await asked(session, "PUT", scene.sheet, json=body)
        assert status == 200
        assert await asked(session, "GET", scene.sheet) == (200, written)
    found = {one["enrollment_id"]: one for one in written["items"]}
    credit = [found[str(one)]["credit_minutes"] for one in scene.enrollment_ids]
    assert credit == [120, 180, 0]


async def test_each_change_is_told_once(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    first, second, third = scene.enrollment_ids
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        for _ in range(2):
            body = sheet(entry(first), entry(second, "absent"))
            assert (await asked(session, "PUT", scene.sheet, json=body))[0] == 200
        body = sheet(entry(second, "excused"), entry(first), entry(third))
        assert (await asked(session, "PUT", scene.sheet, json=body))[0] == 200
    events = await told(enrollment_pool, scene.organization_id)
    assert {kind for kind, _ in events} == {"attendance.recorded"}
    assert sorted((data["enrollment_id"], data["mode"], data["credit_minutes"]) for _, data in events) == sorted(
        [
            (str(first), "in person", 180),
            (str(second), "absent", 0),
            (str(second), "excused", 0),
            (str(third), "in person", 180),
        ]
    )


async def test_two_at_once_with_the_people_in_another_order_both_succeed(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    one_way = sheet(*(entry(one) for one in scene.enrollment_ids))
    other_way = sheet(*(entry(one, "virtual") for one in reversed(scene.enrollment_ids)))
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        answers = await asyncio.gather(
            *(asked(session, "PUT", scene.sheet, json=body) for body in [one_way, other_way] * 10)
        )
    assert {status for status, _ in answers} == {200}
    assert len(set((await recorded(enrollment_pool, scene)).values())) == 1


async def test_one_entry_that_does_not_fit_leaves_all_unrecorded(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    first, second, third = scene.enrollment_ids
    seat_free = "UPDATE enrollment SET place = 'none', seat_id = NULL, outcome = 'withdrawn' WHERE id = $1"
    await enrollment_pool.execute(seat_free, third)
    body = sheet(
        entry(first),
        entry(uuid4()),
        entry(third),
        entry(first, "absent"),
        entry(second, "absent", arrived_at=NOW.isoformat()),
    )
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, problem = await asked(session, "PUT", scene.sheet, json=body)
    assert status == 422
    assert problem["type"] == "/problems/invalid-input"
    assert [one["field"] for one in problem["errors"]] == [
        "entries[1].enrollment_id",
        "entries[2].enrollment_id",
        "entries[3].enrollment_id",
        "entries[4].mode",
    ]
    assert await recorded(enrollment_pool, scene) == {}
    assert await told(enrollment_pool, scene.organization_id) == []


@pytest.mark.parametrize(
    "one",
    [
        {"mode": "asleep"},
        {"arrived_at": "2026-03-07T15:00:00"},
        {"arrived_at": "yesterday"},
        {"seat": 1},
        {"enrollment_id": "me"},
    ],
)
async def test_malformed_entry_is_refused(
    served: Served, enrollment_pool: Pool, scene: Cast, one: dict[str, Any]
) -> None:
    body = sheet(entry(scene.enrollment_id) | one)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        assert (await asked(session, "PUT", scene.sheet, json=body))[0] == 400
        too_many = sheet(*(entry(scene.enrollment_id) for _ in range(1_001)))
        assert (await asked(session, "PUT", scene.sheet, json=too_many))[0] == 400
    assert await recorded(enrollment_pool, scene) == {}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z"])
async def test_moment_far_from_the_session_is_refused(
    served: Served, enrollment_pool: Pool, scene: Cast, moment: str
) -> None:
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        for field in ("arrived_at", "departed_at"):
            body = sheet(entry(scene.enrollment_id, **{field: moment}))
            status, problem = await asked(session, "PUT", scene.sheet, json=body)
            assert status == 422
            assert [one["field"] for one in problem["errors"]] == [f"entries[0].{field}"]


async def test_cancelled_cohort_records_nothing(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    await enrollment_pool.execute("UPDATE cohort SET state = 'cancelled' WHERE id = $1", scene.cohort_id)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, problem = await asked(session, "PUT", scene.sheet, json=sheet(entry(scene.enrollment_id)))
    assert (status, problem["type"]) == (409, "/problems/cohort-cancelled")
    assert await recorded(enrollment_pool, scene) == {}


async def test_session_of_another_cohort_is_not_found(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    foreign = await cast(enrollment_pool)
    async with playing(served, enrollment_pool, scene, "administrator") as session:
        mixed = f"/api/cohorts/{scene.cohort_id}/sessions/{foreign.session_id}/attendance"
        assert (await asked(session, "GET", mixed))[0] == 404
        assert (await asked(session, "PUT", mixed, json=sheet()))[0] == 404
        assert (await asked(session, "GET", foreign.sheet))[0] == 404


async def test_somebody_in_line_sees_no_sheet(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    line_up = "UPDATE enrollment SET place = 'in line', seat_id = NULL, line_rank = 1 WHERE id = $1"
    await enrollment_pool.execute(line_up, scene.enrollment_id)
    async with playing(served, enrollment_pool, scene, "participant") as session:
        assert (await asked(session, "GET", scene.sheet))[0] == 404
