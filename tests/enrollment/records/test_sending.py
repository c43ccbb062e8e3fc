"""Sending a record: what it will say is shown first, nothing goes without consent, and its sender can withdraw it."""

import asyncio
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from services.enrollment.organizations import store as organizations
from services.enrollment.programs.rubric import Rubric
from services.enrollment.records import actions, store
from services.enrollment.records.model import MOST_A_DAY
from shared.postgres import Pool, transaction
from shared.records import RecordAnswer, RecordOpening, RecordRequest
from tests.conftest import require
from tests.enrollment.cast import Cast, cast, playing
from tests.enrollment.houses import house_at
from tests.enrollment.visitors import Served, slug_of

RUBRIC = {
    "criteria": [
        {
            "id": "c-1",
            "name": "Reflection",
            "levels": [{"id": "l-1", "name": "Exceeds", "points": 3}, {"id": "l-2", "name": "Begins", "points": 1}],
        }
    ]
}
DISTRICT = {"recipient_name": "District 12", "recipient_email": "HR@District12.example.org", "days": "30"}


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A cast whose participant completed the cohort."""

    cast: Cast
    home: str

    @property
    def form(self) -> dict[str, str]:
        """What the participant types and ticks."""
        return {**DISTRICT, "language": "en", "enrollments": str(self.cast.enrollment_id)}


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Scene:
    """With three hours, accepted evidence that was scored, and a provider of record."""
    found = await cast(enrollment_pool)
    await completed(enrollment_pool, found)
    return Scene(cast=found, home=f"/{await slug_of(enrollment_pool, found.organization_id)}/learning/records")


async def completed(pool: Pool, found: Cast) -> None:
    attended = [
        {
            "session_id": str(found.session_id),
            "held_on": "2026-03-07",
            "credit_minutes": 180,
            "title": "Who we are",
            "mode": "in person",
        }
    ]
    await pool.execute(
        "INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes,"
        " findings, attended) VALUES ($1, $2, 'completed', $3, $4, 180, '[]', $5)",
        found.enrollment_id, found.organization_id, found.people["administrator"][1], datetime(2026, 3, 9, tzinfo=UTC),
        attended,
    )  # fmt: skip
    await pool.execute("UPDATE enrollment SET outcome = 'completed' WHERE id = $1", found.enrollment_id)
    await pool.execute(
        "UPDATE program SET provider = $2 WHERE organization_id = $1",
        found.organization_id, {"name": "Illinois Example Provider", "number": "12-3456"},
    )  # fmt: skip
    evidence_id = uuid4()
    msgspec.convert(RUBRIC, Rubric)
    await pool.execute("UPDATE module SET rubric = $2 WHERE id = $1", found.module_ids[0], RUBRIC)
    await pool.execute(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at,"
        " reviewed_by, reviewed_at) VALUES ($1, $2, $3, $4, 'text', 'Mine', 'accepted', now(), $5, now())",
        evidence_id, found.organization_id, found.enrollment_id, found.module_ids[0], found.people["administrator"][1],
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO evidence_score VALUES ($1, $2, 'c-1', 'l-1', 3)", found.organization_id, evidence_id
    )


async def sent(session: aiohttp.ClientSession, path: str, form: dict[str, str]) -> tuple[int, str]:
    async with session.post(path, data=form, headers={"Accept": "text/html"}) as answer:
        return answer.status, await answer.text()


async def asked_for(pool: Pool, scene: Scene, topic: str = "record") -> list[tuple[UUID, bytes]]:
    """What waits for the issuer, by record."""
    rows = await pool.fetch(
        "SELECT key, payload FROM outbox WHERE organization_id = $1 AND topic = $2", scene.cast.organization_id, topic
    )
    return [(row["key"], row["payload"]) for row in rows]


async def send(served: Served, pool: Pool, scene: Scene) -> UUID:
    """The participant sends a record; its id."""
    async with playing(served, pool, scene.cast, "participant") as participant:
        status, text = await sent(participant, scene.home, {**scene.form, "consent": "yes"})
    assert (status, "Your record is on its way" in text) == (200, True)
    found: UUID = await pool.fetchval(
        "SELECT id FROM sent_record WHERE organization_id = $1 ORDER BY sent_at DESC", scene.cast.organization_id
    )
    return found


async def test_what_it_will_say_is_shown_before_anything_is_sent(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    async with playing(served, enrollment_pool, scene.cast, "participant") as participant:
        status, text = await sent(participant, f"{scene.home}/preview", scene.form)
        assert status == 200
        for told in (
            "District 12", "hr@district12.example.org", "Person 0", "Who we are", "Module 1",
            "Illinois Example Provider, 12-3456", "Reflection", "Exceeds, 3/3", "30 days",
        ):  # fmt: skip
            assert told in text, told
        status, text = await sent(participant, scene.home, scene.form)
    assert (status, "Tick the box if you agree" in text) == (422, True)
    assert await asked_for(enrollment_pool, scene) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"recipient_name": " "}, "Name the organization"),
        ({"recipient_email": "hr@"}, "Enter an e-mail address"),
        ({"enrollments": str(uuid4())}, "Choose at least one cohort"),
    ],
)
async def test_a_form_that_does_not_fit_says_why(
    served: Served, enrollment_pool: Pool, scene: Scene, changed: dict[str, str], sentence: str
) -> None:
    async with playing(served, enrollment_pool, scene.cast, "participant") as participant:
        status, text = await sent(participant, scene.home, {**scene.form, "consent": "yes", **changed})
    assert (status, sentence in text) == (422, True)
    assert await asked_for(enrollment_pool, scene) == []


async def test_the_issuer_is_asked_for_what_was_shown_and_never_told_the_link(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    record_id = await send(served, enrollment_pool, scene)
    ((key, payload),) = await asked_for(enrollment_pool, scene)
    assert key == record_id
    request = msgspec.json.decode(payload, type=RecordRequest)
    assert (request.holder_name, request.recipient_name) == ("Person 0", "District 12")
    (entry,) = request.entries
    assert (entry.credit_minutes, entry.provider.number, entry.results[0].found) == (180, "12-3456", "Exceeds, 3/3")
    assert request.expires_at - request.made_at == timedelta(days=30)
    assert b"district12" not in payload, "whom it goes to by mail is no business of the issuer's"
    row = await enrollment_pool.fetchrow("SELECT * FROM sent_record WHERE id = $1", record_id)
    assert row is not None
    assert "this one recipient" in row["consent"]
    assert row["sealed_token"] is not None
    noted = await enrollment_pool.fetchval("SELECT count(*) FROM journal_entry WHERE object_id = $1", record_id)
    assert noted == 1


async def mailed(served: Served, pool: Pool, scene: Scene, record_id: UUID) -> None:
    """What the worker does once the issuer shows the record."""
    async with house_at(pool, lambda: datetime.now(UTC)) as house:
        organization = await organizations.by_id(pool, scene.cast.organization_id)
        assert organization is not None
        for _ in range(2):
            await actions.mail(house, organization, record_id)


async def test_the_recipient_gets_one_letter_and_the_link_is_kept_nowhere_else(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    record_id = await send(served, enrollment_pool, scene)
    await mailed(served, enrollment_pool, scene, record_id)
    row = await enrollment_pool.fetchrow("SELECT state, sealed_token FROM sent_record WHERE id = $1", record_id)
    assert row is not None
    assert (row["state"], row["sealed_token"]) == ("sent", None)
    async with playing(served, enrollment_pool, scene.cast, "nobody") as anybody:
        letters = await mailbox(anybody, "hr@district12.example.org", scene)
    assert len(letters) == 1
    assert "Person 0 asked us to send District 12" in letters[0]
    assert re.search(r"/records/[A-Za-z0-9_-]{43}\b", letters[0])


async def mailbox(session: aiohttp.ClientSession, email: str, scene: Scene) -> list[str]:
    """The letters to an address that belong to this scene, once there is one."""
    async with asyncio.timeout(20):
        while True:
            async with session.get("/api/mailbox", params={"recipient": email}) as answer:
                items = (await answer.json())["items"]
            if items:
                return [one["body"] for one in items]
            await asyncio.sleep(0.05)


async def test_a_record_is_withdrawn_by_its_sender_alone_and_says_nothing_then(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    record_id = await send(served, enrollment_pool, scene)
    path = f"{scene.home}/{record_id}/withdraw"
    for other in ("another participant", "administrator"):
        async with playing(served, enrollment_pool, scene.cast, other) as session:
            assert (await sent(session, path, {}))[0] == 404
    async with playing(served, enrollment_pool, scene.cast, "participant") as participant:
        for _ in range(2):
            status, text = await sent(participant, path, {})
            assert (status, "Its link shows nothing any more" in text) == (200, True)
    assert [key for key, _ in await asked_for(enrollment_pool, scene, "record-withdrawal")] == [record_id]
    row = await enrollment_pool.fetchrow("SELECT * FROM sent_record WHERE id = $1", record_id)
    assert row is not None
    assert (row["payload"], row["sealed_token"], row["recipient_email"]) == (None, None, None)
    # The letter that waited is not written any more.
    await mailed(served, enrollment_pool, scene, record_id)
    assert (await enrollment_pool.fetchval("SELECT state FROM sent_record WHERE id = $1", record_id)) == "withdrawn"


async def test_openings_are_shown_and_an_older_answer_changes_nothing(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    record_id = await send(served, enrollment_pool, scene)
    await mailed(served, enrollment_pool, scene, record_id)
    opening = RecordOpening(opened_at=datetime(2026, 3, 10, 15, tzinfo=UTC), form="pdf")
    answer = RecordAnswer(record_id=record_id, revision=4, state="issued", openings=(opening,))
    async with house_at(enrollment_pool, lambda: datetime.now(UTC)) as house:
        await actions.take_outcome(house, scene.cast.organization_id, answer)
        older = msgspec.structs.replace(answer, revision=3, openings=())
        await actions.take_outcome(house, scene.cast.organization_id, older)
    async with (
        playing(served, enrollment_pool, scene.cast, "participant") as participant,
        participant.get(scene.home) as page,
    ):
        text = await page.text()
    assert "Opened 1 time" in text
    assert "as PDF" in text


async def test_nobody_writes_to_more_strangers_than_ten_a_day(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    for _ in range(MOST_A_DAY):
        await send(served, enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene.cast, "participant") as participant:
        status, text = await sent(participant, scene.home, {**scene.form, "consent": "yes"})
    assert (status, "Wait until tomorrow" in text) == (429, True)


async def test_ones_own_transcript_tells_the_pathway_and_the_hours(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    require(shutil.which("pdftotext") is not None, "pdftotext")
    async with (
        playing(served, enrollment_pool, scene.cast, "participant") as participant,
        participant.get(f"{scene.home}/transcript.pdf") as answer,
    ):
        assert answer.status == 200
        document = await answer.read()
    run = await asyncio.to_thread(
        subprocess.run, ["pdftotext", "-", "-"], input=document, capture_output=True, check=True
    )
    text = " ".join(run.stdout.decode().split())
    for told in ("Person 0", "Level One", "Who we are", "Illinois Example Provider, number 12-3456", "Exceeds, 3/3"):
        assert told in text, text


async def test_who_completed_nothing_is_told_what_will_be_here(
    served: Served, enrollment_pool: Pool, scene: Scene
) -> None:
    async with playing(served, enrollment_pool, scene.cast, "another participant") as other:
        for path in (scene.home, f"{scene.home}/new"):
            async with other.get(path) as page:
                assert "Once you have completed a cohort" in await page.text()
        status, _ = await sent(other, scene.home, {**scene.form, "consent": "yes"})
    assert status == 422


async def test_what_a_record_said_goes_when_its_link_ends(served: Served, enrollment_pool: Pool, scene: Scene) -> None:
    record_id = await send(served, enrollment_pool, scene)
    await mailed(served, enrollment_pool, scene, record_id)
    await store.drop_ended(enrollment_pool, now=datetime.now(UTC))
    payload = "SELECT payload FROM sent_record WHERE id = $1"
    assert await enrollment_pool.fetchval(payload, record_id) is not None
    await store.drop_ended(enrollment_pool, now=datetime.now(UTC) + timedelta(days=31))
    assert await enrollment_pool.fetchval(payload, record_id) is None


async def test_erasing_somebody_withdraws_what_they_sent(served: Served, enrollment_pool: Pool, scene: Scene) -> None:
    record_id = await send(served, enrollment_pool, scene)
    person: Any = scene.cast.people["participant"][1]
    async with transaction(enrollment_pool) as connection:
        assert await store.open_of(connection, scene.cast.organization_id, person) == [record_id]
    assert await asked_for(enrollment_pool, scene) == [], "what waits to be signed is dropped"
    slug = scene.home.split("/")[1]
    async with playing(served, enrollment_pool, scene.cast, "participant") as participant:
        status, _ = await sent(participant, f"/{slug}/learning/erase", {})
        assert status == 200
    assert [key for key, _ in await asked_for(enrollment_pool, scene, "record-withdrawal")] == [record_id]
    assert await enrollment_pool.fetchval("SELECT count(*) FROM sent_record WHERE id = $1", record_id) == 0
