"""What services may do here, tried with a person's session and with the token of another organization."""

from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from shared import contracts
from shared.clock import system_clock
from shared.postgres import Pool
from shared.tokens import Grant, ServiceKey
from tests.enrollment.cast import asked, playing
from tests.enrollment.lines.services import OF_SERVICES
from tests.enrollment.lines.world import World
from tests.enrollment.outsiders import everything, make_world
from tests.enrollment.visitors import Served, browser


@pytest.fixture
async def world(served: Served, enrollment_pool: Pool) -> World:
    """An organization with one of each object."""
    return await make_world(served, enrollment_pool)


def bearer(served: Served, scope: str, organization_id: UUID) -> dict[str, str]:
    settings = served.settings
    grant = Grant(
        issuer=settings.enrollment_url,
        client=contracts.ENROLLMENT,
        audience=settings.enrollment_url,
        scope=scope,
        organization=organization_id,
    )
    token = ServiceKey.load(Path(settings.service_key_path)).mint(grant, now=system_clock())
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("name", list(OF_SERVICES))
async def test_a_persons_session_is_no_token(served: Served, enrollment_pool: Pool, world: World, name: str) -> None:
    method, _, template = name.partition(" ")
    path = template.split("{")[0] + str(uuid4()) * ("{" in template) + template.partition("}")[2]
    body = OF_SERVICES[name]
    async with playing(served, enrollment_pool, world.scene, "administrator") as session:
        assert (await asked(session, method, path, json=body))[0] == 401
        wrong = bearer(served, contracts.AWARDS_READ, world.scene.organization_id)
        assert (await asked(session, method, path, json=body, headers=wrong))[0] == 403


async def test_another_organizations_token_reaches_nothing(served: Served, enrollment_pool: Pool, world: World) -> None:
    async with browser(served) as http:
        path = f"/api/webhook-endpoints/{uuid4()}"
        own = bearer(served, contracts.WEBHOOKS_WRITE, world.scene.organization_id)
        body = {"url": "https://consumer.example/hook"}
        status, endpoint = await asked(http, "PUT", path, json=body, headers=own)
        assert status == 200
        before = await everything(enrollment_pool, world.scene.organization_id)

        foreign_id = world.scene.people["another organization's administrator"][0]
        foreign = bearer(served, contracts.WEBHOOKS_WRITE, foreign_id)
        status, problem = await asked(http, "PUT", path, json=body, headers=foreign)
        assert status == 409
        assert endpoint["secret"] not in str(problem)
        async with http.delete(path, headers=foreign) as answer:
            assert answer.status == 404
        outcome = contracts.AwardAnswer(
            award_id=world.ids.award_id,
            revision=9,
            state="issued",
            request_sha256=None,
            credential_id=uuid4(),
            badge_url="https://badges.example/theirs",
            issued_at=system_clock(),
            signed_sha256=None,
            revocation=None,
        )
        headers = {
            **bearer(served, contracts.OUTCOMES_WRITE, foreign_id),
            "Content-Type": "application/json",
        }
        path = f"/awards/{world.ids.award_id}/outcome"
        status, _ = await asked(http, "PUT", path, data=msgspec.json.encode(outcome), headers=headers)
        assert status == 404
        assert await everything(enrollment_pool, world.scene.organization_id) == before
        async with http.delete(f"/api/webhook-endpoints/{endpoint['id']}", headers=own) as answer:
            assert answer.status == 204
