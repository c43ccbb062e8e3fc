"""What the story leaves: each badge in five forms, each verified as a stranger would, told as one list of checks."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from deploy.demo import story
from deploy.demo.play import Played
from deploy.demo.stage import COHORT_ID
from deploy.demo.target import Target
from services.credentials.containers import pdf, png, svg

FORMS = ("json", "jwt", "png", "svg", "pdf")
_AT_ONCE = 3
_TIMEOUT = aiohttp.ClientTimeout(total=120)
_MOST_PAGES = 100


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that had to be so, and whether it was."""

    name: str
    is_right: bool
    detail: str = ""


async def examine(target: Target, played: Played, out: Path | None) -> list[Check]:
    """Every check of the story; files go to `out`, where one is given."""
    checks = _of_cohort(played)
    awarded = {number: one for number, one in played.standings.items() if one["award_id"] is not None}
    gate = asyncio.Semaphore(_AT_ONCE)
    async with aiohttp.ClientSession(target.public, timeout=_TIMEOUT, trust_env=False) as http:

        async def look(number: int, standing: dict[str, Any]) -> list[Check]:
            async with gate:
                return await _of_badge(http, number, standing, out)

        for found in await asyncio.gather(*(look(number, one) for number, one in sorted(awarded.items()))):
            checks += found
        good = next(one for number, one in sorted(awarded.items()) if number != story.REVOKED)
        checks += await _of_tampering(http, good["badge_url"])
    checks.append(await _of_events(target, len(awarded)))
    reconciled = await asyncio.to_thread(target.command, "reconcile")
    detail = (reconciled.stdout + reconciled.stderr).strip()
    checks.append(Check(name="both databases agree", is_right=reconciled.returncode == 0, detail=detail))
    return checks


def _of_cohort(played: Played) -> list[Check]:
    numbers = set(played.standings)
    seated = (set(range(story.SEATS)) - set(story.WITHDRAW)) | {story.SEATS, story.SEATS + 1}
    short = {*story.MISSED_TOO_MUCH, *story.LEFT_EARLY, *story.WITHOUT_LAST_EVIDENCE}
    awarded = {number for number, one in played.standings.items() if one["award_id"] is not None}
    became = {one.number: one.becomes for one in story.APPLICATIONS if one.becomes != "applied"}
    waiting = len(story.PEOPLE) - story.SEATS - len(story.WITHDRAW)
    return [
        Check(name="every seat is held by who should hold it", is_right=numbers == seated, detail=f"{len(numbers)}"),
        Check(name="the rest stand in line", is_right=played.in_line == waiting, detail=f"{played.in_line}"),
        Check(name="who met the policy was awarded", is_right=awarded == seated - short, detail=f"{len(awarded)}"),
        Check(
            name="one stipend is paid and one declined",
            is_right=became.items() <= played.stipends.items(),
            detail=str(played.stipends),
        ),
    ]


async def _of_badge(
    http: aiohttp.ClientSession, number: int, standing: dict[str, Any], out: Path | None
) -> list[Check]:
    path = f"/badges/{standing['award_id']}"
    files = {form: await _download(http, f"{path}.{form}") for form in FORMS}
    if out is not None:
        for form, content in files.items():
            (out / f"badge-{number + 1:02}.{form}").write_bytes(content)
    expected = "revoked" if number == story.REVOKED else "genuine"
    checks = []
    for form, content in files.items():
        verdict = await _verify(http, content)
        checks.append(_verdict_check(f"badge {number + 1:02} as {form}", verdict, expected))
    stored = files["json"].decode()
    is_same = png.extract(files["png"]) == svg.extract(files["svg"]) == pdf.extract(files["pdf"]) == stored
    checks.append(Check(name=f"badge {number + 1:02} is the same bytes in every container", is_right=is_same))
    is_withheld = story.PEOPLE[number] not in stored
    checks.append(
        Check(
            name=f"badge {number + 1:02} {'withholds' if number == story.NAME_WITHHELD else 'shows'} the name",
            is_right=is_withheld == (number == story.NAME_WITHHELD),
        )
    )
    return checks


async def _of_tampering(http: aiohttp.ClientSession, badge_url: str) -> list[Check]:
    """A good badge, spoiled in four ways: each must be told for what it is."""
    path = badge_url[badge_url.index("/badges/") :]
    text = (await _download(http, f"{path}.json")).decode()
    more = json.loads(text)
    more["credentialSubject"]["creditsEarned"] = 400
    unsigned = {name: value for name, value in json.loads(text).items() if name != "proof"}
    head, body, signature = (await _download(http, f"{path}.jwt")).decode().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    picture = await _download(http, f"{path}.png")
    spoiled = {
        "hours were changed": json.dumps(more).encode(),
        "the signature was taken off": json.dumps(unsigned).encode(),
        "the token is unsigned": f"{none}.{body}.".encode(),
        "the token is signed by nobody": f"{head}.{body}.{signature[:-8]}AAAAAAAA".encode(),
        "the picture was cut off": picture[: len(picture) // 2],
    }
    return [
        _verdict_check(f"a badge whose story is that {what}", await _verify(http, content), "not_genuine")
        for what, content in spoiled.items()
    ]


async def _of_events(target: Target, awarded: int) -> Check:
    """The feed tells each completion of the cohort once and each badge once, in one order without a gap."""
    token = await asyncio.to_thread(target.token)
    headers = {"Authorization": f"Bearer {token}"}
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    async with aiohttp.ClientSession(target.enrollment, headers=headers, timeout=_TIMEOUT, trust_env=False) as http:
        for _ in range(_MOST_PAGES):
            async with http.get("/api/events", params={"limit": "500", **cursor}) as answer:
                answer.raise_for_status()
                page = await answer.json(content_type=None)
                cursor = {"after": answer.headers["Laurel-Cursor"]}
            found += page
            if not page:
                break
    of_cohort = [one for one in found if one["data"].get("cohort_id") == str(COHORT_ID)]
    count = {
        kind: len({one["id"] for one in of_cohort if one["type"] == f"laurel.{kind}"})
        for kind in ("completion.completed", "badge.issued", "badge.revoked")
    }
    expected = {"completion.completed": awarded, "badge.issued": awarded, "badge.revoked": 1}
    return Check(name="the event feed tells it all once", is_right=count == expected, detail=str(count))


def _verdict_check(name: str, verdict: dict[str, Any], expected: str) -> Check:
    state = verdict["state"]
    return Check(
        name=f"{name} is {expected.replace('_', ' ')}",
        is_right=state == expected,
        detail="" if state == expected else f"{state}: {verdict['sentence']}",
    )


async def _download(http: aiohttp.ClientSession, path: str) -> bytes:
    async with http.get(path) as answer:
        answer.raise_for_status()
        return await answer.read()


async def _verify(http: aiohttp.ClientSession, content: bytes) -> dict[str, Any]:
    async with http.post("/verify", data=content, headers={"Content-Type": "application/octet-stream"}) as answer:
        answer.raise_for_status()
        found: dict[str, Any] = await answer.json()
        return found
