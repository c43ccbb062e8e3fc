"""Two records of one person become one, with everything that is either's; what cannot is refused with what to do."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.enrollment.merges import actions
from services.enrollment.merges.rooms import LEFT
from services.enrollment.people.model import Viewer
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.enrollments.test_enrolling import enroll
from tests.enrollment.houses import house_at
from tests.enrollment.outsiders import make_world
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import Planned, call, plan, put, signed_in
from tests.enrollment.visitors import (
    Served,
    add_person,
    ask,
    browser,
    fresh_email,
    letter,
    sign_in_at_once,
    slug_of,
)

#: Every column that names a person: by a foreign key, or by how such columns are called where there is none.
COLUMNS = """
SELECT DISTINCT t.relname AS table, a.attname AS column
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0
WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND a.atttypid = 'uuid'::regtype AND (
    a.attname ~ '(^|_)(person_id|by|by_person)$'
    OR EXISTS (
        SELECT FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'f'
            AND c.confrelid = 'person'::regclass AND a.attnum = ANY (c.conkey) AND a.attname <> 'organization_id'
    )
)
ORDER BY 1, 2
"""
#: Columns of tables in which the world has no row, or that a rule of the table keeps from naming just anybody: what
#: becomes of them is seen in the tests of their rooms.
BY_ROOMS = {
    "attendance_change.changed_by", "audit_file.made_by", "award_change.asked_by",
    "calendar_feed.person_id", "completion.decided_by",
    "completion.reversed_by", "evidence.content_removed_by", "evidence.reviewed_by", "instructor_profile.person_id",
    "roster_import.taken_by", "stipend.approved_by", "level_claim.decided_by", "person.merged_into",
    # Sealed for whom it is of: the tests of forms merge two of them.
    "person_secret.person_id",
}  # fmt: skip

#: Rows of tables that the world leaves empty.
SEEDS = (
    "INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, recorded_by,"
    " recorded_at) SELECT e.organization_id, e.cohort_id, s.id, e.id, 'virtual', $2, now() FROM enrollment e"
    " JOIN cohort_session s ON s.cohort_id = e.cohort_id WHERE e.organization_id = $1 LIMIT 1",
    "INSERT INTO address_wish (token_sha256, organization_id, person_id, email, created_at, expires_at)"
    " VALUES (uuid_send(gen_random_uuid()), $1, $2, 'x@example.org', now(), now())",
    "INSERT INTO sign_in_link (id, organization_id, person_id, token_sha256, return_path, created_at, expires_at)"
    " VALUES (gen_random_uuid(), $1, $2, uuid_send(gen_random_uuid()), '/', now(), now())",
    "INSERT INTO directory_entry (organization_id, person_id, seen_by, about, shows_region, shows_level, shows_email,"
    " changed_at) VALUES ($1, $2, 'cohorts', '', false, false, false, now())",
    "INSERT INTO field_reader (organization_id, person_id, field, granted_by, granted_at)"
    " VALUES ($1, $2, 'license-number', $2, now())",
    "INSERT INTO mail_refusal (id, organization_id, person_id, kind, code, refused_at, seen_by, seen_at)"
    " VALUES (gen_random_uuid(), $1, $2, 'place', '550', now(), $2, now())",
)


class Two(msgspec.Struct, frozen=True):
    """Two records in an organization, and staff who look at them."""

    staff: aiohttp.ClientSession
    pool: Pool
    slug: str
    organization_id: UUID
    planned: Planned
    emails: tuple[str, str]
    keep: UUID
    away: UUID

    @property
    def path(self) -> str:
        """The page that merges the second into the first."""
        return f"/{self.slug}/staff/people/{self.keep}/merge/{self.away}"

    async def enroll(self, which: int) -> None:
        """One of the two enrolls."""
        status, _ = await enroll(self.staff, self.slug, self.planned.cohort_id, self.emails[which])
        assert status in (200, 201)

    async def merge(self) -> tuple[int, str]:
        """The answer to the button."""
        async with self.staff.post(self.path) as answer:
            return answer.status, await answer.text()

    async def text(self, path: str) -> str:
        """A page."""
        async with self.staff.get(path) as answer:
            assert answer.status == 200, path
            return await answer.text()

    async def places(self) -> list[tuple[UUID, str]]:
        """Who has which place in the cohort."""
        rows = await self.pool.fetch(
            "SELECT person_id, place FROM enrollment WHERE cohort_id = $1 ORDER BY place, person_id",
            self.planned.cohort_id,
        )
        return [(row["person_id"], row["place"]) for row in rows]


@pytest.fixture
async def two(served: Served, enrollment_pool: Pool, organization: UUID) -> AsyncIterator[Two]:
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        emails = (fresh_email(), fresh_email())
        keep, away = [
            await add_person(enrollment_pool, organization, email, name=name)
            for email, name in zip(emails, ("José Lim", "Jose  LIM"), strict=True)
        ]
        slug = await slug_of(enrollment_pool, organization)
        yield Two(staff, enrollment_pool, slug, organization, await plan(staff, seats=5), emails, keep, away)


async def test_likely_doubles_are_found_by_name_and_by_a_slip_in_the_address(two: Two) -> None:
    local = fresh_email().partition("@")[0]
    for domain, name in (("gmail.com", "Bea Lim"), ("gmial.com", "B. Lim"), ("another.example.org", "Bee")):
        await add_person(two.pool, two.organization_id, f"{local}@{domain}", name=name)
    with counting_queries() as asked:
        text = await two.text(f"/{two.slug}/staff/people/doubles")
    assert asked() <= 8
    assert text.count("Compare the two<span") == 2
    assert "Same name" in text
    assert "Nearly the same address" in text
    assert f"{local}@another.example.org" not in text


async def test_what_is_one_records_is_the_others_and_both_addresses_lead_there(two: Two, served: Served) -> None:
    await two.enroll(1)
    async with browser(served) as theirs:
        await sign_in_at_once(theirs, two.pool, two.organization_id, two.away)
        text = await two.text(two.path)
        assert "1 enrollment moves with its sessions, evidence and badge:" in text
        assert await two.places() == [(two.away, "seated")]
        status, text = await two.merge()
        assert status == 200
        assert "The two records are one now." in text
        assert await two.places() == [(two.keep, "seated")]
        status, _ = await call(theirs, "GET", "/api/enrollments")
        assert status == 401
    # the other address enrolls the same person, and signs them in with a letter to itself
    await two.enroll(1)
    assert await two.places() == [(two.keep, "seated")]
    async with browser(served) as again:
        await ask(again, two.slug, two.emails[1])
        assert (await letter(again, two.emails[1])).text.startswith("Hello José Lim,")
    kinds = await two.pool.fetch("SELECT data FROM event WHERE type = 'person.merged' AND person_id = $1", two.keep)
    assert [row["data"] for row in kinds] == [{"person_id": str(two.keep), "merged_person_id": str(two.away)}]
    status, _ = await two.merge()
    assert status == 200
    assert len(await two.pool.fetch("SELECT FROM person_merge WHERE kept_id = $1", two.keep)) == 1
    _, found = await call(two.staff, "GET", "/api/people?limit=100")
    assert str(two.away) not in [one["id"] for one in found["items"]]


async def test_two_places_in_one_cohort_are_refused_with_what_to_do(two: Two) -> None:
    await two.enroll(0)
    await two.enroll(1)
    before = await two.places()
    text = await two.text(two.path)
    assert "Both have a place in the cohorts below." in text
    assert "Merge the two records</button>" not in text
    status, _ = await two.merge()
    assert status == 409
    assert await two.places() == before


async def test_who_left_where_the_other_has_a_place_keeps_no_place_twice(two: Two) -> None:
    enrollment_id = uuid4()
    path = f"/api/{two.slug}/cohorts/{two.planned.cohort_id}/enrollments/{enrollment_id}"
    await put(two.staff, path, {"name": "Jose Lim", "email": two.emails[1]})
    await put(two.staff, f"/api/enrollments/{enrollment_id}/withdrawal", {})
    await two.enroll(0)
    turned = two.path.replace(str(two.keep), "x").replace(str(two.away), str(two.keep)).replace("/x/", f"/{two.away}/")
    assert "Keep that one." in await two.text(turned)
    status, _ = await two.merge()
    assert status == 200
    assert await two.places() == [(two.away, "none"), (two.keep, "seated")]


async def test_staff_find_one_person_by_every_address_and_no_record_that_went(two: Two) -> None:
    await two.merge()
    for email in two.emails:
        text = await two.text(f"/{two.slug}/staff/people?words={email}")
        assert f'href="/{two.slug}/staff/people/{two.keep}"' in text
    assert "Merged record" not in await two.text(f"/{two.slug}/staff/people")


@pytest.mark.parametrize("obstacle", ["role", "private", "hold", "cohort's hold", "erasure", "teaches"])
async def test_what_keeps_them_apart_is_said(two: Two, obstacle: str) -> None:
    organization_id, pool = two.organization_id, two.pool
    sentences = {
        "role": "One of them works for the organization.",
        "private": "Private answers are kept of one of them.",
        "hold": "One of them is under a legal hold.",
        "cohort's hold": "One of them is under a legal hold.",
        "erasure": "One of them asked to be erased, or was.",
        "teaches": "One of them teaches the cohorts below, where the other has a place.",
    }
    statements = {
        "role": "INSERT INTO role_grant (organization_id, person_id, role) VALUES ($1, $2, 'administrator')",
        "private": "INSERT INTO person_secret (organization_id, person_id, field, sealed, changed_at)"
        " VALUES ($1, $2, 'license-number', 'x', now())",
        "hold": "INSERT INTO legal_hold (id, organization_id, person_id, reason, placed_by, placed_at)"
        " VALUES (gen_random_uuid(), $1, $2, 'A claim', $2, now())",
        "cohort's hold": "INSERT INTO legal_hold (id, organization_id, cohort_id, reason, placed_by, placed_at)"
        " SELECT gen_random_uuid(), $1, id, 'A claim', $2, now() FROM cohort WHERE organization_id = $1",
        "erasure": "INSERT INTO erasure (id, organization_id, person_id, asked_by, asked_at)"
        " VALUES (gen_random_uuid(), $1, $2, $2, now())",
        "teaches": "INSERT INTO cohort_instructor (organization_id, cohort_id, person_id)"
        " SELECT $1, id, $2 FROM cohort WHERE organization_id = $1",
    }
    await two.enroll(1)
    await pool.execute(statements[obstacle], organization_id, two.keep)
    assert sentences[obstacle] in await two.text(two.path)
    assert (await two.merge())[0] == 409


@pytest.mark.parametrize("kind", ["makeup", "completion", "evidence"])
async def test_who_judged_what_is_the_others_stays_apart_even_where_both_happen_at_once(two: Two, kind: str) -> None:
    statements = {
        "makeup": "INSERT INTO makeup (organization_id, cohort_id, cohort_session_id, enrollment_id, credit_minutes,"
        " what, approved_by, approved_at) SELECT e.organization_id, e.cohort_id, s.id, e.id, 60, 'A talk', $2, now()"
        " FROM enrollment e JOIN cohort_session s ON s.cohort_id = e.cohort_id WHERE e.id = $1",
        "completion": "INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at,"
        " credit_minutes, findings) SELECT id, organization_id, 'completed', $2, now(), 180, '[]'::jsonb"
        " FROM enrollment WHERE id = $1",
        "evidence": "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state,"
        " submitted_at, reviewed_by, reviewed_at) SELECT gen_random_uuid(), e.organization_id, e.id, m.id,"
        " 'text', 'A page', 'accepted', now(), $2, now() FROM enrollment e JOIN cohort c ON c.id = e.cohort_id"
        " JOIN module m ON m.curriculum_id = c.curriculum_id WHERE e.id = $1",
    }
    await two.enroll(1)
    enrollment_id = await two.pool.fetchval("SELECT id FROM enrollment WHERE person_id = $1", two.away)
    async with two.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM enrollment WHERE id = $1 FOR UPDATE", enrollment_id)
        await connection.execute(statements[kind], enrollment_id, two.keep)
        merging = asyncio.create_task(two.merge())
        async with asyncio.timeout(20):
            while not await two.pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                await asyncio.sleep(0.02)
    assert (await merging)[0] == 409
    assert "One of them approved something of the other." in await two.text(two.path)
    assert await two.places() == [(two.away, "seated")]


async def test_two_records_are_found_by_their_addresses(two: Two) -> None:
    path = f"/{two.slug}/staff/people/doubles"
    async with two.staff.post(path, data={"keep": two.emails[0], "away": two.emails[1]}) as answer:
        assert answer.url.path == two.path
    async with two.staff.post(path, data={"keep": "x", "away": fresh_email()}) as answer:
        text = await answer.text()
        assert (answer.status, 'id="keep-error"' in text, 'id="away-error"' in text) == (422, True, False)
    async with two.staff.post(path, data={"keep": two.emails[0], "away": fresh_email()}) as answer:
        assert "Nobody has this address." in await answer.text()


async def test_a_merge_that_races_enrolling_loses_nobody(two: Two) -> None:
    """Whoever enrolls with the other's address meanwhile has a place under the kept record, or keeps the two apart."""
    viewer = Viewer(
        organization_id=two.organization_id,
        person_id=await add_person(two.pool, two.organization_id, fresh_email()),
        roles=frozenset({"administrator"}),
    )
    async with house_at(two.pool, system_clock) as house:
        for turn in range(8):
            email = fresh_email()
            away = await add_person(two.pool, two.organization_id, email)
            keep = await add_person(two.pool, two.organization_id, fresh_email())
            planned = two.planned if turn % 2 else await plan(two.staff, seats=3)
            merged, (status, _) = await asyncio.gather(
                actions.merge(house, viewer, keep=keep, away=away),
                enroll(two.staff, two.slug, planned.cohort_id, email),
            )
            assert merged is None
            assert status in (200, 201)
            rows = await two.pool.fetch(
                "SELECT person_id FROM enrollment WHERE cohort_id = $1 AND person_id = ANY ($2)",
                planned.cohort_id,
                [keep, away],
            )
            assert [row["person_id"] for row in rows] == [keep]


async def test_every_column_that_names_a_person_is_reassigned_or_says_why_not(
    served: Served, enrollment_pool: Pool, migrated: Cluster
) -> None:
    world = await make_world(served, enrollment_pool)
    organization_id = world.scene.organization_id
    away = await add_person(enrollment_pool, organization_id, fresh_email())
    keep = await add_person(enrollment_pool, organization_id, fresh_email())
    for statement in SEEDS:
        await enrollment_pool.execute(statement, organization_id, away)
    owner = await asyncpg.connect(migrated.dsn("enrollment", "enrollment_owner"))
    try:
        columns = [(row["table"], row["column"]) for row in await owner.fetch(COLUMNS)]
        assert len(columns) > 30
        named = {f"{table}.{column}" for table, column in columns}
        assert LEFT.keys() <= named
        touched = set()
        for table, column in columns:
            if f"{table}.{column}" not in LEFT and await _name(owner, table, column, organization_id, away):
                touched.add(f"{table}.{column}")
        assert named - LEFT.keys() - touched <= BY_ROOMS
        # Who is under a hold is not merged: here nobody is any more.
        await owner.execute("UPDATE legal_hold SET lifted_at = now(), lifted_by = placed_by")
        before = await _rows(owner, organization_id)
        viewer = Viewer(
            organization_id=organization_id,
            person_id=world.scene.people["administrator"][1],
            roles=frozenset({"administrator"}),
        )
        async with house_at(enrollment_pool, system_clock) as house:
            await actions.merge(house, viewer, keep=keep, away=away)
        still = [
            f"{table}.{column}"
            for table, column in columns
            if await owner.fetchval(f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = $1)", away)
        ]
        assert set(still) <= LEFT.keys()
        after = await _rows(owner, organization_id)
    finally:
        await owner.close()
    gone = {table: (number, after[table]) for table, number in before.items() if after[table] < number}
    # what only opens doors ends with a merge; nothing else does
    assert gone.keys() <= {"sign_in_session", "sign_in_link", "calendar_feed", "address_wish", "outbox"}


async def _name(
    owner: "asyncpg.Connection[asyncpg.Record]", table: str, column: str, organization_id: UUID, person_id: UUID
) -> bool:
    """Let one row name somebody; False where there is none, or it cannot."""
    try:
        status = await owner.execute(
            f"UPDATE {table} SET {column} = $2 WHERE ctid ="
            f" (SELECT ctid FROM {table} WHERE organization_id = $1 AND {column} IS NOT NULL LIMIT 1)",
            organization_id,
            person_id,
        )
    except asyncpg.IntegrityConstraintViolationError:
        return False
    return status == "UPDATE 1"


async def _rows(owner: "asyncpg.Connection[asyncpg.Record]", organization_id: UUID) -> dict[str, int]:
    tables = await owner.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'organization_id' ORDER BY 1"
    )
    return {
        row["table_name"]: await owner.fetchval(
            f"SELECT count(*) FROM {row['table_name']} WHERE organization_id = $1", organization_id
        )
        for row in tables
    }
