"""Whoever asks to be forgotten is, in every table and file; what the law has us keep goes when its time is over."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import LastAdministratorError
from services.enrollment.retention import actions, clock
from shared.clock import system_clock
from shared.contracts import Erasure
from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, playing
from tests.enrollment.houses import house_at
from tests.enrollment.learning.test_pages import seen, sent
from tests.enrollment.retention.traces import Marked, complete, files_with, page_of, traces
from tests.enrollment.staff import mails
from tests.enrollment.visitors import Served


async def test_nothing_is_left_of_whoever_completed_nothing(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    before = await traces(enrollment_pool, marked.word)
    assert {"person.name", "person.email", "evidence.text", "evidence.file_name", "directory_entry.about"} <= before
    assert len(files_with(served, marked.word)) == 1
    async with playing(served, enrollment_pool, marked.scene, "participant") as participant:
        assert "Removed at once" in await page_of(participant, marked.erase)
        status, text = await sent(participant, marked.erase)
        assert (status, "Your data is erased" in text) == (200, True)
        # The session ended with it.
        assert (await asked(participant, "GET", "/api/enrollments"))[0] == 401
        last = await mails(participant, f"{marked.word}@example.org", "Your data was erased")
        assert "This is our last letter" in last[0]["body"]
    assert await traces(enrollment_pool, marked.word) == set()
    assert files_with(served, marked.word) == []


async def test_a_seat_that_is_given_up_goes_to_the_line(served: Served, enrollment_pool: Pool, marked: Marked) -> None:
    scene = marked.scene
    await enrollment_pool.execute(
        "UPDATE enrollment SET place = 'in line', seat_id = NULL, line_rank = 1 WHERE id = $1", scene.enrollment_ids[1]
    )
    await enrollment_pool.execute(
        "DELETE FROM seat WHERE cohort_id = $1 AND NOT EXISTS (SELECT FROM enrollment e WHERE e.seat_id = seat.id)",
        scene.cohort_id,
    )
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        await sent(participant, marked.erase)
    rows = await enrollment_pool.fetch(
        "SELECT place, outcome FROM enrollment WHERE id = ANY ($1) ORDER BY id = $2 DESC",
        scene.enrollment_ids[:2], scene.enrollment_id,
    )  # fmt: skip
    assert [tuple(row) for row in rows] == [("none", "withdrawn"), ("seated", "none")]


async def test_the_record_of_who_completed_is_kept_for_its_years_and_then_goes(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    held_on = system_clock().replace(microsecond=0) - timedelta(days=30)
    award_id = await complete(enrollment_pool, marked, held_on=held_on)
    async with playing(served, enrollment_pool, marked.scene, "participant") as participant:
        text = await page_of(participant, marked.erase)
        assert f"{held_on.year + 6}" in text.partition("Kept until")[2][:60]
        await sent(participant, marked.erase)
    assert await traces(enrollment_pool, marked.word) == {"person.name"}
    assert files_with(served, marked.word) == []
    kept = "SELECT count(*) FROM attendance WHERE enrollment_id = $1"
    assert await enrollment_pool.fetchval(kept, marked.scene.enrollment_id) == 1
    wanted = await enrollment_pool.fetch("SELECT topic, payload FROM outbox WHERE key = $1", award_id)
    assert [row["topic"] for row in wanted] == ["erasure"]
    msgspec.json.decode(wanted[0]["payload"], type=Erasure)
    for days, left in ((5 * 365, {"person.name"}), (6 * 366, set())):
        async with house_at(enrollment_pool, lambda days=days: system_clock() + timedelta(days=days)) as later:  # type: ignore[misc]
            await clock.run(later)
        assert await traces(enrollment_pool, marked.word) == left
    assert await enrollment_pool.fetchval(kept, marked.scene.enrollment_id) == 0
    # The seat and the number of completions stay as they were.
    row = await enrollment_pool.fetchrow(
        "SELECT place, outcome FROM enrollment WHERE id = $1", marked.scene.enrollment_id
    )
    assert row is not None
    assert tuple(row) == ("seated", "completed")


async def test_nobody_writes_to_who_was_erased_and_keeps_a_seat(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    scene = marked.scene
    await complete(enrollment_pool, marked, held_on=system_clock() - timedelta(days=30))
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        assert (await sent(participant, marked.erase))[0] == 200
    async with playing(served, enrollment_pool, scene, "administrator") as administrator:
        message = {"subject": "Bring a pen", "body": "And paper.", "audience": "seated"}
        path = f"/api/cohorts/{scene.cohort_id}/messages/{uuid4()}"
        assert (await asked(administrator, "PUT", path, json=message))[0] == 200
        email = "SELECT email FROM person WHERE id = $1"
        another = await enrollment_pool.fetchval(email, scene.people["another participant"][1])
        assert len(await mails(administrator, another, "Bring a pen")) == 1
        gone = await enrollment_pool.fetchval(email, marked.person_id)
        _, found = await asked(administrator, "GET", "/api/mailbox", params={"recipient": gone})
        assert found["items"] == []


async def test_a_legal_hold_wins_until_it_is_lifted(served: Served, enrollment_pool: Pool, marked: Marked) -> None:
    before = await traces(enrollment_pool, marked.word)
    holds = f"/{marked.slug}/staff/holds"
    async with (
        playing(served, enrollment_pool, marked.scene, "administrator") as administrator,
        playing(served, enrollment_pool, marked.scene, "participant") as participant,
    ):
        form = {"id": str(uuid4()), "cohort_id": str(marked.scene.cohort_id), "reason": "Matter 7"}
        for _ in range(2):
            status, text = await sent(administrator, holds, **form)
            assert (status, text.count("Matter 7")) == (200, 1)
        assert "A legal hold is in force" in await page_of(participant, marked.erase)
        assert "Your wish is noted" in (await sent(participant, marked.erase))[1]
        assert before <= await traces(enrollment_pool, marked.word)
        async with house_at(enrollment_pool, system_clock) as house:
            await clock.run(house)
            assert before <= await traces(enrollment_pool, marked.word)
            assert "You asked to be erased" in await page_of(participant, f"/{marked.slug}/learning/data")
            assert (await sent(administrator, f"{holds}/{form['id']}/lift"))[0] == 200
            await clock.run(house)
    assert await traces(enrollment_pool, marked.word) == set()


async def test_a_hold_needs_one_person_or_cohort_and_a_reason(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    holds = f"/{marked.slug}/staff/holds"
    async with playing(served, enrollment_pool, marked.scene, "administrator") as administrator:
        for form, fields in (
            ({}, ("email", "reason")),
            ({"email": "nobody@example.org", "reason": "x"}, ("email",)),
            ({"email": "a@example.org", "cohort_id": str(marked.scene.cohort_id), "reason": "x"}, ("email",)),
            ({"cohort_id": str(uuid4()), "reason": "x"}, ("cohort_id",)),
        ):
            status, text = await sent(administrator, holds, **form)
            assert status == 422
            assert [f'id="{field}-error"' in text for field in fields] == [True] * len(fields)
        person = {"email": f"{marked.word}@example.org", "reason": "Matter 8"}
        assert (await sent(administrator, holds, **person))[0] == 200
    async with playing(served, enrollment_pool, marked.scene, "coordinator") as coordinator:
        assert (await sent(coordinator, holds, **person))[0] == 403


@pytest.fixture
async def house(enrollment_pool: Pool) -> AsyncIterator[House]:
    """A house with the real time."""
    async with house_at(enrollment_pool, system_clock) as opened:
        yield opened


async def organization_of(pool: Pool, scene: Cast) -> Organization:
    found = await organizations.by_id(pool, scene.organization_id)
    assert found is not None
    return found


async def test_the_last_administrator_stays(enrollment_pool: Pool, marked: Marked, house: House) -> None:
    administrator = marked.scene.people["administrator"][1]
    organization = await organization_of(enrollment_pool, marked.scene)
    enrollment_id = marked.scene.enrollment_ids[2]
    await enrollment_pool.execute("UPDATE enrollment SET person_id = $2 WHERE id = $1", enrollment_id, administrator)
    with pytest.raises(LastAdministratorError):
        await actions.erase(house, organization, administrator, by=administrator)
    # Who is not erased keeps their place, too.
    place = await enrollment_pool.fetchval("SELECT place FROM enrollment WHERE id = $1", enrollment_id)
    assert place == "seated"


async def test_whoever_is_erased_can_enroll_again_as_somebody_new(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    async with playing(served, enrollment_pool, marked.scene, "participant") as participant:
        await sent(participant, marked.erase)
    again = "INSERT INTO person (id, organization_id, name, email) VALUES ($1, $2, 'New', $3)"
    await enrollment_pool.execute(again, uuid4(), marked.scene.organization_id, f"{marked.word}@example.org")
    erased = await enrollment_pool.fetchrow("SELECT name, email FROM person WHERE id = $1", marked.person_id)
    assert erased is not None
    assert tuple(erased) == ("Erased person", f"erased-{marked.person_id}@erased.invalid")


async def test_an_administrator_erases_who_asked_in_another_way(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    path = f"/{marked.slug}/staff/people/{marked.person_id}/erase"
    async with playing(served, enrollment_pool, marked.scene, "administrator") as administrator:
        assert f"Erase <bdi>{marked.word}</bdi>" in await page_of(administrator, path)
        status, text = await sent(administrator, path)
        assert (status, "Nothing is left to erase." in text) == (200, True)
    noted = await enrollment_pool.fetch(
        "SELECT person_id FROM journal_entry WHERE object_id = $1 AND action = 'person.erase'", marked.person_id
    )
    assert [row["person_id"] for row in noted] == [marked.scene.people["administrator"][1]]


async def test_the_download_has_all_that_is_kept_and_the_files(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    await complete(enrollment_pool, marked, held_on=system_clock())
    async with (
        playing(served, enrollment_pool, marked.scene, "participant") as participant,
        participant.get(f"/{marked.slug}/learning/data/download") as answer,
    ):
        assert answer.status == 200
        assert answer.content_type == "application/zip"
        whole = zipfile.ZipFile(io.BytesIO(await answer.read()))
    data = json.loads(whole.read("data.json"))
    assert data["person"]["email"] == f"{marked.word}@example.org"
    assert [one["kind"] for one in data["evidence"]] == ["text", "file"]
    assert len(data["attendance"]) == len(data["completions"]) == len(data["awards"]) == len(data["enrollments"]) == 1
    assert data["directory"]["about"] == f"I am {marked.word}"
    assert whole.read(f"evidence/001 {marked.word}.txt") == f"File of {marked.word}".encode()
    noted = await enrollment_pool.fetchval(
        "SELECT count(*) FROM journal_entry WHERE person_id = $1 AND action = 'data.download'", marked.person_id
    )
    assert noted == 1


async def test_staff_find_whom_to_erase_by_address_and_from_where_they_look(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    home, scene = f"/{marked.slug}/staff", marked.scene
    async with (
        playing(served, enrollment_pool, scene, "administrator") as administrator,
        playing(served, enrollment_pool, scene, "coordinator") as coordinator,
    ):
        status, text = await sent(administrator, f"{home}/holds", finds="yes", erase=f"{marked.word}@example.org")
        assert (status, f"Erase <bdi>{marked.word}</bdi>" in text) == (200, True)
        await enrollment_pool.execute(
            "INSERT INTO person_address (organization_id, email, person_id) VALUES ($1, $2, $3)",
            scene.organization_id, f"second-{marked.word}@example.org", marked.person_id,
        )  # fmt: skip
        status, text = await sent(
            administrator, f"{home}/holds", finds="yes", erase=f"second-{marked.word}@example.org"
        )
        assert (status, f"Erase <bdi>{marked.word}</bdi>" in text) == (200, True)
        status, text = await sent(administrator, f"{home}/holds", finds="yes", erase="nobody@example.org")
        assert (status, 'id="erase-error"' in text, "Nobody here has this address." in text) == (422, True, True)
        # An address in the page's address would stand in logs and histories.
        assert '<form method="get"' not in text
        person = f"{home}/cohorts/{scene.cohort_id}/completion/{scene.enrollment_id}"
        owner = await enrollment_pool.fetchval("SELECT person_id FROM enrollment WHERE id = $1", scene.enrollment_id)
        for session, is_linked in ((administrator, True), (coordinator, False)):
            _, text = await seen(session, f"{home}/cohorts")
            assert (f'href="{home}/holds"' in text) is is_linked
            _, text = await seen(session, person)
            assert (f'href="{home}/people/{owner}/erase"' in text) is is_linked
