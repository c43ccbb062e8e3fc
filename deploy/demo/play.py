"""Plays the story over HTTP, as its people would; what was played before is met, not doubled."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from deploy.demo import story
from deploy.demo.browsers import Browser, browser
from deploy.demo.circles import write_circles
from deploy.demo.learning import Say, teach
from deploy.demo.stage import (
    COHORT_ID,
    COMING_ID,
    INSTRUCTOR_ID,
    cohort,
    enrollment_id,
    enrollments,
    past,
    write_program,
    year_of,
)
from deploy.demo.stipends import give_stipends, stipends
from deploy.demo.story import identifier
from deploy.demo.target import Target
from deploy.demo.valley import fill_valley
from deploy.local.terminal import StackError

_POLL_SECONDS = 0.2
_MOST_POLLS = 600


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the cohort: each seated person's standing by their number in the story."""

    standings: dict[int, dict[str, Any]]
    seats: int
    in_line: int
    #: the states of the applications, by the number of who applied
    stipends: dict[int, str]


async def play(target: Target, say: Say) -> Played:
    """The whole story, from the program to the revoked badge; StackError where a step is refused."""
    async with AsyncExitStack() as stack:
        staff = await stack.enter_async_context(browser(target.enrollment))
        link = await asyncio.to_thread(target.staff_link)
        await staff.post(f"/api{urlsplit(link).path}", {})
        say("Staff write two programs, their levels and curricula")
        await write_program(staff)
        await write_circles(staff)
        instructor = await stack.enter_async_context(browser(target.enrollment))
        await staff.put(f"/api/people/{INSTRUCTOR_ID}", {"name": story.INSTRUCTOR[0], "email": story.INSTRUCTOR[1]})
        known = await staff.find(f"/api/cohorts/{COHORT_ID}")
        if known is None or known["state"] in ("draft", "open"):
            await _fill(staff, target, say)
        if known is None or known["state"] != "closed":
            await teach(staff, instructor, target, say)
        await _award(staff, say)
        await give_stipends(staff, target, say)
        await fill_valley(staff, target, say)
        await _open_coming(staff, target, say)
        return await _played(staff)


async def is_played(target: Target) -> bool:
    """Whether the story was played to its end here: its last step is the cohort ahead."""
    async with browser(target.enrollment) as visitor:
        found = await visitor.find(f"/api/{story.SLUG}/cohorts")
    return found is not None and any(one["id"] == str(COMING_ID) for one in found["items"])


async def _fill(staff: Browser, target: Target, say: Say) -> None:
    """32 people sign up one after another; two give their seats back, and the first two in line get them."""
    say(f"{len(story.PEOPLE)} people sign up for {story.SEATS} seats")
    await staff.put(f"/api/cohorts/{COHORT_ID}", past("open"))
    await staff.put(f"/api/cohorts/{COHORT_ID}/seats", {"seats": story.SEATS})
    known = {one["id"] for one in await enrollments(staff, COHORT_ID)}
    async with browser(target.enrollment) as visitor:
        for number, name in enumerate(story.PEOPLE):
            if str(enrollment_id(number)) not in known:
                await visitor.put(
                    f"/api/{story.SLUG}/cohorts/{COHORT_ID}/enrollments/{enrollment_id(number)}",
                    {"name": name, "email": story.email(number), "shows_name": number != story.NAME_WITHHELD},
                )
    for number in story.WITHDRAW:
        await staff.put(f"/api/enrollments/{enrollment_id(number)}/withdrawal", {})


async def _award(staff: Browser, say: Say) -> None:
    """Award at once whoever meets the policy; then revoke one badge."""
    standings = await _standings(staff)
    eligible = [one["enrollment_id"] for one in standings.values() if one["is_eligible"]]
    short = [one["enrollment_id"] for one in standings.values() if not one["is_eligible"]]
    say(f"Staff award {len(eligible)} badges with one decision; {len(short)} people are short of the policy")
    if any(one["outcome"] == "none" for one in standings.values()):
        await staff.put(f"/api/cohorts/{COHORT_ID}/completions", {"completed": eligible, "not_completed": short})
    standings = await _wait(staff, "issued", lambda one: one["award_id"] is None or one["award_state"] != "requested")
    revoked = standings[story.REVOKED]
    if revoked["award_state"] == "issued":
        say("One badge is revoked")
        await staff.put(f"/api/awards/{revoked['award_id']}/revocation", {"reason": story.REVOCATION_REASON})
    await _wait(
        staff,
        "revoked",
        lambda one: one["award_id"] != revoked["award_id"] or one["award_state"] == "revoked",
    )
    found = await staff.get(f"/api/cohorts/{COHORT_ID}")
    if found["state"] == "running":
        await staff.put(f"/api/cohorts/{COHORT_ID}", {**past("closed"), "sessions": found["sessions"]})


async def _wait(staff: Browser, what: str, is_done: Callable[[dict[str, Any]], bool]) -> dict[int, dict[str, Any]]:
    for _ in range(_MOST_POLLS):
        standings = await _standings(staff)
        if all(is_done(one) for one in standings.values()):
            return standings
        await asyncio.sleep(_POLL_SECONDS)
    raise StackError(f"Two minutes passed and not every badge is {what}. `./run reconcile` names what is missing.")


async def _open_coming(staff: Browser, target: Target, say: Say) -> None:
    """A cohort ahead of today, with free seats."""
    if await staff.find(f"/api/cohorts/{COMING_ID}") is None:
        say("A cohort for the coming year opens, with free seats")
    sessions = story.coming_sessions(datetime.now(UTC).date())
    known = await staff.find(f"/api/cohorts/{COMING_ID}")
    if known is None:
        body = cohort(
            COMING_ID,
            sessions,
            name=story.COMING_COHORT,
            region=story.COMING_REGION,
            year=year_of(sessions),
            state="open",
        )
        await staff.put(f"/api/cohorts/{COMING_ID}", body)
    await staff.put(f"/api/cohorts/{COMING_ID}/seats", {"seats": story.SEATS})
    known_ids = {one["id"] for one in await enrollments(staff, COMING_ID)}
    async with browser(target.enrollment) as visitor:
        for number in range(story.COMING_ENROLLED):
            enrollment = identifier("coming", number)
            if str(enrollment) not in known_ids:
                await visitor.put(
                    f"/api/{story.SLUG}/cohorts/{COMING_ID}/enrollments/{enrollment}",
                    {"name": f"Coming {number + 1}", "email": f"coming{number + 1}@example.org", "shows_name": True},
                )


async def _standings(staff: Browser) -> dict[int, dict[str, Any]]:
    numbers = {str(enrollment_id(number)): number for number in range(len(story.PEOPLE))}
    found = await staff.get(f"/api/cohorts/{COHORT_ID}/completions")
    return {numbers[one["enrollment_id"]]: one for one in found["standings"]}


async def _played(staff: Browser) -> Played:
    found = await staff.get(f"/api/cohorts/{COHORT_ID}")
    return Played(
        standings=await _standings(staff),
        seats=found["seats"],
        in_line=found["in_line"],
        stipends={number: one["state"] for number, one in (await stipends(staff)).items()},
    )
