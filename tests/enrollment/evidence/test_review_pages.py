"""The review queue: evidence beside its rubric, and after a decision the next piece opens by itself."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, make_instructor, playing, told
from tests.enrollment.evidence.rubrics import give_rubric
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, slug_of

WHOLE = {"score-clarity": "clear", "score-practice": "tried"}


class Desk:
    """The instructor at the queue; two participants handed in for three topics."""

    def __init__(self, session: aiohttp.ClientSession, path: str, pieces: list[UUID]) -> None:
        self.session = session
        self.path = path
        self.pieces = pieces

    async def read(self, **query: str) -> tuple[int, str]:
        async with self.session.get(self.path, params=query) as answer:
            return answer.status, await answer.text()

    async def send(self, piece: UUID, *, to: str = "", **fields: str) -> tuple[int, str, str]:
        """The status, the piece that the next page is of, and that page."""
        async with self.session.post(f"{self.path}/{piece}{to}", data=fields) as answer:
            return answer.status, answer.url.query.get("piece", ""), await answer.text()


async def add_piece(pool: Pool, scene: Cast, *, enrollment: int, module: int, text: str) -> UUID:
    identifier = uuid4()
    await pool.execute(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at)"
        " VALUES ($1, $2, $3, $4, 'text', $5, 'submitted', now())",
        identifier, scene.organization_id, scene.enrollment_ids[enrollment], scene.module_ids[module], text,
    )  # fmt: skip
    return identifier


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort whose first module has a rubric."""
    scene = await cast(enrollment_pool)
    await give_rubric(enrollment_pool, scene.module_ids[0])
    return scene


@pytest.fixture
async def desk(served: Served, enrollment_pool: Pool, scene: Cast) -> AsyncIterator[Desk]:
    """The instructor's."""
    places = ((0, 0), (1, 0), (0, 1))
    pieces = [
        await add_piece(enrollment_pool, scene, enrollment=e, module=m, text=f"Piece <{e}{m}>") for e, m in places
    ]
    slug = await slug_of(enrollment_pool, scene.organization_id)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        yield Desk(session, f"/{slug}/teach/cohorts/{scene.cohort_id}/review", pieces)


async def states(pool: Pool, desk: Desk) -> list[str]:
    rows = await pool.fetch("SELECT id, state FROM evidence WHERE id = ANY ($1)", desk.pieces)
    found = {row["id"]: row["state"] for row in rows}
    return [found[one] for one in desk.pieces]


async def test_the_longest_waiting_opens_first_and_the_next_after_each_decision(
    enrollment_pool: Pool, scene: Cast, desk: Desk
) -> None:
    status, page = await desk.read()
    assert status == 200
    assert "Piece &lt;00&gt;" in page
    assert "Waiting (3)" in page
    assert page.count('type="radio"') == 4
    status, piece, page = await desk.send(desk.pieces[0], decision="accepted", comment="", **WHOLE)
    assert (status, piece) == (200, str(desk.pieces[1]))
    assert "Piece &lt;10&gt;" in page
    assert "Accepted: <bdi>Module 1</bdi> of <bdi>Person 0</bdi>." in page
    status, piece, page = await desk.send(desk.pieces[1], decision="returned", comment="Say\r\nmore.")
    assert (status, piece) == (200, str(desk.pieces[2]))
    assert "They are told by e-mail." in page
    assert 'type="radio"' not in page
    status, piece, page = await desk.send(desk.pieces[2], decision="accepted")
    assert (status, piece) == (200, "")
    assert "Nothing waits for review." in page
    assert await states(enrollment_pool, desk) == ["accepted", "returned", "accepted"]
    comment = await enrollment_pool.fetchval("SELECT comment FROM evidence WHERE id = $1", desk.pieces[1])
    assert comment == "Say\nmore."
    _, page = await desk.read(wanted="accepted", piece=str(desk.pieces[0]))
    assert page.count(" checked") == 2


async def test_what_is_missing_is_named_and_what_was_chosen_stays(enrollment_pool: Pool, desk: Desk) -> None:
    status, _, page = await desk.send(desk.pieces[0], decision="accepted", comment="Nice", **{"score-clarity": "clear"})
    assert status == 422
    assert 'href="#score-practice"' in page
    assert 'id="score-practice-error"' in page
    assert 'id="score-clarity-error"' not in page
    assert 'value="clear" checked' in page
    assert "Nice</textarea>" in page
    status, _, page = await desk.send(desk.pieces[0], decision="returned", comment=" ")
    assert (status, 'id="comment-error"' in page) == (422, True)
    assert await states(enrollment_pool, desk) == ["submitted"] * 3


async def test_whoever_comes_late_sees_what_was_decided(
    served: Served, enrollment_pool: Pool, scene: Cast, desk: Desk
) -> None:
    async with playing(served, enrollment_pool, scene, "coordinator") as other:
        returned = {"decision": "returned", "comment": "I was first."}
        await asked(other, "PUT", f"/api/evidence/{desk.pieces[0]}/review", json=returned)
    status, _, page = await desk.send(desk.pieces[0], decision="accepted", **WHOLE)
    assert status == 409
    assert "Decided before you" in page
    assert "I was first." in page
    assert len(await told(enrollment_pool, scene.organization_id)) == 1


async def test_students_data_is_destroyed_after_one_question(enrollment_pool: Pool, desk: Desk) -> None:
    async with desk.session.get(f"{desk.path}/{desk.pieces[0]}/removal") as answer:
        assert "This cannot be undone" in await answer.text()
    assert await states(enrollment_pool, desk) == ["submitted"] * 3
    status, piece, page = await desk.send(desk.pieces[0], to="/removal", comment="Names of students.")
    assert (status, piece) == (200, str(desk.pieces[1]))
    assert "Destroyed: <bdi>Module 1</bdi>" in page
    row = await enrollment_pool.fetchrow("SELECT state, text, comment FROM evidence WHERE id = $1", desk.pieces[0])
    assert row is not None
    assert tuple(row) == ("returned", None, "Names of students.")
    _, page = await desk.read(wanted="returned")
    assert "Destroyed, because it held" in page
    assert "/removal" not in page


async def test_nobody_decides_about_their_own(served: Served, enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    await make_instructor(enrollment_pool, scene.organization_id, scene.cohort_id, scene.people["participant"][1])
    async with playing(served, enrollment_pool, scene, "participant") as session:
        own = Desk(session, desk.path, desk.pieces)
        _, page = await own.read()
        assert "This is your own." in page
        assert "data-review" not in page
        assert (await own.send(desk.pieces[0], decision="accepted", **WHOLE))[0] == 409
    assert await states(enrollment_pool, desk) == ["submitted"] * 3


async def test_a_piece_of_another_cohort_is_none(enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    foreign = await cast(enrollment_pool)
    away = await add_piece(enrollment_pool, foreign, enrollment=0, module=0, text="Private")
    status, page = await desk.read(piece=str(away))
    assert (status, "Private" in page) == (404, False)
    assert "Private" not in (await desk.read(done=str(away)))[1]
    assert (await desk.send(away, decision="accepted"))[0] == 404
    assert (await desk.send(away, to="/removal"))[0] == 404


async def test_who_opens_evidence_is_noted_once_an_hour(enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    for _ in range(2):
        await desk.read(piece=str(desk.pieces[1]))
        async with desk.session.get(f"/api/evidence/{desk.pieces[1]}") as answer:
            assert answer.status == 200
        async with desk.session.get(f"/api/cohorts/{scene.cohort_id}/evidence") as answer:
            assert answer.status == 200
    rows = await enrollment_pool.fetch(
        "SELECT object_id FROM journal_entry WHERE organization_id = $1 AND action = 'evidence.read' ORDER BY at",
        scene.organization_id,
    )
    assert [row["object_id"] for row in rows] == [desk.pieces[1], scene.cohort_id]


async def test_the_queue_asks_the_database_a_fixed_number_of_times(
    enrollment_pool: Pool, scene: Cast, desk: Desk
) -> None:
    counts = []
    for _ in range(2):
        with counting_queries() as count:
            await desk.read(piece=str(desk.pieces[1]), done=str(desk.pieces[0]))
        counts.append(count())
        await fill(enrollment_pool, scene)
    assert counts[0] == counts[1] <= 8


async def fill(pool: Pool, scene: Cast) -> None:
    """More pieces than the queue shows at once."""
    await pool.executemany(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at,"
        " reviewed_by, reviewed_at, comment) VALUES ($1, $2, $3, $4, 'text', 'x', 'returned', now(), $5, now(), 'No')",
        [
            (
                uuid4(),
                scene.organization_id,
                scene.enrollment_ids[2],
                scene.module_ids[0],
                scene.people["instructor"][1],
            )
            for _ in range(55)
        ],
    )


async def test_a_long_queue_is_walked_from_the_first_to_the_last(
    enrollment_pool: Pool, scene: Cast, desk: Desk
) -> None:
    await fill(enrollment_pool, scene)
    rows: list[Any] = await enrollment_pool.fetch(
        "SELECT v.id FROM evidence v JOIN enrollment e ON e.id = v.enrollment_id"
        " WHERE e.cohort_id = $1 AND v.state = 'returned' ORDER BY v.submitted_at, v.id",
        scene.cohort_id,
    )
    wanted = [str(row["id"]) for row in rows]
    seen = []
    _, page = await desk.read(wanted="returned")
    while True:
        following = page.partition('rel="next"')[2].partition("piece=")[2].partition('"')[0]
        if not following:
            break
        seen.append(following)
        _, page = await desk.read(wanted="returned", piece=following)
    assert seen == wanted[1:]
