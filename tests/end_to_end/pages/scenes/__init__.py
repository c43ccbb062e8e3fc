"""The pages to look at: what is planned, enrolled, awarded and revoked before, and how one gets to each page.

A file for each part of the services names its pages in PAGES. Where a page shows something that is not there, the file
has an `async def add(scenes: Scenes) -> dict[str, Any]`, and finds what that returns in `scenes.more`.
"""

import json
from uuid import UUID

import aiohttp

from services.enrollment.people.model import Role
from shared.postgres import Pool
from tests.credentials.badges import Forger, issue
from tests.credentials.callers import Caller
from tests.credentials.records import send
from tests.end_to_end.pages.scenes import (
    badges,
    completing,
    evidence,
    forms,
    learning,
    money,
    notices,
    overview,
    people_data,
    places,
    planning,
    teaching,
)
from tests.end_to_end.pages.scenes.scene import ARABIC, HEBREW, LONG, MIXED, Add, Open, Scenes
from tests.enrollment.cast import make_instructor
from tests.enrollment.staff import plan, session_body, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, letter, slug_of

FILES = (
    planning,
    places,
    people_data,
    forms,
    notices,
    badges,
    teaching,
    evidence,
    completing,
    learning,
    money,
    overview,
)

#: How to open each page, by its name.
PAGES: dict[str, Open] = {name: opened for file in FILES for name, opened in file.PAGES.items()}
assert len(PAGES) == sum(len(file.PAGES) for file in FILES), "a name means one page"
ADDERS: list[Add] = [file.add for file in FILES if hasattr(file, "add")]
#: The roles of an instructor (by cohort only), a coordinator, an administrator.
STAFF: tuple[tuple[Role, ...], ...] = ((), ("coordinator",), ("administrator",))


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
        people = [await add_person(pool, organization, participant, name=ARABIC)]
        people += [await add_person(pool, organization, fresh_email(), *roles) for roles in STAFF]
        slug = await slug_of(pool, organization)
        async with staff.post(f"/api/{slug}/sign-in", json={"email": participant}) as answer:
            assert answer.ok
        await letter(staff, participant)
    await _enroll(f"{served.url}/{slug}/cohorts/{full.cohort_id}", fresh_email())
    await _enroll(f"{served.url}/{slug}/cohorts/{roomy.cohort_id}", participant)
    await make_instructor(pool, organization, roomy.cohort_id, people[1])
    badge = await issue(issuer, public, holder_name=HEBREW)
    assert (await issuer.show(badge.organization, badge.award_id, "published", 1)).status == 200
    revoked = await issue(issuer, public, holder_name=f"{LONG} {ARABIC}")
    assert (await issuer.revoke(revoked.organization, revoked.award_id, "Awarded by mistake")).status == 200
    undecided = {**badge.document, "@context": [*badge.document["@context"], "https://elsewhere.example/context.json"]}
    scenes = Scenes(
        served=served,
        pool=pool,
        organization_id=organization,
        enrollment_url=served.url,
        public_url=public,
        slug=slug,
        roomy_id=roomy.cohort_id,
        full_id=full.cohort_id,
        mixed_id=mixed.cohort_id,
        participant=participant,
        participant_id=people[0],
        instructor_id=people[1],
        coordinator_id=people[2],
        administrator_id=people[3],
        badge=badge,
        revoked=revoked,
        unknown_issuer=json.dumps(Forger().reissue(badge.document)),
        forged=badge.text.replace("9.5", "99.5"),
        undecided=json.dumps(undecided),
    )
    scenes.more["record"] = f"{public}/records/{(await send(issuer, holder_name=MIXED)).token}"
    for add in ADDERS:
        scenes.more.update(await add(scenes))
    return scenes


async def _enroll(cohort: str, email: str) -> None:
    form = {"name": "Somebody Else", "email": email, "shows_name": "yes"}
    async with aiohttp.ClientSession() as http, http.post(cohort, data=form) as answer:
        assert answer.ok, answer.status
