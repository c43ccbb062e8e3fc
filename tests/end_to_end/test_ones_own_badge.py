"""What a holder chose and what reviewers found reach the public page through both services, and the certificate."""

import asyncio
import json
import re
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp
import pytest

from deploy.local.stack import Stack
from services.enrollment.people.model import token_sha256
from shared.clock import system_clock
from tests.builders import Built, build
from tests.conftest import require
from tests.enrollment.staff import ACHIEVEMENT, call, put, session_body
from tests.running_stack import connected, decide, settled


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of all processes."""
    with Stack.temporary() as running:
        yield running


@asynccontextmanager
async def holder(stack: Stack, built: Built, number: int) -> AsyncIterator[aiohttp.ClientSession]:
    """The browser of one of the cohort's people, signed in."""
    token = secrets.token_urlsafe(32)
    async with connected(stack) as connection:
        await connection.execute(
            "INSERT INTO sign_in_session (token_sha256, organization_id, person_id, created_at, expires_at)"
            " VALUES ($1, $2, $3, now(), now() + interval '1 day')",
            token_sha256(token), built.organization_id, built.person_ids[number],
        )  # fmt: skip
    async with aiohttp.ClientSession(stack.url("enrollment"), cookies={"laurel_session": token}) as http:
        yield http


async def status_of(url: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status


async def badge_of(stack: Stack, enrollment_id: UUID) -> tuple[UUID, str]:
    async with connected(stack) as connection:
        row = await connection.fetchrow("SELECT id, badge_url FROM award WHERE enrollment_id = $1", enrollment_id)
    assert row is not None
    return row["id"], row["badge_url"]


async def test_a_badge_is_withdrawn_shown_again_and_erased_by_its_holder(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=2)
    assert (await decide(stack, built))[0] == 200
    await settled(stack)
    award_id, url = await badge_of(stack, built.enrollment_ids[0])
    _, other = await badge_of(stack, built.enrollment_ids[1])
    assert await status_of(url) == 200
    async with holder(stack, built, 0) as http:
        for visibility, status in (("withdrawn", 404), ("published", 200)):
            path = f"/{built.slug}/learning/awards/{award_id}/visibility"
            async with http.post(path, data={"visibility": visibility}) as answer:
                assert answer.status == 200
            await settled(stack)
            assert await status_of(url) == status
        async with http.post(f"/{built.slug}/learning/erase") as answer:
            assert answer.status == 200
    await settled(stack)
    for form in ("", ".json", ".png", ".pdf"):
        assert await status_of(url + form) == 410
    assert await status_of(other) == 200
    async with connected(stack, "credentials") as connection:
        left = await connection.fetchval("SELECT count(*) FROM credential WHERE signed_json LIKE '%Person 0%'")
    assert left == 0
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert done.returncode == 0, done.stdout + done.stderr
    # The control: an erasure of which the issuer was never told.
    async with connected(stack) as connection:
        forget = "UPDATE award SET erased_at = {} WHERE badge_url = $1"
        await connection.execute(forget.format("now()"), other)
        done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
        assert (done.returncode, "not erased" in done.stdout) == (1, True)
        await connection.execute(forget.format("NULL"), other)


async def test_an_erasure_that_overtakes_the_award_leaves_no_badge(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=1)
    await asyncio.to_thread(stack.kill, "issuer")
    try:
        assert (await decide(stack, built))[0] == 200
        async with holder(stack, built, 0) as http, http.post(f"/{built.slug}/learning/erase") as answer:
            assert answer.status == 200
    finally:
        await asyncio.to_thread(stack.restart, "issuer")
    await settled(stack)
    async with connected(stack, "credentials") as connection:
        signed = await connection.fetchval(
            "SELECT count(*) FROM credential WHERE issuer_id = $1", built.organization_id
        )
    assert signed == 0
    done = await asyncio.to_thread(stack.run, "services.enrollment", "reconcile", role="enrollment")
    assert done.returncode == 0, done.stdout + done.stderr


async def letter_with_link(stack: Stack, email: str) -> str:
    """The record's address in the letter to its recipient."""
    async with aiohttp.ClientSession(stack.url("enrollment")) as http, asyncio.timeout(30):
        while True:
            async with http.get("/api/mailbox", params={"recipient": email}) as answer:
                for one in (await answer.json())["items"]:
                    if found := re.search(r"https?://\S+/records/\S+", one["body"]):
                        return found[0]
            await asyncio.sleep(0.1)


async def test_a_record_reaches_its_recipient_whatever_the_badges_visibility_and_is_withdrawn(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=1)
    assert (await decide(stack, built))[0] == 200
    await settled(stack)
    award_id, _ = await badge_of(stack, built.enrollment_ids[0])
    email, home = f"hr-{uuid4().hex}@district.example.org", f"/{built.slug}/learning/records"
    form = {"recipient_name": "District 12", "recipient_email": email, "enrollments": str(built.enrollment_ids[0])}
    async with holder(stack, built, 0) as http:
        await sent(http, f"/{built.slug}/learning/awards/{award_id}/visibility", visibility="withdrawn")
        await sent(http, home, **form, consent="yes")
        link = await letter_with_link(stack, email)
        async with aiohttp.ClientSession() as district:
            async with district.get(link) as cover:
                assert (cover.status, "Person 0" in await cover.text()) == (200, False)
            async with district.post(link) as opened:
                assert (opened.status, "Person 0" in await opened.text()) == (200, True)
            async with district.post(f"{link}/verify") as verdict:
                assert "This badge is genuine" in await verdict.text()
        async with asyncio.timeout(30):
            while "Opened 1 time" not in (text := await (await http.get(home)).text()):
                await asyncio.sleep(0.2)
        withdraw = re.search(r"/learning/records/[0-9a-f-]{36}/withdraw", text)
        assert withdraw is not None
        await sent(http, f"/{built.slug}{withdraw[0]}")
        await settled(stack)
        assert [await status_of(link + form) for form in ("", ".pdf", ".json")] == [410, 410, 410]


RUBRIC = "Reflection\n3 Exceeds: names a change and its effect\n1 Begins\nDialogue\n2 Meets"


async def sent(session: aiohttp.ClientSession, path: str, **form: str) -> None:
    """Send a form, which must be taken."""
    async with session.post(path, data=form) as answer:
        assert answer.status == 200, await answer.text()


async def program_of_pages(staff: aiohttp.ClientSession, slug: str) -> tuple[UUID, UUID]:
    """The curriculum and its one topic of a program that staff made in the browser, the badge before the rubric."""
    program, level, curriculum, module = (uuid4() for _ in range(4))
    home = f"/{slug}/staff/programs/{program}"
    words = {"name": "Just Schools", "description": "A program.", "accent": "#1f5c4d", "language": "en"}
    await sent(staff, home, program_slug="just-schools", **words)
    badge = {f"badge_{name}": ACHIEVEMENT[name] for name in ("name", "description", "criteria")}
    level_words = {"number": "1", "name": "Level One", "description": "The first."}
    await sent(staff, f"{home}/levels/{level}", badge_type="MicroCredential", **level_words, **badge)
    topic = {"module-1": str(module), "name-1": "Bias", "description-1": "On bias.", "evidence-1": "A page."}
    path = f"/{slug}/staff/levels/{level}/curricula/{curriculum}"
    await sent(staff, path, name="Standard", **topic, **{"rubric-1": RUBRIC})
    return curriculum, module


async def test_what_reviewers_found_by_a_rubric_that_staff_wrote_is_told_by_the_badge(stack: Stack) -> None:
    async with connected(stack) as connection:
        built = await build(connection, people=1)
    cohort, enrollment, evidence = (uuid4() for _ in range(3))
    async with aiohttp.ClientSession(stack.url("enrollment"), cookies={"laurel_session": built.session}) as staff:
        curriculum, module = await program_of_pages(staff, built.slug)
        session = session_body()
        body = {
            "curriculum_id": str(curriculum), "name": "Midwest 1", "region": "Midwest", "school_year": "2026-27",
            "delivery": "hybrid", "time_zone": "America/Chicago", "sessions": [session],
            "policy": {"min_sessions": 1, "min_credit_minutes": 180, "modules": "all"},
        }  # fmt: skip
        path = f"/api/cohorts/{cohort}"
        for state in ("draft", "open", "open"):
            await put(staff, path, {**body, "state": state})
        await put(staff, f"{path}/seats", {"seats": 1})
        async with connected(stack) as connection:
            frozen = await connection.fetchval("SELECT achievement_version FROM cohort WHERE id = $1", cohort)
            found = await connection.fetchrow("SELECT name, email FROM person WHERE id = $1", built.person_ids[0])
        assert found is not None
        assert frozen == 2, "the badge's second version describes the rubric"
        path = f"/api/{built.slug}/cohorts/{cohort}/enrollments/{enrollment}"
        assert (await put(staff, path, {"name": found["name"], "email": found["email"]}))["place"] == "seated"
        begins = system_clock() - timedelta(days=1)
        times = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=3)).isoformat()}
        await put(staff, f"/api/cohorts/{cohort}", {**body, "sessions": [{**session, **times}], "state": "running"})
        path = f"/api/cohorts/{cohort}/sessions/{session['id']}/attendance"
        await put(staff, path, {"entries": [{"enrollment_id": str(enrollment), "mode": "in person"}]})
        _, listed = await call(staff, "GET", f"/api/{built.slug}/programs")
        (criteria,) = [
            one["rubric"]["criteria"]
            for program in listed["items"] for level in program["levels"] for each in level["curricula"]
            for one in each["modules"] if one["id"] == str(module)
        ]  # fmt: skip
        async with holder(stack, built, 0) as http:
            text = {"module_id": str(module), "text": "What I learned"}
            await put(http, f"/api/enrollments/{enrollment}/evidence/{evidence}", text)
        levels = {one["id"]: one["levels"][0]["id"] for one in criteria}
        await put(staff, f"/api/evidence/{evidence}/review", {"decision": "accepted", "levels": levels})
        await put(staff, f"/api/cohorts/{cohort}/completions", {"completed": [str(enrollment)]})
    await settled(stack)
    _, url = await badge_of(stack, enrollment)
    async with aiohttp.ClientSession() as http, http.get(f"{url}.json") as answer:
        subject = json.loads(await answer.text())["credentialSubject"]
    home = subject["achievement"]["id"]
    assert home.endswith("/versions/2")
    first, second = subject["achievement"]["resultDescription"]
    assert (first["name"], first["valueMax"], second["name"]) == ("Reflection", "3", "Dialogue")
    best, least = first["rubricCriterionLevel"]
    assert (best["name"], best["points"], best["description"]) == ("Exceeds", "3", "names a change and its effect")
    assert (least["name"], least["points"]) == ("Begins", "1")
    assert subject["result"] == [
        {"type": ["Result"], "resultDescription": one["id"], "achievedLevel": one["rubricCriterionLevel"][0]["id"]}
        for one in sorted((first, second), key=lambda each: each["id"])
    ]
    async with aiohttp.ClientSession() as http, http.get(f"{url}.pdf") as answer:
        certificate = await answer.read()
    require(shutil.which("pdftotext") is not None, "pdftotext")
    run = await asyncio.to_thread(
        subprocess.run, ["pdftotext", "-", "-"], input=certificate, capture_output=True, check=True
    )
    words = " ".join(run.stdout.decode().split())
    assert "Reflection: Exceeds, 3/3" in words
    assert "Dialogue: Meets, 2/2" in words
