"""The public pages in the language that their reader chose, whatever the browser asks for; JSON stays English."""

import aiohttp

from tests.credentials.badges import issue
from tests.credentials.callers import Caller

_ENGLISH = {"Accept": "text/html", "Accept-Language": "en"}


async def test_a_badge_is_read_and_verified_in_the_chosen_language(issuer: Caller, public: str) -> None:
    badge = await issue(issuer, public)
    path = f"/badges/{badge.award_id}"
    # The public role is reached by its number in tests, for which a jar keeps no cookie unless told to.
    async with aiohttp.ClientSession(public, cookie_jar=aiohttp.CookieJar(unsafe=True), headers=_ENGLISH) as reader:
        form = {"language": "es", "return_path": f"{path}/verify"}
        async with reader.post("/language", data=form) as answer:
            # The page above what only a form leads to.
            assert answer.url.path == path
            text = await answer.text()
        assert 'lang="es"' in text
        assert "Horas" in text
        async with reader.post(f"{path}/verify") as answer:
            verdict = await answer.text()
        assert "La clave pertenece al emisor nombrado en la insignia." in verdict
        assert "The key belongs" not in verdict
        async with reader.post("/verify", data=badge.text, headers={"Accept": "application/json"}) as answer:
            sentences = [one["sentence"] for one in (await answer.json())["checks"]]
        assert "The key belongs to the issuer named in the badge." in sentences


async def test_nothing_sent_is_told_in_it_too(public: str) -> None:
    async with aiohttp.ClientSession(public, headers={"Accept": "text/html", "Accept-Language": "es"}) as reader:
        async with reader.post("/verify", data={"text": ""}) as answer:
            text = await answer.text()
        assert "There was no badge" not in text
        assert "insignia" in text
