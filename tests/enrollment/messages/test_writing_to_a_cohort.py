"""Staff and instructors write to a cohort: once, to those chosen, each by a letter of their own."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from services.enrollment.messages import store
from shared.postgres import Pool, transaction
from tests.enrollment.cast import Cast, Part, asked, cast, playing
from tests.enrollment.queries import counting_queries
from tests.enrollment.visitors import Served, slug_of

_ID = re.compile(r'name="id" value="([0-9a-f-]{36})"')


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort of four, the last of whom is in line; their addresses are theirs alone."""
    scene = await cast(enrollment_pool, people=4)
    await enrollment_pool.execute(
        "UPDATE enrollment SET place = 'in line', seat_id = NULL, line_rank = 1 WHERE id = $1", scene.enrollment_ids[3]
    )
    await enrollment_pool.execute(
        "UPDATE person p SET email = e.id || '@example.org' FROM enrollment e"
        " WHERE e.person_id = p.id AND e.cohort_id = $1", scene.cohort_id,
    )  # fmt: skip
    return scene


def addresses(scene: Cast) -> list[str]:
    return [f"{one}@example.org" for one in scene.enrollment_ids]


async def path_of(pool: Pool, scene: Cast) -> str:
    return f"/{await slug_of(pool, scene.organization_id)}/teach/cohorts/{scene.cohort_id}/messages"


async def send(session: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str]:
    """Open the form, fill it in and send it."""
    async with session.get(path) as answer:
        found = _ID.search(await answer.text())
    assert found is not None
    async with session.post(path, data={"id": found[1], **form}) as answer:
        return answer.status, await answer.text()


async def mailbox(session: aiohttp.ClientSession, email: str) -> list[dict[str, Any]]:
    _, found = await asked(session, "GET", f"/api/mailbox?recipient={email}")
    items: list[dict[str, Any]] = found["items"]
    return items


async def letters(session: aiohttp.ClientSession, emails: list[str], *, number: int) -> list[list[dict[str, Any]]]:
    """The letters of each address, once there are `number` in all."""
    async with asyncio.timeout(20):
        while sum(map(len, found := [await mailbox(session, one) for one in emails])) < number:
            await asyncio.sleep(0.05)
    return found


async def test_everybody_with_a_seat_gets_a_letter_of_their_own(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path = await path_of(enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, text = await send(session, path, subject="Bring a pen", body="Dear all,\r\nbring <a> pen.")
        assert (status, "Sent to 3 people." in text, "bring &lt;a&gt; pen." in text) == (200, True, True)
        found = await letters(session, addresses(scene), number=3)
    assert [len(one) for one in found] == [1, 1, 1, 0]
    (letter,) = found[0]
    assert letter["subject"] == "Bring a pen"
    assert letter["body"].startswith("Dear all,\nbring <a> pen.\n\nAna Lim, Example Association\n")
    assert not any(other in letter["body"] for other in addresses(scene)[1:])


async def test_the_same_form_twice_sends_once(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path, message = f"/api/cohorts/{scene.cohort_id}/messages", uuid4()
    body = {"audience": "everybody", "subject": "Hello", "body": "All"}
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        answers = await asyncio.gather(*(asked(session, "PUT", f"{path}/{message}", json=body) for _ in range(5)))
        assert {(status, found["recipients"]) for status, found in answers} == {(200, 4)}
        status, problem = await asked(session, "PUT", f"{path}/{message}", json={**body, "body": "Other"})
        assert (status, problem["type"]) == (409, "/problems/message-exists")
        _, listed = await asked(session, "GET", path)
        assert [one["id"] for one in listed["items"]] == [str(message)]
        found = await letters(session, addresses(scene), number=4)
    assert [len(one) for one in found] == [1, 1, 1, 1]
    noted = await enrollment_pool.fetch("SELECT action, note FROM journal_entry WHERE object_id = $1", scene.cohort_id)
    assert [(row["action"], row["note"]) for row in noted] == [
        ("message.send", {"message_id": str(message), "recipients": 4})
    ]


async def test_an_id_of_another_cohorts_message_is_taken(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    other, message = await cast(enrollment_pool), uuid4()
    body = {"subject": "Hello", "body": "All"}
    for one, status in ((scene, 200), (other, 409)):
        async with playing(served, enrollment_pool, one, "coordinator") as session:
            path = f"/api/cohorts/{one.cohort_id}/messages/{message}"
            assert (await asked(session, "PUT", path, json=body))[0] == status


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"subject": " ", "body": "All"}, "subject"),
        ({"subject": "Hello", "body": " \n"}, "body"),
        ({"subject": "H" * 151, "body": "All"}, "subject"),
        ({"subject": "Hello", "body": "x" * 5_001}, "body"),
        ({"subject": "Hello", "body": "All", "audience": "the world"}, "audience"),
    ],
)
async def test_what_does_not_fit_is_kept_and_nothing_is_sent(
    served: Served, enrollment_pool: Pool, scene: Cast, form: dict[str, str], field: str
) -> None:
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, text = await send(session, await path_of(enrollment_pool, scene), **form)
    assert (status, f'id="{field}-error"' in text, form["body"] in text) == (422, True, True)
    count = "SELECT count(*) FROM cohort_message WHERE cohort_id = $1"
    assert await enrollment_pool.fetchval(count, scene.cohort_id) == 0


async def test_nobody_to_read_it(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path = await path_of(enrollment_pool, scene)
    await enrollment_pool.execute(
        "UPDATE enrollment SET place = 'none', line_rank = NULL WHERE id = $1", scene.enrollment_ids[3]
    )
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, text = await send(session, path, subject="Hello", body="All", audience="in line")
        assert (status, "Nobody is there to read it" in text) == (422, True)


@pytest.mark.parametrize(
    ("part", "status"),
    [("instructor", 200), ("coordinator", 200), ("participant", 404), ("another cohort's instructor", 404)],
)
async def test_who_writes_and_reads(
    served: Served, enrollment_pool: Pool, scene: Cast, part: Part, status: int
) -> None:
    async with playing(served, enrollment_pool, scene, part) as session:
        page = await path_of(enrollment_pool, scene)
        async with session.get(page) as answer:
            assert answer.status == status
        api = f"/api/cohorts/{scene.cohort_id}/messages"
        assert (await asked(session, "GET", api))[0] == status
        put = await asked(session, "PUT", f"{api}/{uuid4()}", json={"subject": "Hello", "body": "All"})
        assert put[0] == status


async def test_statements_do_not_grow_with_the_people(served: Served, enrollment_pool: Pool) -> None:
    found = []
    for people in (2, 100):
        scene = await cast(enrollment_pool, people=people)
        async with playing(served, enrollment_pool, scene, "coordinator") as session:
            path = f"/api/cohorts/{scene.cohort_id}/messages/{uuid4()}"
            with counting_queries() as number:
                assert (await asked(session, "PUT", path, json={"subject": "Hello", "body": "All"}))[0] == 200
            found.append(number())
    assert found[0] == found[1] <= 9


async def test_what_somebody_sent_is_theirs_to_download_and_hand_over(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        await send(session, await path_of(enrollment_pool, scene), subject="Hello", body="All")
    author, heir = scene.people["coordinator"][1], scene.people["instructor"][1]
    async with transaction(enrollment_pool) as connection:
        told = await store.data_of(connection, scene.organization_id, author)
        assert [one["subject"] for one in told["messages"]] == ["Hello"]
        await store.reassign(connection, scene.organization_id, away=author, keep=heir)
        assert await store.data_of(connection, scene.organization_id, author) == {"messages": []}
        assert len((await store.data_of(connection, scene.organization_id, heir))["messages"]) == 1
