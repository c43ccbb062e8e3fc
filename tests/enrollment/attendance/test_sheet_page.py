"""The sheet on a phone: each button is a form of its own, saves at once, and can be undone."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.builders import NOW
from tests.enrollment.cast import Cast, Part, asked, cast, playing, told
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, slug_of

MODES = ("in person", "virtual", "excused", "absent")
_BUTTON = re.compile(r'<button name=mode value="([a-z ]+)" aria-pressed=(\w+)>([\w ]+)<')
JSON = {"Accept": "application/json"}


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    return await cast(enrollment_pool)


async def path_of(pool: Pool, scene: Cast) -> str:
    slug = await slug_of(pool, scene.organization_id)
    return f"/{slug}/teach/cohorts/{scene.cohort_id}/sessions/{scene.session_id}/attendance"


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str, str]:
    async with session.post(path, data=form) as answer:
        return answer.status, str(answer.url.relative()), await answer.text()


async def look(session: aiohttp.ClientSession, path: str) -> str:
    async with session.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


def row_of(text: str, enrollment_id: UUID) -> str:
    return text.partition(f'<li id="line-{enrollment_id}"')[2].partition("</li>")[0]


def pressed(text: str, enrollment_id: UUID) -> list[str]:
    """The modes whose buttons are pressed in somebody's row, which has all four."""
    buttons = _BUTTON.findall(row_of(text, enrollment_id))
    assert [words for _, _, words in buttons] == ["In person", "Online", "Excused", "Absent"]
    assert all(
        value == ("clear" if state == "true" else mode) for mode, (value, state, _) in zip(MODES, buttons, strict=True)
    )
    return [mode for mode, (_, state, _) in zip(MODES, buttons, strict=True) if state == "true"]


async def recorded(pool: Pool, scene: Cast) -> dict[UUID, str]:
    rows = await pool.fetch("SELECT enrollment_id, mode FROM attendance WHERE cohort_id = $1", scene.cohort_id)
    return {row["enrollment_id"]: row["mode"] for row in rows}


async def test_a_tap_without_script_saves_and_comes_back_to_the_row(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), scene.enrollment_ids[0]
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        text = await look(session, path)
        assert pressed(text, first) == []
        assert "Mark the 3 people left as in person" in text
        status, _, text = await send(session, path, enrollment_id=str(first), mode="absent")
        assert status == 200
        assert pressed(text, first) == ["absent"]
        assert "Saved for 1 person." in text
        assert "Counts 0 of 180 minutes." in row_of(text, first)
        async with session.post(
            path, data={"enrollment_id": str(first), "mode": "in person"}, allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["Location"].endswith(f"#line-{first}")) == (303, True)
    assert await recorded(enrollment_pool, scene) == {first: "in person"}


async def test_a_pressed_button_clears_and_clearing_can_be_undone(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), scene.enrollment_ids[0]
    late = (NOW + timedelta(minutes=50)).isoformat()
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        body = {"entries": [{"enrollment_id": str(first), "mode": "virtual", "arrived_at": late}]}
        assert (await asked(session, "PUT", scene.sheet, json=body))[0] == 200
        value = next(
            value for value, _, words in _BUTTON.findall(row_of(await look(session, path), first)) if words == "Online"
        )
        _, where, text = await send(session, path, enrollment_id=str(first), mode=value)
        assert pressed(text, first) == []
        assert await recorded(enrollment_pool, scene) == {}
        change = re.search(r"change=([0-9a-f-]+)", where)
        assert change is not None
        _, _, text = await send(session, f"{path}/undo", change_id=change[1])
        assert pressed(text, first) == ["virtual"]
        assert "Arrived 09:50. Counts 120 of 180 minutes." in row_of(text, first)
    events = [(data["mode"], data["credit_minutes"]) for _, data in await told(enrollment_pool, scene.organization_id)]
    assert events == [("virtual", 120), (None, 0), ("virtual", 120)]


async def test_undo_never_overwrites_a_newer_tap(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path, first = await path_of(enrollment_pool, scene), scene.enrollment_ids[0]
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        _, everybody = await asked(session, "POST", f"{path}/all", data={"mode": "in person"}, headers=JSON)
        _, newer = await asked(
            session, "POST", path, data={"enrollment_id": str(first), "mode": "excused"}, headers=JSON
        )
        undo = {"change_id": everybody["change_id"]}
        status, problem = await asked(session, "POST", f"{path}/undo", data=undo, headers=JSON)
        assert (status, problem["type"], problem["enrollment_ids"]) == (409, "/problems/newer-change", [str(first)])
        assert sorted((await recorded(enrollment_pool, scene)).values()) == ["excused", "in person", "in person"]
        # Not even where the newer ones have led back to the same line.
        undo_newer = {"change_id": newer["change_id"]}
        assert (await asked(session, "POST", f"{path}/undo", data=undo_newer, headers=JSON))[0] == 200
        assert (await asked(session, "POST", f"{path}/undo", data=undo, headers=JSON))[0] == 409
        assert (await asked(session, "POST", f"{path}/undo", data={"change_id": str(uuid4())}, headers=JSON))[0] == 404
    assert set((await recorded(enrollment_pool, scene)).values()) == {"in person"}


async def test_mark_all_leaves_who_is_marked_and_is_undone_as_one(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), scene.enrollment_ids[0]
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        await send(session, path, enrollment_id=str(first), mode="excused")
        status, where, text = await send(session, f"{path}/all", mode="in person")
        assert status == 200
        assert [pressed(text, one) for one in scene.enrollment_ids] == [["excused"], ["in person"], ["in person"]]
        assert "Saved for 2 people." in text
        assert "people left" not in text
        await send(session, f"{path}/undo", change_id=where.partition("change=")[2].partition("#")[0])
    assert await recorded(enrollment_pool, scene) == {first: "excused"}


async def test_late_and_early_are_times_of_day_where_it_is_held(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), str(scene.enrollment_ids[0])
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        times = {"enrollment_id": first, "mode": "in person", "arrived": "9:30", "departed": "11:20"}
        status, _, text = await send(session, path, **times)
        assert status == 200
        assert "Arrived 09:30. Left 11:20. Counts 105 of 180 minutes." in text
        status, _, text = await send(session, path, **{**times, "arrived": "soon", "departed": "8:10"})
        assert status == 422
        assert "<title>Error:" in text
        assert f'href="#arrived_at-{first}"' in text
        assert f'id="arrived_at-{first}-error"' in text
        assert 'value="8:10"' in text
        status, _, text = await send(session, path, **{**times, "departed": "8:10"})
        assert (status, f'id="departed_at-{first}-error"' in text) == (422, True)
    kept = "SELECT arrived_at, departed_at FROM attendance WHERE enrollment_id = $1"
    row = await enrollment_pool.fetchrow(kept, scene.enrollment_id)
    assert row is not None
    assert tuple(row) == (NOW + timedelta(minutes=30), NOW + timedelta(minutes=140))


async def test_the_script_gets_the_line_and_the_change_instead_of_the_page(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), str(scene.enrollment_ids[0])
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        form = {"enrollment_id": first, "mode": "in person"}
        status, saved = await asked(session, "POST", path, data=form, headers=JSON)
        assert (status, saved["lines"]) == (
            200,
            [{"enrollment_id": first, "mode": "in person", "note": "Counts 180 of 180 minutes."}],
        )
        assert UUID(saved["change_id"])
        # The same again, as after an answer that was lost on the way.
        status, again = await asked(session, "POST", path, data=form, headers=JSON)
        assert (status, again["change_id"]) == (200, None)
        status, problem = await asked(session, "POST", path, data={**form, "mode": "asleep"}, headers=JSON)
        assert (status, problem["errors"][0]["field"]) == (422, "mode")


@pytest.mark.parametrize(
    ("part", "status"),
    [("instructor", 200), ("coordinator", 200), ("participant", 404), ("another cohort's instructor", 404)],
)
async def test_who_sees_the_sheet_and_the_grid(
    served: Served, enrollment_pool: Pool, scene: Cast, part: Part, status: int
) -> None:
    path = await path_of(enrollment_pool, scene)
    slug = path.split("/")[1]
    async with playing(served, enrollment_pool, scene, part) as session:
        for page in (path, f"/{slug}/teach/cohorts/{scene.cohort_id}/grid"):
            async with session.get(page) as answer:
                assert answer.status == status
                assert ("Person 0" in await answer.text()) == (status == 200)


async def test_the_grid_shows_each_session_and_the_hours(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path = await path_of(enrollment_pool, scene)
    slug, first = path.split("/")[1], scene.enrollment_ids[0]
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        await send(session, path, enrollment_id=str(first), mode="in person", arrived="10:15")
        text = await look(session, f"/{slug}/teach/cohorts/{scene.cohort_id}/grid")
    row = text.partition("<bdi>Person 0</bdi></th>")[2].partition("</tr>")[0]
    assert "In person" in row
    assert "105 of 180 min" in row
    assert 'class="number">1.75</td>' in row
    assert "Not marked" in text


async def test_a_cancelled_session_is_on_no_page_and_counts_for_nothing(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), scene.enrollment_ids[0]
    grid = f"/{path.split('/')[1]}/teach/cohorts/{scene.cohort_id}/grid"
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        await send(session, path, enrollment_id=str(first), mode="in person")
        assert 'class="number">3</td>' in await look(session, grid)
        cancel = "UPDATE cohort_session SET cancelled_at = {} WHERE id = $1"
        await enrollment_pool.execute(cancel.format("now()"), scene.session_id)
        text = await look(session, grid)
        assert path not in text
        assert 'class="number">3</td>' not in text
        async with session.get(path) as answer:
            assert answer.status == 404
        assert (await send(session, path, enrollment_id=str(first), mode="absent"))[0] == 404
        await enrollment_pool.execute(cancel.format("NULL"), scene.session_id)
    assert await recorded(enrollment_pool, scene) == {first: "in person"}


async def test_the_page_of_a_hundred_people_is_light(served: Served, enrollment_pool: Pool) -> None:
    """With its style and script, and all that a line can say: that they came late, left early, and have work to do."""
    scene = await cast(enrollment_pool, people=100)
    path = await path_of(enrollment_pool, scene)
    await enrollment_pool.execute(
        "UPDATE person SET name = 'Maximiliana Featherstonehaugh' WHERE id IN (SELECT person_id FROM enrollment"
        " WHERE cohort_id = $1)", scene.cohort_id,
    )  # fmt: skip
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        late = {"arrived_at": (NOW + timedelta(minutes=9)).isoformat(), "mode": "in person"}
        early = {"departed_at": (NOW + timedelta(minutes=99)).isoformat()}
        entries = [{"enrollment_id": str(one), **late, **early} for one in scene.enrollment_ids]
        assert (await asked(session, "PUT", scene.sheet, json={"entries": entries}))[0] == 200
        text = await look(session, path)
        assert (text.count("<li id="), text.count('href="makeup/')) == (100, 100)
        weight = len(text.encode())
        for asset in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text)):
            weight += len((await look(session, asset)).encode())
        assert weight < 150_000


async def test_statements_do_not_grow_with_the_people(served: Served, enrollment_pool: Pool) -> None:
    """As many for 200 people as for 3: who asks; session, they and people held; the sheet, the write, the events."""
    found: dict[int, list[int]] = {}
    for people in (3, 200):
        scene = await cast(enrollment_pool, people=people)
        path = await path_of(enrollment_pool, scene)
        async with playing(served, enrollment_pool, scene, "instructor") as session:
            numbers: list[int] = []
            for ask in ("page", "all", "tap", "grid"):
                with counting_queries() as asked_for:
                    await _ask(session, path, scene, ask)
                numbers.append(asked_for())
        found[people] = numbers
        assert len(await recorded(enrollment_pool, scene)) == people
    assert found[3] == found[200]
    assert all(number <= most for number, most in zip(found[200], (4, 7, 7, 8), strict=True)), found


async def _ask(session: aiohttp.ClientSession, path: str, scene: Cast, what: str) -> Any:
    if what == "page":
        return await look(session, path)
    if what == "grid":
        return await look(session, f"/{path.split('/')[1]}/teach/cohorts/{scene.cohort_id}/grid")
    form = {"mode": "in person"} if what == "all" else {"mode": "absent", "enrollment_id": str(scene.enrollment_id)}
    status, answer = await asked(session, "POST", f"{path}/all" if what == "all" else path, data=form, headers=JSON)
    assert status == 200
    return answer


async def test_nothing_is_recorded_in_a_cancelled_cohort(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    await enrollment_pool.execute("UPDATE cohort SET state = 'cancelled' WHERE id = $1", scene.cohort_id)
    path = await path_of(enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        assert "This cohort was cancelled" in await look(session, path)
        assert (await send(session, f"{path}/all", mode="in person"))[0] == 409
    assert await recorded(enrollment_pool, scene) == {}


async def test_taps_at_once_leave_one_history_that_ends_in_what_stands(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path, first = await path_of(enrollment_pool, scene), str(scene.enrollment_id)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        taps = [
            asked(session, "POST", path, data={"enrollment_id": first, "mode": mode}, headers=JSON)
            for mode in (*MODES, "clear") * 4
        ]
        answers = await asyncio.gather(*taps)
    assert {status for status, _ in answers} == {200}
    history = await enrollment_pool.fetch(
        "SELECT number, before, after FROM attendance_change WHERE enrollment_id = $1 ORDER BY number",
        scene.enrollment_id,
    )
    assert [row["number"] for row in history] == list(range(1, len(history) + 1))
    assert [row["before"] for row in history] == [None, *(row["after"] for row in history[:-1])]
    last = history[-1]["after"]
    assert (await recorded(enrollment_pool, scene)) == ({} if last is None else {scene.enrollment_id: last["mode"]})
