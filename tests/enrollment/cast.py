"""A cohort with everybody who may or may not see into it, for the tests of attendance and evidence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal
from uuid import UUID, uuid4

import aiohttp
import msgspec

from shared.postgres import Pool
from tests.builders import build
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once

Part = Literal[
    "administrator",
    "coordinator",
    "instructor",
    "another cohort's instructor",
    "participant",
    "another participant",
    "another organization's administrator",
    "nobody",
]


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """One cohort with a session and two modules; its first two people are the participant and another participant."""

    organization_id: UUID
    cohort_id: UUID
    session_id: UUID
    module_ids: list[UUID]
    enrollment_ids: list[UUID]
    #: (organization, person) of each part
    people: dict[str, tuple[UUID, UUID]]

    @property
    def enrollment_id(self) -> UUID:
        """The participant's."""
        return self.enrollment_ids[0]

    @property
    def sheet(self) -> str:
        """The path of the session's attendance."""
        return f"/api/cohorts/{self.cohort_id}/sessions/{self.session_id}/attendance"

    def hand_in(self, evidence_id: UUID) -> str:
        """The path under which the participant hands in."""
        return f"/api/enrollments/{self.enrollment_id}/evidence/{evidence_id}"


async def cast(pool: Pool, *, people: int = 3) -> Cast:
    """A fresh organization with the whole cast, and another organization beside it. No attendance is recorded."""
    async with pool.acquire() as connection:
        built = await build(connection, people=people, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
        foreign = await build(connection, people=1, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    organization_id = built.organization_id
    await pool.execute("DELETE FROM attendance WHERE cohort_id = $1", built.cohort_id)
    module_ids = [uuid4(), uuid4()]
    for number, module_id in enumerate(module_ids, 1):
        await pool.execute(
            "INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)"
            " SELECT $1, $2, curriculum_id, $3, $4, 'About', 'A page' FROM cohort WHERE id = $5",
            module_id, organization_id, number, f"Module {number}", built.cohort_id,
        )  # fmt: skip
    other_cohort_id = await _another_cohort(pool, built.cohort_id)
    teachers = {
        "instructor": built.cohort_id,
        "another cohort's instructor": other_cohort_id,
    }
    parts = {
        "administrator": (organization_id, built.staff_id),
        "coordinator": (organization_id, await add_person(pool, organization_id, fresh_email(), "coordinator")),
        "participant": (organization_id, built.person_ids[0]),
        "another participant": (organization_id, built.person_ids[1]),
        "another organization's administrator": (foreign.organization_id, foreign.staff_id),
    }
    for part, cohort_id in teachers.items():
        person_id = await add_person(pool, organization_id, fresh_email())
        await make_instructor(pool, organization_id, cohort_id, person_id)
        parts[part] = (organization_id, person_id)
    return Cast(
        organization_id=organization_id,
        cohort_id=built.cohort_id,
        session_id=await pool.fetchval("SELECT id FROM cohort_session WHERE cohort_id = $1", built.cohort_id),
        module_ids=module_ids,
        enrollment_ids=built.enrollment_ids,
        people=parts,
    )


async def make_instructor(pool: Pool, organization_id: UUID, cohort_id: UUID, person_id: UUID) -> None:
    """Let somebody teach a cohort."""
    await pool.execute("INSERT INTO cohort_instructor VALUES ($1, $2, $3)", organization_id, cohort_id, person_id)


async def _another_cohort(pool: Pool, cohort_id: UUID) -> UUID:
    identifier: UUID = await pool.fetchval(
        "INSERT INTO cohort (id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,"
        " policy) SELECT $1, organization_id, curriculum_id, 'Another', region, school_year, delivery, time_zone,"
        " state, policy FROM cohort WHERE id = $2 RETURNING id",
        uuid4(), cohort_id,
    )  # fmt: skip
    return identifier


@asynccontextmanager
async def playing(served: Served, pool: Pool, scene: Cast, part: Part) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of somebody in the cast, signed in."""
    async with browser(served) as session:
        if part != "nobody":
            await sign_in_at_once(session, pool, *scene.people[part])
        yield session


async def asked(session: aiohttp.ClientSession, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """The answer's status and JSON."""
    async with session.request(method, path, **more) as answer:
        return answer.status, await answer.json(content_type=None)


async def told(pool: Pool, organization_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """The organization's events as (type, data), in the order written."""
    rows = await pool.fetch(
        "SELECT type, data FROM event WHERE organization_id = $1 ORDER BY written_at, id", organization_id
    )
    return [(row["type"], row["data"]) for row in rows]
