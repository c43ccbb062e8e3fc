"""What the pages show, and what a visitor does to get to one."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from playwright.async_api import Page

from services.enrollment.people import store
from services.enrollment.people.model import token_sha256
from shared.clock import system_clock
from shared.postgres import Pool, transaction
from tests.credentials.badges import Issued
from tests.enrollment.visitors import Served, fresh_email

#: Names that read from the right, that mix directions, and that are long without a space to break at.
ARABIC = "\u0644\u064a\u0644\u0649 \u0627\u0644\u062d\u062f\u0627\u062f"
HEBREW = "\u05e9\u05e8\u05d4 \u05db\u05d4\u05df"
MIXED = f"{ARABIC} (North 2) {HEBREW}!"
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3


class Scenes(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages show."""

    served: Served
    pool: Pool
    organization_id: UUID
    enrollment_url: str
    public_url: str
    slug: str
    #: a cohort with seats left, one without, and one that is named from right to left
    roomy_id: UUID
    full_id: UUID
    mixed_id: UUID
    #: the address of a participant, who has a seat in the roomy cohort
    participant: str
    participant_id: UUID
    #: who teaches the roomy cohort
    instructor_id: UUID
    coordinator_id: UUID
    administrator_id: UUID
    badge: Issued
    revoked: Issued
    unknown_issuer: str
    forged: str
    undecided: str
    #: what the files of scenes added, by a name of theirs
    more: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def home(self) -> str:
        """The address of the organization's catalog."""
        return f"{self.enrollment_url}/{self.slug}"

    def cohort(self, cohort_id: UUID) -> str:
        """The address of a cohort's page."""
        return f"{self.home}/cohorts/{cohort_id}"

    def badge_page(self, badge: Issued) -> str:
        """The address of a badge's page."""
        return f"{self.public_url}/badges/{badge.award_id}"

    @property
    def achievement_page(self) -> str:
        """The address of the badge's achievement."""
        address: str = self.badge.document["credentialSubject"]["achievement"]["id"]
        return address


#: How to open a page.
Open = Callable[[Page, Scenes], Awaitable[object]]
#: Adds what a file of scenes shows; what it returns is found in `Scenes.more`.
Add = Callable[[Scenes], Awaitable[dict[str, Any]]]


async def sign_in(page: Page, scenes: Scenes, person_id: UUID) -> None:
    """Give the browser a session straight from the database, where a scene is about what comes after."""
    token, now = uuid4().hex, system_clock()
    async with transaction(scenes.pool) as connection:
        person = await store.person(connection, scenes.organization_id, person_id)
        assert person is not None
        await store.insert_session(
            connection, token_sha256(token), person, now=now, expires_at=now + timedelta(hours=1)
        )
    await page.context.add_cookies([{"name": "laurel_session", "value": token, "url": scenes.enrollment_url}])


async def open_as(page: Page, scenes: Scenes, person_id: UUID, path: str) -> None:
    """Open a page of the organization as somebody who signed in; `path` begins with a slash, behind the slug."""
    await sign_in(page, scenes, person_id)
    answer = await page.goto(f"{scenes.home}{path}")
    assert answer is not None
    assert answer.ok, (path, answer.status)


async def enroll(page: Page, cohort: str, *, name: str = "Ana Lim") -> None:
    """Fill the form in and send it."""
    await page.goto(cohort)
    await page.fill("#name", name)
    await page.fill("#email", fresh_email())
    await page.click("main button[type=submit]")
