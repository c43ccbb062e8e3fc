"""Somebody whose every trace has one word in it, and where that word is found."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import msgspec

from shared.postgres import Pool
from tests.enrollment.cast import Cast
from tests.enrollment.learning.test_pages import award, seen
from tests.enrollment.visitors import Served


class Marked(msgspec.Struct, frozen=True):
    """A cast whose participant's every trace has this word in it."""

    scene: Cast
    word: str
    slug: str

    @property
    def person_id(self) -> UUID:
        return self.scene.people["participant"][1]

    @property
    def erase(self) -> str:
        return f"/{self.slug}/learning/erase"


async def attend(pool: Pool, scene: Cast, *, held_on: datetime) -> None:
    """The participant was in the session, which is held that day."""
    await pool.execute(
        "UPDATE cohort_session SET starts_at = $2, ends_at = $3 WHERE id = $1",
        scene.session_id, held_on, held_on + timedelta(hours=3),
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, recorded_by,"
        " recorded_at) VALUES ($1, $2, $3, $4, 'in person', $5, now())",
        scene.organization_id, scene.cohort_id, scene.session_id, scene.enrollment_id,
        scene.people["administrator"][1],
    )  # fmt: skip


async def complete(pool: Pool, marked: Marked, *, held_on: datetime) -> UUID:
    """The participant completed the cohort; the badge names them. Its award."""
    scene = marked.scene
    await attend(pool, scene, held_on=held_on)
    award_id = await award(pool, scene)
    await pool.execute(
        "UPDATE award SET payload = $2, revocation_reason = $3 WHERE id = $1",
        award_id, f'{{"holder_name": "{marked.word}"}}'.encode(), f"Not {marked.word}",
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO outbox (id, organization_id, topic, key, payload) VALUES ($1, $2, 'award', $3, $4)",
        uuid4(), scene.organization_id, award_id, f'{{"holder_name": "{marked.word}"}}'.encode(),
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes,"
        " findings) VALUES ($1, $2, 'completed', $3, now(), 180, '[]'::jsonb)",
        scene.enrollment_id, scene.organization_id, scene.people["administrator"][1],
    )  # fmt: skip
    return award_id


async def traces(pool: Pool, word: str) -> set[str]:
    """The columns of all tables in which the word stands; the development mailbox is the reader's own."""
    found = set()
    columns = await pool.fetch(
        "SELECT c.relname, a.attname, a.atttypid::regtype::text"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND has_table_privilege(c.oid, 'SELECT')"
        " AND a.attnum > 0 AND a.atttypid::regtype::text IN ('text', 'bytea', 'jsonb')"
        " AND c.relname <> 'mailbox_message'"
    )
    for table, column, kind in columns:
        words = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
        if await pool.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE strpos({words}, $1) > 0)", word):
            found.add(f"{table}.{column}")
    return found


def files_with(served: Served, word: str) -> list[Path]:
    """The kept files in which the word stands."""
    folder = Path(served.settings.storage_folder)
    return [one for one in folder.rglob("*") if one.is_file() and word.encode() in one.read_bytes()]


def files_called(served: Served, file_id: UUID) -> list[Path]:
    """What is kept under an id."""
    return list(Path(served.settings.storage_folder).rglob(f"*{file_id}*"))


async def page_of(participant: aiohttp.ClientSession, path: str) -> str:
    status, text = await seen(participant, path)
    assert status == 200
    return text
