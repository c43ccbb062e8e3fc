"""A small cohort ahead that is full: a seat given back is offered to who waits first, and staff wrote to all."""

from datetime import UTC, datetime

from deploy.demo import story
from deploy.demo.browsers import Browser, browser
from deploy.demo.learning import Say
from deploy.demo.stage import VALLEY_ID, cohort, year_of
from deploy.demo.story import identifier
from deploy.demo.target import Target


async def fill_valley(staff: Browser, target: Target, say: Say) -> None:
    """Once: from then on the offer goes its own way."""
    written = await staff.find(f"/api/cohorts/{VALLEY_ID}/messages")
    if written is not None and written["items"]:
        return
    say(f"{len(story.VALLEY_PEOPLE)} people want {story.VALLEY_SEATS} seats; one comes free and is offered")
    sessions = story.coming_sessions(datetime.now(UTC).date(), place=story.VALLEY_PLACE, weeks=4)
    if await staff.find(f"/api/cohorts/{VALLEY_ID}") is None:
        about = {"name": story.VALLEY_COHORT, "region": story.VALLEY_REGION, "year": year_of(sessions)}
        await staff.put(f"/api/cohorts/{VALLEY_ID}", cohort(VALLEY_ID, sessions, **about, state="open"))
    await staff.put(f"/api/cohorts/{VALLEY_ID}/seats", {"seats": story.VALLEY_SEATS})
    rules = {"vacancy": "offer", "offer_hours": story.VALLEY_OFFER_HOURS}
    await staff.put(f"/api/cohorts/{VALLEY_ID}/admission", rules)
    async with browser(target.enrollment) as visitor:
        for number, name in enumerate(story.VALLEY_PEOPLE):
            await visitor.put(
                f"/api/{story.SLUG}/cohorts/{VALLEY_ID}/enrollments/{identifier('valley', number)}",
                {"name": name, "email": f"valley{number + 1}@example.org", "shows_name": True},
            )
    await staff.put(f"/api/enrollments/{identifier('valley', story.VALLEY_WITHDRAW)}/withdrawal", {})
    message = {"subject": story.VALLEY_MESSAGE.subject, "body": story.VALLEY_MESSAGE.body}
    await staff.put(f"/api/cohorts/{VALLEY_ID}/messages/{identifier('message', 'valley')}", message)
