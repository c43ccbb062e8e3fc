"""What the worker asks of the issuer role once an award was shown or erased, and which answers end the asking.

The issuer here is a real HTTP server that proves the token as the issuer role does and answers as it is told: what 410
does here must hold whatever the other service's version.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.enrollment.completions import actions
from services.enrollment.completions.issuance import issuing
from services.enrollment.house import House, open_house
from services.enrollment.settings import EnrollmentSettings
from shared import contracts
from shared.clock import system_clock
from shared.contracts import AwardAnswer, Erasure, Visibility, canonical
from shared.outbox import Message, NotSentError
from shared.tokens import TokenVerifier
from tests.enrollment.conftest import settings_for
from tests.enrollment.visitors import Served
from tests.servers import free_port

SCOPES = {
    "": contracts.AWARDS_WRITE,
    "/revocation": contracts.AWARDS_REVOKE,
    "/visibility": contracts.AWARDS_SHOW,
    "/erasure": contracts.AWARDS_ERASE,
}


class Issuer:
    """Keeps what it was asked, and answers with `status`."""

    def __init__(self, settings: EnrollmentSettings) -> None:
        self.settings, self.status, self.asked = settings, 200, list[tuple[str, bytes]]()
        key = load_pem_private_key(Path(settings.service_key_path).read_bytes(), password=None).public_key()
        assert isinstance(key, Ed25519PublicKey)
        self.key = key

    async def key_of(self, issuer: str, kid: str) -> Ed25519PublicKey:
        return self.key

    async def put(self, request: web.Request) -> web.Response:
        verifier = TokenVerifier(
            audience=self.settings.issuer_url,
            clients={self.settings.enrollment_url: contracts.ENROLLMENT},
            keys=self.key_of,
        )
        rest = request.match_info.get("rest", "")
        token = request.headers["Authorization"].removeprefix("Bearer ")
        await verifier.verify(token, scope=SCOPES[rest], now=system_clock())
        award_id = UUID(request.match_info["award_id"])
        self.asked.append((rest, await request.read()))
        answer = AwardAnswer(
            award_id=award_id, revision=2, state="pending", request_sha256=None, credential_id=None, badge_url="",
            issued_at=None, signed_sha256=None, revocation=None, is_erased=True,
        )  # fmt: skip
        body = canonical(answer) if self.status == 200 else b"{}"
        return web.Response(status=self.status, body=body, content_type="application/json")


@pytest.fixture
async def issuer(served: Served, tmp_path: Path) -> AsyncIterator[Issuer]:
    """An issuer that listens where these settings say."""
    settings = settings_for(tmp_path, served.settings.database_url, free_port())
    port = free_port()
    found = Issuer(msgspec.structs.replace(settings, issuer_url=f"http://127.0.0.1:{port}"))
    application = web.Application()
    application.router.add_put("/awards/{award_id}{rest:(/[a-z]+)?}", found.put)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield found
    await runner.cleanup()


@pytest.fixture
async def house(issuer: Issuer) -> AsyncIterator[House]:
    """The worker's means, with that issuer."""
    async with open_house(issuer.settings, process="tests") as opened:
        yield opened


async def send(house: House, organization: UUID, topic: str, payload: bytes) -> None:
    message = Message(
        id=uuid4(), organization_id=organization, topic=topic, key=uuid4(), payload=payload, request_id=None,
        attempts=1, lease=uuid4(),
    )  # fmt: skip
    await issuing.handlers(house)[topic](message)


@pytest.mark.parametrize("topic", [actions.AWARD, actions.VISIBILITY])
async def test_an_erased_award_is_asked_for_no_more(
    house: House, issuer: Issuer, organization: UUID, topic: str
) -> None:
    issuer.status = 410
    await send(house, organization, topic, b"{}")
    assert len(issuer.asked) == 1


@pytest.mark.parametrize("topic", [actions.AWARD, actions.VISIBILITY, actions.ERASURE])
@pytest.mark.parametrize("status", [404, 409, 422, 500, 503])
async def test_any_other_refusal_is_tried_again(
    house: House, issuer: Issuer, organization: UUID, topic: str, status: int
) -> None:
    issuer.status = status
    with pytest.raises(NotSentError, match=f"status {status}"):
        await send(house, organization, topic, b"{}")


@pytest.mark.parametrize("topic", [actions.REVOCATION, actions.ERASURE])
async def test_gone_ends_neither_a_revocation_nor_an_erasure(
    house: House, issuer: Issuer, organization: UUID, topic: str
) -> None:
    """A revocation sets its bit also after erasing; an erasure is answered 200 however often it is asked."""
    issuer.status = 410
    with pytest.raises(NotSentError, match="status 410"):
        await send(house, organization, topic, b"{}")


async def test_an_erasure_is_done_though_the_award_is_no_longer_here(
    house: House, issuer: Issuer, organization: UUID
) -> None:
    payload = canonical(Erasure(erased_at=system_clock()))
    await send(house, organization, actions.ERASURE, payload)
    assert issuer.asked == [("/erasure", payload)]


async def test_a_visibility_is_sent_byte_for_byte(house: House, issuer: Issuer, organization: UUID) -> None:
    issuer.status = 410
    payload = canonical(Visibility(visibility="published", revision=3, changed_at=system_clock()))
    await send(house, organization, actions.VISIBILITY, payload)
    assert issuer.asked == [("/visibility", payload)]
