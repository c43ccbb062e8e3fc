"""The hosted Open Badges 2.0 view: whole, followed by its links, honest about revocation, and silent about people."""

from typing import Any

import aiohttp
import pytest

from tests.credentials.badges import Issued, issue
from tests.credentials.callers import Caller


async def get(url: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.headers.get("Access-Control-Allow-Origin") == "*" or answer.status in (404, 410)
        return answer.status, await answer.json(content_type=None)


@pytest.fixture
async def badge(issuer: Caller, public: str) -> Issued:
    """A badge fresh from the issuer."""
    return await issue(issuer, public, holder_name="Siân Wynn")


def assertion_of(badge: Issued, public: str) -> str:
    return f"{public}/ob2/assertions/{badge.award_id}"


async def test_an_assertion_leads_to_its_badge_and_that_to_its_issuer(badge: Issued, public: str) -> None:
    status, assertion = await get(assertion_of(badge, public))
    assert status == 200
    assert assertion["@context"] == "https://w3id.org/openbadges/v2"
    assert (assertion["type"], assertion["id"]) == ("Assertion", assertion_of(badge, public))
    assert assertion["verification"] == {"type": "HostedBadge"}
    assert assertion["issuedOn"] == "2026-11-01T12:00:00Z"
    assert assertion["evidence"][0]["name"] == "Implicit Bias"
    _, badge_class = await get(assertion["badge"])
    assert (badge_class["type"], badge_class["id"]) == ("BadgeClass", assertion["badge"])
    assert badge_class["name"] == badge.document["name"]
    assert (
        badge_class["criteria"]["narrative"]
        == badge.document["credentialSubject"]["achievement"]["criteria"]["narrative"]
    )
    _, profile = await get(badge_class["issuer"])
    assert (profile["type"], profile["id"]) == ("Issuer", badge_class["issuer"])
    assert assertion["id"].startswith(profile["verification"]["startsWith"])
    async with aiohttp.ClientSession() as http, http.get(badge_class["image"]) as image:
        assert (image.status, image.content_type) == (200, "image/png")


async def test_it_names_its_recipient_by_the_subject_alone(badge: Issued, public: str) -> None:
    _, assertion = await get(assertion_of(badge, public))
    subject = badge.document["credentialSubject"]["id"]
    assert assertion["recipient"] == {"type": "id", "hashed": False, "identity": subject}
    assert "Siân" not in str(assertion)


async def test_a_revoked_assertion_is_gone_and_says_why(issuer: Caller, badge: Issued, public: str) -> None:
    await issuer.revoke(badge.organization, badge.award_id, "Awarded by mistake")
    status, assertion = await get(assertion_of(badge, public))
    assert status == 410
    assert assertion == {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": assertion_of(badge, public),
        "revoked": True,
        "revocationReason": "Awarded by mistake",
    }


async def test_what_the_holder_withdrew_or_had_erased_is_not_told(issuer: Caller, badge: Issued, public: str) -> None:
    await issuer.show(badge.organization, badge.award_id, "withdrawn", 1)
    assert (await get(assertion_of(badge, public)))[0] == 404
    await issuer.erase(badge.organization, badge.award_id)
    status, problem = await get(assertion_of(badge, public))
    assert (status, problem["type"].rpartition("/")[2]) == (410, "badge-erased")


@pytest.mark.parametrize("number", [0, 2, 2**31])
async def test_a_version_that_is_not_there_is_not_found(badge: Issued, public: str, number: int) -> None:
    _, assertion = await get(assertion_of(badge, public))
    assert (await get(f"{assertion['badge'].rpartition('/')[0]}/{number}"))[0] == 404
