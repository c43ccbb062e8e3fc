"""An organization with one of each object, and everybody whom these do not concern."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import UUID, uuid4

import aiohttp
import msgspec

from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, playing
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


NOUNS = (
    "person", "role_grant", "program", "level", "curriculum", "module", "cohort", "cohort_session",
    "cohort_instructor", "seat", "enrollment", "attendance", "evidence", "completion", "award", "webhook_endpoint",
)  # fmt: skip


class Ids(msgspec.Struct, frozen=True, kw_only=True):
    """One of each object of an organization."""

    person_id: UUID
    program_id: UUID
    level_id: UUID
    curriculum_id: UUID
    cohort_id: UUID
    session_id: UUID
    enrollment_id: UUID
    evidence_id: UUID
    award_id: UUID


class World(msgspec.Struct, frozen=True, kw_only=True):
    """An organization with one of each object, and what another has to write with."""

    scene: Cast
    ids: Ids
    #: of the other organization
    foreign_slug: str
    foreign_program_id: UUID
    foreign_level_id: UUID
    foreign_curriculum_id: UUID


async def make_world(served: Served, pool: Pool) -> World:
    """A cohort with its cast, a file handed in, an award, and a participant of the other cohort."""
    scene = await cast(pool)
    organization_id, evidence_id, award_id = scene.organization_id, uuid4(), uuid4()
    query = {"module_id": str(scene.module_ids[0]), "file_name": "mine.txt"}
    async with playing(served, pool, scene, "participant") as session:
        status, _ = await asked(session, "PUT", f"{scene.hand_in(evidence_id)}/file", params=query, data=b"Private")
        assert status == 200
    await pool.execute(
        "INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload,"
        " payload_sha256, requested_at) VALUES ($1, $2, $3, $4, 1, '{}', 'none', now())",
        award_id, organization_id, scene.enrollment_id, uuid4(),
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
    foreign = {f"foreign_{name}": value for name, value in (await _ids_of(pool, foreign_id)).items()}
    return World(scene=scene, ids=ids, foreign_slug=await slug_of(pool, foreign_id), **foreign)


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


def address(world: World, name: str) -> tuple[str, str]:
    """The method and path of a route, with the organization's objects in it and the other organization's slug."""
    method, _, template = name.partition(" ")
    plain = template.replace(":uuid}", "}").replace(":str}", "}")
    return method, plain.format(**msgspec.structs.asdict(world.ids), slug=world.foreign_slug, token="x" * 40)


async def everything(pool: Pool, organization_id: UUID) -> dict[str, str]:
    """All rows of an organization, table by table."""
    return {
        noun: await pool.fetchval(
            f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {noun} t"
            " WHERE organization_id = $1",
            organization_id,
        )
        for noun in NOUNS
    }
