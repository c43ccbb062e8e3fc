"""Reminders: a week before a session and a day before, to everybody seated, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.enrollment.messages import letters, reminding, store_reminders
from services.enrollment.messages.model import Reminded
from services.enrollment.notices import actions as notices
from shared.clock import Clock
from shared.postgres import Pool, transaction
from tests.enrollment.cast import Cast, cast
from tests.enrollment.houses import house_at

#: Long after the dates of other tests, which the service's own worker reminds of.
START = datetime(2031, 3, 15, 15, tzinfo=UTC)
BEGAN = START - timedelta(days=60)


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort with three people seated and one session."""
    found = await cast(enrollment_pool)
    await enrollment_pool.execute(
        "UPDATE cohort_session SET starts_at = $2, ends_at = $3, changed_at = NULL WHERE cohort_id = $1",
        found.cohort_id, START, START + timedelta(hours=3),
    )  # fmt: skip
    await enrollment_pool.execute("UPDATE enrollment SET enrolled_at = $2 WHERE cohort_id = $1", found.cohort_id, BEGAN)
    await enrollment_pool.execute("UPDATE cohort SET state = 'running' WHERE id = $1", found.cohort_id)
    return found


def at(moment: datetime) -> Clock:
    return lambda: moment


async def reminded(pool: Pool, scene: Cast, moment: datetime) -> list[tuple[UUID, int]]:
    """Let the clock be looked at; everybody who has been reminded so far, and how many days ahead."""
    async with house_at(pool, at(moment)) as house:
        await reminding.remind(house)
    rows = await pool.fetch(
        "SELECT enrollment_id, days FROM reminder WHERE cohort_id = $1 ORDER BY days DESC, enrollment_id",
        scene.cohort_id,
    )
    return [(row["enrollment_id"], row["days"]) for row in rows]


async def change(pool: Pool, scene: Cast, statement: str, *more: Any) -> None:
    await pool.execute(statement, scene.cohort_id, *more)


def ago(*, minutes: int = 0, **more: int) -> datetime:
    return START - timedelta(minutes=minutes, **more)


async def test_everybody_seated_is_reminded_a_week_and_a_day_before_and_once(
    enrollment_pool: Pool, scene: Cast
) -> None:
    all_of_them = sorted(scene.enrollment_ids)
    week, day = [(one, 7) for one in all_of_them], [(one, 1) for one in all_of_them]
    assert await reminded(enrollment_pool, scene, ago(days=7, minutes=1)) == []
    for moment in (ago(days=7), ago(days=7), ago(days=1, minutes=1)):
        assert await reminded(enrollment_pool, scene, moment) == week
    for moment in (ago(days=1), ago(minutes=1), START):
        assert await reminded(enrollment_pool, scene, moment) == week + day


async def test_two_workers_remind_once(enrollment_pool: Pool, scene: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "BATCH", 2)
    written: list[UUID] = []
    posted = letters.reminder

    def counted(one: Reminded, *, own_url: str) -> Any:
        if one.cohort_id == scene.cohort_id and one.addressee.person_id is not None:
            written.append(one.addressee.person_id)
        return posted(one, own_url=own_url)

    monkeypatch.setattr(letters, "reminder", counted)
    async with house_at(enrollment_pool, at(ago(days=7))) as house:
        await asyncio.gather(*(reminding.remind(house) for _ in range(4)))
    assert len(written) == len(set(written)) == 3
    # The key is what keeps it so: whoever looked before the other wrote has nothing to write.
    async with enrollment_pool.acquire() as first, enrollment_pool.acquire() as second:
        await enrollment_pool.execute("DELETE FROM reminder WHERE cohort_id = $1", scene.cohort_id)
        taken = first.transaction()
        await taken.start()
        assert len(await store_reminders.take_due(first, now=ago(days=7), most=500)) == 3
        waits = asyncio.create_task(store_reminders.take_due(second, now=ago(days=7), most=500))
        await asyncio.sleep(0.2)
        assert not waits.done()
        await taken.commit()
        assert await waits == []


async def test_a_moved_session_reminds_anew_unless_its_letter_said_so_just_now(
    enrollment_pool: Pool, scene: Cast
) -> None:
    assert len(await reminded(enrollment_pool, scene, ago(days=7))) == 3
    later = START + timedelta(days=30)
    await change(
        enrollment_pool, scene,
        "UPDATE cohort_session SET starts_at = $2, ends_at = $3, changed_at = $4 WHERE cohort_id = $1",
        later, later + timedelta(hours=3), ago(days=6),
    )  # fmt: skip
    assert len(await reminded(enrollment_pool, scene, ago(days=1))) == 3
    assert len(await reminded(enrollment_pool, scene, later - timedelta(days=7))) == 6
    # moved again, to three days from now: the letter of that day is enough until the day before
    sooner = later - timedelta(days=3)
    await change(
        enrollment_pool, scene,
        "UPDATE cohort_session SET starts_at = $2, ends_at = $3, changed_at = $4 WHERE cohort_id = $1",
        sooner, sooner + timedelta(hours=3), sooner - timedelta(days=3),
    )  # fmt: skip
    assert len(await reminded(enrollment_pool, scene, sooner - timedelta(days=2))) == 6
    assert len(await reminded(enrollment_pool, scene, sooner - timedelta(days=1))) == 9


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE enrollment SET place = 'none', seat_id = NULL, outcome = 'withdrawn', left_because = 'withdrew',"
        " left_at = now() WHERE cohort_id = $1",
        "UPDATE enrollment SET outcome = 'completed' WHERE cohort_id = $1",
        "UPDATE cohort_session SET cancelled_at = now() WHERE cohort_id = $1",
        "UPDATE cohort SET state = 'cancelled', cancelled_because = 'Snow' WHERE id = $1",
        "UPDATE cohort SET state = 'closed' WHERE id = $1",
        "UPDATE enrollment SET enrolled_at = '2031-03-14T20:00:00Z' WHERE cohort_id = $1",
    ],
    ids=["withdrawn", "completed", "session cancelled", "cohort cancelled", "closed", "enrolled just now"],
)
async def test_nobody_else_is_reminded(enrollment_pool: Pool, scene: Cast, statement: str) -> None:
    await change(enrollment_pool, scene, statement)
    assert await reminded(enrollment_pool, scene, ago(hours=18)) == []


async def test_many_cost_a_few_statements(enrollment_pool: Pool) -> None:
    await cast(enrollment_pool)
    scene = await cast(enrollment_pool, people=40)
    # A time of its own: the other tests' sessions are not due.
    start = datetime(2032, 5, 1, 15, tzinfo=UTC)
    await change(
        enrollment_pool, scene, "UPDATE cohort_session SET starts_at = $2, ends_at = $3 WHERE cohort_id = $1",
        start, start + timedelta(hours=1),
    )  # fmt: skip
    asked: list[str] = []
    async with transaction(enrollment_pool) as connection, connection.transaction():
        with connection.query_logger(lambda query: asked.append(query.query)):
            found = await store_reminders.take_due(connection, now=start - timedelta(days=7), most=500)
    assert len([one for one in found if one.cohort_id == scene.cohort_id]) == 40
    assert [one for one in asked if "reminder" in one] == [store_reminders.TAKE_DUE]


async def test_the_letter_says_when_where_and_what_to_do(enrollment_pool: Pool, scene: Cast) -> None:
    await change(
        enrollment_pool, scene,
        "UPDATE cohort_session SET mode = 'virtual', link = 'https://video.example/room' WHERE cohort_id = $1",
    )  # fmt: skip
    await change(
        enrollment_pool, scene,
        "UPDATE person SET language = 'es' WHERE id IN (SELECT person_id FROM enrollment WHERE cohort_id = $1)",
    )  # fmt: skip
    async with transaction(enrollment_pool) as connection:
        found = await store_reminders.take_due(connection, now=ago(days=1), most=500)
    mail = letters.reminder(
        next(one for one in found if one.cohort_id == scene.cohort_id), own_url="https://laurel.example"
    )
    assert mail.useful_until == START
    assert mail.subject.startswith("Recordatorio: ")
    assert "sábado 15 de marzo de 2031, 10:00" in mail.text
    for url in ("https://video.example/room", "/learning", f"/cohorts/{scene.cohort_id}"):
        assert url in mail.text
