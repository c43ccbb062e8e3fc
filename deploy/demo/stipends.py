"""Stipends for who completed the cohort: one is approved by a second person and paid, one declined, one waits."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from deploy.demo import story
from deploy.demo.browsers import Browser, browser
from deploy.demo.learning import Say
from deploy.demo.stage import PROGRAM_ID, enrollment_id
from deploy.demo.story import identifier
from deploy.demo.target import Target

_BUDGET_ID = identifier("stipends", "budget")
_TREASURER_ID = identifier("person", "treasurer")


async def give_stipends(staff: Browser, target: Target, say: Say) -> None:
    """From the budget to the ledger; what was decided before stays."""
    known = await stipends(staff)
    if all(known.get(one.number, {}).get("state") == one.becomes for one in story.APPLICATIONS):
        return
    say(f"{len(story.APPLICATIONS)} people apply for a stipend; one is paid, one declined, one waits")
    await _write_budget(staff)

    async def ask(one: story.Application) -> None:
        async with browser(target.enrollment) as participant:
            await participant.sign_in(story.email(one.number))
            wish = {"plan": one.plan, "asked_cents": one.cents}
            await participant.put(f"/api/enrollments/{enrollment_id(one.number)}/stipend", wish)

    await asyncio.gather(*(ask(one) for one in story.APPLICATIONS if one.number not in known))
    known = await stipends(staff)
    for one in story.APPLICATIONS:
        stipend = known[one.number]
        if one.becomes == "declined" and stipend["state"] != "declined":
            await staff.put(f"/api/stipends/{stipend['id']}/decline", {"reason": story.DECLINE_REASON})
        elif one.becomes == "paid":
            await _pay(staff, target, stipend)


async def stipends(staff: Browser) -> dict[int, dict[str, Any]]:
    """The stipends of the story's applicants, by their numbers."""
    numbers = {str(enrollment_id(one.number)): one.number for one in story.APPLICATIONS}
    found = await staff.get("/api/stipends", limit="100")
    return {numbers[one["enrollment_id"]]: one for one in found["items"] if one["enrollment_id"] in numbers}


async def _write_budget(staff: Browser) -> None:
    source = identifier("stipends", "source")
    await staff.put(f"/api/funding-sources/{source}", {"name": story.FUNDING_SOURCE})
    budgets = await staff.get("/api/stipend-budgets")
    if all(one["id"] != str(_BUDGET_ID) for one in budgets["items"]):
        budget = {
            "program_id": str(PROGRAM_ID),
            "funding_source_id": str(source),
            "year": datetime.now(UTC).year,
            "amount_cents": story.BUDGET_CENTS,
        }
        await staff.put(f"/api/stipend-budgets/{_BUDGET_ID}", budget)
    name, email = story.TREASURER
    await staff.put(f"/api/people/{_TREASURER_ID}", {"name": name, "email": email})
    await staff.put(f"/api/people/{_TREASURER_ID}/roles", {"roles": ["coordinator"]})


async def _pay(staff: Browser, target: Target, stipend: dict[str, Any]) -> None:
    """Prepared by the administrator, approved by the treasurer, paid with a reference."""
    path, state = f"/api/stipends/{stipend['id']}", stipend["state"]
    offer = {"budget_id": str(_BUDGET_ID), "amount_cents": stipend["asked_cents"]}
    if state == "applied":
        await staff.put(f"{path}/preparation", offer)
    if state in ("applied", "prepared"):
        async with browser(target.enrollment) as treasurer:
            await treasurer.sign_in(story.TREASURER[1])
            await treasurer.put(f"{path}/approval", offer)
    if state != "paid":
        await staff.put(f"{path}/payment", {"reference": story.PAYMENT_REFERENCE})
