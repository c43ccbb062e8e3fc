"""The pages to look at: what is planned, enrolled, awarded and revoked before, and how one gets to each page."""

import json
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import aiohttp
import msgspec
from playwright.async_api import Page

from shared.postgres import Pool
from tests.credentials.badges import Forger, Issued, issue
from tests.credentials.callers import Caller
from tests.enrollment.staff import plan, session_body, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, letter, slug_of

#: Names that read from the right, that mix directions, and that are long without a space to break at.
ARABIC = "\u0644\u064a\u0644\u0649 \u0627\u0644\u062d\u062f\u0627\u062f"
HEBREW = "\u05e9\u05e8\u05d4 \u05db\u05d4\u05df"
MIXED = f"{ARABIC} (North 2) {HEBREW}!"
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3


class Scenes(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages show."""

    enrollment_url: str
    public_url: str
    slug: str
    #: a cohort with seats left, one without, and one that is named from right to left
    roomy_id: UUID
    full_id: UUID
    mixed_id: UUID
    participant: str
    badge: Issued
    revoked: Issued
    unknown_issuer: str
    forged: str
    undecided: str

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


Open = Callable[[Page, Scenes], Awaitable[object]]


async def plan_scenes(served: Served, pool: Pool, organization: UUID, issuer: Caller, public: str) -> Scenes:
    """An organization with three cohorts, and badges of every verdict."""
    await pool.execute(
        "UPDATE organization SET description = $2, is_demonstration = true WHERE id = $1",
        organization, "Training for people who work in schools, in cohorts that meet on Saturdays.",
    )  # fmt: skip
    many = [session_body(days=days, title=f"Session {n}") for n, days in enumerate((10, 38, 66, 94), 1)]
    many[1] = {**many[1], "mode": "virtual", "place": None, "link": "https://call.example/1"}
    async with signed_in(served, pool, organization, "coordinator") as staff:
        roomy = await plan(staff, seats=25, sessions=many)
        full = await plan(staff, seats=1, name="South 3", region="South", delivery="in person")
        mixed = await plan(staff, seats=2, name=MIXED, region=HEBREW, delivery="virtual", sessions=[])
        participant = fresh_email()
        await add_person(pool, organization, participant)
        slug = await slug_of(pool, organization)
        async with staff.post(f"/api/{slug}/sign-in", json={"email": participant}) as answer:
            assert answer.ok
        await letter(staff, participant)
    await _enroll(f"{served.url}/{slug}/cohorts/{full.cohort_id}")
    badge = await issue(issuer, public, holder_name=HEBREW)
    revoked = await issue(issuer, public, holder_name=f"{LONG} {ARABIC}")
    assert (await issuer.revoke(revoked.organization, revoked.award_id, "Awarded by mistake")).status == 200
    undecided = {**badge.document, "@context": [*badge.document["@context"], "https://elsewhere.example/context.json"]}
    return Scenes(
        enrollment_url=served.url,
        public_url=public,
        slug=slug,
        roomy_id=roomy.cohort_id,
        full_id=full.cohort_id,
        mixed_id=mixed.cohort_id,
        participant=participant,
        badge=badge,
        revoked=revoked,
        unknown_issuer=json.dumps(Forger().reissue(badge.document)),
        forged=badge.text.replace("9.5", "99.5"),
        undecided=json.dumps(undecided),
    )


async def _enroll(cohort: str) -> None:
    form = {"name": "Somebody Else", "email": fresh_email(), "shows_name": "yes"}
    async with aiohttp.ClientSession() as http, http.post(cohort, data=form) as answer:
        assert answer.ok, answer.status


async def enroll(page: Page, cohort: str, *, name: str = "Ana Lim") -> None:
    """Fill the form in and send it."""
    await page.goto(cohort)
    await page.fill("#name", name)
    await page.fill("#email", fresh_email())
    await page.click("main button[type=submit]")


async def verify_text(page: Page, public: str, text: str) -> None:
    """Paste a badge's text and send it."""
    await page.goto(f"{public}/verify")
    await page.fill("#text", text)
    await page.click("main button[type=submit]")
    await page.wait_for_selector("#verdict")


async def _with_errors(page: Page, cohort: str) -> None:
    await page.goto(cohort)
    await page.fill("#email", "nobody at home")
    await page.click("main button[type=submit]")
    await page.wait_for_selector(".error-summary")


async def _verify_nothing(page: Page, public: str) -> None:
    await page.goto(f"{public}/verify")
    await page.click("main button[type=submit]")
    await page.wait_for_selector(".error-summary")


#: How to open each page, by its name.
PAGES: dict[str, Open] = {
    "catalog": lambda page, scenes: page.goto(scenes.home),
    "cohort": lambda page, scenes: page.goto(scenes.cohort(scenes.roomy_id)),
    "cohort-full": lambda page, scenes: page.goto(scenes.cohort(scenes.full_id)),
    "cohort-mixed": lambda page, scenes: page.goto(scenes.cohort(scenes.mixed_id)),
    "cohort-errors": lambda page, scenes: _with_errors(page, scenes.cohort(scenes.roomy_id)),
    "seated": lambda page, scenes: enroll(page, scenes.cohort(scenes.roomy_id)),
    "in-line": lambda page, scenes: enroll(page, scenes.cohort(scenes.full_id)),
    "sign-in": lambda page, scenes: page.goto(f"{scenes.home}/sign-in"),
    "sign-in-sent": lambda page, scenes: page.goto(f"{scenes.home}/sign-in/sent"),
    "sign-in-over": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/sign-in/{uuid4().hex}"),
    "mailbox": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/mailbox"),
    "problem": lambda page, scenes: page.goto(f"{scenes.home}/cohorts/{uuid4()}"),
    "badge": lambda page, scenes: page.goto(scenes.badge_page(scenes.badge)),
    "badge-revoked": lambda page, scenes: page.goto(scenes.badge_page(scenes.revoked)),
    "achievement": lambda page, scenes: page.goto(scenes.achievement_page),
    "verify": lambda page, scenes: page.goto(f"{scenes.public_url}/verify"),
    "verify-nothing": lambda page, scenes: _verify_nothing(page, scenes.public_url),
    "genuine": lambda page, scenes: verify_text(page, scenes.public_url, scenes.badge.text),
    "unknown-issuer": lambda page, scenes: verify_text(page, scenes.public_url, scenes.unknown_issuer),
    "not-genuine": lambda page, scenes: verify_text(page, scenes.public_url, scenes.forged),
    "revoked": lambda page, scenes: verify_text(page, scenes.public_url, scenes.revoked.text),
    "undecided": lambda page, scenes: verify_text(page, scenes.public_url, scenes.undecided),
}
