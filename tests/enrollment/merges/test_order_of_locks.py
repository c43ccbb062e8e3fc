"""A merge and what staff do meanwhile never wait for each other: who began goes first, the other follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import msgspec
import pytest

from services.enrollment.completions import actions as completions
from services.enrollment.evidence import reviewing
from services.enrollment.evidence.model import Review
from services.enrollment.forms import actions as forms
from services.enrollment.forms.model import Field, Form
from services.enrollment.forms.store import Holder
from services.enrollment.house import House
from services.enrollment.merges import actions as merges
from services.enrollment.merges.model import NotMergedError
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import actions as stipends
from services.enrollment.stipends.model import Offer
from shared.clock import system_clock
from shared.postgres import Pool
from shared.problems import NotFoundError
from tests.enrollment.houses import house_at
from tests.enrollment.stipends.money import Money, money, put_budget
from tests.enrollment.visitors import add_person, fresh_email


class Scene(msgspec.Struct, frozen=True):
    """Saul of the staff, who is also the first participant under another address; an administrator merges records."""

    pool: Pool
    house: House
    world: Money
    budget_id: UUID
    stipend_id: UUID
    evidence_id: UUID

    @property
    def saul(self) -> Viewer:
        return Viewer(
            organization_id=self.world.organization_id,
            person_id=self.world.second_id,
            roles=frozenset({"coordinator"}),
        )

    async def merge(self, *, keep: UUID, away: UUID) -> None:
        administrator = Viewer(
            organization_id=self.world.organization_id,
            person_id=self.world.built.staff_id,
            roles=frozenset({"administrator"}),
        )
        await merges.merge(self.house, administrator, keep=keep, away=away)

    async def approve(self) -> None:
        offer = Offer(budget_id=self.budget_id, cents=100_00)
        await stipends.approve(self.house, self.saul, self.stipend_id, offer, now=self.house.clock())

    async def decline(self) -> None:
        await stipends.decline(self.house, self.saul, self.stipend_id, reason="No", now=self.house.clock())

    async def review(self) -> None:
        await reviewing.review(self.house, self.saul, self.evidence_id, Review(decision="accepted"))

    async def decide(self) -> None:
        choice = completions.Choice(not_completed=frozenset(self.world.built.enrollment_ids))
        now = self.house.clock()
        await completions.decide(self.pool, self.saul, self.world.built.cohort_id, choice, now=now)

    async def answer(self) -> None:
        """The participant changes what is kept private of them."""
        built = self.world.built
        (person_id, *_), (enrollment_id, *_) = built.person_ids, built.enrollment_ids
        holder = Holder(
            enrollment_id=enrollment_id, person_id=person_id, cohort_id=built.cohort_id, cohort_name="", time_zone="UTC"
        )
        form = Form(version=1, fields=(Field(key="license-number", label="License", kind="private"),), consents=())
        own = Viewer(organization_id=self.world.organization_id, person_id=person_id)
        await forms.change(self.house, own, holder, form, {"license-number": "New 12"})


@pytest.fixture
async def scene(enrollment_pool: Pool) -> AsyncIterator[Scene]:
    """The participant handed something in, and has a stipend that Cora prepared."""
    world = await money(enrollment_pool)
    built, stipend_id, evidence_id, module_id = world.built, uuid4(), uuid4(), uuid4()
    budget_id = await put_budget(enrollment_pool, world, cents=1000_00)
    await enrollment_pool.execute(
        "INSERT INTO stipend (id, organization_id, enrollment_id, state, plan, asked_cents, applied_at, budget_id,"
        " amount_cents, prepared_by) VALUES ($1, $2, $3, 'prepared', 'A workshop', 10000, now(), $4, 10000, $5)",
        stipend_id, world.organization_id, built.enrollment_ids[0], budget_id, world.coordinator_id,
    )  # fmt: skip
    await enrollment_pool.execute(
        "INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)"
        " SELECT $1, $2, curriculum_id, 1, 'Module', 'About', 'A page' FROM cohort WHERE id = $3",
        module_id, world.organization_id, built.cohort_id,
    )  # fmt: skip
    await enrollment_pool.execute(
        "INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at)"
        " VALUES ($1, $2, $3, $4, 'text', 'A page', 'submitted', now())",
        evidence_id, world.organization_id, built.enrollment_ids[0], module_id,
    )  # fmt: skip
    async with house_at(enrollment_pool, system_clock) as house:
        yield Scene(enrollment_pool, house, world, budget_id, stipend_id, evidence_id)


async def wait_for(pool: Pool, number: int) -> None:
    """Until so many wait for a lock."""
    asking = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while await pool.fetchval(asking) < number:
            await asyncio.sleep(0.01)


async def both(
    scene: Scene, blocked: str, row: UUID, verb: Callable[[], Awaitable[None]], *, keep: UUID, away: UUID
) -> BaseException | None:
    """The verb stops at a row that we hold; the merge begins; we let go. What became of the merge."""
    async with scene.pool.acquire() as connection:
        lock = connection.transaction()
        await lock.start()
        await connection.execute(blocked, row)
        doing = asyncio.ensure_future(verb())
        await wait_for(scene.pool, 1)
        merging = asyncio.ensure_future(scene.merge(keep=keep, away=away))
        await wait_for(scene.pool, 2)
        await lock.rollback()
        done, merged = await asyncio.gather(doing, merging, return_exceptions=True)
    assert done is None
    return merged


async def test_who_approves_the_stipend_of_their_other_record_is_kept_apart_from_it(scene: Scene) -> None:
    blocked = "SELECT FROM stipend WHERE id = $1 FOR UPDATE"
    participant, staff = scene.world.built.person_ids[0], scene.world.second_id
    merged = await both(scene, blocked, scene.stipend_id, scene.approve, keep=staff, away=participant)
    assert isinstance(merged, NotMergedError)
    state = await scene.pool.fetchval("SELECT state FROM stipend WHERE id = $1", scene.stipend_id)
    assert state == "approved"


async def test_who_reviews_the_evidence_of_their_other_record_is_kept_apart_from_it(scene: Scene) -> None:
    blocked = "SELECT FROM evidence WHERE id = $1 FOR UPDATE"
    participant, staff = scene.world.built.person_ids[0], scene.world.second_id
    merged = await both(scene, blocked, scene.evidence_id, scene.review, keep=staff, away=participant)
    assert isinstance(merged, NotMergedError)


async def test_who_decides_about_their_other_record_is_merged_once_it_is_decided(scene: Scene) -> None:
    await scene.pool.execute("UPDATE enrollment SET outcome = 'none' WHERE cohort_id = $1", scene.world.built.cohort_id)
    last = max(scene.world.built.enrollment_ids)
    first = min(scene.world.built.enrollment_ids)
    participant = await scene.pool.fetchval("SELECT person_id FROM enrollment WHERE id = $1", first)
    blocked = "SELECT FROM enrollment WHERE id = $1 FOR UPDATE"
    merged = await both(scene, blocked, last, scene.decide, keep=scene.world.second_id, away=participant)
    assert merged is None
    assert await scene.pool.fetchval("SELECT person_id FROM enrollment WHERE id = $1", first) == scene.world.second_id


async def test_what_names_who_acts_is_not_locked_away_from_them(scene: Scene) -> None:
    """The merge wants the stipend's row, since Saul prepared it, and Saul books in the ledger that it is declined."""
    await scene.pool.execute(
        "UPDATE stipend SET state = 'approved', prepared_by = $2, approved_by = $3, approved_at = now() WHERE id = $1",
        scene.stipend_id, scene.world.second_id, scene.world.coordinator_id,
    )  # fmt: skip
    await scene.pool.execute("UPDATE stipend_budget SET committed_cents = 10000 WHERE id = $1", scene.budget_id)
    other = await add_person(scene.pool, scene.world.organization_id, fresh_email())
    blocked = "SELECT FROM stipend_budget WHERE id = $1 FOR UPDATE"
    merged = await both(scene, blocked, scene.budget_id, scene.decline, keep=other, away=scene.world.second_id)
    assert merged is None
    row = await scene.pool.fetchrow("SELECT state, prepared_by FROM stipend WHERE id = $1", scene.stipend_id)
    assert row is not None
    assert tuple(row) == ("declined", other)


async def test_whose_record_was_merged_a_moment_ago_writes_nothing_under_it(scene: Scene) -> None:
    """No table but logs names the record that went: a request that began before the merge finds itself gone."""
    other = await add_person(scene.pool, scene.world.organization_id, fresh_email())
    await scene.merge(keep=other, away=scene.world.second_id)
    for verb in (scene.approve, scene.review, scene.decide):
        with pytest.raises(NotFoundError):
            await verb()
    await scene.merge(keep=other, away=scene.world.built.person_ids[0])
    with pytest.raises(NotFoundError):
        await scene.answer()
