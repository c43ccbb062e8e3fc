"""A badge shared: what its page tells other sites, only once it is published, and the frame that they show."""

import json
import re
from collections.abc import Mapping
from html import unescape

import aiohttp
import pytest

from tests.credentials.badges import Issued, issue
from tests.credentials.callers import ACHIEVEMENT, Caller


async def page(url: str) -> tuple[str, Mapping[str, str]]:
    """Its HTML and its header."""
    async with aiohttp.ClientSession() as http, http.get(url, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 200, answer.status
        return await answer.text(), answer.headers


@pytest.fixture
async def badge(issuer: Caller, public: str) -> Issued:
    """A badge fresh from the issuer: nobody is told of it yet."""
    return await issue(issuer, public, holder_name='Siân "</script>" Wynn')


def linked_data(html: str) -> list[dict[str, object]]:
    return [json.loads(one) for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)]


async def test_an_unpublished_badge_tells_search_engines_and_link_cards_nothing(badge: Issued, public: str) -> None:
    html, headers = await page(f"{public}/badges/{badge.award_id}")
    assert '<meta name="robots" content="noindex">' in html
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "og:" not in html
    assert linked_data(html) == []


async def test_a_published_badge_says_what_it_is_to_machines_and_nobodys_name(
    issuer: Caller, badge: Issued, public: str
) -> None:
    await issuer.show(badge.organization, badge.award_id, "published", 1)
    link = f"{public}/badges/{badge.award_id}"
    html, headers = await page(link)
    assert "noindex" not in html
    assert "X-Robots-Tag" not in headers
    (told,) = linked_data(html)
    assert told["@type"] == "EducationalOccupationalCredential"
    assert (told["name"], told["url"]) == (ACHIEVEMENT.name, link)
    assert told["recognizedBy"] == {
        "@type": "Organization",
        "name": "Example Association",
        "url": "https://association.example",
    }
    cards = dict(re.findall(r'<meta property="og:([^"]+)" content="([^"]*)">', html))
    assert (unescape(cards["title"]), cards["url"], cards["site_name"]) == (
        ACHIEVEMENT.name,
        link,
        "Example Association",
    )
    async with aiohttp.ClientSession() as http, http.get(cards["image"]) as image:
        assert (image.status, image.content_type) == (200, "image/png")
    assert "Siân" not in str(told) + str(cards)


async def test_the_frame_may_stand_in_any_site_and_loads_nothing_from_elsewhere(badge: Issued, public: str) -> None:
    html, _ = await page(f"{public}/badges/{badge.award_id}")
    snippet = unescape(html.partition('<textarea id="snippet"')[2].partition(">")[2].partition("</textarea>")[0])
    source = re.search(r'src="([^"]+)"', snippet)
    assert source is not None
    assert source[1] == f"{public}/badges/{badge.award_id}/embed"
    framed, headers = await page(source[1])
    policy = dict(one.strip().partition(" ")[::2] for one in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "*"
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert headers["X-Robots-Tag"] == "noindex"
    assert "<script" not in framed
    assert ACHIEVEMENT.name in unescape(framed)


async def test_a_revoked_badge_is_no_more_offered_and_its_frame_says_so(
    issuer: Caller, badge: Issued, public: str
) -> None:
    await issuer.revoke(badge.organization, badge.award_id)
    html, _ = await page(f"{public}/badges/{badge.award_id}")
    assert "linkedin.com" not in html
    assert "snippet" not in html
    framed, _ = await page(f"{public}/badges/{badge.award_id}/embed")
    assert "Revoked" in framed
