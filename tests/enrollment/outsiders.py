"""An organization with one of each object, and everybody whom these do not concern."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID, uuid4

import aiohttp
import msgspec

from shared.contracts import canonical
from shared.postgres import Pool
from tests.credentials.callers import award_request
from tests.enrollment.cast import asked, cast, playing
from tests.enrollment.lines import ADDERS
from tests.enrollment.lines.world import Ids, World
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once, slug_of

Outsider = Literal[
    "another organization's administrator",
    "another cohort's instructor",
    "another participant",
    "another cohort's participant",
    "nobody",
]
OUTSIDERS: tuple[Outsider, ...] = (
    "another organization's administrator",
    "another cohort's instructor",
    "another participant",
    "another cohort's participant",
    "nobody",
)


#: Not looked at: what the worker changes meanwhile, and what tells of sign-ins and of readers.
_RESTLESS = (
    "outbox", "event", "event_head", "mailbox_message", "sign_in_link", "sign_in_session", "journal_entry",
)  # fmt: skip


async def make_world(served: Served, pool: Pool) -> World:
    """A cohort with its cast, a file handed in, an award, and a participant of the other cohort."""
    scene = await cast(pool)
    organization_id, evidence_id, award_id = scene.organization_id, uuid4(), uuid4()
    query = {"module_id": str(scene.module_ids[0]), "file_name": "mine.txt", "attested": "true"}
    async with playing(served, pool, scene, "participant") as session:
        status, _ = await asked(session, "PUT", f"{scene.hand_in(evidence_id)}/file", params=query, data=b"Private")
        assert status == 200
    await pool.execute(
        "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
        " payload_sha256, requested_at) VALUES ($1, $2, $3, $4, 1, $5, 'none', now())",
        award_id, organization_id, scene.enrollment_id, uuid4(), canonical(award_request(uuid4())),
    )  # fmt: skip
    away = await add_person(pool, organization_id, fresh_email())
    scene.people["another cohort's participant"] = (organization_id, away)
    await pool.execute(
        "INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, line_rank, shows_name, enrolled_at)"
        " SELECT $1, $2, cohort_id, $3, 'in line', 1, true, now() FROM cohort_instructor WHERE person_id = $4",
        uuid4(), organization_id, away, scene.people["another cohort's instructor"][1],
    )  # fmt: skip
    foreign_id = scene.people["another organization's administrator"][0]
    ids = Ids(
        person_id=scene.people["participant"][1],
        cohort_id=scene.cohort_id,
        session_id=scene.session_id,
        enrollment_id=scene.enrollment_id,
        evidence_id=evidence_id,
        award_id=award_id,
        **await _ids_of(pool, organization_id),
    )
    foreign = await _ids_of(pool, foreign_id)
    world = World(
        scene=scene,
        ids=ids,
        slug=await slug_of(pool, organization_id),
        foreign_slug=await slug_of(pool, foreign_id),
        foreign_program_id=foreign["program_id"],
        foreign_level_id=foreign["level_id"],
        foreign_curriculum_id=foreign["curriculum_id"],
    )
    for add in ADDERS:
        added = await add(pool, world)
        assert not added.keys() & (world.more.keys() | msgspec.structs.asdict(ids).keys()), "a name means one thing"
        world.more.update(added)
    return world


async def _ids_of(pool: Pool, organization_id: UUID) -> dict[str, UUID]:
    row = await pool.fetchrow(
        "SELECT p.id AS program_id, l.id AS level_id, k.id AS curriculum_id FROM curriculum k"
        " JOIN level l ON l.id = k.level_id JOIN program p ON p.id = l.program_id WHERE k.organization_id = $1",
        organization_id,
    )
    assert row is not None
    return dict(row)


@asynccontextmanager
async def as_outsider(served: Served, pool: Pool, world: World, part: Outsider) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of an outsider, signed in."""
    async with browser(served) as session:
        if part != "nobody":
            await sign_in_at_once(session, pool, *world.scene.people[part])
        yield session


def address(world: World, name: str, *, slug: str | None = None) -> tuple[str, str]:
    """The method and path of a route with the organization's objects in it; without `slug`, with the other's."""
    method, _, template = name.partition(" ")
    plain = re.sub(r":\w+}", "}", template)
    named = {"token": "x" * 40, **msgspec.structs.asdict(world.ids), **world.more}
    return method, plain.format(**named, slug=slug or world.foreign_slug)


async def nouns(pool: Pool) -> list[str]:
    """The tables that hold what belongs to organizations."""
    rows = await pool.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = 'organization_id' AND table_name <> ALL($1) ORDER BY table_name",
        _RESTLESS,
    )
    return [row["table_name"] for row in rows]


async def everything(pool: Pool, organization_id: UUID) -> dict[str, str]:
    """All rows of an organization, table by table."""
    return {
        noun: await pool.fetchval(
            f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {noun} t"
            " WHERE organization_id = $1",
            organization_id,
        )
        for noun in await nouns(pool)
    }
