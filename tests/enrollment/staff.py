"""Staff at work: plans programs and cohorts over HTTP, as the tests of these rooms need them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec

from services.enrollment.people.model import Role
from shared.clock import system_clock
from shared.postgres import Pool
from tests.enrollment.visitors import Served, add_person, browser, fresh_email, sign_in_at_once

ACHIEVEMENT = {
    "name": "Level One: Self Exposure",
    "description": "Took part in a Level One cohort.",
    "criteria": "Attend every session.",
    "achievement_type": "MicroCredential",
    "program_name": "Leaders for Just Schools",
    "level_name": "Level One",
}


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """An open cohort and what it belongs to."""

    program_id: UUID
    level_id: UUID
    curriculum_id: UUID
    module_id: UUID
    cohort_id: UUID
    #: what was put as the cohort
    body: dict[str, Any]


@asynccontextmanager
async def signed_in(
    served: Served, pool: Pool, organization: UUID, *roles: Role, person_id: UUID | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser in which somebody is signed in: the person named, or a new one with these roles."""
    chosen = person_id or await add_person(pool, organization, fresh_email(), *roles)
    async with browser(served) as session:
        await sign_in_at_once(session, pool, organization, chosen)
        yield session


async def call(session: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """The status and the JSON of an answer."""
    async with session.request(method, path, json=body, headers={"Accept": "application/json"}) as answer:
        return answer.status, await answer.json(content_type=None)


async def put(session: aiohttp.ClientSession, path: str, body: Any) -> Any:
    """The JSON that a write answers, which must succeed."""
    status, found = await call(session, "PUT", path, body)
    assert status in (200, 201), (path, status, found)
    return found


def session_body(*, days: int = 10, **more: Any) -> dict[str, Any]:
    """A session of three hours, that many days from now."""
    starts_at = (system_clock() + timedelta(days=days)).replace(microsecond=0)
    return {
        "id": str(uuid4()),
        "title": "Beginning",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "credit_minutes": 180,
        "mode": "in person",
        "place": "Room 4",
        **more,
    }


async def plan(session: aiohttp.ClientSession, *, seats: int = 2, **more: Any) -> Planned:
    """A program with one level, curriculum and module, and an open cohort of `seats`; `more` goes into the cohort."""
    program_id, level_id, curriculum_id, module_id, cohort_id = (uuid4() for _ in range(5))
    await put(
        session,
        f"/api/programs/{program_id}",
        {"slug": f"p-{program_id.hex[:8]}", "name": "Leaders for Just Schools", "description": "A program."},
    )
    await put(
        session,
        f"/api/levels/{level_id}",
        {"program_id": str(program_id), "number": 1, "name": "Level One", "description": "The first."},
    )
    module = {"id": str(module_id), "name": "Bias", "description": "On bias.", "evidence_wanted": "A reflection."}
    await put(
        session,
        f"/api/curricula/{curriculum_id}",
        {"level_id": str(level_id), "name": "Standard", "modules": [module]},
    )
    body = {
        "curriculum_id": str(curriculum_id),
        "name": "Midwest 1",
        "region": "Midwest",
        "school_year": "2026-27",
        "delivery": "hybrid",
        "time_zone": "America/Chicago",
        "state": "open",
        "policy": {"min_sessions": 1, "min_credit_minutes": 180, "modules": "all"},
        "sessions": [session_body()],
        **more,
    }
    await put(session, f"/api/cohorts/{cohort_id}", body)
    await put(session, f"/api/cohorts/{cohort_id}/seats", {"seats": seats})
    return Planned(
        program_id=program_id,
        level_id=level_id,
        curriculum_id=curriculum_id,
        module_id=module_id,
        cohort_id=cohort_id,
        body=body,
    )


async def another_organization(pool: Pool) -> UUID:
    """An organization beside the test's own."""
    identifier = uuid4()
    await pool.execute(
        "INSERT INTO organization (id, slug, name, url, time_zone) VALUES ($1, $2, $3, $4, $5)",
        identifier,
        f"o-{identifier.hex}",
        "Another Association",
        "https://other.example",
        "America/Chicago",
    )
    return identifier


async def mails(session: aiohttp.ClientSession, email: str, subject: str, *, number: int = 1) -> list[dict[str, Any]]:
    """The e-mails to an address whose subject begins so, once there are `number`."""
    async with asyncio.timeout(20):
        while True:
            _, found = await call(session, "GET", f"/api/mailbox?recipient={email}")
            fitting = [one for one in found["items"] if one["subject"].startswith(subject)]
            if len(fitting) >= number:
                return fitting
            await asyncio.sleep(0.05)
