"""The participant's pages: what a topic wants, handing in a text, a link or a file, and what becomes of it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.evidence.documents import pdf
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, slug_of


class Desk:
    """The participant at the page of the first topic."""

    def __init__(self, session: aiohttp.ClientSession, slug: str, scene: Cast) -> None:
        self.session = session
        self.topics = f"/{slug}/learning/{scene.enrollment_id}/evidence"
        self.path = f"{self.topics}/{scene.module_ids[0]}"

    async def read(self, **query: str) -> str:
        async with self.session.get(self.path, params=query) as answer:
            assert answer.status == 200
            return await answer.text()

    async def send(self, *, file: tuple[str, bytes] | None = None, **fields: str) -> tuple[int, str]:
        """The status and the page that follows; the form is sent as a browser does."""
        form = aiohttp.FormData(quote_fields=False)
        for name, value in {"id": str(uuid4()), "attested": "yes", **fields}.items():
            form.add_field(name, value)
        if file is not None:
            form.add_field("file", file[1], filename=file[0], content_type="application/octet-stream")
        async with self.session.post(self.path, data=form) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort with its cast, where nothing is handed in."""
    return await cast(enrollment_pool)


@pytest.fixture
async def desk(served: Served, enrollment_pool: Pool, scene: Cast) -> AsyncIterator[Desk]:
    """The participant's."""
    async with playing(served, enrollment_pool, scene, "participant") as session:
        yield Desk(session, await slug_of(enrollment_pool, scene.organization_id), scene)


async def kept(pool: Pool, scene: Cast) -> list[Any]:
    return await pool.fetch(
        "SELECT kind, text, link, file_name, attested_at IS NOT NULL FROM evidence WHERE enrollment_id = $1",
        scene.enrollment_id,
    )


async def test_a_text_is_handed_in_and_then_waits(enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    page = await desk.read()
    assert "A page" in page
    assert 'name="text"' in page
    assert 'name="file"' not in page
    status, page = await desk.send(kind="text", text="What I learned.\r\n\r\n42 <b>things</b>")
    assert status == 200
    assert "Waiting for review" in page
    assert "42 &lt;b&gt;things&lt;/b&gt;" in page
    assert 'name="text"' not in page
    [piece] = await kept(enrollment_pool, scene)
    assert tuple(piece) == ("text", "What I learned.\n\n42 <b>things</b>", None, None, True)


@pytest.mark.parametrize("typed", ["42", '{"a": 1}', "null"])
async def test_a_text_that_looks_like_data_stays_a_text(
    enrollment_pool: Pool, scene: Cast, desk: Desk, typed: str
) -> None:
    assert (await desk.send(kind="text", text=typed))[0] == 200
    assert [row["text"] for row in await kept(enrollment_pool, scene)] == [typed]


async def test_a_link_and_a_file_are_handed_in(enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    assert 'name="file"' in await desk.read(way="file")
    status, page = await desk.send(kind="file", file=("Essay é.pdf", pdf()))
    assert status == 200
    assert "<bdi>Essay é.pdf</bdi>" in page
    desk.path = f"{desk.topics}/{scene.module_ids[1]}"
    assert 'name="link"' in await desk.read(way="link")
    assert (await desk.send(kind="link", link=" https://example.org/mine "))[0] == 200
    rows = [tuple(row) for row in await kept(enrollment_pool, scene)]
    assert sorted(rows) == [
        ("file", None, None, "Essay é.pdf", True), ("link", None, "https://example.org/mine", None, True),
    ]  # fmt: skip
    async with desk.session.get(desk.topics) as answer:
        page = await answer.text()
    assert page.count("Waiting for review") == 2
    assert "0 of 2 topics accepted" in page


async def test_the_form_sent_twice_hands_in_once(enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    identifier = str(uuid4())
    for _ in range(2):
        status, page = await desk.send(id=identifier, kind="text", text="The same")
        assert (status, "Waiting for review" in page) == (200, True)
    # another form, opened before the first was sent: what stands is shown
    status, page = await desk.send(kind="text", text="Another")
    assert (status, "The same" in page, "Another" in page) == (200, True, False)
    assert len(await kept(enrollment_pool, scene)) == 1


@pytest.mark.parametrize(
    ("fields", "file", "wrong", "sentence"),
    [
        ({"kind": "text", "text": " "}, None, ["text"], "Write something."),
        ({"kind": "text", "text": "Mine", "attested": ""}, None, ["attested"], "holds no students"),
        ({"kind": "link", "link": "javascript:alert(1)"}, None, ["link"], "begins with https"),
        ({"kind": "file", "attested": ""}, None, ["file", "attested"], "Choose a file."),
        ({"kind": "file"}, ("a.pdf", b"MZ\x90\x00"), ["file"], "not what its name says"),
        ({"kind": "file"}, ("a.exe", b"MZ\x90\x00"), ["file"], "This kind of file cannot be handed in."),
        ({"kind": "file"}, ("a.txt", b""), ["file"], "The file is empty."),
        ({"kind": "file"}, ("a.txt", b"x" * (20 * 1024 * 1024 + 1)), ["file"], "larger than 20 MB"),
        ({"kind": "file", "attested": ""}, ("a.txt", b"Mine"), ["attested"], "holds no students"),
    ],
)
async def test_errors_are_named_and_what_was_typed_stays(
    enrollment_pool: Pool, scene: Cast, desk: Desk, fields: dict[str, str], file: tuple[str, bytes] | None,
    wrong: list[str], sentence: str,
) -> None:  # fmt: skip
    status, page = await desk.send(file=file, **fields)
    assert status == 422
    for field in wrong:
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert sentence in page
    if kept_text := (fields.get("text") or fields.get("link", "")).strip():
        assert kept_text in page
    assert await kept(enrollment_pool, scene) == []


async def test_a_body_far_too_large_is_refused_before_it_is_read(
    enrollment_pool: Pool, scene: Cast, desk: Desk
) -> None:
    status, _ = await desk.send(kind="file", file=("a.txt", b"x" * (22 * 1024 * 1024)))
    assert status == 413
    assert await kept(enrollment_pool, scene) == []


async def test_without_a_seat_the_page_says_so_and_takes_nothing(
    enrollment_pool: Pool, scene: Cast, desk: Desk
) -> None:
    await enrollment_pool.execute("UPDATE cohort SET state = 'cancelled' WHERE id = $1", scene.cohort_id)
    assert "You can hand in once you have a seat" in await desk.read()
    assert (await desk.send(kind="text", text="Mine"))[0] == 409
    assert await kept(enrollment_pool, scene) == []


async def test_nobody_else_sees_the_pages(served: Served, enrollment_pool: Pool, scene: Cast, desk: Desk) -> None:
    await desk.send(kind="text", text="Private")
    for part in ("another participant", "instructor", "administrator"):
        async with playing(served, enrollment_pool, scene, part) as session:
            for path in (desk.topics, desk.path):
                async with session.get(path) as answer:
                    assert (answer.status, "Private" in await answer.text()) == (404, False)


async def test_a_topic_of_another_cohort_is_none(desk: Desk) -> None:
    async with desk.session.get(f"{desk.topics}/{uuid4()}") as answer:
        assert answer.status == 404


async def test_pages_ask_the_database_a_fixed_number_of_times(desk: Desk, scene: Cast) -> None:
    await desk.send(kind="text", text="Mine")
    with counting_queries() as count:
        await desk.read()
    assert count() <= 5
    status, _ = await asked(desk.session, "GET", f"/api/enrollments/{scene.enrollment_id}/evidence")
    assert status == 200
