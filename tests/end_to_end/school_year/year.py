"""The school year's stage: real processes, a real mail server, a browser for everybody, and time that passes."""

import asyncio
import base64
import io
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import segno
from playwright.async_api import Browser, Page

from deploy.demo import story
from deploy.demo.target import Target
from deploy.local.stack import Stack
from services.enrollment.attendance import codes
from shared.clock import system_clock
from tests.end_to_end.pages.browsers import DESKTOP, PHONE, Watched, opened
from tests.end_to_end.school_year.post_office import PostOffice, address_in, post_office
from tests.enrollment.staff import session_body
from tests.running_stack import connected

#: The cohort beside the story's own, with free seats.
OTHER = "North Shore"
COORDINATOR = ("Priya Raman", "priya.raman@just-schools.example.org")
SIGN_IN = "Sign in to"
_MOVED = [
    f"UPDATE {table} SET {', '.join(f'{one} = ({one} AT TIME ZONE $2 - $3::interval) AT TIME ZONE $2' for one in pair)}"
    " WHERE cohort_id = $1"
    for table, pair in {"cohort_session": ("starts_at", "ends_at"), "attendance": ("arrived_at", "departed_at")}.items()
]
_FOLLOWED_LINK = re.compile(r"/sign-in/\S+")


class Year(msgspec.Struct, dict=True):
    """What the chapters share: the running stack, who sits at which page, and what was made so far."""

    stack: Stack
    post: PostOffice
    chromium: Browser
    #: keeps the browsers open until the year is over
    profiles: AsyncExitStack
    #: the address of the organization's first page
    home: str
    #: by address: everybody has a browser of their own
    pages: dict[str, Watched] = msgspec.field(default_factory=dict)
    cohort_id: str = ""

    @property
    def cohort(self) -> str:
        """The public page of the cohort."""
        return f"{self.home}/cohorts/{self.cohort_id}"

    @property
    def staff_cohort(self) -> str:
        """The cohort's page for staff."""
        return f"{self.home}/staff/cohorts/{self.cohort_id}"

    @property
    def taught(self) -> str:
        """The cohort's pages for who teaches it."""
        return f"{self.home}/teach/cohorts/{self.cohort_id}"

    async def at(self, email: str, *, width: int = PHONE) -> Page:
        """Somebody's own browser, as wide as their device."""
        if email not in self.pages:
            watched = await self.profiles.enter_async_context(opened(self.chromium))
            await watched.show(width=width, dark=False)
            self.pages[email] = watched
        return self.pages[email].page

    async def signed_in(self, email: str, *, width: int = PHONE) -> Page:
        """Somebody's own browser, signed in by the letter that comes."""
        is_known = email in self.pages
        page = await self.at(email, width=width)
        if not is_known or not await page.context.cookies():
            await self.sign_in(page, email)
        return page

    async def sign_in(self, page: Page, email: str) -> None:
        """Ask for a link, open it from the letter, press the button."""
        known = len(self.post.letters(email, SIGN_IN))
        await page.goto(f"{self.home}/sign-in")
        await page.get_by_label("E-mail address").fill(email)
        await page.get_by_role("button", name="Send the link").click()
        letter = await self.post.letter(email, SIGN_IN, number=known + 1)
        await page.goto(address_in(letter, "/sign-in/"))
        await page.get_by_role("main").get_by_role("button", name="Sign in").click()
        await page.get_by_role("button", name="Sign out").wait_for()

    @asynccontextmanager
    async def without_browser(self, email: str) -> AsyncIterator[aiohttp.ClientSession]:
        """Somebody who sends the same forms as a browser, signed in by the letter that comes."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.stack.url("enrollment"), cookie_jar=jar, trust_env=False) as http:
            known = len(self.post.letters(email, SIGN_IN))
            slug = self.home.rpartition("/")[2]
            await self.send(http, f"/{slug}/sign-in", email=email)
            letter = await self.post.letter(email, SIGN_IN, number=known + 1)
            link = _FOLLOWED_LINK.search(address_in(letter, "/sign-in/"))
            assert link
            await self.send(http, link[0])
            yield http

    async def send(self, http: aiohttp.ClientSession, path: str, **form: str) -> str:
        """Send a form; where it leads."""
        async with http.post(path, data=form, allow_redirects=False) as answer:
            assert answer.status == 303, (path, answer.status, await answer.text())
            return answer.headers["Location"]

    async def enrollments(self) -> dict[str, str]:
        """Each enrollment of the cohort by the person's address."""
        async with connected(self.stack) as connection:
            rows = await connection.fetch(
                "SELECT p.email, e.id FROM enrollment e JOIN person p ON p.id = e.person_id WHERE e.cohort_id = $1",
                UUID(self.cohort_id),
            )
        return {row["email"]: str(row["id"]) for row in rows}

    async def sessions(self) -> list[str]:
        """The ids of the cohort's sessions by date."""
        async with connected(self.stack) as connection:
            rows = await connection.fetch(
                "SELECT id FROM cohort_session WHERE cohort_id = $1 ORDER BY starts_at", UUID(self.cohort_id)
            )
        return [str(row["id"]) for row in rows]

    async def address_of_code(self, session: int, drawn: str) -> str:
        """Where the QR code leads whose lines are `drawn`: the address of this half minute, or of the one before."""
        session_id = (await self.sessions())[session - 1]
        key = base64.b64decode((self.stack.folder / "keys" / "sealing.key").read_bytes())
        for back in (timedelta(), codes.WINDOW):
            code = codes.code_at(key, UUID(session_id), system_clock() - back)
            address = f"{self.home}/check-in/{session_id}/{code}"
            image = io.BytesIO()
            segno.make(address, error="m").save(image, kind="svg", border=2)
            if f'd="{drawn}"'.encode() in image.getvalue():
                return address
        raise AssertionError("the code leads elsewhere")

    async def pass_time_until(self, session: int, *, has_begun: timedelta | None = None) -> None:
        """Let the year go on until the session of that number (from 1) was yesterday, or began so long ago.

        The processes' clocks are real: so all dates of the cohort, and what was noted of them, move instead.
        """
        async with connected(self.stack) as connection:
            row = await connection.fetchrow(
                "SELECT s.starts_at, now() AS now, c.time_zone FROM cohort_session s"
                " JOIN cohort c ON c.id = s.cohort_id WHERE s.id = $1",
                UUID((await self.sessions())[session - 1]),
            )
            assert row is not None
            if has_begun is None:
                by = timedelta(days=(row["starts_at"] - row["now"]).days + 2)
            else:
                by = row["starts_at"] - (row["now"] - has_begun)
            for statement in _MOVED:
                await connection.execute(statement, UUID(self.cohort_id), row["time_zone"], by)


MODULE_ID, PROGRAM_ID, LEVEL_ID, CURRICULUM_ID = (uuid4() for _ in range(4))
RUBRIC: dict[str, Any] = {
    "criteria": [
        {
            "id": "clarity",
            "name": "Clarity",
            "levels": [
                {"id": "beginning", "name": "Beginning", "points": 1},
                {"id": "clear", "name": "Clear", "points": 3},
            ],
        }
    ]
}
TOPIC = "Implicit Bias"


async def prepare(year: Year, staff: Page) -> None:
    """What stands before the year begins: the program with its first level, its topic, and a second of the staff."""
    bodies: dict[str, dict[str, Any]] = {
        f"programs/{PROGRAM_ID}": {
            "slug": "leaders", "name": story.PROGRAM, "description": story.PROGRAM_DESCRIPTION, "jurisdiction": "US-IL",
        },
        f"levels/{LEVEL_ID}": {
            "program_id": str(PROGRAM_ID), "number": 1, "name": "Level One", "description": "Learn in a local cohort.",
            "achievement": {
                "version": 1,
                "content": {
                    "name": story.ACHIEVEMENT_NAME, "description": story.ACHIEVEMENT_DESCRIPTION,
                    "criteria": story.ACHIEVEMENT_CRITERIA, "achievement_type": "MicroCredential",
                    "program_name": story.PROGRAM, "level_name": "Level One", "credit_minutes_available": 720,
                },
            },
        },
        f"curricula/{CURRICULUM_ID}": {
            "level_id": str(LEVEL_ID), "name": "Standard",
            "modules": [
                {"id": str(MODULE_ID), "name": TOPIC, "description": "What we judge before we think.",
                 "evidence_wanted": "Keep a log for one week.", "rubric": RUBRIC},
            ],
        },
    }  # fmt: skip
    coordinator_id, other_id = uuid4(), uuid4()
    bodies[f"cohorts/{other_id}"] = {
        "curriculum_id": str(CURRICULUM_ID), "name": OTHER, "region": OTHER, "school_year": "2026-27",
        "delivery": "hybrid", "time_zone": story.ZONE, "state": "open", "policy": {}, "sessions": [session_body()],
    }  # fmt: skip
    bodies[f"cohorts/{other_id}/seats"] = {"seats": 5}
    bodies[f"people/{coordinator_id}"] = {"name": COORDINATOR[0], "email": COORDINATOR[1]}
    bodies[f"people/{coordinator_id}/roles"] = {"roles": ["coordinator"]}
    for path, body in bodies.items():
        answer = await staff.request.put(f"{year.stack.url('enrollment')}/api/{path}", data=body)
        assert answer.ok, (path, await answer.text())


@asynccontextmanager
async def school_year(chromium: Browser) -> AsyncIterator[Year]:
    """The stage before the first chapter: the staff's browser is open and signed in."""
    async with AsyncExitStack() as profiles:
        post = profiles.enter_context(post_office())
        starting = Stack.temporary(extra={"LAUREL_SMTP_URL": f"smtp://127.0.0.1:{post.port}"})
        stack = await asyncio.to_thread(starting.__enter__)
        profiles.push_async_callback(asyncio.to_thread, starting.__exit__, None, None, None)
        home = f"{stack.url('enrollment')}/{story.SLUG}"
        year = Year(stack=stack, post=post, chromium=chromium, profiles=profiles, home=home)
        link = await asyncio.to_thread(Target.of(stack.environment).staff_link)
        staff = await year.at(story.ADMINISTRATOR, width=DESKTOP)
        await staff.goto(link)
        await staff.get_by_role("main").get_by_role("button", name="Sign in").click()
        await prepare(year, staff)
        yield year
