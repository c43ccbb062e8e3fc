"""What other systems may ask for: types of events that there are, and a secret that can sign."""

import base64
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import aiohttp
import pytest

from services.enrollment.events.model import EVENT_TYPES, check_secret
from shared import contracts
from shared.problems import InvalidInputError
from shared.webhook_signing import sign_v1
from tests.enrollment.cast import asked
from tests.enrollment.test_no_service_sees_anothers import bearer
from tests.enrollment.visitors import Served


def secret_of(size: int) -> str:
    return "whsec_" + base64.b64encode(bytes(range(size))).decode()


@pytest.fixture
async def reader(served: Served, organization: UUID) -> AsyncIterator[aiohttp.ClientSession]:
    """Another system that reads the organization's events."""
    headers = bearer(served, contracts.EVENTS_READ, organization)
    async with aiohttp.ClientSession(served.url, headers=headers) as session:
        yield session


@pytest.mark.parametrize("kind", ["日本", "\r\nSet-Cookie: a=b", "badge", "", "laurel.", "\x00", "a" * 5_000])
async def test_types_that_there_are_not_are_refused(reader: aiohttp.ClientSession, kind: str) -> None:
    async with reader.get("/api/events", params={"type": kind}) as answer:
        assert answer.status == 422
        assert [one["field"] for one in (await answer.json())["errors"]] == ["type"]


async def test_types_that_there_are_stand_in_the_address_of_the_next_page(reader: aiohttp.ClientSession) -> None:
    for prefix in ("", "laurel."):
        params = [("type", prefix + kind) for kind in sorted(EVENT_TYPES)]
        async with reader.get("/api/events", params=params) as answer:
            assert answer.status == 200
            link = answer.headers["Link"]
            assert all(f"&type={kind}" in link for kind in EVENT_TYPES)


@pytest.mark.parametrize("size", [24, 25, 26, 32, 64])
def test_secrets_of_24_to_64_bytes_can_sign(size: int) -> None:
    check_secret(secret_of(size))
    assert sign_v1(secret_of(size), message_id="one", timestamp=0, body=b"")


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", secret_of(23), secret_of(65), secret_of(24)[6:], secret_of(24) + "\n", secret_of(24)[:-1],
     "whsec_" + "A" * 33, "whsec_" + "-_" * 16, "whsec_" + "é" * 32],
)  # fmt: skip
def test_what_could_not_sign_is_refused(secret: str) -> None:
    with pytest.raises(InvalidInputError):
        check_secret(secret)


async def test_an_endpoint_with_a_malformed_secret_is_not_added(served: Served, organization: UUID) -> None:
    headers = bearer(served, contracts.WEBHOOKS_WRITE, organization)
    path, url = f"/api/webhook-endpoints/{uuid4()}", f"https://consumer.example/{uuid4()}"
    async with aiohttp.ClientSession(served.url, headers=headers) as session:
        status, problem = await asked(session, "PUT", path, json={"url": url, "secret": "whsec_" + "A" * 33})
        assert (status, [one["field"] for one in problem["errors"]]) == (422, ["secret"])
        status, found = await asked(session, "PUT", path, json={"url": url, "secret": secret_of(32)})
        assert (status, found["secret"]) == (200, secret_of(32))
